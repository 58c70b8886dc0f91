"""Officers find a member, see where she stands, and put right what is not as it should be.

find → ask_name → choose_member → card → one of:
choose_change → (ask_income) → choose_month → choose_reason → preview → terms_changed ·
choose_collector → collector_changed · ask_told_day → confirm_told_day → told_day_kept ·
confirm_leaving → has_left · confirm_return → is_back
"""

from functools import partial

from conversations import member_deeds, member_words, readers
from conversations.member_answers import Draft, T, at_hand, first_of, is_own, new_terms
from conversations.member_search import MOST, search, wanted
from conversations.outlook import outlook
from conversations.price_words import bracket
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.words import N_, _, long_date, month_name
from domain.due import first_month
from domain.month import Month
from domain.rates import Funding, Programme, Sector, tiers
from storage.queries import charges, people, terms
from storage.tables import Member

AHEAD = 12  # months
REASONS = (
    N_("Penghasilannya berubah."),
    N_("Salah catat waktu mendaftar."),
    N_("Permintaan anggota."),
)


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────


def find(talk: T) -> Show:
    try:
        return Show("", keep={"query": wanted(talk.draft.get("argument", ""))}, then=choose_member)
    except Unclear:
        return Show("", then=ask_name)


def ask_name(talk: T) -> Question:
    return Ask(
        _("Anggota siapa? Ketik namanya, atau 4 angka terakhir NIK."),
        read=partial(somebody, talk),
        save="query",
        then=choose_member,
        options=[Option(_("Selesai"), finished)],
        example=_("Contoh: Siti, atau 0001."),
    )


def somebody(talk: T, text: str) -> str:
    """What to look for, where it leads to anybody."""
    said = wanted(text)
    if not search(talk.db, talk.house.id, said):
        raise Unclear(not_found())
    return said


def not_found() -> str:
    """Nobody is called like this."""
    return _("Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK.")


def choose_member(talk: T) -> Question | Show:
    found = search(talk.db, talk.house.id, talk.draft.query)
    if not found:
        return Show(not_found(), then=ask_name)
    if len(found) == 1:
        return Show("", keep={"member": found[0].id}, then=card)
    many = len(found) == MOST
    labels = member_words.names_of(found)
    options = [Option(label, value=one.id, key=one.id[-16:]) for label, one in zip(labels, found, strict=True)]
    return Choose(
        _("Banyak yang cocok. Pilih, atau cari dengan nama yang lebih lengkap.") if many else _("Yang mana?"),
        [*options, Option(_("Cari nama lain"), ask_name, key="again")],
        save="member",
        then=card,
    )


def card(talk: T) -> Question | Show:
    member = at_hand(talk)
    if member is None:
        return gone()
    hers = outlook(talk.db, member, talk.today)
    by = terms.at(talk.db, member.id, first_of(member, talk.today))
    told = member_words.card(talk.db, hers, by)
    further = [Option(_("Cari nama lain"), ask_name, key="again"), Option(_("Selesai"), finished)]
    if is_own(talk, member):
        return Choose(told + "\n" + _("Ini data Bapak/Ibu sendiri: yang mengubah harus petugas lain."), further)
    terms_option = [Option(_("Ubah dasar iuran"), choose_change, words=("ubah dasar", "dasar"))] if by else []
    stays = Option(_("Jadi anggota lagi"), confirm_return, words=("aktif", "aktifkan"))
    goes = Option(_("Catat keluar"), confirm_leaving, words=("keluar", "keluarkan"))
    return Choose(
        told,
        [
            *terms_option,
            Option(_("Ganti pengumpul"), choose_collector, words=("pengumpul",)),
            Option(_("Tanggal dari BPJS"), ask_told_day, words=("tanggal", "perlindungan")),
            *([stays] if member.status != "active" else []),
            *([goes] if member.status != "left" else []),
            *further,
        ],
    )


def gone() -> Show:
    """She is not there any more."""
    return Show(_("Anggota itu tidak ada lagi."), then=ask_name)


def not_hers_to_change(talk: T) -> Show | None:
    """Why the member at hand cannot be changed; None where she can."""
    member = at_hand(talk)
    return gone() if member is None else Show("", then=card) if is_own(talk, member) else None


def her(talk: T) -> Member:
    """The member at hand, where she may be changed."""
    member = at_hand(talk)
    assert member is not None
    return member


# ── other terms ──────────────────────────────────────────────────────────────────────────────────────────────────


def choose_change(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    member = her(talk)
    by = terms.at(talk.db, member.id, first_of(member, talk.today))
    if by is None:
        return Show("", then=card)
    jht = "without_jht" if Programme.JHT in by.programmes else "with_jht"
    sector = "no_transport" if by.sector is Sector.TRANSPORT else "transport"
    funding = "herself" if by.funding is Funding.GOVERNMENT else "government"
    further = ((jht, ("jht",)), (sector, ("transportasi", "sektor")), (funding, ("pemerintah", "sendiri")))
    return Choose(
        _("Apa yang diubah?"),
        [
            Option(_("Golongan penghasilan"), ask_income, words=("penghasilan", "golongan")),
            *(Option(_(LABELS[change]), value=change, words=words) for change, words in further),
            Option(_("Tidak jadi"), card),
        ],
        save="change",
        then=choose_month,
    )


LABELS = {
    "with_jht": N_("Tambah JHT"),
    "without_jht": N_("Tanpa JHT"),
    "transport": N_("Sektor transportasi"),
    "no_transport": N_("Bukan transportasi"),
    "government": N_("Dibayar pemerintah"),
    "herself": N_("Dibayar sendiri"),
}


def ask_income(talk: T) -> Question:
    options = [Option(bracket(tier), value=f"tier:{tier.number}") for tier in tiers()]
    return Choose(
        _("Penghasilannya sebulan? Pilih, atau ketik kira-kira. Contoh: 1,5 juta."),
        [*options, Option(_("Tidak jadi"), card)],
        read=lambda text: f"tier:{readers.income(text).number}",
        save="change",
        then=choose_month,
    )


def choose_month(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    first = first_of(her(talk), talk.today)
    options = [Option(month_name(month), value=month) for month in (first, first + 1)]
    return Choose(
        _("Berlaku mulai bulan apa? Bulan yang sudah lewat ketik saja, contoh: September 2026."),
        [*options, Option(_("Tidak jadi"), card)],
        read=partial(from_month, talk),
        save="from_month",
        then=choose_reason,
    )


def from_month(talk: T, text: str) -> Month:
    """A month from which terms may be changed: one in which she has some, and not too far away."""
    month = readers.month(text, today=talk.today)
    earliest = terms.first_month(talk.db, her(talk).id) or month
    latest = Month.of(talk.today) + AHEAD
    if month < earliest:
        raise Unclear(_("Paling awal {month}, bulan pertamanya.").format(month=month_name(earliest)))
    if month > latest:
        raise Unclear(_("Paling jauh {month}.").format(month=month_name(latest)))
    return month


def choose_reason(talk: T) -> Question:
    return Choose(
        _("Alasannya? Pilih, atau ketik sendiri. Alasan ini dicatat."),
        [
            *(Option(_(words), value=words, key=str(number)) for number, words in enumerate(REASONS)),
            Option(_("Tidak jadi"), card),
        ],
        save="reason",
        read=readers.long_text,
        then=preview,
    )


def preview(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    rows = new_terms(talk.db, talk.draft.member, talk.draft.change, talk.draft.from_month)
    if not rows:
        return Show(_("Itu sudah begitu, jadi tidak ada yang diubah."), then=card)
    found = charges.preview(talk.db, her(talk), rows)
    return Choose(
        member_words.preview(found, talk.draft.change, talk.draft.from_month),
        {_("Ya, ubah"): terms_changed, _("Ganti bulan"): choose_month, _("Tidak jadi"): card},
        keep={"expected": int(found.difference)},
    )


def terms_changed(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    rows = new_terms(talk.db, talk.draft.member, talk.draft.change, talk.draft.from_month)
    if not rows or charges.preview(talk.db, her(talk), rows).difference != talk.draft.expected:
        return Show(_("Baru saja ada yang berubah. Tolong periksa sekali lagi."), then=preview)
    return Show(
        _("Sudah diubah. {name} kami kabari.").format(name=her(talk).name), do=member_deeds.change_terms, then=ask_more
    )


# ── collector ────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_collector(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    member = her(talk)
    holders = people.role_holders(talk.db, talk.house.id)
    others = [
        Option(one.name, value=one.person_id, key=one.person_id[-16:])
        for one in holders
        if one.role == "collector" and one.person_id not in (member.person_id, member.collector_id)
    ]
    none = [Option(_("Tanpa pengumpul"), value="", key="none")] if member.collector_id else []
    return Choose(
        _("Pengumpul sekarang: {who}. Diganti siapa?").format(who=member_words.collector(talk.db, member)),
        [*others, *none, Option(_("Tidak jadi"), card)],
        save="collector",
        then=collector_changed,
    )


def collector_changed(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    after = talk.draft.collector
    if after and "collector" not in people.roles_of(talk.db, talk.house.id, after):
        return Show(_("Orang itu bukan pengumpul lagi."), then=choose_collector)
    if after == (her(talk).collector_id or ""):
        return Show("", then=card)
    return Show(_("Pengumpul sudah diganti."), do=member_deeds.change_collector, then=ask_more)


# ── what BPJS told ───────────────────────────────────────────────────────────────────────────────────────────────


def ask_told_day(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    known = [Option(_("Hapus tanggal"), told_day_dropped)] if her(talk).protected_until else []
    return Ask(
        _("Menurut BPJS, sampai tanggal berapa perlindungan {name}? Tanyakan di JMO, 175 atau kantor BPJS.").format(
            name=her(talk).name
        ),
        read=partial(readers.told_day, today=talk.today),
        save="until",
        then=confirm_told_day,
        options=[*known, Option(_("Tidak jadi"), card)],
        example=_("Contoh: 15 Januari 2027."),
    )


def confirm_told_day(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    away = talk.draft.until - talk.today
    if abs(away.days) > 2 * 366:
        return Show(_("Tanggal itu terlalu jauh dari hari ini. Lihat lagi, lalu ketik sekali lagi."), then=ask_told_day)
    return Choose(
        _("BPJS mengabarkan perlindungan {name} sampai {day}. Benar?").format(
            name=her(talk).name, day=long_date(talk.draft.until)
        ),
        {_("Ya, catat"): told_day_kept, _("Ketik ulang"): ask_told_day, _("Tidak jadi"): card},
    )


def told_day_kept(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    return Show(_("Sudah dicatat."), do=member_deeds.keep_told_day, then=ask_more)


def told_day_dropped(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    return Show(_("Tanggal dari BPJS sudah dihapus."), do=member_deeds.drop_told_day, then=ask_more)


# ── leaving and coming back ──────────────────────────────────────────────────────────────────────────────────────


def confirm_leaving(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    current = Month.of(talk.today)
    kept = charges.kept_after(talk.db, her(talk), current, talk.today)
    told = member_words.leaving(outlook(talk.db, her(talk), talk.today), current + 1, kept)
    return Choose(told, {_("Ya, keluarkan"): has_left, _("Tidak jadi"): card})


def has_left(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    if her(talk).status == "left":
        return Show(_("Anggota itu sudah keluar."), then=card)
    return Show(_("{name} sudah dicatat keluar.").format(name=her(talk).name), do=member_deeds.leave, then=ask_more)


def confirm_return(talk: T) -> Question | Show:
    if refused := not_hers_to_change(talk):
        return refused
    told = _("Catat {name} sebagai anggota lagi? Iuran mulai {month}; tunggakan lama tidak ditagih.")
    text = told.format(name=her(talk).name, month=month_name(first_month(talk.today)))
    return Choose(text, {_("Ya, catat"): is_back, _("Tidak jadi"): card})


def is_back(talk: T) -> Show:
    if refused := not_hers_to_change(talk):
        return refused
    if her(talk).status == "active":
        return Show(_("Sudah tercatat sebagai anggota."), then=card)
    return Show(_("{name} anggota lagi.").format(name=her(talk).name), do=member_deeds.come_back, then=ask_more)


# ── and then ─────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_more(talk: T) -> Question:
    return Choose(
        _("Ada lagi?"),
        [
            Option(_("Lihat datanya"), card, words=("lihat",)),
            Option(_("Cari nama lain"), ask_name, key="again"),
            Option(_("Selesai"), finished, words=("tidak", "cukup")),
        ],
    )


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "anggota" kapan saja.'))


members = Conversation(
    name="members",
    title=N_("cari anggota"),
    version=1,
    draft=Draft,
    start=find,
    further_steps=(
        ask_name,
        choose_member,
        card,
        choose_change,
        ask_income,
        choose_month,
        choose_reason,
        preview,
        terms_changed,
        choose_collector,
        collector_changed,
        ask_told_day,
        confirm_told_day,
        told_day_kept,
        told_day_dropped,
        confirm_leaving,
        has_left,
        confirm_return,
        is_back,
        ask_more,
        finished,
    ),
    words=("anggota", "cari", "cari anggota", "member"),
    takes_argument=True,
    only_for=frozenset({"officer"}),
)
