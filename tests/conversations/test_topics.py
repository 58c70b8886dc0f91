"""Which messages somebody wants."""

import pytest

from storage.queries import consents
from tests.conversations.people import arrive
from tests.transcript import Player


def wanted(play: Player, who: str) -> set[str]:
    """What she wants to hear of."""

    def look(db):
        person = play.person(db, who)
        return {purpose for purpose in ("reminders", "announcements") if consents.given(db, "main", person, purpose)}

    return play.database.read(look)


@pytest.mark.parametrize(
    ("choice", "told", "left"),
    [
        ("1", "Pengingat iuran dihentikan.", {"announcements"}),
        ("pengumuman", "Pengumuman dihentikan.", {"reminders"}),
        ("dua-duanya", "Pengingat dan pengumuman dihentikan.", set()),
    ],
)
def test_what_is_stopped_stops(play, choice, told, left):
    arrive(play, "siti")
    assert wanted(play, "siti") == {"reminders", "announcements"}
    play(f"""
        siti: berhenti
        bot: Pesan mana yang mau dihentikan? Jawaban dan bukti bayar tetap kami kirim.
            1. Pengingat iuran
            2. Pengumuman
            3. Dua-duanya
            4. Tidak jadi
        siti: {choice}
        bot: {told} Mau lagi? Ketik "mulai".
    """)
    assert wanted(play, "siti") == left


def test_what_was_stopped_can_begin_again(play):
    play.say_all("siti", ["halo", "1", "setuju", "tidak usah", "tidak perlu"])
    assert wanted(play, "siti") == set()
    play("""
        siti: mulai
        bot: Pesan mana yang mau diterima?
            1. Pengingat iuran
            2. Pengumuman
            3. Dua-duanya
            4. Tidak jadi
        siti: 1
        bot: Pengingat iuran akan kami kirim.
    """)
    assert wanted(play, "siti") == {"reminders"}


def test_changing_ones_mind_changes_nothing(play):
    arrive(play, "siti")
    play.say("siti", "stop")
    assert play.say("siti", "tidak jadi") == "bot: Baik, tidak ada yang berubah."
    assert wanted(play, "siti") == {"reminders", "announcements"}


def test_the_choice_is_kept_with_the_words_of_the_question(play):
    arrive(play, "siti")
    play.say_all("siti", ["berhenti", "[tap Pengumuman]"])
    kept = play.database.read(lambda db: consents.history(db, "main", play.person(db, "siti"))[-1])
    assert kept.words == "Pesan mana yang mau dihentikan? Jawaban dan bukti bayar tetap kami kirim."
    assert (kept.purpose, kept.given, kept.answer) == ("announcements", False, "Pengumuman")


def test_stopping_in_the_middle_of_a_registration_keeps_the_registration(play):
    arrive(play, "siti")
    play.say_all("siti", ["daftar", "1", "berhenti"])
    play("""
        siti: 3
        bot: Pengingat dan pengumuman dihentikan. Mau lagi? Ketik "mulai".

            Kita lanjutkan: pendaftaran.

            (2/14) Ketik 16 angka NIK di KTP.
    """)
