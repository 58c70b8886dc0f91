"""What goes out. The table is queue and record at once; putting a message in is on every turn's way, so in Core."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Integer, bindparam, func, literal_column, tuple_
from sqlmodel import Session, col, select, update

from domain.message import Reply
from storage.prepared import Prepared, inserting_once
from storage.sealed import bound, keys
from storage.tables import Message, Rate
from storage.tables.message import DUE, OPEN, PARKED

STALE_AFTER = timedelta(days=1)
IS_OPEN: ColumnElement[bool] = literal_column(OPEN)  # for SQLite, which finds the index by these words alone
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


def pause(db: Session, account: str, *, until: datetime) -> None:
    """Nothing more of this account starts before `until`, nor before what was asked for earlier."""
    later = (col(Rate.account) == account, col(Rate.next_at) < until)
    db.connection().execute(update(Rate).where(*later).values(next_at=until))


def halt(db: Session, account: str, why: str) -> None:
    """Stop all sending of one account until somebody mends it; the queue stays as it is."""
    db.connection().execute(update(Rate).where(col(Rate.account) == account).values(halted=why))


Attempts = Collection[tuple[int, int]]  # messages, each with the number of the attempt for which it was leased


def begin_sending(db: Session, leased: Attempts, *, by: str, now: datetime) -> set[int]:
    """Note that these messages go over the wire now; the ones that are still in our hands."""
    begun = db.connection().execute(
        update(Message)
        .where(
            *are(leased, by),
            literal_column("status = 'leased'"),
            col(Message.lease_until) > now,
        )
        .values(http_started_at=now)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return {row[0] for row in begun if row[0] is not None}


def are(leased: Attempts, by: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions of messages that nobody has leased since, under our own name either."""
    ids = col(Message.id).in_([message_id for message_id, _attempt in leased])
    return ids, tuple_(col(Message.id), col(Message.attempts)).in_(leased), col(Message.lease_by) == by


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


def bill(db: Session, message_id: int, attempt: int, billed_as: str) -> None:
    """As what it goes out now, with that attempt."""
    db.connection().execute(
        update(Message)
        .where(col(Message.id) == message_id, col(Message.attempts) == attempt)
        .values(billed_as=billed_as)
        .execution_options(synchronize_session=False)
    )


def facts_of(db: Session, message_id: int) -> Message:
    """One message. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(select(Message).where(Message.id == message_id)).one()


def release(db: Session, leased: Attempts, *, by: str) -> None:
    """Give back messages that never went over the wire."""
    db.connection().execute(
        update(Message)
        .where(
            *are(leased, by),
            literal_column("status = 'leased'"),
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
            .where(IS_OPEN, literal_column("status = 'leased'"), left, begun)
            .values(status=status, code="sender_died" if started else "", settled_at=now if started else None)
            .execution_options(synchronize_session=False)
        )


def expire(db: Session, now: datetime) -> None:
    """What could not go out in time is not sent late: past its validity, or a reply that waited for a day."""
    not_valid = col(Message.valid_until) <= now
    stale = col(Message.valid_until).is_(None) & (col(Message.created_at) <= now - STALE_AFTER)
    late: tuple[tuple[ColumnElement[bool], ...], ...] = (
        (IS_OPEN, literal_column(DUE), not_valid | stale),
        (literal_column(PARKED), not_valid),
    )
    for which in late:
        db.connection().execute(
            update(Message)
            .where(*which)
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
