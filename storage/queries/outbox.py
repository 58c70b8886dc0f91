"""What goes out. The table is queue and record at once; putting a message in is on every turn's way, so in Core."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Boolean, Integer, bindparam, func, literal_column
from sqlmodel import Session, col, select, update

from domain.message import Reply
from storage.prepared import Prepared, inserting_once, moment
from storage.queries import people
from storage.sealed import bound, keys
from storage.tables import Address, Message, Rate, Talk
from storage.tables.message import OPEN

HORIZON = timedelta(seconds=1)  # how far ahead send slots are reserved
AT_ONCE = 0.05  # seconds within which slots count as now
STALE_AFTER = timedelta(days=1)
ANSWERED = ("accepted", "sent", "delivered", "read")
COLUMNS = (
    "association_id",
    "account",
    "address_id",
    "key",
    "kind",
    "status",
    "reply_sealed",
    "due_at",
    "valid_until",
    "attempts",
    "resends",
    "lease_by",
    "code",
    "as_text",
    "billed_as",
    "created_at",
)
insert_once = inserting_once(Message, COLUMNS)


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


def put(
    db: Session,
    *,
    association_id: str,
    account: str,
    address_id: str,
    key: str,
    reply: Reply,
    now: datetime,
    kind: str = "reply",
    due_at: datetime | None = None,
    valid_until: datetime | None = None,
) -> int | None:
    """Queue one message; None when the same logical message (`key`) was queued before."""
    values = values_of(
        association_id=association_id, account=account, address_id=address_id, key=key, reply=reply, now=now, kind=kind
    )
    row = insert_once.one(db, **{**values, "due_at": due_at or now, "valid_until": valid_until})
    return row[0] if row else None


def values_of(
    *, association_id: str, account: str, address_id: str, key: str, reply: Reply, now: datetime, kind: str = "reply"
) -> dict[str, Any]:
    """A message as its row, sealed, due now."""
    return {
        "association_id": association_id,
        "account": account,
        "address_id": address_id,
        "key": key,
        "kind": kind,
        "status": "queued",
        "reply_sealed": keys().seal(orjson.dumps(reply.as_json()), bound_to=place_of(key)),
        "due_at": now,
        "valid_until": None,
        "attempts": 0,
        "resends": 0,
        "lease_by": "",
        "code": "",
        "as_text": False,
        "billed_as": "",
        "created_at": now,
    }


def place_of(key: str) -> str:
    """What a message is sealed to."""
    return bound("", "message", "reply", key)


def open_reply(sealed: str, key: str) -> Reply:
    """The reply of a stored message."""
    return Reply.from_json(orjson.loads(keys().open(sealed, bound_to=place_of(key))))


def leasing(*, skip_locked: bool, paced: bool) -> Any:
    """The statement that leases the first open message of each address whose time has come, replies before bulk.

    What goes to many waits for everything else that is open at its address, and nothing waits for it: a reminder that
    is held until the morning holds up no answer. `paced`: not before the address is ready, and with what must be known
    of it.
    """
    is_bulk = literal_column("message.kind = 'bulk'", type_=Boolean())
    ripe = col(Message.due_at) <= bindparam("now")
    first = (
        select(func.coalesce(func.min(Message.id).filter(~is_bulk), func.min(Message.id).filter(ripe)).label("id"))
        .where(col(Message.account) == bindparam("account"), literal_column(f"message.{OPEN}"))
        .group_by(col(Message.address_id))
        .cte("first")
    )
    due = (
        select(col(Message.id))
        .join(first, first.c.id == col(Message.id))
        .where(literal_column("message.status IN ('queued', 'retry_wait')"), col(Message.due_at) <= bindparam("now"))
        .order_by(literal_column("message.kind = 'bulk'"), col(Message.due_at), col(Message.id))
        .limit(bindparam("most"))
    )
    if paced:
        is_ready = col(Address.ready_at).is_(None) | (col(Address.ready_at) <= bindparam("now"))
        due = due.join(Address, col(Address.id) == col(Message.address_id)).where(is_ready)
    if skip_locked:
        due = due.with_for_update(skip_locked=True, of=Message)
    of_address = col(Address.id) == col(Message.address_id)
    external_id = select(col(Address.external_id)).where(of_address).scalar_subquery()
    ready_at = select(col(Address.ready_at)).where(of_address).scalar_subquery()
    # Written out, for in SQLite's RETURNING a bare address_id would be the talk's own.
    wrote = literal_column("talk.address_id = message.address_id AND talk.turn > 0", type_=Boolean())
    heard_at = select(func.max(Talk.heard_at)).where(wrote).scalar_subquery()
    closed_at = select(col(Address.closed_at)).where(of_address).scalar_subquery()
    begun = bindparam("begun", type_=Message.__table__.c.due_at.type)  # type: ignore[attr-defined]
    return (
        update(Message)
        .where(col(Message.id).in_(due))
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


lease_next, lease_next_paced = (
    Prepared(leasing(skip_locked=True, paced=paced), sqlite=leasing(skip_locked=False, paced=paced))
    for paced in (False, True)
)
see_rate = Prepared(
    select(Rate.per_second, Rate.next_at, Rate.halted).where(col(Rate.account) == bindparam("named")).with_for_update()
)
set_rate = Prepared(update(Rate).where(col(Rate.account) == bindparam("named")).values(next_at=bindparam("until")))


def claim(
    db: Session, account: str, *, by: str, now: datetime, lease: timedelta, limit: int, pace: Pace | None = None
) -> list[Leased]:
    """Lease the next messages of one account and reserve their send slots, no further ahead than `HORIZON`.

    The account's rate is held until the commit. When there are slots for all of them now, their start is noted
    in the same commit; else each is noted when its slot has come (`begin_sending`). With a `pace`, nobody gets
    messages faster than that.
    """
    rate = see_rate.one(db, named=account)
    if rate is None or rate[2]:
        return []
    per_second, first = rate[0], max(moment(rate[1]), now)
    most = min(limit, math.ceil((now + HORIZON - first).total_seconds() * per_second))
    if most <= 0:
        return []
    at_once = first == now and most / per_second <= AT_ONCE
    next_ones = lease_next_paced if pace else lease_next
    rows = next_ones.all(
        db, account=account, now=now, most=most, sender=by, until=now + lease, begun=now if at_once else None
    )
    if rows:
        set_rate.run(db, {"named": account, "until": first + timedelta(seconds=len(rows) / per_second)})
    if pace and pace.seconds:
        ready = {row[2]: moment(row[9]) if row[9] else None for row in rows}
        people.mark_ready(db, {address: pace.next_at(before, now) for address, before in ready.items()})
    rows.sort(key=lambda row: (row[5] == "bulk", row[0]))
    return [
        Leased(
            id=row[0],
            association_id=row[1],
            account=account,
            address_id=row[2],
            external_id=row[3],
            kind=row[5],
            key=row[4],
            reply_sealed=row[6],
            attempts=row[7],
            slot=first + timedelta(seconds=place / per_second),
            begun=at_once,
            as_text=bool(row[8]),
            heard_at=still_open(row[10], row[11]) if pace else None,
        )
        for place, row in enumerate(rows)
    ]


def still_open(heard: Any, closed: Any) -> datetime | None:
    """When she last wrote; None when the provider has said since that it was too long ago."""
    if not heard or (closed and moment(closed) >= moment(heard)):
        return None
    return moment(heard)


def pause(db: Session, account: str, *, until: datetime) -> None:
    """Nothing more of this account starts before `until`, nor before what was asked for earlier."""
    later = (col(Rate.account) == account, col(Rate.next_at) < until)
    db.connection().execute(update(Rate).where(*later).values(next_at=until))


def halt(db: Session, account: str, why: str) -> None:
    """Stop all sending of one account until somebody mends it; the queue stays as it is."""
    db.connection().execute(update(Rate).where(col(Rate.account) == account).values(halted=why))


def begin_sending(db: Session, ids: list[int], *, by: str, now: datetime) -> set[int]:
    """Note that these messages go over the wire now; the ones that are still in our hands."""
    begun = db.connection().execute(
        update(Message)
        .where(
            col(Message.id).in_(ids),
            literal_column("status = 'leased'"),
            col(Message.lease_by) == by,
            col(Message.lease_until) > now,
        )
        .values(http_started_at=now)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return {row[0] for row in begun if row[0] is not None}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt to send ended."""

    id: int
    attempts: int
    status: str
    provider_id: str | None = None
    code: str = ""
    due_at: datetime | None = None
    as_text: bool = False  # from now on
    billed_as: str = ""  # empty: as before
    counted: bool = True  # False: nothing went over the wire, so that it was no attempt


settle_one = Prepared(
    update(Message)
    .where(
        col(Message.id) == bindparam("message_id"),
        col(Message.lease_by) == bindparam("sender"),
        col(Message.attempts) == bindparam("attempt"),
        literal_column("status IN ('leased', 'uncertain')"),
    )
    .values(
        status=bindparam("to_status"),
        provider_id=bindparam("to_provider_id"),
        code=bindparam("to_code"),
        as_text=col(Message.as_text) | bindparam("as_text_now"),
        billed_as=func.coalesce(func.nullif(bindparam("to_billed_as"), ""), Message.billed_as),
        attempts=Message.attempts - bindparam("uncounted", type_=Integer()),
        due_at=func.coalesce(bindparam("to_due_at", type_=Message.__table__.c.due_at.type), Message.due_at),  # type: ignore[attr-defined]
        settled_at=bindparam("now"),
    )
)


def settle(db: Session, outcomes: list[Outcome], *, by: str, now: datetime) -> None:
    """Write down how attempts ended, each only while nobody else has taken the message over."""
    rows = [
        {
            "message_id": outcome.id,
            "sender": by,
            "attempt": outcome.attempts,
            "to_status": outcome.status,
            "to_provider_id": outcome.provider_id,
            "to_code": outcome.code,
            "to_due_at": outcome.due_at,
            "as_text_now": outcome.as_text,
            "to_billed_as": outcome.billed_as,
            "uncounted": 0 if outcome.counted else 1,
            "now": now,
        }
        for outcome in outcomes
    ]
    settle_one.many(db, rows)


def fail(db: Session, outcome: Outcome, now: datetime) -> None:
    """What follows when a message fails that the provider had taken, unless something better is known by now."""
    failed = (col(Message.id) == outcome.id, col(Message.attempts) == outcome.attempts)
    still = literal_column("status IN ('leased', 'uncertain', 'accepted', 'sent')", type_=Boolean())
    db.connection().execute(
        update(Message)
        .where(*failed, still)
        .values(
            status=outcome.status,
            code=outcome.code,
            due_at=outcome.due_at or Message.due_at,
            as_text=col(Message.as_text) | outcome.as_text,
            settled_at=now,
        )
        .execution_options(synchronize_session=False)
    )


def bill(db: Session, message_id: int, billed_as: str) -> None:
    """As what it goes out now."""
    db.connection().execute(
        update(Message)
        .where(col(Message.id) == message_id)
        .values(billed_as=billed_as)
        .execution_options(synchronize_session=False)
    )


def facts_of(db: Session, message_id: int) -> Message:
    """One message. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(select(Message).where(Message.id == message_id)).one()


def release(db: Session, ids: list[int], *, by: str) -> None:
    """Give back messages that never went over the wire."""
    db.connection().execute(
        update(Message)
        .where(
            col(Message.id).in_(ids),
            literal_column("status = 'leased'"),
            col(Message.lease_by) == by,
            col(Message.http_started_at).is_(None),
        )
        .values(status="queued", attempts=Message.attempts - 1)
        .execution_options(synchronize_session=False)
    )


def recover(db: Session, now: datetime, *, of: str | None = None) -> None:
    """What a sender left behind: queued again if it surely never went out, uncertain if it may have.

    `of`: leave that sender's own leases alone and take over all others at once, however long they last.
    """
    left = col(Message.lease_until) <= now if of is None else col(Message.lease_by) != of
    for started, status in ((False, "queued"), (True, "uncertain")):
        begun = col(Message.http_started_at).is_not(None) if started else col(Message.http_started_at).is_(None)
        db.connection().execute(
            update(Message)
            .where(literal_column("status = 'leased'"), left, begun)
            .values(status=status, code="sender_died" if started else "", settled_at=now if started else None)
            .execution_options(synchronize_session=False)
        )


def expire(db: Session, now: datetime) -> None:
    """What could not go out in time is not sent late: past its validity, or a reply that waited for a day."""
    is_parked = literal_column("status = 'parked'", type_=Boolean())
    late = (col(Message.valid_until) <= now) | (
        col(Message.valid_until).is_(None) & (col(Message.created_at) <= now - STALE_AFTER)
    )
    db.connection().execute(
        update(Message)
        .where(
            literal_column("status IN ('queued', 'retry_wait')", type_=Boolean()) & late
            | is_parked & (col(Message.valid_until) <= now)
        )
        .values(status="expired", code="too_late", settled_at=now)
        .execution_options(synchronize_session=False)
    )


def waiting_for(db: Session, address_id: str) -> list[Message]:
    """Everything that waits for an address, oldest first."""
    waits = literal_column("status IN ('queued', 'retry_wait', 'parked')", type_=Boolean())
    return list(db.exec(select(Message).where(Message.address_id == address_id, waits).order_by(col(Message.id))))


def suppress(db: Session, address_id: str, why: str, now: datetime) -> None:
    """Hold back everything that waits for an address."""
    db.connection().execute(
        update(Message)
        .where(col(Message.address_id) == address_id, literal_column("status IN ('queued', 'retry_wait', 'parked')"))
        .values(status="suppressed", code=why, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def counts(db: Session) -> dict[tuple[str, str, str], int]:
    """How many messages stand where: (account, kind, status) → count."""
    rows = db.exec(
        select(Message.account, Message.kind, Message.status, func.count()).group_by(
            col(Message.account), col(Message.kind), col(Message.status)
        )
    )
    return {(account, kind, status): count for account, kind, status, count in rows}


def sent_to(db: Session, address_id: str, *, most: int = 200) -> list[tuple[str, Reply, datetime]]:
    """The last messages for an address, oldest first: the provider's id (or ours), the reply, and when it went.

    The reply names a template only where that went in its place.
    """
    theirs = select(Message).where(Message.address_id == address_id, col(Message.status).in_(ANSWERED))
    rows = list(db.exec(theirs.order_by(col(Message.id).desc()).limit(most)))[::-1]
    return [(row.provider_id or row.key, as_it_went(row), row.settled_at or row.created_at) for row in rows]


def as_it_went(row: Message) -> Reply:
    """What was said: without the template where the reply itself went."""
    reply = open_reply(row.reply_sealed, row.key)
    return reply if row.billed_as not in ("", "service") else replace(reply, template="", variables=())
