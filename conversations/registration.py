"""Registration, in the order a vendor meets it.

choose_whom → ask_nik → confirm_birth → ask_name → ask_birth_place → ask_mother → ask_phone → choose_regency →
choose_district → choose_village → ask_street → choose_trade → ask_workplace → choose_hours → choose_income →
choose_programmes → ask_heir_name → ask_ktp → review → submitted
"""

from conversations import price_words, readers
from conversations.registration_answers import (
    FOR_WHOM,
    HOURS,
    RELATIONS,
    TRADES,
    Draft,
    heirs_shown,
    home_shown,
    income_shown,
    ktp_shown,
    nik_shown,
    phone_shown,
    programmes_shown,
    trade_shown,
    whom_shown,
)
from conversations.steps import Ask, Chapter, Choose, Conversation, End, Option, Question, Show
from conversations.submission import submit
from conversations.talk import Talk
from conversations.welcome import recording
from conversations.words import N_, _, long_date
from domain.age import age_on, too_old_to_register
from domain.month import Month
from domain.nik import Sex
from domain.rates import tiers
from domain.region import NTB, Level, Region, districts, regencies, villages
from storage.queries import applications
from storage.tables import Application

SHORT_NAMES = {"5201": "lobar", "5202": "loteng", "5203": "lotim", "5207": "ksb", "5208": "klu"}
PART_OF_DAY = {"morning": ("pagi",), "afternoon": ("siang", "sore"), "night": ("malam",), "all_day": ("seharian",)}


T = Talk[Draft]


def is_repaired(talk: T) -> bool:
    """True when an officer sent one chapter back: what he asked for cannot be left out again."""
    return talk.draft.has("argument")


# ── for whom ─────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_whom(talk: T) -> Question:
    return Choose(
        _("Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?"),
        [
            Option(_("Saya sendiri"), for_myself, words=("saya", "sendiri", "diri sendiri", "aku", "myself", "me")),
            Option(_("Orang lain"), choose_relation, words=("suami", "istri", "teman", "keluarga")),
        ],
    )


def for_myself(talk: T) -> Show | End:
    live = own_registration(talk)
    return there_already(live) if live else Show("", keep={"whom": "self"}, then=ask_nik)


def own_registration(talk: T) -> Application | None:
    """Her own registration, if one is on its way or done."""
    found = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    return next((a for a in found if a.person_id == talk.person_id and a.status in applications.LIVE), None)


def there_already(live: Application) -> End:
    words = _('Pendaftaran Bapak/Ibu sudah ada, nomor {number}. Ketik "status" untuk melihatnya.')
    return End(words.format(number=live.number))


def choose_relation(talk: T) -> Question:
    options = [Option(_(label), value=key) for key, label in FOR_WHOM.items()]
    return Choose(_("Siapanya Bapak/Ibu?"), options, save="relation", then=confirm_agreement)


def agreement_words(talk: T) -> str:
    return _(
        "Apakah orangnya sudah setuju datanya dikirim ke {house} untuk didaftarkan ke BPJS Ketenagakerjaan?"
    ).format(house=talk.house.name)


def confirm_agreement(talk: T) -> Question:
    return Choose(agreement_words(talk), {_("Ya, sudah setuju"): for_another, _("Belum"): not_agreed})


def for_another(talk: T) -> Show:
    agreement = recording("registration_for_another", True, agreement_words(talk), _("Ya, sudah setuju"))
    return Show("", do=agreement, keep={"whom": "other"}, then=ask_nik)


def not_agreed(talk: T) -> End:
    return End(_('Tidak apa-apa. Minta persetujuannya dulu, lalu ketik "daftar" lagi.'))


# ── NIK, birth date and sex ──────────────────────────────────────────────────────────────────────────────────────


def ask_nik(talk: T) -> Question:
    if not talk.facts.nik_in_chat:
        return ask_on_page(talk)
    return Ask(
        _("Ketik 16 angka NIK di KTP."),
        read=readers.nik,
        save="nik",
        then=check_age,
        simple=_("Lihat KTP, baris NIK di atas nama. Ketik semua angkanya."),
        example=_("Contoh NIK: 5271 0145 0587 0002."),
        sure=True,
    )


def ask_on_page(talk: T) -> Question:
    """The NIK, and the photo of the KTP unless it is there already, where the chat must not ask for them."""
    has_photo = is_repaired(talk) or talk.draft.get("ktp") or talk.draft.get("ktp_early")
    text = (
        _("Demi keamanan, NIK tidak ditulis di chat. Tekan tulisan biru ini, isi, lalu kirim:\n{link}")
        if has_photo
        else _("Demi keamanan, NIK dan foto KTP tidak lewat chat. Tekan tulisan biru ini, isi, lalu kirim:\n{link}")
    )
    return Ask(
        text + "\n" + page_words(),
        read=readers.nik,
        save="nik",
        then=check_age,
        form=("nik",) if has_photo else ("nik", "ktp?"),
        options=around_page(),
        sure=True,
    )


def page_words() -> str:
    return _("Untuk sekali pakai, berlaku 30 menit. Sesudah dikirim, kita lanjut di sini.")


def around_page() -> list[Option]:
    return [
        Option(_("Minta tautan baru"), says="ulang", words=("tautan baru", "link baru", "tautan", "link")),
        Option(_("Tanya petugas"), says="petugas"),
    ]


def check_age(talk: T) -> Show:
    nik = talk.draft.nik
    born = nik.birth_date(talk.today)
    then = too_old if too_old_to_register(born, talk.today) else confirm_birth
    return Show("", keep={"birth_date": born, "sex": nik.sex.value}, then=then)


def confirm_birth(talk: T) -> Question:
    nik = talk.draft.nik
    born = long_date(nik.birth_date(talk.today))
    text = (
        _("Menurut NIK: perempuan, lahir {born}. Benar?")
        if nik.sex is Sex.FEMALE
        else _("Menurut NIK: laki-laki, lahir {born}. Benar?")
    )
    return Choose(
        text.format(born=born),
        {
            _("Benar"): birth_is_right,
            _("Ulangi NIK"): ask_nik,
            _("Di KTP tertulis lain"): ask_birth_date,
        },
    )


def birth_is_right(talk: T) -> Show:
    nik = talk.draft.nik
    return Show("", keep={"birth_date": nik.birth_date(talk.today), "sex": nik.sex.value}, then=ask_name)


def ask_birth_date(talk: T) -> Question:
    return Ask(
        _("Tanggal lahir yang tertulis di KTP?"),
        read=readers.birth_date,
        save="birth_date",
        then=choose_sex,
        example=_("Contoh: 5 Mei 1987."),
        sure=True,
    )


def choose_sex(talk: T) -> Question:
    return Choose(
        _("Jenis kelamin di KTP?"),
        [Option(_("Perempuan"), value="female"), Option(_("Laki-laki"), value="male")],
        save="sex",
        then=check_birth_date,
    )


def check_birth_date(talk: T) -> Show:
    born = talk.draft.birth_date
    if born > talk.today:
        return Show(_("Tanggal itu belum terjadi."), then=ask_birth_date)
    return Show("", then=too_old if too_old_to_register(born, talk.today) else ask_name)


def too_old(talk: T) -> Question:
    text = _("Menurut tanggal lahirnya, umurnya {age} tahun. BPJS Ketenagakerjaan menerima yang belum 65 tahun.")
    return Choose(
        text.format(age=age_on(talk.draft.birth_date, talk.today)),
        [
            Option(_("Ulangi NIK"), ask_nik),
            Option(_("Di KTP tertulis lain"), ask_birth_date),
            Option(_("Tanya petugas"), says="petugas"),
        ],
    )


# ── name, birth place, mother, phone ─────────────────────────────────────────────────────────────────────────────


def ask_name(talk: T) -> Question:
    return Ask(
        _("Nama lengkap seperti di KTP?"),
        read=readers.name,
        save="name",
        then=ask_birth_place,
        example=_("Contoh: Siti Aminah."),
    )


def ask_birth_place(talk: T) -> Question:
    return Ask(
        _("Tempat lahir seperti di KTP?"),
        read=readers.place_name,
        save="birth_place",
        then=ask_mother,
        example=_("Contoh: Mataram."),
    )


def ask_mother(talk: T) -> Question:
    return Ask(
        _("Nama ibu kandung? BPJS memakainya untuk memastikan orangnya benar."),
        read=readers.name,
        save="mother",
        then=ask_phone,
        simple=_("Nama ibu yang melahirkan?"),
        example=_("Contoh: Inaq Rahmah."),
    )


def ask_phone(talk: T) -> Question:
    this_one = [Option(_("Pakai nomor ini"), own_phone, words=("nomor ini", "ini"))] if talk.facts.own_number else []
    return Ask(
        _('Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".'),
        read=readers.phone,
        save="phone",
        then=choose_regency,
        options=[*this_one, Option(_("Lewati"), no_phone, words=("tidak punya", "tidak ada", "skip"))],
        example=_("Contoh: 0812 3456 7890."),
        contact=_("Bagikan nomor saya"),
    )


def own_phone(talk: T) -> Show:
    return Show("", keep={"phone": talk.facts.own_number}, then=choose_regency)


def no_phone(talk: T) -> Show:
    return Show("", keep={"phone": ""}, then=choose_regency)


# ── home ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_regency(talk: T) -> Question:
    cities_first = sorted(regencies(NTB), key=lambda region: not region.name.startswith("Kota "))
    return Choose(
        _("Tinggal di kabupaten atau kota mana? Boleh ketik namanya."),
        [*as_options(cities_first), Option(_("Di luar NTB"), ask_regency_elsewhere, words=("luar", "lain"))],
        save="regency",
        then=choose_district,
    )


def as_options(regions: list[Region]) -> list[Option]:
    """Regions to choose from; "Mataram" or "lotim" will do."""
    return [
        Option(region.name, value=region.code, words=also_called(region) if region.level is Level.REGENCY else ())
        for region in regions
    ]


def also_called(regency: Region) -> tuple[str, ...]:
    """A regency or city without that word, and its short name."""
    bare = regency.name.partition(" ")[2]
    return (bare, SHORT_NAMES[regency.code]) if regency.code in SHORT_NAMES else (bare,)


def choose_district(talk: T) -> Question:
    options = as_options(districts(talk.draft.regency))
    return Choose(_("Kecamatan apa? Boleh ketik namanya."), options, save="district", then=choose_village)


def choose_village(talk: T) -> Question:
    options = as_options(villages(talk.draft.district))
    return Choose(_("Desa atau kelurahan apa? Boleh ketik namanya."), options, save="village", then=ask_street)


def ask_regency_elsewhere(talk: T) -> Question:
    return Ask(
        _("Kabupaten atau kota mana?"),
        read=readers.regency,
        save="regency",
        then=ask_district_elsewhere,
        example=_("Contoh: Kota Denpasar."),
    )


def ask_district_elsewhere(talk: T) -> Question:
    return Ask(_("Kecamatan apa?"), read=readers.place_name, save="district", then=ask_village_elsewhere)


def ask_village_elsewhere(talk: T) -> Question:
    return Ask(_("Desa atau kelurahan apa?"), read=readers.place_name, save="village", then=ask_street)


def ask_street(talk: T) -> Question:
    return Ask(
        _("Jalan atau dusun apa? Tulis juga RT/RW kalau ada."),
        read=readers.short_text,
        save="street",
        then=choose_trade,
        example=_("Contoh: Jalan Mawar 3, RT 02."),
    )


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_trade(talk: T) -> Question:
    options = [Option(_(label), value=key) for key, label in TRADES.items()]
    return Choose(
        _("Jualan apa?"),
        [*options, Option(_("Jualan lain"), ask_trade, words=("lain", "lainnya"))],
        save="trade",
        then=ask_workplace,
    )


def ask_trade(talk: T) -> Question:
    return Ask(_("Jualannya apa? Ketik saja."), read=readers.short_text, save="trade", then=ask_workplace)


def ask_workplace(talk: T) -> Question:
    return Ask(
        _("Biasanya berjualan di mana?"),
        read=readers.short_text,
        save="workplace",
        then=choose_hours,
        example=_("Contoh: depan Pasar Kebon Roek."),
    )


def choose_hours(talk: T) -> Question:
    options = [Option(_(label), value=key, words=PART_OF_DAY.get(key, ())) for key, label in HOURS.items()]
    return Choose(_("Biasanya berjualan jam berapa?"), options, save="hours", then=choose_income)


def choose_income(talk: T) -> Question:
    options = [Option(price_words.bracket(tier), value=tier.number) for tier in tiers()]
    return Choose(
        _("Kira-kira berapa penghasilan sebulan? Boleh ketik angkanya."),
        options,
        save="tier",
        then=choose_programmes,
        read=lambda text: readers.income(text).number,
    )


def choose_programmes(talk: T) -> Question:
    two, three = (price_words.by_month(Month.of(talk.today), talk.draft.tier, p) for p in price_words.CHOICES)
    return Choose(
        _(
            "Mau ikut yang mana?\n"
            "Kecelakaan kerja + kematian (JKK, JKM): {two}\n"
            "Ditambah tabungan hari tua (JHT): {three}"
        ).format(two=two, three=three),
        [
            Option(_("JKK + JKM"), value="JKK JKM", words=("tanpa jht",)),
            Option(_("JKK + JKM + JHT"), value="JKK JKM JHT", words=("dengan jht", "jht")),
        ],
        save="programmes",
        then=begin_heirs,
    )


# ── heirs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def begin_heirs(talk: T) -> Show:
    return Show("", keep={"heirs": []}, then=ask_heir_name)


def ask_heir_name(talk: T) -> Question:
    return Ask(
        _('Siapa ahli warisnya, keluarga yang menerima santunan? Ketik satu nama. Kalau nanti saja, ketik "lewati".'),
        read=readers.name,
        save="heir_name",
        then=choose_heir_relation,
        options=[] if is_repaired(talk) else [Option(_("Lewati"), ask_ktp, words=("nanti", "skip"))],
        simple=_("Nama keluarga yang menerima santunan?"),
        example=_("Contoh: Ahmad Fauzi."),
    )


def choose_heir_relation(talk: T) -> Question:
    options = [Option(_(label), value=key) for key, label in RELATIONS.items()]
    whose = _("Bapak/Ibu") if talk.draft.whom == "self" else talk.draft.name
    text = _("{heir} itu siapanya {whose}?").format(heir=talk.draft.heir_name, whose=whose)
    return Choose(text, options, save="relation_of_heir", then=add_heir)


def add_heir(talk: T) -> Show:
    heir = {"name": talk.draft.heir_name, "relation": talk.draft.relation_of_heir}
    others = [one for one in talk.draft.heirs if one["name"] != heir["name"]]  # named again after "kembali"
    return Show("", keep={"heirs": [*others, heir]}, then=choose_more_heirs)


def choose_more_heirs(talk: T) -> Question:
    text = _("Ahli waris: {heirs}. Masih ada lagi?").format(heirs=heirs_shown(talk.draft))
    return Choose(
        text,
        [
            Option(_("Tidak, cukup"), ask_ktp, words=("sudah", "selesai")),
            Option(_("Ya, tambah lagi"), ask_heir_name, words=("lagi", "tambah", "masih")),
        ],
    )


# ── photo, review, sending ───────────────────────────────────────────────────────────────────────────────────────


def ask_ktp(talk: T) -> Question | Show:
    if talk.draft.get("ktp_early") and not talk.draft.has("ktp"):
        return Show("", keep={"ktp": talk.draft.ktp_early}, then=review)
    later = [] if is_repaired(talk) else [Option(_("Nanti saja"), ktp_later, words=("lewati", "skip"))]
    if not talk.facts.nik_in_chat:
        return Ask(
            _("Foto KTP tidak lewat chat. Tekan tulisan biru ini, lalu kirim fotonya:\n{link}") + "\n" + page_words(),
            read=None,
            save="ktp",
            then=review,
            photo=True,
            form=("ktp",) if is_repaired(talk) else ("ktp?",),
            options=[*later, *around_page()],
            sure=True,
        )
    return Ask(
        _("Kirim foto KTP: terang, tidak miring, semua tulisannya terbaca."),
        read=None,
        save="ktp",
        then=review,
        photo=True,
        options=later,
        example=_("Letakkan KTP di meja yang terang, foto dari atas, lalu kirim."),
        sure=True,
    )


def ktp_later(talk: T) -> Show:
    return Show("", keep={"ktp": ""}, then=review)


def review(talk: T) -> Question:
    lines = [f"{_(chapter.title)}: {chapter.shows(talk.draft)}" for chapter in registration.chapters if chapter.shows]
    return Choose(
        _("Tolong diperiksa:") + "\n" + "\n".join(lines) + "\n" + _("Sudah benar semua?"),
        [Option(_("Benar, kirim"), submitted), Option(_("Ubah jawaban"), says="ubah")],
    )


def submitted(talk: T) -> End:
    live = own_registration(talk) if talk.draft.whom == "self" else None
    if live:  # sent from answers that were taken back, or from another phone
        return there_already(live)
    return End(
        _(
            "Terima kasih. Pendaftaran sudah terkirim, nomor {number}. Petugas akan memeriksa dan mengabari di sini.\n"
            "Perlindungan belum berlaku sebelum terdaftar di BPJS dan iuran pertama dibayar.\n"
            'Ketik "status" kapan saja.'
        ),
        do=submit,
    )


registration = Conversation(
    name="registration",
    title=N_("pendaftaran"),
    version=1,
    draft=Draft,
    start=choose_whom,
    words=("daftar", "mendaftar", "pendaftaran", "registrasi", "register"),
    needs_consent=True,
    counted=True,
    kept=True,
    chapters=(
        Chapter(
            "whom",
            N_("Yang didaftarkan"),
            (choose_whom, for_myself, choose_relation, confirm_agreement, for_another, not_agreed),
            whom_shown,
        ),
        Chapter(
            "nik",
            N_("NIK"),
            (ask_nik, check_age, confirm_birth, birth_is_right, ask_birth_date, choose_sex, check_birth_date, too_old),
            nik_shown,
        ),
        Chapter("name", N_("Nama"), (ask_name,), lambda draft: draft.name),
        Chapter("birth_place", N_("Tempat lahir"), (ask_birth_place,), lambda draft: draft.birth_place),
        Chapter("mother", N_("Ibu kandung"), (ask_mother,), lambda draft: draft.mother),
        Chapter("phone", N_("Nomor HP"), (ask_phone, own_phone, no_phone), phone_shown),
        Chapter(
            "home",
            N_("Alamat"),
            (
                choose_regency,
                choose_district,
                choose_village,
                ask_regency_elsewhere,
                ask_district_elsewhere,
                ask_village_elsewhere,
                ask_street,
            ),
            home_shown,
        ),
        Chapter("trade", N_("Jualan"), (choose_trade, ask_trade), trade_shown),
        Chapter("workplace", N_("Tempat jualan"), (ask_workplace,), lambda draft: draft.workplace),
        Chapter("hours", N_("Jam jualan"), (choose_hours,), lambda draft: _(HOURS[draft.hours])),
        Chapter("income", N_("Penghasilan sebulan"), (choose_income,), income_shown),
        Chapter("programmes", N_("Perlindungan"), (choose_programmes,), programmes_shown),
        Chapter(
            "heirs",
            N_("Ahli waris"),
            (begin_heirs, ask_heir_name, choose_heir_relation, add_heir, choose_more_heirs),
            heirs_shown,
        ),
        Chapter("ktp", N_("Foto KTP"), (ask_ktp, ktp_later), ktp_shown),
    ),
    further_steps=(review, submitted),
)
