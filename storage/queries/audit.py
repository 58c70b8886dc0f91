"""The audit trail: append-only, each row chained to the one before by its hash."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from storage.queries.associations import next_number
from storage.tables import Audit


def note(
    db: Session,
    *,
    association_id: str,
    actor_id: str | None,
    action: str,
    subject: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write down one act. `facts` hold no personal values."""
    place = next_number(db, association_id, "audit")
    before = db.exec(select(Audit.hash).where(Audit.association_id == association_id, Audit.place == place - 1)).first()
    row = Audit(
        association_id=association_id,
        place=place,
        at=now,
        actor_id=actor_id,
        action=action,
        subject=subject,
        facts=facts or {},
        previous_hash=before or "",
        hash="",
    )
    row.hash = hash_of(row)
    db.add(row)
    db.flush()


def hash_of(row: Audit) -> str:
    """SHA-256 over everything in a row and the hash of the row before."""
    told = [
        row.association_id,
        row.place,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor_id,
        row.action,
        row.subject,
        row.facts,
        row.previous_hash,
    ]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def first_break(db: Session, association_id: str) -> int | None:
    """The place of the first row that was changed, removed or put in later; None when the chain holds."""
    expected, previous = 1, ""
    for row in db.exec(select(Audit).where(Audit.association_id == association_id).order_by(col(Audit.place))):
        if (row.place, row.previous_hash, row.hash) != (expected, previous, hash_of(row)):
            return expected
        expected, previous = expected + 1, row.hash
    return None
