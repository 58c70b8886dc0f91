"""After the last reminder without an answer a human calls."""

from datetime import timedelta

import pytest
from sqlmodel import select

from storage.queries import members
from storage.tables import Audit, Call, Member, Promise, Reminder
from tests.conversations.money import change, since
from tests.conversations.people import register, staff


@pytest.fixture
def play_december(play):
    """Siti has been reminded for the last time, and has not answered; Amat takes her cash."""
    staff(play, "lalu", "officer")
    staff(play, "amat", "collector")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "setujui", "cukup"])

    def remind(db):
        now = play.clock.now()
        siti = members.find_of_person(db, "main", play.person(db, "siti"))
        siti.collector_id = play.person(db, "amat")
        facts = {"send_at": now, "valid_until": now, "planned_at": now, "settled_at": now + timedelta(days=30)}
        db.add(
            Reminder(association_id="main", member_id=siti.id, month="2026-12", rule="due+10", status="queued", **facts)
        )

    play.database.transact(remind)
    play.say("amat", "[after 35 days]")
    return play


def test_a_collector_calls_and_notes_what_she_promised(play_december):
    play_december("""
        amat: telepon
        bot: 1 anggota belum membayar dan belum menjawab pengingat. Telepon siapa?
            1. Siti Aminah: Rp8.400
            2. Selesai
        amat: 1
        bot: Siti Aminah
            HP: +6281200000001
            Belum dibayar: Rp8.400 (iuran Desember 2026).
            Tempat jualan: Depan Pasar Kebon Roek
            1. Janji bayar
            2. Tidak terhubung
            3. Tidak mau lanjut
            4. Lainnya
            5. Kembali ke daftar
        amat: janji bayar
        bot: Kapan mau bayar?
            1. Tidak jadi
        amat: tanggal 30
        bot: Dicatat: janji bayar 30 Desember 2026. Sampai hari itu tidak diingatkan.

            Tidak ada anggota yang perlu ditelepon sekarang.
    """)
    assert play_december.database.read(lambda db: db.exec(select(Promise)).one()).ended_at is None
    deeds = play_december.database.read(lambda db: [row.action for row in db.exec(select(Audit))])
    assert deeds[-2:] == ["saw_phone", "called"]


def test_every_month_that_is_owed_by_then_is_named(play_december):
    change(play_december, "siti", since("2026-11"))
    assert "Belum dibayar: Rp16.800 (iuran November–Desember 2026)." in play_december.say_all("amat", ["telepon", "1"])


def test_whoever_was_called_is_not_called_again_for_that_month(play_december):
    play_december.say_all("amat", ["telepon", "1", "tidak terhubung"])
    assert play_december.database.read(lambda db: db.exec(select(Call)).one()).outcome == "not_reached"
    assert "Tidak ada anggota" in play_december.say("amat", "telepon")


def test_whoever_writes_is_not_called(play_december):
    play_december.say("siti", "halo")
    assert "Tidak ada anggota" in play_december.say("amat", "telepon")


def test_another_collector_does_not_see_her(play_december):
    staff(play_december, "budi", "collector")
    assert "Tidak ada anggota" in play_december.say("budi", "telepon")
    assert play_december.database.read(lambda db: db.exec(select(Member)).one()).name == "Siti Aminah"
