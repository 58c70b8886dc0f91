"""Where the association's own money lies: in whose hands and since when, in the cash box, at the bank."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func
from sqlalchemy import select as asking
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col

from domain.ledger import Account, Kind, Movement
from domain.money import Rupiah
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import ledger, people
from storage.queries.ledger import debited
from storage.tables import Collection, Entry, Payment, Posting


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left in somebody's hands of cash that came in one go."""

    collection: str  # its number; "" where it came otherwise
    at: datetime
    amount: Rupiah


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in whose hands the association's cash lies; below zero, she handed over more than she took."""

    person_id: str
    name: str
    amount: Rupiah
    since: datetime | None  # the oldest of it


def in_hand(db: Session, association_id: str, collector_id: str) -> Rupiah:
    """The association's cash in somebody's hands."""
    return ledger.balance(db, association_id, Account.CASH, collector_id=collector_id)


def lots(db: Session, association_id: str, collector_id: str) -> list[Lot]:
    """What that cash is made of, the oldest first: what came first is handed over first."""
    rest: int = in_hand(db, association_id, collector_id)
    found: list[Lot] = []
    for number, at, amount in came_in(db, association_id, collector_id):
        if rest <= 0:
            break
        found.append(Lot(number, at, Rupiah(min(rest, amount))))
        rest -= amount
    return found[::-1]


def came_in(db: Session, association_id: str, collector_id: str) -> list[tuple[str, datetime, int]]:
    """Number, moment and rupiah of every collection that still counts, the newest first."""
    undoing = aliased(Entry)
    asked = (
        asking(col(Collection.number), func.min(col(Entry.at)), func.sum(col(Posting.amount)))
        .select_from(Posting)
        .join(Entry, and_(col(Entry.association_id) == Posting.association_id, col(Entry.number) == col(Posting.entry)))
        .join(
            Payment,
            and_(col(Payment.association_id) == Entry.association_id, col(Payment.entry) == Entry.number),
            isouter=True,
        )
        .join(Collection, col(Collection.id) == col(Payment.collection_id), isouter=True)
        .where(
            col(Posting.association_id) == association_id,
            col(Posting.collector_id) == collector_id,
            col(Posting.debit) == Account.CASH.value,
            col(Entry.reverses).is_(None),
            ~exists().where(
                col(undoing.association_id) == col(Entry.association_id), col(undoing.reverses) == col(Entry.number)
            ),
        )
        .group_by(col(Collection.number))
        .order_by(func.min(col(Entry.number)).desc())
    )
    return [(number or "", at, int(amount)) for number, at, amount in db.connection().execute(asked)]


def oldest_since(db: Session, association_id: str, collector_id: str) -> datetime | None:
    """Since when the oldest of the cash in her hands lies there; None when there is none."""
    return next((lot.at for lot in lots(db, association_id, collector_id)), None)


def everybody(db: Session, association_id: str) -> list[Holder]:
    """Everybody in whose hands cash lies, a collector still or not; whose lies longest comes first."""
    amount = func.sum(debited(Account.CASH))
    asked = (
        asking(col(Posting.collector_id), amount)
        .where(col(Posting.association_id) == association_id, col(Posting.collector_id).is_not(None))
        .group_by(col(Posting.collector_id))
        .having(amount != 0)
    )
    lying = [(str(who), Rupiah(int(rupiah))) for who, rupiah in db.connection().execute(asked)]
    found = [
        Holder(who, people.name_of(db, who), rupiah, oldest_since(db, association_id, who)) for who, rupiah in lying
    ]
    return sorted(found, key=lambda one: (one.since is None, one.since, one.name))


# ── the cash box and the bank ────────────────────────────────────────────────────────────────────────────────────


def till(db: Session, association_id: str) -> Rupiah:
    """What lies in the cash box."""
    return ledger.balance(db, association_id, Account.TILL)


def bank(db: Session, association_id: str) -> Rupiah:
    """What lies in the association's account."""
    return ledger.balance(db, association_id, Account.BANK)


def deposit(db: Session, association_id: str, amount: Rupiah, *, by: str, now: datetime) -> int:
    """A treasurer brought cash from the box to the bank; the entry. Raises `Overtaken` when less lies there."""
    ledger.hold(db, association_id)
    if amount > till(db, association_id):
        raise Overtaken("less lies in the cash box by now")
    return ledger.post(
        db,
        [Movement(Account.BANK, Account.TILL, amount)],
        association_id=association_id,
        kind=Kind.DEPOSIT,
        key=f"deposit:{new_id()}",
        about="till",
        by=by,
        now=now,
    )
