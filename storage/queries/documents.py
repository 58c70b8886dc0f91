"""Sealed photos."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from storage.sealed import bound, keys
from storage.tables import Document


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A checked photo on its way into storage; `id` is chosen before, so that an answer can point to it."""

    id: str
    jpeg: bytes
    sha256: str
    phash: str
    width: int
    height: int


def add(db: Session, new: NewDocument, *, association_id: str, person_id: str, kind: str, now: datetime) -> None:
    """Seal and keep one photo."""
    document = Document(
        id=new.id,
        association_id=association_id,
        person_id=person_id,
        kind=kind,
        mime="image/jpeg",
        content_sealed=keys().seal_bytes(new.jpeg, bound_to=bound(association_id, "document", "content", new.id)),
        sha256=new.sha256,
        phash=new.phash,
        width=new.width,
        height=new.height,
        created_at=now,
    )
    db.add(document)
    db.flush()


def get_content(db: Session, association_id: str, document_id: str) -> bytes:
    """The photo itself. Raises `sqlalchemy.exc.NoResultFound` when this association has none of that id."""
    found = db.exec(select(Document).where(Document.id == document_id, Document.association_id == association_id)).one()
    return keys().open_bytes(found.content_sealed, bound_to=bound(association_id, "document", "content", found.id))
