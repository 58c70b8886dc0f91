"""Cash on its way from a collector to the treasurer: offered, counted, or taken back."""

from collections.abc import Collection as Some
from datetime import datetime

from sqlmodel import Session, col, func, select

from domain.ledger import Account, Kind, Movement, moved
from domain.money import Rupiah
from storage.database import Overtaken
from storage.queries import cash, ledger
from storage.queries.associations import next_number
from storage.queries.payments import OwnMoney
from storage.tables import HandOver, Person


def offer(
    db: Session,
    amount: Rupiah,
    *,
    association_id: str,
    collector_id: str,
    address_id: str | None,
    now: datetime,
) -> HandOver:
    """A collector brings this much; it stays in her hands until a treasurer has counted it.

    Raises `Overtaken` when she has less than that and is not offering the rest already.
    """
    db.exec(select(Person.id).where(Person.id == collector_id).with_for_update()).one()
    if not 0 < amount <= free(db, association_id, collector_id):
        raise Overtaken("there is less in her hands by now")
    row = HandOver(
        association_id=association_id,
        number=f"H-{now.year}-{next_number(db, association_id, f'hand_over/{now.year}'):04}",
        collector_id=collector_id,
        address_id=address_id,
        declared=amount,
        at=now,
    )
    db.add(row)
    db.flush()
    return row


def free(db: Session, association_id: str, collector_id: str) -> Rupiah:
    """What she has in her hands and does not offer yet; never below zero."""
    return Rupiah(max(0, cash.in_hand(db, association_id, collector_id) - offered_by(db, association_id, collector_id)))


def offered_by(db: Session, association_id: str, collector_id: str) -> Rupiah:
    """What she offers, all together."""
    hers = select(func.coalesce(func.sum(col(HandOver.declared)), 0)).where(
        HandOver.association_id == association_id, HandOver.collector_id == collector_id, HandOver.status == "offered"
    )
    return Rupiah(int(db.exec(hers).one()))


def withdraw(db: Session, association_id: str, hand_over_id: str, *, by: str) -> HandOver:
    """She takes her offer back. Raises `Overtaken` when it was counted or taken back before."""
    row = lock(db, association_id, hand_over_id)
    if row.status != "offered" or row.collector_id != by:
        raise Overtaken("a treasurer counted it just now")
    row.status = "withdrawn"
    db.flush()
    return row


def count(
    db: Session, association_id: str, hand_over_id: str, counted: Rupiah, *, reason: str, by: str, now: datetime
) -> HandOver:
    """A treasurer has counted it: that much lies in the cash box now, and what differs has an entry with its reason.

    Raises `OwnMoney`, and `Overtaken` when it does not wait any more.
    """
    row = lock(db, association_id, hand_over_id)
    if row.status != "offered":
        raise Overtaken("it was counted or taken back just now")
    if row.collector_id == by:
        raise OwnMoney
    row.entry = ledger.post(
        db,
        counting(row.collector_id, Rupiah(row.declared), counted),
        association_id=association_id,
        kind=Kind.HAND_OVER,
        key=f"hand_over:{row.id}",
        about=f"hand_over/{row.id}",
        by=by,
        reason=reason,
        now=now,
    )
    row.status, row.counted, row.reason = "counted", counted, reason
    row.treasurer_id, row.counted_at = by, now
    db.flush()
    return row


def counting(collector_id: str, declared: Rupiah, counted: Rupiah) -> list[Movement]:
    """What was counted lies in the cash box; what was missing, or too much, is a difference."""
    there = min(declared, counted)
    return [
        *moved(there, debit=Account.TILL, credit=Account.CASH, collector=collector_id),
        *moved(max(0, declared - counted), debit=Account.DIFFERENCE, credit=Account.CASH, collector=collector_id),
        *moved(max(0, counted - declared), debit=Account.TILL, credit=Account.DIFFERENCE),
    ]


def lock(db: Session, association_id: str, hand_over_id: str) -> HandOver:
    """One, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    one = select(HandOver).where(HandOver.id == hand_over_id, HandOver.association_id == association_id)
    return db.exec(one.with_for_update()).one()


def find(db: Session, association_id: str, hand_over_id: str) -> HandOver | None:
    """One of this association."""
    one = select(HandOver).where(HandOver.id == hand_over_id, HandOver.association_id == association_id)
    return db.exec(one).first()


def waiting(db: Session, association_id: str, *, but: Some[str] = ()) -> list[HandOver]:
    """What waits to be counted, the oldest first, `but` for that of these people."""
    offered = select(HandOver).where(
        HandOver.association_id == association_id,
        HandOver.status == "offered",
        col(HandOver.collector_id).not_in(but),
    )
    return list(db.exec(offered.order_by(col(HandOver.at), col(HandOver.id))))


def count_waiting(db: Session, association_id: str, *, treasurer_id: str) -> int:
    """How many wait that this treasurer may count."""
    return len(waiting(db, association_id, but=[treasurer_id]))


def offers_of(db: Session, association_id: str, collector_id: str) -> list[HandOver]:
    """What she offers and nobody has counted, the oldest first."""
    hers = select(HandOver).where(
        HandOver.association_id == association_id, HandOver.collector_id == collector_id, HandOver.status == "offered"
    )
    return list(db.exec(hers.order_by(col(HandOver.at), col(HandOver.id))))
