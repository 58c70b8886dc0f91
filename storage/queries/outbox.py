"""What goes out. The table is queue and record at once; putting a message in is on every turn's way, so in Core."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import bindparam, func, literal_column
from sqlmodel import Session, col, select, update

from domain.message import Reply
from storage.prepared import Prepared, inserting_once, moment
from storage.sealed import bound, keys
from storage.tables import Address, Message, Rate, Talk
from storage.tables.message import OPEN

HORIZON = timedelta(seconds=1)  # how far ahead send slots are reserved
AT_ONCE = 0.05  # seconds within which slots count as now
RESEND_AFTER = timedelta(minutes=2)
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

    def reply(self) -> Reply:
        """What to say, opened. Raises `SealBroken`, `KeyMissing`."""
        return open_reply(self.reply_sealed, self.key)


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
        "created_at": now,
    }


def place_of(key: str) -> str:
    """What a message is sealed to."""
    return bound("", "message", "reply", key)


def open_reply(sealed: str, key: str) -> Reply:
    """The reply of a stored message."""
    return Reply.from_json(orjson.loads(keys().open(sealed, bound_to=place_of(key))))


def leasing(*, skip_locked: bool) -> Any:
    """The statement that leases the first open message of each address whose time has come, replies before bulk."""
    first = (
        select(func.min(Message.id).label("id"))
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
    if skip_locked:
        due = due.with_for_update(skip_locked=True, of=Message)
    external_id = select(col(Address.external_id)).where(col(Address.id) == col(Message.address_id)).scalar_subquery()
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
        )
    )


lease_next = Prepared(leasing(skip_locked=True), sqlite=leasing(skip_locked=False))
see_rate = Prepared(
    select(Rate.per_second, Rate.next_at, Rate.halted).where(col(Rate.account) == bindparam("named")).with_for_update()
)
set_rate = Prepared(update(Rate).where(col(Rate.account) == bindparam("named")).values(next_at=bindparam("until")))


def claim(db: Session, account: str, *, by: str, now: datetime, lease: timedelta, limit: int) -> list[Leased]:
    """Lease the next messages of one account and reserve their send slots, no further ahead than `HORIZON`.

    The account's rate is held until the commit. When there are slots for all of them now, their start is noted
    in the same commit; else each is noted when its slot has come (`begin_sending`).
    """
    rate = see_rate.one(db, named=account)
    if rate is None or rate[2]:
        return []
    per_second, first = rate[0], max(moment(rate[1]), now)
    most = min(limit, math.ceil((now + HORIZON - first).total_seconds() * per_second))
    if most <= 0:
        return []
    at_once = first == now and most / per_second <= AT_ONCE
    rows = lease_next.all(
        db, account=account, now=now, most=most, sender=by, until=now + lease, begun=now if at_once else None
    )
    if rows:
        set_rate.run(db, {"named": account, "until": first + timedelta(seconds=len(rows) / per_second)})
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
        )
        for place, row in enumerate(rows)
    ]


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
            "now": now,
        }
        for outcome in outcomes
    ]
    settle_one.many(db, rows)


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


def resend_uncertain(db: Session, now: datetime, *, after: timedelta) -> None:
    """Send an uncertain reply or notice once more, if she has been silent since and nothing newer reached her.

    Reminders and announcements are never sent again.
    """
    newer = Message.__table__.alias("newer")  # type: ignore[attr-defined]
    heard = select(Talk.id).where(Talk.address_id == Message.address_id, col(Talk.heard_at) > col(Message.created_at))
    reached = select(newer.c.id).where(
        newer.c.address_id == Message.address_id, newer.c.id > Message.id, newer.c.status.in_(ANSWERED)
    )
    db.connection().execute(
        update(Message)
        .where(
            literal_column("message.status = 'uncertain'"),
            literal_column("message.kind IN ('reply', 'notice')"),
            col(Message.resends) == 0,
            col(Message.settled_at) <= now - after,
            ~heard.exists(),
            ~reached.exists(),
        )
        .values(status="queued", resends=1, due_at=now, code="resent_once")
        .execution_options(synchronize_session=False)
    )


def expire(db: Session, now: datetime) -> None:
    """What could not go out in time is not sent late: past its validity, or a reply that waited for a day."""
    late = (col(Message.valid_until) <= now) | (
        col(Message.valid_until).is_(None) & (col(Message.created_at) <= now - STALE_AFTER)
    )
    db.connection().execute(
        update(Message)
        .where(literal_column("status IN ('queued', 'retry_wait')"), late)
        .values(status="expired", code="too_late", settled_at=now)
        .execution_options(synchronize_session=False)
    )


def suppress(db: Session, address_id: str, why: str, now: datetime) -> None:
    """Hold back everything that waits for an address."""
    db.connection().execute(
        update(Message)
        .where(col(Message.address_id) == address_id, literal_column("status IN ('queued', 'retry_wait')"))
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
    """The last messages for an address, oldest first: the provider's id (or ours), the reply, and when it was made."""
    theirs = select(Message).where(Message.address_id == address_id, col(Message.status).in_(ANSWERED))
    rows = list(db.exec(theirs.order_by(col(Message.id).desc()).limit(most)))[::-1]
    return [(row.provider_id or row.key, open_reply(row.reply_sealed, row.key), row.created_at) for row in rows]
