"""Sealed photos, and what is drawn when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from sqlmodel import Session, select

from storage.columns import new_id
from storage.sealed import bound, keys
from storage.tables import Document


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A checked photo on its way into storage; `id` is chosen before, so that an answer can point to it.

    Of a PDF the picture of its pages is kept, but for an announcement, which goes on as the `file` that it was; of a
    voice note there is only that.
    """

    id: str
    jpeg: bytes
    sha256: str
    phash: str
    width: int
    height: int
    file: bytes = b""
    file_mime: str = ""


DRAWING = "drawing"
"""The kind of a document that is drawn when it is sent: a `domain.picture`, as JSON."""


ANNOUNCED = "announcement"
"""The kind of a document that goes out with an announcement: a picture, a PDF or a voice note."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it was kept, opened."""

    kind: str
    mime: str
    content: bytes = field(repr=False)


def add(db: Session, new: NewDocument, *, association_id: str, person_id: str, kind: str, now: datetime) -> None:
    """Seal and keep one photo; for an announcement the file that it came as, where that is another."""
    as_file = bool(new.file) and kind == ANNOUNCED
    content = new.file if as_file else new.jpeg
    document = Document(
        id=new.id,
        association_id=association_id,
        person_id=person_id,
        kind=kind,
        mime=new.file_mime if as_file else "image/jpeg",
        content_sealed=keys().seal_bytes(content, bound_to=bound(association_id, "document", "content", new.id)),
        sha256=sha256(content).hexdigest() if as_file else new.sha256,
        phash=new.phash,
        width=new.width,
        height=new.height,
        created_at=now,
    )
    db.add(document)
    db.flush()


def add_drawing(db: Session, drawing: Mapping[str, Any], *, association_id: str, person_id: str, now: datetime) -> str:
    """Seal and keep what is to be drawn, see `domain.picture`; its id."""
    document_id, content = new_id(), orjson.dumps(drawing)
    document = Document(
        id=document_id,
        association_id=association_id,
        person_id=person_id,
        kind=DRAWING,
        mime="application/json",
        content_sealed=keys().seal_bytes(content, bound_to=bound(association_id, "document", "content", document_id)),
        sha256=sha256(content).hexdigest(),
        phash="",
        width=0,
        height=0,
        created_at=now,
    )
    db.add(document)
    db.flush()
    return document_id


def get(db: Session, association_id: str, document_id: str) -> Kept:
    """A document as it was kept. Raises `sqlalchemy.exc.NoResultFound` when this association has none of that id."""
    found = db.exec(select(Document).where(Document.id == document_id, Document.association_id == association_id)).one()
    content = keys().open_bytes(found.content_sealed, bound_to=bound(association_id, "document", "content", found.id))
    return Kept(found.kind, found.mime, content)


def get_content(db: Session, association_id: str, document_id: str) -> bytes:
    """The photo itself. Raises `sqlalchemy.exc.NoResultFound` when this association has none of that id."""
    return get(db, association_id, document_id).content
