"""Questions and troubles that wait for a human."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, select

from storage.columns import new_id
from storage.queries.associations import next_number
from storage.sealed import bound, keys
from storage.tables import Ticket


def open_ticket(
    db: Session,
    *,
    association_id: str,
    kind: str,
    person_id: str,
    words: str,
    now: datetime,
    address_id: str | None = None,
    application_id: str | None = None,
) -> Ticket:
    """Hand something over to the officers. `kind`: question, stuck, duplicate_nik, not_processed."""
    number = next_number(db, association_id, f"ticket/{now.year}")
    ticket_id = new_id()
    ticket = Ticket(
        id=ticket_id,
        association_id=association_id,
        number=f"T-{now.year}-{number:04}",
        kind=kind,
        person_id=person_id,
        address_id=address_id,
        application_id=application_id,
        words_sealed=keys().seal(words.encode(), bound_to=bound(association_id, "ticket", "words", ticket_id)),
        created_at=now,
    )
    db.add(ticket)
    db.flush()
    return ticket


def words_of(ticket: Ticket) -> str:
    """What was said."""
    place = bound(ticket.association_id, "ticket", "words", ticket.id)
    return keys().open(ticket.words_sealed, bound_to=place).decode()


def find(db: Session, association_id: str, ticket_id: str) -> Ticket | None:
    """One ticket of this association."""
    return db.exec(select(Ticket).where(Ticket.id == ticket_id, Ticket.association_id == association_id)).first()


def oldest_open(db: Session, association_id: str, *, but: Collection[str] = ()) -> Ticket | None:
    """The ticket that waited longest, `but` for those with these ids."""
    waiting = select(Ticket).where(
        Ticket.association_id == association_id, Ticket.status == "open", col(Ticket.id).not_in(but)
    )
    return db.exec(waiting.order_by(col(Ticket.created_at), col(Ticket.id)).limit(1)).first()


def count_open(db: Session, association_id: str) -> int:
    """How many wait."""
    return db.exec(select(func.count()).where(Ticket.association_id == association_id, Ticket.status == "open")).one()


def has_of_application(db: Session, association_id: str, application_id: str, kind: str) -> bool:
    """True when the officers got such a ticket about this application."""
    about = select(Ticket.id).where(
        Ticket.association_id == association_id, Ticket.application_id == application_id, Ticket.kind == kind
    )
    return db.exec(about).first() is not None


def has_open(db: Session, association_id: str, person_id: str, kind: str) -> bool:
    """True when the officers have such a ticket of this person already."""
    waiting = select(Ticket.id).where(
        Ticket.association_id == association_id,
        Ticket.person_id == person_id,
        Ticket.kind == kind,
        Ticket.status == "open",
    )
    return db.exec(waiting).first() is not None


def close(db: Session, association_id: str, ticket_id: str, *, by: str, now: datetime) -> bool:
    """Close a ticket in somebody's name; False when it was closed before."""
    ticket = db.exec(
        select(Ticket).where(Ticket.id == ticket_id, Ticket.association_id == association_id).with_for_update()
    ).one()
    if ticket.status == "closed":
        return False
    ticket.status, ticket.taken_by, ticket.closed_at = "closed", by, now
    db.flush()
    return True
