"""What a provider calls a file that it has already."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from storage.tables import Document, Uploaded


def find(db: Session, association_id: str, account: str, document_id: str) -> tuple[str, str, str] | None:
    """The provider's name of a document, with its kind and type; None while the provider has not got it."""
    named = (
        select(Uploaded.file_id, Document.kind, Document.mime)
        .join(Document, col(Document.id) == col(Uploaded.document_id))
        .where(
            Uploaded.account == account,
            Uploaded.document_id == document_id,
            Document.association_id == association_id,
        )
    )
    return db.exec(named).first()


def keep(db: Session, *, association_id: str, account: str, document_id: str, file_id: str, now: datetime) -> None:
    """The provider has it, under this name."""
    db.merge(Uploaded(account=account, document_id=document_id, association_id=association_id, file_id=file_id, at=now))
    db.flush()


def forget(db: Session, *, account: str, document_id: str) -> None:
    """The provider has it no more."""
    db.exec(delete(Uploaded).where(col(Uploaded.account) == account, col(Uploaded.document_id) == document_id))
