"""What people agreed to."""

from datetime import datetime

from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select

from storage.prepared import Prepared
from storage.tables import Consent

COLUMNS = (
    "association_id",
    "person_id",
    "purpose",
    "given",
    "version",
    "words",
    "answer",
    "language",
    "account",
    "provider_id",
    "at",
)
insert_one = Prepared(insert(Consent).values({name: bindparam(name) for name in COLUMNS}))


def record(
    db: Session,
    *,
    association_id: str,
    person_id: str,
    purpose: str,
    given: bool,
    version: str,
    words: str,
    answer: str,
    language: str,
    account: str,
    provider_id: str,
    at: datetime,
) -> None:
    """Keep one answer to one request, with the words that were shown."""
    insert_one.run(
        db,
        {
            "association_id": association_id,
            "person_id": person_id,
            "purpose": purpose,
            "given": given,
            "version": version,
            "words": words,
            "answer": answer,
            "language": language,
            "account": account,
            "provider_id": provider_id,
            "at": at,
        },
    )


def given(db: Session, association_id: str, person_id: str, purpose: str) -> bool:
    """True when her last answer to this request was yes."""
    latest = (
        select(Consent.given)
        .where(Consent.association_id == association_id, Consent.person_id == person_id, Consent.purpose == purpose)
        .order_by(col(Consent.id).desc())
        .limit(1)
    )
    return db.exec(latest).first() is True


def history(db: Session, association_id: str, person_id: str) -> list[Consent]:
    """Every answer of one person, oldest first."""
    hers = select(Consent).where(Consent.association_id == association_id, Consent.person_id == person_id)
    return list(db.exec(hers.order_by(col(Consent.id))))
