"""Her receipts: a picture of each, and a file to keep."""

import orjson
from sqlmodel import col, select

from bot.drawings import draw_pdf
from domain.picture import ReceiptPicture, drawing_of
from storage.queries import documents, outbox, payments
from storage.tables import Document, Message
from tests.conversations.enrolled import confirm, enrol, has_paid, registered_by, tell_payment
from tests.conversations.people import arrive
from tests.storage.house import DECEMBER, JANUARY
from tests.transcript import Player


def drawn(play: Player) -> ReceiptPicture:
    """The last picture that was kept; it can be made a file."""

    def last(db) -> bytes:
        newest = db.exec(select(Document.id).where(Document.kind == "drawing").order_by(col(Document.id).desc()))
        return documents.get_content(db, "main", newest.first())

    stored = orjson.loads(play.database.read(last))
    assert draw_pdf(stored).startswith(b"%PDF-")
    found = drawing_of(stored)
    assert isinstance(found, ReceiptPicture)
    return found


def was_a_file(play: Player) -> bool:
    """Whether the last message goes as a file."""

    def last(db) -> bool:
        row = db.exec(select(Message).order_by(col(Message.id).desc())).first()
        return outbox.open_reply(row.reply_sealed, row.key).file

    return play.database.read(last)


def test_the_only_receipt_is_shown_at_once_and_comes_as_a_file_too(play):
    enrol(play, "siti")
    has_paid(play, "siti", 30_000, DECEMBER, JANUARY)
    play("""
        siti: kwitansi
        bot: [photo] Kwitansi KW-2026-000001: Rp30.000, 22 November 2026.
            Untuk Desember 2026–Januari 2027.
            Disimpan untuk bulan berikutnya: Rp4.800.
            1. Minta PDF
            2. Selesai
    """)
    assert (drawn(play).number, drawn(play).total[1], drawn(play).voided) == ("KW-2026-000001", "Rp30.000", "")
    assert not was_a_file(play)
    play("""
        siti: minta pdf
        bot: [photo] Kwitansi KW-2026-000001 sebagai PDF.
    """)
    assert drawn(play).number == "KW-2026-000001"
    assert was_a_file(play)


def test_of_several_she_chooses(play):
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER)
    has_paid(play, "siti", 16_800, JANUARY)
    play("""
        siti: kuitansi
        bot: Kwitansi yang mana?
            1. KW-2026-000002 Rp16.800
            2. KW-2026-000001 Rp8.400
        siti: 2
        bot: [photo] Kwitansi KW-2026-000001: Rp8.400, 22 November 2026.
            Untuk Desember 2026.
            1. Minta PDF
            2. Kwitansi lain
            3. Selesai
        siti: kwitansi lain
        bot: Kwitansi yang mana?
            1. KW-2026-000002 Rp16.800
            2. KW-2026-000001 Rp8.400
        siti: kw-2026-000002
        bot: [photo] Kwitansi KW-2026-000002: Rp16.800, 22 November 2026.
            …
        siti: selesai
        bot: Baik. Ketik "kwitansi" kapan saja.
    """)


def test_a_payment_that_was_undone_says_so(play):
    enrol(play, "siti")
    payment = tell_payment(play, "siti", DECEMBER)
    confirm(play, payment, 8400)

    def undo(db) -> None:
        row = payments.lock(db, "main", payment)
        payments.undo(db, row, reason="another account", by=None, now=play.clock.now())

    play.database.transact(undo)
    play("""
        siti: kwitansi
        bot: [photo] Kwitansi KW-2026-000001: Rp8.400, 22 November 2026.
            Untuk Desember 2026.
            Kwitansi ini sudah dibatalkan.
            1. Minta PDF
            2. Selesai
    """)
    assert drawn(play).voided == "DIBATALKAN"


def test_without_a_receipt_she_hears_when_there_will_be_one(play):
    enrol(play, "siti")
    arrive(play, "rina")
    tell_payment(play, "siti", DECEMBER)
    play("""
        siti: kwitansi
        bot: Belum ada kwitansi. Kwitansi dibuat setelah petugas melihat uangnya. Ketik "status".
        rina: kwitansi
        bot: Kwitansi ada setelah pembayaran pertama. Untuk mendaftar, ketik "daftar".
    """)


def test_receipts_of_whom_she_registered_and_of_nobody_else(play):
    enrol(play, "amat", "budi")
    registered_by(play, "budi", "amat")
    has_paid(play, "budi", 8400, DECEMBER)
    play("""
        amat: kwitansi
        bot: Kwitansi siapa?
            1. Amat
            2. Budi
        amat: budi
        bot: [photo] Kwitansi KW-2026-000001: Rp8.400, 22 November 2026.
            …
    """)
    registered_by(play, "budi", "budi")
    play("""
        amat: minta pdf
        bot: Kwitansi itu bukan untuk Bapak/Ibu lagi.
    """)
