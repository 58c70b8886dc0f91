"""Who sends what next: answers before what goes to many, one message at a time to each address, at the account's pace.

What goes to many may be a hundred thousand messages, so it is found in the order in which it falls due and never
counted; answers are few, and are found first.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, and_, any_, bindparam, cast, exists, func, literal_column, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update

from domain.message import Reply
from storage.prepared import Prepared, Row, moment
from storage.queries import people
from storage.queries.outbox import open_reply
from storage.tables import Address, Message, Rate, Talk
from storage.tables.message import ANSWERS, DUE, OPEN, TO_MANY

HORIZON = timedelta(seconds=1)  # how far ahead send slots are reserved for answers
AHEAD = timedelta(seconds=0.4)  # … and for what goes to many: an answer that comes now goes out after them
AT_ONCE = 0.05  # seconds within which slots count as now


@dataclass(frozen=True, slots=True)
class Leased:
    """A message in the hands of one sender until its lease ends."""

    id: int
    association_id: str
    account: str
    address_id: str
    external_id: str
    kind: str
    key: str
    reply_sealed: str
    attempts: int  # this one included
    slot: datetime  # not before
    until: datetime  # when the lease ends: from then on somebody else may have it
    begun: bool  # the database knows already that it goes over the wire now
    as_text: bool = False  # the words alone
    heard_at: datetime | None = None  # when somebody last wrote from there; told where that counts (`Pace`)
    billed_as: str = ""  # what it goes out as now, where the provider bills

    def reply(self) -> Reply:
        """What to say, opened. Raises `SealBroken`, `KeyMissing`."""
        return open_reply(self.reply_sealed, self.key)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a provider counts for each person: a message every `seconds` over time, with `burst` messages ahead."""

    seconds: float
    burst: int = 0

    def next_at(self, ready_at: datetime | None, now: datetime) -> datetime:
        """When the message after this one may go."""
        gap = timedelta(seconds=self.seconds)
        earliest = now - gap * self.burst
        return (max(ready_at, earliest) if ready_at else earliest) + gap


# ── which ones ───────────────────────────────────────────────────────────────────────────────────────────────────────


def answers() -> Any:
    """The first open answer or notice of each address, if its time has come."""
    first = (
        select(func.min(Message.id).label("id"))
        .where(col(Message.account) == bindparam("account"), literal_column(f"message.{OPEN} AND message.{ANSWERS}"))
        .group_by(col(Message.address_id))
        .cte("first")
    )
    return select(col(Message.id)).join(first, first.c.id == col(Message.id)).where(*is_due())


def to_many() -> Any:
    """What goes to many, one for each address, and none where anything else is open.

    It waits for everything else that is open at its address, and nothing waits for it: a reminder that is held until
    the morning holds up no answer.
    """
    other = aliased(Message, name="other")
    is_answer: Any = literal_column(f"other.{ANSWERS}")
    is_before = or_(is_answer, and_(col(other.id) < col(Message.id), col(other.due_at) <= bindparam("now")))
    waits = exists().where(
        col(other.account) == col(Message.account),
        col(other.address_id) == col(Message.address_id),
        literal_column(f"other.{OPEN}"),
        is_before,
    )
    is_bulk: Any = literal_column(f"message.{TO_MANY}")
    return select(col(Message.id)).where(col(Message.account) == bindparam("account"), is_bulk, *is_due(), ~waits)


def is_due() -> tuple[Any, ...]:
    """Conditions of a message that may be taken up now."""
    return literal_column(f"message.{DUE}"), col(Message.due_at) <= bindparam("now")


def leasing(which: Any, *, skip_locked: bool, paced: bool) -> Any:
    """The statement that leases these in the order in which they fall due.

    `paced`: not before the address is ready, and with what must be known of it.
    """
    due = which.order_by(col(Message.due_at), col(Message.id)).limit(bindparam("most"))
    if paced:
        is_ready = col(Address.ready_at).is_(None) | (col(Address.ready_at) <= bindparam("now"))
        due = due.join(Address, col(Address.id) == col(Message.address_id)).where(is_ready)
    those: ColumnElement[bool] = col(Message.id).in_(due)
    if skip_locked:  # as an array, filled once: PostgreSQL may look into IN anew for each row, and find others there
        locked = due.with_for_update(skip_locked=True, of=Message)
        those = col(Message.id) == any_(func.array(locked.scalar_subquery()))
    of_address = col(Address.id) == cast(literal_column("message.address_id"), Text)
    external_id = select(col(Address.external_id)).where(of_address).scalar_subquery()
    ready_at = select(col(Address.ready_at)).where(of_address).scalar_subquery()
    # Written out, for in SQLite's RETURNING a bare address_id would be the talk's own, and without a CAST SQLite 3.40
    # looks through every address.
    wrote = literal_column("talk.address_id = message.address_id AND talk.turn > 0", type_=Boolean())
    heard_at = select(func.max(Talk.heard_at)).where(wrote).scalar_subquery()
    closed_at = select(col(Address.closed_at)).where(of_address).scalar_subquery()
    begun = bindparam("begun", type_=Message.__table__.c.due_at.type)  # type: ignore[attr-defined]
    return (
        update(Message)
        .where(those)
        .values(
            status="leased",
            attempts=Message.attempts + 1,
            lease_by=bindparam("sender"),
            lease_until=bindparam("until"),
            http_started_at=begun,
        )
        .returning(
            col(Message.id),
            col(Message.association_id),
            col(Message.address_id),
            external_id,
            col(Message.key),
            col(Message.kind),
            col(Message.reply_sealed),
            col(Message.attempts),
            col(Message.as_text),
            *((ready_at, heard_at, closed_at) if paced else ()),
        )
    )


lease_answers, lease_to_many, lease_answers_paced, lease_to_many_paced = (
    Prepared(leasing(which(), skip_locked=True, paced=paced), sqlite=leasing(which(), skip_locked=False, paced=paced))
    for paced in (False, True)
    for which in (answers, to_many)
)
see_rate = Prepared(
    select(Rate.per_second, Rate.next_at, Rate.halted).where(col(Rate.account) == bindparam("named")).with_for_update()
)
set_rate = Prepared(update(Rate).where(col(Rate.account) == bindparam("named")).values(next_at=bindparam("until")))


# ── taking them up ───────────────────────────────────────────────────────────────────────────────────────────────────


def claim(
    db: Session, account: str, *, by: str, now: datetime, lease: timedelta, limit: int, pace: Pace | None = None
) -> list[Leased]:
    """Lease the next messages of one account and reserve their send slots, a moment ahead at most.

    The account's rate is held until the commit. When there are slots for all of them now, their start is noted
    in the same commit; else each is noted when its slot has come (`begin_sending`). With a `pace`, nobody gets
    messages faster than that.
    """
    rate = see_rate.one(db, named=account)
    if rate is None or rate[2]:
        return []
    slots = Slots(rate[0], max(moment(rate[1]), now), now)
    most = min(limit, slots.until(HORIZON))
    if most <= 0:
        return []
    first, second = (lease_answers_paced, lease_to_many_paced) if pace else (lease_answers, lease_to_many)
    at_once = slots.first == now and most / slots.per_second <= AT_ONCE
    facts = {"account": account, "now": now, "sender": by, "until": now + lease, "begun": now if at_once else None}
    rows = first.all(db, **facts, most=most)
    spare = min(limit, slots.for_many()) - len(rows)
    if spare > 0:
        rows += second.all(db, **facts, most=spare)
    if rows:
        set_rate.run(db, {"named": account, "until": slots.at(len(rows))})
    if pace and pace.seconds:
        ready = {row[2]: moment(row[9]) if row[9] else None for row in rows}
        people.mark_ready(db, {address: pace.next_at(before, now) for address, before in ready.items()})
    rows.sort(key=lambda row: (row[5] == "bulk", row[0]))
    return [
        as_leased(row, account, slots.at(place), now + lease, begun=at_once, paced=pace is not None)
        for place, row in enumerate(rows)
    ]


def set_back(db: Session, account: str, *, before: datetime, now: datetime) -> None:
    """The clock showed `before` and was set back: what was due and free by then is so by now.

    A pause that the provider asked for lasts on.
    """
    latest = before + HORIZON
    waits: Any = literal_column(f"{OPEN} AND {DUE}")
    changes = (
        update(Rate).where(col(Rate.account) == account, col(Rate.next_at).between(now, latest)).values(next_at=now),
        update(Message)
        .where(waits, col(Message.account) == account, col(Message.due_at).between(now, latest))
        .values(due_at=now),
        update(Address).where(col(Address.account) == account, col(Address.ready_at) > now).values(ready_at=None),
    )
    for change in changes:
        db.connection().execute(change.execution_options(synchronize_session=False))


@dataclass(frozen=True, slots=True)
class Slots:
    """The moments at which an account may send, one after the other."""

    per_second: float
    first: datetime  # the next free one
    now: datetime

    def at(self, place: int) -> datetime:
        """One of them."""
        return self.first + timedelta(seconds=place / self.per_second)

    def until(self, ahead: timedelta) -> int:
        """How many are free up to so far ahead of now."""
        return math.ceil((self.now + ahead - self.first).total_seconds() * self.per_second)

    def for_many(self) -> int:
        """How many are taken for what goes to many: some together, once half of the ones before are over."""
        return self.until(AHEAD) if self.first <= self.now + AHEAD / 2 else 0


def as_leased(row: Row, account: str, slot: datetime, until: datetime, *, begun: bool, paced: bool) -> Leased:
    """One row of those that were leased."""
    return Leased(
        id=row[0],
        association_id=row[1],
        account=account,
        address_id=row[2],
        external_id=row[3],
        kind=row[5],
        key=row[4],
        reply_sealed=row[6],
        attempts=row[7],
        slot=slot,
        until=until,
        begun=begun,
        as_text=bool(row[8]),
        heard_at=still_open(row[10], row[11]) if paced else None,
    )


def still_open(heard: Any, closed: Any) -> datetime | None:
    """When she last wrote; None when the provider has said since that it was too long ago."""
    if not heard or (closed and moment(closed) >= moment(heard)):
        return None
    return moment(heard)
