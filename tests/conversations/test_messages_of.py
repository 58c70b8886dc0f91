"""An officer asks what became of our messages to somebody, and is told in plain words; a vendor cannot ask."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from conversations.delivery_words import stands
from conversations.words import speaking
from domain.message import Report
from storage.queries import deliveries, outbox
from storage.queries.outbox import Outcome
from storage.tables import Message
from tests.conversations.people import ANI, register, staff
from tests.transcript import ACCOUNT, Player


@pytest.fixture
def with_ani(play: Player) -> Player:
    """Ani is a member."""
    staff(play, "lalu", "officer")
    register(play, "ani", **ANI)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    return play


def remind(play: Player, status: str = "queued", code: str = "") -> int:
    """A reminder to Ani, and where it stands."""

    def put(db: Session) -> int:
        message_id = outbox.put(
            db,
            association_id="main",
            account=ACCOUNT,
            address_id=play.address(db, "ani"),
            key=f"reminder:{play.clock.now()}",
            kind="bulk",
            reply=outbox.Reply("Iuran."),
            now=play.clock.now(),
        )
        row = db.exec(select(Message).where(Message.id == message_id)).one()
        row.status, row.code, row.settled_at = status, code, play.clock.now()
        return row.id or 0

    return play.database.transact(put)


def test_an_officer_sees_where_each_message_stands_and_never_its_words(with_ani: Player):
    remind(with_ani, "delivered")
    with_ani.heard("")
    with_ani("""
        lalu: pesan keluar
        bot:  Pesan ke siapa? Ketik nama anggota, atau 4 angka terakhir NIK.
              1. Selesai
        lalu: zainab
        bot:  Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK.

              Pesan ke siapa? Ketik nama anggota, atau 4 angka terakhir NIK.
              1. Selesai
        lalu: ani
        bot:  Pesan terakhir ke Ani Lestari, yang terbaru dulu. Pilih untuk melihat ceritanya.
              1. 22 Nov 10.00 Telegram, pengingat: sampai
              2. 22 Nov 10.00 Telegram, kabar: menunggu dikirim
              3. 22 Nov 10.00 Telegram, jawaban: menunggu dikirim
              4. 22 Nov 10.00 Telegram, jawaban: menunggu dikirim
              5. 22 Nov 10.00 Telegram, jawaban: menunggu dikirim
              6. 22 Nov 10.00 Telegram, jawaban: menunggu dikirim
              7. Cari nama lain
              8. Selesai
    """)


def test_the_life_of_a_message_is_told_from_the_beginning(with_ani: Player):
    message = remind(with_ani)
    now = with_ani.clock.now()

    def live(db: Session) -> None:
        row = db.exec(select(Message).where(Message.id == message)).one()
        row.status, row.attempts, row.http_started_at = "uncertain", 2, now + timedelta(minutes=5)
        row.settled_at = now + timedelta(minutes=6)
        deliveries.note_attempts(db, [Outcome(message, 1, "retry_wait", code="30003")], now + timedelta(minutes=1))
        report = Report(ACCOUNT, f"{message}.2", "SM1", "delivered")
        deliveries.take(db, report, association_id="main", now=now + timedelta(minutes=7))

    with_ani.database.transact(live)
    with_ani.heard("")
    with_ani("""
        lalu: pesan keluar ani
        bot:  …
        lalu: 1
        bot:  22 Nov 10.00 menunggu dikirim
              22 Nov 10.01 menunggu dicoba lagi: HP-nya tidak bisa dihubungi
              22 Nov 10.05 dikirim, percobaan ke-2
              22 Nov 10.07 sampai
              1. Lihat pesan lain
              2. Selesai
    """)
    steps = with_ani.database.read(lambda db: deliveries.life_of(db, message))
    assert [step.what for step in steps] == ["queued", "retry_wait", "attempt", "delivered"]


def test_a_vendor_does_not_see_what_became_of_anybodys_messages(with_ani: Player):
    assert "Pesan" not in with_ani.say("ani", "pesan keluar lalu")


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("queued", "", "menunggu dikirim"),
        ("retry_wait", "held", "menunggu jam yang pantas"),
        ("retry_wait", "63012", "menunggu dicoba lagi: kode 63012"),
        ("parked", "outside_window", "menunggu orangnya menulis lagi"),
        ("parked", "people_per_day", "menunggu, batas orang per hari sudah penuh"),
        ("parked", "template:due_id", "menunggu izin WhatsApp"),
        ("accepted", "", "sudah diserahkan, belum ada kabar sampai"),
        ("delivered", "", "sampai"),
        ("read", "", "dibaca"),
        ("uncertain", "reset", "tidak pasti sampai atau tidak"),
        ("failed", "63003", "gagal: nomornya tidak ada di WhatsApp"),
        ("failed", "12345", "gagal: kode 12345"),
        ("suppressed", "blocked_us", "tidak dikirim: nomor kami diblokir"),
        ("cancelled", "paid", "tidak dikirim: sudah dibayar"),
        ("expired", "too_late", "tidak jadi dikirim, sudah lewat waktunya"),
    ],
)
def test_every_end_has_its_words(status: str, code: str, told: str):
    with speaking("id"):
        assert stands(status, code) == told
