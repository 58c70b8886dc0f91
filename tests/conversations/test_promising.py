"""She says when she will pay, and nobody reminds her before."""

import pytest
from sqlmodel import select

from storage.tables import Member, Promise
from tests.conversations.people import register, staff


@pytest.fixture
def ani(play):
    """Siti is a member, and it is December."""
    staff(play, "lalu", "officer")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    play.say("siti", "[after 15 days]")
    return play


def promises(play) -> list[tuple[str, bool]]:
    rows = play.database.read(lambda db: db.exec(select(Promise).order_by(Promise.id)).all())
    return [(row.pay_on.isoformat(), row.ended_at is None) for row in rows]


def test_she_says_the_day_in_one_go(ani):
    ani("""
        siti: saya bayar tanggal 20
        bot: Baik, kami tunggu sampai 20 Desember 2026. Sebelum itu kami tidak mengingatkan.
    """)
    assert promises(ani) == [("2026-12-20", True)]


def test_she_is_asked_for_the_day_and_may_change_it(ani):
    ani("""
        siti: bayar nanti
        bot: Yang belum dibayar Rp8.400. Kapan Bapak/Ibu mau bayar? Pilih, atau ketik tanggalnya.
            1. 8 Desember 2026
            2. 10 Desember 2026
            3. 14 Desember 2026
            4. Tidak jadi
        siti: kapan-kapan
        bot: …
        siti: 40
        bot: …
        siti: 1
        bot: Baik, kami tunggu sampai 8 Desember 2026. Sebelum itu kami tidak mengingatkan.
        siti: janji bayar besok lusa
        bot: …
        siti: lusa
        bot: Baik, kami tunggu sampai 9 Desember 2026. Sebelum itu kami tidak mengingatkan.
    """)
    assert promises(ani) == [("2026-12-08", False), ("2026-12-09", True)]


def test_whoever_owes_nothing_has_nothing_to_promise(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    play("""
        siti: bayar nanti
        bot: Belum ada iuran atas nama Bapak/Ibu. Untuk mendaftar, ketik "daftar".
    """)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    play("""
        siti: bayar nanti
        bot: Tidak ada iuran yang harus dibayar sekarang. Terima kasih.
    """)
    assert play.database.read(lambda db: db.exec(select(Member)).one()).first_month == "2026-12"


def test_a_day_too_far_away_is_no_promise(ani):
    assert "terlalu lama" in ani.say_all("siti", ["bayar nanti", "30 November"])
