"""One person on WhatsApp and Telegram: joined by a code, parted again, and never mixed up."""

from datetime import timedelta

from sqlmodel import Session, select

from storage.queries import applications, audit, identities, people
from storage.tables import Audit, Talk
from tests.conversations.people import ANSWERS, arrive, begin, register, staff
from tests.transcript import Player

SITI = "siti on whatsapp"
ON_WHATSAPP = {"nik": ["[page]", "benar"], "ktp": []}
"""What differs from Telegram: the NIK and the photo come through a page."""


def join(play: Player, old: str, new: str) -> str:
    """Say in the new app the code that the old one gave; the last answer."""
    code = play.say(old, "sambung").partition("Kode: ")[2][:7]
    return play.say(new, f"sambung {code}")


def person(play: Player, who: str) -> str:
    with play.database.reading() as db:
        return play.person(db, who)


def actions(play: Player) -> list[str]:
    with play.database.reading() as db:
        return list(db.exec(select(Audit.action).order_by(Audit.id)))


def test_on_whatsapp_the_nik_and_the_ktp_come_through_a_page(play):
    arrive(play, SITI)
    play("""
        siti on whatsapp: daftar
        bot: (1/14) Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?
            1. Saya sendiri
            2. Orang lain
        siti on whatsapp: 1
        bot: (2/14) Demi keamanan, NIK dan foto KTP tidak lewat chat. Tekan tulisan biru ini, isi, lalu kirim:
            https://pages.example/…
            Untuk sekali pakai, berlaku 30 menit. Sesudah dikirim, kita lanjut di sini.
            1. Minta tautan baru
            2. Tanya petugas
        siti on whatsapp: [page 5271014505870001]
        bot: (2/14) Menurut NIK: perempuan, lahir 5 Mei 1987. Benar?
            1. Benar
            2. Ulangi NIK
            3. Di KTP tertulis lain
    """)


def test_a_nik_that_is_typed_all_the_same_is_taken_and_not_repeated(play):
    arrive(play, SITI)
    play("""
        siti on whatsapp: daftar
        bot: …
        siti on whatsapp: 1
        bot: …
        siti on whatsapp: 5271 0145 0587 0001
        bot: Sudah kami terima. Lain kali lewat halaman saja, dan pesan tadi boleh Bapak/Ibu hapus.
            (2/14) Menurut NIK: perempuan, lahir 5 Mei 1987. Benar?
            …
    """)


def test_a_page_without_a_photo_is_asked_for_the_photo_in_the_end(play):
    arrive(play, SITI)
    answer = begin(play, SITI, "ktp", nik=["[page without photo]", "benar"])
    assert "(14/14) Foto KTP tidak lewat chat." in answer
    assert "Nanti saja" in answer
    assert play.say(SITI, "[page]").startswith("bot: Tolong diperiksa:")


def test_a_photo_that_came_with_the_nik_is_not_asked_for_again(play):
    arrive(play, SITI)
    assert begin(play, SITI, "review", **ON_WHATSAPP).startswith("bot: Tolong diperiksa:")


def test_a_changed_photo_is_asked_for_on_a_page_of_its_own(play):
    arrive(play, SITI)
    begin(play, SITI, "review", **ON_WHATSAPP)
    assert "Foto KTP tidak lewat chat." in play.say_all(SITI, ["ubah", "foto ktp"])
    assert "Sudah diganti." in play.say(SITI, "[page]")


def test_a_page_that_was_opened_for_a_question_behind_her_changes_nothing(play):
    arrive(play, SITI)
    play.say_all(SITI, ["daftar", "1"])
    late = play.incoming(SITI, "[page]")
    play.say_all(SITI, ["5271 0145 0587 0001", "benar"])
    play.send(late)
    assert play.heard(SITI)[-1].startswith("bot: Halaman tadi untuk pertanyaan yang sudah lewat")


def test_the_number_that_she_writes_from_need_not_be_typed(play):
    arrive(play, SITI)
    begin(play, SITI, "phone", **ON_WHATSAPP)
    assert "(7/14)" in play.say(SITI, "pakai nomor ini")
    assert "Nomor HP yang bisa dihubungi?" in play.say_all(SITI, ["ubah", "nomor hp"])


def test_she_moves_from_whatsapp_to_telegram_in_the_middle_and_loses_no_answer(play):
    arrive(play, SITI)
    begin(play, SITI, "workplace", **ON_WHATSAPP)
    answer = join(play, SITI, "siti")
    assert "bot: Tersambung. Jawaban dan status Bapak/Ibu ikut ke sini." in answer
    assert "bot: Kita lanjutkan: pendaftaran.\n\n    (9/14) Biasanya berjualan di mana?" in answer
    rest = [line for chapter in list(ANSWERS)[8:] if chapter != "ktp" for line in ANSWERS[chapter]]
    review = play.say_all("siti", rest)
    assert "Siti Aminah" in review and "berakhir 0001" in review and "Kota Mataram" in review
    assert "sudah terkirim" in play.say("siti", "benar")
    with play.database.reading() as db:
        (application,) = applications.of_applicant(db, "main", play.person(db, SITI))
        assert applications.answers_of(application)["ktp"]


def test_and_back_again(play):
    arrive(play, SITI)
    begin(play, SITI, "workplace", **ON_WHATSAPP)
    join(play, SITI, "siti")
    play.say("siti", "Depan Pasar Kebon Roek")
    assert "Kita lanjutkan: pendaftaran." in play.say(SITI, "halo")
    assert "(11/14)" in play.say(SITI, "pagi")
    assert "Kita lanjutkan: pendaftaran." in play.say("siti", "900rb")  # not taken for an answer: it was asked there
    assert "(12/14)" in play.say("siti", "900rb")


def test_a_tap_on_the_same_open_question_in_the_other_app_still_counts_and_an_older_one_does_not(play):
    arrive(play, SITI)
    begin(play, SITI, "hours", **ON_WHATSAPP)
    join(play, SITI, "siti")
    play.say("siti", "pagi")
    assert "pertanyaan yang sudah lewat" in play.say(SITI, "[tap Seharian]")


def test_both_apps_at_the_same_moment_lose_nothing(play):
    arrive(play, SITI)
    begin(play, SITI, "birth_place", **ON_WHATSAPP)
    join(play, SITI, "siti")
    play.say_together([(SITI, "Bima"), ("siti", "Mataram"), (SITI, "status"), ("siti", "ulang")])
    answer = play.say("siti", "ulang")
    assert "Tempat lahir" in answer or "ibu kandung" in answer


def test_who_asked_for_the_code_hears_of_it(play):
    arrive(play, SITI)
    assert "bot to siti on whatsapp: Percakapan ini baru tersambung juga di Telegram." in join(play, SITI, "siti")


def test_somebody_new_in_the_other_app_is_forgotten_and_whoever_has_begun_something_stays(play):
    arrive(play, SITI)
    join(play, SITI, "siti")
    with play.database.reading() as db:
        assert len(identities.speakers(db, play.address(db, "siti"))) == 1
    register(play, "rina")
    join(play, SITI, "rina")
    with play.database.reading() as db:
        assert len(identities.speakers(db, play.address(db, "rina"))) == 2


def test_a_wrong_code_is_told_and_after_five_nothing_is_looked_up_any_more(play):
    arrive(play, SITI)
    code = play.say(SITI, "sambung").partition("Kode: ")[2][:7].replace(" ", "")
    wrong = f"{(int(code) + 1) % 10**6:06}"
    arrive(play, "rina")
    play.say("rina", f"sambung {wrong}")
    for _again in range(4):
        assert "Kode itu tidak berlaku." in play.say("rina", wrong)
    assert "Sudah terlalu banyak dicoba." in play.say("rina", code)
    assert person(play, "rina") != person(play, SITI)


def test_a_code_is_good_once_and_for_ten_minutes(play):
    arrive(play, SITI)
    code = play.say(SITI, "sambung").partition("Kode: ")[2][:7]
    play.say("siti", f"sambung {code}")
    assert "Kode itu tidak berlaku." in play.say("rina", f"sambung {code}")
    code = play.say(SITI, "sambung").partition("Kode: ")[2][:7]
    play.clock.moment += timedelta(minutes=11)
    assert "Kode itu tidak berlaku." in play.say("budi", f"sambung {code}")


def test_a_code_typed_where_it_was_given_is_explained(play):
    arrive(play, SITI)
    code = play.say(SITI, "sambung").partition("Kode: ")[2][:7]
    assert "Itu kode dari percakapan ini sendiri." in play.say(SITI, f"sambung {code}")


def test_a_role_comes_along_and_the_administrators_hear_of_it(play):
    staff(play, "lalu", "admin")
    staff(play, "budi", "officer")
    answer = join(play, "budi", "budi on whatsapp")
    assert "bot to lalu: Budi sekarang bertugas juga lewat WhatsApp." in answer
    assert "Antrean kosong" in play.say("budi on whatsapp", "antrean")


def test_parted_the_other_app_shows_nothing_of_hers(play):
    register(play, "siti")
    join(play, "siti", SITI)
    assert "P-2026-0001" in play.say(SITI, "status")
    play("""
        siti: pisah
        bot: Percakapan mana yang dipisahkan dari data Bapak/Ibu?
            1. Telegram (ini)
            2. WA ••••0001
            3. Tidak jadi
        siti: 2
        bot: Pisahkan WA ••••0001? Di sana data Bapak/Ibu tidak bisa dilihat lagi.
            1. Ya, pisahkan
            2. Tidak jadi
        siti: ya
        bot: Sudah dipisahkan.
        siti on whatsapp: status
        bot: Belum ada pendaftaran yang dikirim. Untuk mendaftar, ketik "daftar".
    """)
    assert actions(play)[-2:] == ["joined_address", "separated_address"]


def test_parting_from_here_leaves_nothing_open_here(play):
    arrive(play, "siti")
    begin(play, "siti", "workplace")
    join(play, "siti", SITI)
    answer = play.say_all(SITI, ["pisah", "wa ••••0001 (ini)", "ya"])
    assert answer == "bot: Sudah dipisahkan."
    assert "Selamat datang" in play.say(SITI, "halo")
    assert "Kita lanjutkan: pendaftaran." in play.say("siti", "halo")


def test_whoever_is_in_one_place_only_has_nothing_to_part(play):
    arrive(play, "siti")
    assert "hanya ada di percakapan ini" in play.say("siti", "pisah")


def test_news_goes_to_the_app_that_she_used_for_it_and_to_the_other_when_that_is_gone(play):
    staff(play, "lalu", "officer")
    register(play, SITI, **ON_WHATSAPP)
    join(play, SITI, "siti")
    with play.database.reading() as db:
        address = play.address(db, SITI)
    play.database.transact(lambda db: people.mark_address(db, address, "bad"))
    assert "bot to siti: Kabar baik" in play.say_all("lalu", ["antrean", "setujui"])


def test_every_change_of_who_speaks_where_is_in_the_audit_trail(play):
    arrive(play, SITI)
    join(play, SITI, "siti")
    play.say_all("siti", ["pisah", "telegram (ini)", "ya"])
    assert actions(play) == ["joined_address", "separated_address"]
    with play.database.reading() as db:
        assert audit.first_break(db, "main") is None


def test_an_ended_talk_is_kept(play):
    arrive(play, SITI)
    join(play, SITI, "siti")

    def why(db: Session) -> list[str]:
        return [talk.ended_why for talk in db.exec(select(Talk).order_by(Talk.id))]

    assert play.database.read(why) == ["", "joined", ""]


def test_a_page_that_is_sent_from_below_the_menu_still_counts(play):
    arrive(play, SITI)
    play.say_all(SITI, ["daftar", "1"])
    page = play.incoming(SITI, "[page]")
    play.say_all(SITI, ["menu", "petugas"])
    play.send(page)
    assert "Menurut NIK: perempuan, lahir 5 Mei 1987." in play.heard(SITI)[-1]


def test_an_officer_on_whatsapp_sees_the_photo_and_the_nik_on_a_page(play):
    staff(play, "lalu on whatsapp", "officer")
    register(play, SITI, **ON_WHATSAPP)
    play("""
        lalu on whatsapp: antrean
        bot: …
        lalu on whatsapp: lihat foto ktp
        bot: P-2026-0001: buka di halaman ini, paling lama 30 menit. Hanya untuk pemeriksaan, jangan disebarkan.
            https://pages.example/…
            1. Lihat pendaftaran
            2. Minta tautan baru
        lalu on whatsapp: lihat pendaftaran
        bot: …
        lalu on whatsapp: lihat nik lengkap
        bot: …
        lalu on whatsapp: Untuk mencocokkan
        bot: P-2026-0001: buka di halaman ini, paling lama 30 menit. Hanya untuk pemeriksaan, jangan disebarkan.
            https://pages.example/…
            …
    """)
