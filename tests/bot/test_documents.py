"""What a document looks like to whoever gets to see it: a photo as it was kept, a drawing drawn then."""

from datetime import UTC, datetime
from hashlib import sha256

import orjson
import pypdfium2
import pytest
from sqlalchemy.exc import NoResultFound

from bot import documents as shown
from bot.documents import picture_of
from bot.first_bytes import kind_of
from domain.dues import MonthState
from domain.picture import BookMonth, BookPicture, Picture, ReceiptPicture
from storage.queries import associations, documents, talks
from storage.queries.documents import NewDocument
from storage.tables import Document
from tests.conftest import sqlite_only

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
RECEIPT = ReceiptPicture(
    "Asosiasi Pedagang Contoh (fiktif)",
    "Kwitansi",
    "KW-2026-000001",
    (("Diterima dari", "Siti Aminah"),),
    ("Jumlah", "Rp16.800"),
)
BOOK = BookPicture(
    "Asosiasi Pedagang Contoh (fiktif)",
    "Siti Aminah",
    "Buku iuran",
    "per 1 Desember 2026",
    tuple(BookMonth("Des 2026", MonthState.PAID, "Rp16.800", "lunas") for _ in range(12)),
    ("Belum dibayar", "Rp0"),
)


@pytest.fixture
def siti(database):
    def work(db):
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOON)
        associations.ensure_account(db, association_id="main", account="telegram/main", per_second=1, now=NOON)
        return talks.ensure_address(
            db, association_id="main", account="telegram/main", external_id="42", now=NOON
        ).person_id

    return database.transact(work)


def keep(database, person_id, drawing):
    return database.transact(
        lambda db: documents.add_drawing(db, drawing.as_json(), association_id="main", person_id=person_id, now=NOON)
    )


def test_a_drawing_is_kept_sealed_as_what_is_to_be_drawn(database, siti):
    kept = keep(database, siti, RECEIPT)
    content = orjson.dumps(RECEIPT.as_json())
    row = database.read(lambda db: db.get(Document, kept))
    assert (row.kind, row.mime, row.person_id, row.created_at) == ("drawing", "application/json", siti, NOON)
    assert (row.sha256, row.phash, row.width, row.height) == (sha256(content).hexdigest(), "", 0, 0)
    assert b"Siti" not in row.content_sealed
    assert database.read(lambda db: documents.get_content(db, "main", kept)) == content


@sqlite_only
@pytest.mark.parametrize(("drawing", "name"), [(RECEIPT, "KW-2026-000001"), (BOOK, "Buku iuran")])
def test_a_drawing_is_shown_as_a_picture_and_kept_as_a_page(database, siti, drawing, name):
    kept = keep(database, siti, drawing)
    picture = picture_of(database, "main", kept)
    assert (kind_of(picture.content), picture.mime, picture.name) == ("png", "image/png", f"{name}.png")
    page = picture_of(database, "main", kept, as_file=True)
    assert (kind_of(page.content), page.mime, page.name) == ("pdf", "application/pdf", f"{name}.pdf")
    assert "Siti Aminah" in pypdfium2.PdfDocument(page.content)[0].get_textpage().get_text_bounded()
    assert not (picture.private or page.private)


@sqlite_only
@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize(("kind", "private"), [("ktp", True), ("proof", True), ("qris", False)])
def test_a_photo_is_shown_as_it_was_kept(database, siti, kind, private, as_file):
    photo = NewDocument("kartu", b"\xff\xd8\xff", "0" * 64, "0" * 16, 10, 10)
    database.transact(lambda db: documents.add(db, photo, association_id="main", person_id=siti, kind=kind, now=NOON))
    shown_photo = Picture(photo.jpeg, "image/jpeg", "foto.jpg", private=private)
    assert picture_of(database, "main", "kartu", as_file=as_file) == shown_photo


@sqlite_only
def test_a_document_of_another_association_is_not_found(database, siti):
    kept = keep(database, siti, RECEIPT)
    with pytest.raises(NoResultFound):
        picture_of(database, "ntt", kept)


@sqlite_only
@pytest.mark.parametrize(
    ("number", "name"),
    [("KW/2026:1\n", "KW 2026 1.png"), ("../../etc", "etc.png"), ("🌽", "berkas.png"), ("", "berkas.png")],
)
def test_a_file_is_called_what_every_phone_can_keep(database, siti, number, name):
    kept = keep(database, siti, ReceiptPicture("Asosiasi", "Kwitansi", number, (), ("Jumlah", "Rp0")))
    assert picture_of(database, "main", kept).name == name


@sqlite_only
def test_no_transaction_is_open_while_it_is_drawn(database, siti, monkeypatch):
    kept = keep(database, siti, RECEIPT)
    open_then = []

    def looking(_stored):
        open_then.append(database.readers.pool.checkedout())
        return b"png"

    monkeypatch.setattr(shown, "draw", looking)
    assert picture_of(database, "main", kept).content == b"png"
    assert open_then == [0]
