"""Several people on one phone: each has her own talk, and sees nothing of the others'."""

from datetime import timedelta

from storage.queries import identities
from tests.conversations.people import BUDI, WELCOMED, arrive, begin, register, staff


def add(play, who, name):
    """Somebody new takes the phone, and goes through the welcome."""
    play.say_all(who, ["ganti orang", "orang baru", name])
    return play.say_all(who, WELCOMED)


def test_a_second_person_gets_her_own_consent_and_her_own_registration(play):
    register(play, "siti")
    play("""
        siti: ganti orang
        bot: Siapa yang memakai HP ini sekarang?
            1. Siti
            2. Orang baru
        siti: 2
        bot: Siapa namanya?
            1. Tidak jadi
        siti: Pak Amat
        bot: Baik, sekarang untuk Pak Amat.
        bot: Untuk Pak Amat:
            …
    """)
    play.say_all("siti", WELCOMED)
    assert "Belum ada pendaftaran" in play.say("siti", "status")


def test_switching_back_goes_on_where_she_was(play):
    arrive(play, "siti")
    begin(play, "siti", "workplace")
    add(play, "siti", "Amat")
    answer = play.say_all("siti", ["ganti orang", "siti"])
    assert "Baik, sekarang untuk Siti." in answer
    assert "Kita lanjutkan: pendaftaran." in answer and "(9/14)" in answer


def test_every_answer_says_whom_it_concerns(play):
    arrive(play, "siti")
    add(play, "siti", "Amat")
    assert play.say("siti", "status").startswith("bot: Untuk Amat:\n")


def test_a_button_of_the_other_person_does_nothing(play):
    arrive(play, "siti")
    begin(play, "siti", "hours")
    add(play, "siti", "Amat")
    begin(play, "siti", "hours", **BUDI)
    answer = play.say("siti", "[tap first Seharian]")
    assert "Tombol itu untuk orang lain di HP ini." in answer and "(10/14)" in answer


def test_after_a_pause_the_bot_asks_who_it_is(play):
    arrive(play, "siti")
    begin(play, "siti", "workplace")
    add(play, "siti", "Amat")
    play("""
        siti: [after 40 minutes]
        siti: halo
        bot: Siapa yang memakai HP ini sekarang?
            1. Siti
            2. Amat
            3. Orang baru
        siti: 1
        bot: Baik, sekarang untuk Siti.
        bot: Untuk Siti:
            Kita lanjutkan: pendaftaran.
            (9/14) Biasanya berjualan di mana?
    """)


def test_whoever_it_was_already_just_goes_on(play):
    arrive(play, "siti")
    add(play, "siti", "Amat")
    begin(play, "siti", "workplace", **BUDI)
    play.clock.moment += timedelta(minutes=40)
    play.say("siti", "halo")
    answer = play.say("siti", "2")
    assert "Kita lanjutkan: pendaftaran." in answer and "Untuk Amat:" in answer


def test_a_phone_of_one_is_never_asked_who_it_is(play):
    arrive(play, "siti")
    begin(play, "siti", "workplace")
    play.clock.moment += timedelta(days=1)
    assert "Siapa yang memakai" not in play.say("siti", "halo")


def test_news_says_for_whom_it_is_and_its_button_opens_nothing_for_the_other(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    add(play, "siti", "Amat")
    answer = play.say_all("lalu", ["antrean", "minta perbaikan", "nama", "belum lengkap"])
    assert "bot to siti: Untuk Siti:\n    Pendaftaran P-2026-0001 hampir selesai." in answer
    assert "Tombol itu untuk orang lain di HP ini." in play.say("siti", "[tap Perbaiki sekarang]")
    play.say_all("siti", ["ganti orang", "siti"])
    assert "Nama lengkap" in play.say("siti", "[tap Perbaiki sekarang]")


def test_a_person_who_leaves_the_phone_is_no_longer_offered(play):
    arrive(play, "siti")
    add(play, "siti", "Amat")
    play.say_all("siti", ["pisah", "1", "ya"])
    with play.database.reading() as db:
        assert [one.name for one in identities.speakers(db, play.address(db, "siti"))] == ["Siti"]
    assert "Untuk Siti" not in play.say("siti", "status")


def test_the_first_word_of_all_may_be_to_change_who_speaks(play):
    assert "Selamat datang" in play.say("siti", "ganti orang")


def test_two_people_of_one_phone_cannot_be_members_under_one_nik(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    add(play, "siti", "Amat")
    begin(play, "siti", "review")
    play.say("siti", "benar")
    assert "NIK ini sudah dipakai anggota lain" in play.say_all("lalu", ["antrean", "setujui"])


def test_while_nobody_knows_who_it_is_no_word_speaks_for_anybody(play):
    register(play, "siti")
    add(play, "siti", "Amat")
    play.say_all("siti", ["ganti orang", "siti"])
    play.clock.moment += timedelta(minutes=61)
    play.say("siti", "halo")
    for word in ("status", "menu", "daftar", "ubah", "pisah", "petugas"):
        answer = play.say("siti", word)
        assert "Pilih dulu siapa yang memakai HP ini." in answer and "P-2026" not in answer, word
    assert "P-2026-0001" in play.say_all("siti", ["1", "status"])


def test_who_it_is_is_asked_where_the_phone_is_shared_and_nowhere_else(play):
    arrive(play, "siti on whatsapp")
    add(play, "siti on whatsapp", "Amat")
    begin(play, "siti on whatsapp", "workplace", nik=["5271 0105 0587 0002", "benar"], ktp=[])
    code = play.say("siti on whatsapp", "sambung").partition("Kode: ")[2][:7]
    play.say("amat", f"sambung {code}")
    play.clock.moment += timedelta(minutes=61)
    assert "Siapa yang memakai HP ini" in play.say("siti on whatsapp", "halo")
    assert "Siapa yang memakai HP ini" not in play.say("amat", "halo")
    assert "Kita lanjutkan: pendaftaran." in play.say("siti on whatsapp", "amat")
