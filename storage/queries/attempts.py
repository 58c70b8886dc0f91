"""Tries at what can be guessed: codes, and who somebody is."""

from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from storage.tables import Attempt

MOST = 5
WITHIN = {"join_code": timedelta(minutes=10), "invitation": timedelta(minutes=10), "proof": timedelta(days=1)}


def are_left(db: Session, address_id: str, what: str, now: datetime) -> bool:
    """True while somebody at this address may try again."""
    lately = select(func.count()).where(
        Attempt.address_id == address_id, Attempt.what == what, Attempt.at > now - WITHIN[what]
    )
    return db.exec(lately).one() < MOST


def note(db: Session, *, association_id: str, address_id: str, what: str, now: datetime) -> None:
    """Somebody tried, in vain."""
    db.add(Attempt(association_id=association_id, address_id=address_id, what=what, at=now))
    db.flush()
