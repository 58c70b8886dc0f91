"""A document as it is shown or sent: a photo as it was kept, a drawing drawn now."""

import re

import orjson

from bot.drawings import MIME, draw, draw_pdf, name_of
from domain.picture import Picture, Upload, drawing_of
from storage.database import Database
from storage.queries import documents, uploads
from storage.queries.documents import ANNOUNCED, DRAWING

PDF = "application/pdf"
VOICE = "audio/ogg"
TO_PASS_ON = {DRAWING, "qris", ANNOUNCED}
"""Kinds that are hers to keep and to show to anybody; everything else stays in the chat."""

UNFIT = re.compile(r"[^\w .()-]+")  # for the name of a file


def picture_of(database: Database, association_id: str, document_id: str, *, as_file: bool = False) -> Picture:
    """A document's picture; `as_file`: of a drawing, the PDF.

    Drawing takes a moment: not for the event loop, and no transaction is open meanwhile. Raises
    `sqlalchemy.exc.NoResultFound` when this association has none of that id.
    """
    kept = database.read(lambda db: documents.get(db, association_id, document_id))
    if kept.kind == DRAWING:
        return drawn(kept.content, as_file=as_file)
    return Picture(kept.content, kept.mime, called(kept.kind, kept.mime), private=kept.kind not in TO_PASS_ON)


def named_picture(database: Database, association_id: str, account: str, document_id: str) -> Picture | None:
    """A document by the name under which a provider has it already; None where it has not."""
    found = database.read(lambda db: uploads.find(db, association_id, account, document_id))
    if found is None:
        return None
    file_id, kind, mime = found
    return Picture(b"", mime, called(kind, mime), private=kind not in TO_PASS_ON, upload=Upload(file_id))


def called(kind: str, mime: str) -> str:
    """What a document that was kept as it came is called where somebody saves it."""
    extension = mime.rpartition("/")[2].replace("jpeg", "jpg")
    return f"{'pengumuman' if kind == ANNOUNCED else 'foto'}.{extension}"


def drawn(content: bytes, *, as_file: bool) -> Picture:
    """What was kept to be drawn."""
    stored = orjson.loads(content)
    name = UNFIT.sub(" ", name_of(drawing_of(stored))).strip(" .") or "berkas"
    if as_file:
        return Picture(draw_pdf(stored), PDF, f"{name}.pdf", private=False)
    return Picture(draw(stored), MIME, f"{name}.png", private=False)
