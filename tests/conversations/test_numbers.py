"""A number that may have changed hands must prove itself before anything is shown."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.message import Address
from storage.queries import people
from tests.conversations.people import arrive, begin, register, staff
from tests.conversations.test_two_apps import ON_WHATSAPP, join
from tests.transcript import WHATSAPP

SITI = "siti on whatsapp"


@pytest.fixture
def says(play):
    """Somebody writes from Siti's number; the provider says who is behind it."""

    def say(text, *, user_id="", number=""):
        play.clock.moment += timedelta(seconds=1)
        incoming = replace(play.incoming(SITI, text), user_id=user_id)
        if number:
            incoming = replace(incoming, sender=Address(WHATSAPP, number))
        play.send(incoming)
        return "\n".join(play.heard(SITI))

    return say


@pytest.fixture
def siti(play):
    register(play, SITI, **ON_WHATSAPP)


def test_after_three_months_of_silence_the_number_may_be_somebody_elses(play, siti):
    play("""
        siti on whatsapp: [after 91 days]
        siti on whatsapp: status
        bot: Nomor ini pernah dipakai di sini. Kalau oleh Bapak/Ibu sendiri, ketik "nomor saya".
            Belum ada pendaftaran yang dikirim. Untuk mendaftar, ketik "daftar".
    """)


def test_she_proves_that_it_is_still_hers(play, siti):
    play.clock.moment += timedelta(days=91)
    play.say(SITI, "halo")
    play("""
        siti on whatsapp: nomor saya
        bot: Untuk memastikan: 4 angka terakhir NIK Bapak/Ibu?
            1. Tidak jadi
        siti on whatsapp: 0001
        bot: Tanggal lahir yang tertulis di KTP?
        siti on whatsapp: 5 Mei 1987
        bot: Terima kasih. Nomor ini kembali terhubung dengan data Bapak/Ibu.
        bot: Ada yang bisa dibantu?
            …
        siti on whatsapp: status
        bot: P-2026-0001: menunggu diperiksa petugas.
    """)


def test_who_cannot_prove_it_is_handed_to_an_officer(play, siti):
    staff(play, "lalu", "officer")
    play.clock.moment += timedelta(days=91)
    play.say_all(SITI, ["halo", "nomor saya"])
    for _try in range(5):
        assert "Belum cocok" in play.say_all(SITI, ["0009", "5 Mei 1987"])
    answer = play.say_all(SITI, ["0001", "5 Mei 1987"])
    assert "Petugas kami beri tahu" in answer and "bot to lalu: Ada pertanyaan menunggu" in answer
    assert "Belum ada pendaftaran" in play.say(SITI, "status")


def test_eighty_nine_days_are_no_reason_to_doubt(play, siti):
    play.clock.moment += timedelta(days=89)
    assert "P-2026-0001" in play.say(SITI, "status")


def test_whoever_left_nothing_behind_is_not_doubted(play):
    play.say_all(SITI, ["halo", "1", "setuju", "1", "1"])
    play.clock.moment += timedelta(days=91)
    assert "pernah dipakai" not in play.say(SITI, "halo")


def test_the_same_user_behind_the_number_is_believed_however_long_she_was_silent(play, says):
    register(play, SITI, **ON_WHATSAPP)
    says("halo", user_id="ID.siti1")
    play.clock.moment += timedelta(days=200)
    assert "P-2026-0001" in says("status", user_id="ID.siti1")


def test_another_user_behind_the_number_sees_nothing(play, says, siti):
    says("halo", user_id="ID.siti1")
    answer = says("status", user_id="ID.somebody2")
    assert "Belum ada pendaftaran" in answer and "pernah dipakai" in answer


def test_news_for_her_does_not_go_to_who_has_the_number_now(play, says, siti):
    staff(play, "lalu", "officer")
    says("halo", user_id="ID.siti1")
    says("halo", user_id="ID.somebody2")
    assert "Kabar baik" not in play.say_all("lalu", ["antrean", "setujui"])


def test_and_she_hears_of_it_in_her_other_app(play, says, siti):
    join(play, SITI, "siti")
    says("halo", user_id="ID.siti1")
    assert "bot to siti: Nomor WhatsApp yang dulu Bapak/Ibu pakai" in says("halo", user_id="ID.somebody2")


def test_without_a_number_she_is_known_from_the_first_word_and_still_when_it_appears(play, says):
    hidden = {"user_id": "ID.siti1", "number": "ID.siti1"}
    play.numbers["siti"] = "ID.siti1"
    for text in ("halo", "1", "setuju", "1", "1", "daftar", "1", "5271 0145 0587 0001", "benar"):
        says(text, **hidden)
    play.numbers["siti"] = "+6281200000001"
    assert "(4/14)" in says("Siti Aminah", user_id="ID.siti1")
    with play.database.reading() as db:
        address = people.find_address(db, WHATSAPP, "+6281200000001")
        assert address and address.user_id == "ID.siti1"
        assert people.find_address(db, WHATSAPP, "ID.siti1") is None


def test_a_number_that_hides_later_is_the_same_person(play, says, siti):
    says("halo", user_id="ID.siti1")
    assert "P-2026-0001" in says("status", user_id="ID.siti1", number="ID.siti1")


def test_begun_without_a_number_and_known_by_number_from_before_is_one_person(play, says, siti):
    play.clock.moment += timedelta(days=1)
    play.numbers["hidden"] = "ID.siti1"
    for text in ("halo", "1", "setuju", "1", "1"):
        says(text, user_id="ID.siti1", number="ID.siti1")
    assert "P-2026-0001" in says("status", user_id="ID.siti1")


def test_what_was_begun_without_a_number_is_not_lost_when_the_number_is_known(play, says, siti):
    play.numbers["hidden"] = "ID.siti1"
    for text in ("halo", "1", "setuju", "1", "1", "daftar", "2", "3", "ya", "5271 0105 0587 0002"):
        says(text, user_id="ID.siti1", number="ID.siti1")
    assert "Kita lanjutkan: pendaftaran" in says("halo", user_id="ID.siti1") + says("lanjutkan", user_id="ID.siti1")
    with play.database.reading() as db:
        left = people.find_address(db, WHATSAPP, "ID.siti1")
        assert left and left.status == "left"


def test_what_she_answered_on_the_doubted_number_goes_on_in_her_other_app(play, says):
    arrive(play, SITI)
    begin(play, SITI, "workplace", **ON_WHATSAPP)
    join(play, SITI, "siti")
    says("halo", user_id="ID.siti1")
    says("Depan Pasar Kebon Roek", user_id="ID.siti1")
    says("halo", user_id="ID.somebody2")
    assert "(10/14)" in play.say("siti", "halo")
