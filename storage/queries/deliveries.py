"""What providers report about our messages: it only ever leads further, and settles what was uncertain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, bindparam, insert
from sqlalchemy import select as asking
from sqlmodel import Session, col, or_, select

from domain.message import ProviderId, Report
from storage.columns import Moment
from storage.prepared import Prepared, inserting_once
from storage.queries.outbox import Outcome
from storage.tables import Delivery, Message, Talk

RANK = {status: rank for rank, status in enumerate(("accepted", "sent", "delivered", "read"))}
COLUMNS = ("association_id", "account", "provider_id", "status", "code", "message_id", "at")
insert_once = inserting_once(Delivery, COLUMNS)


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that the provider had taken and could not deliver after all."""

    message_id: int
    attempts: int
    code: str


def take(db: Session, report: Report, *, association_id: str, now: datetime) -> Failed | str:
    """Keep a report, once, and lead the message on; the failure to be dealt with, or what became of the report.

    "known": it came before. "unknown": it is about no message of ours. "kept": all is done. A message of ours is found
    by our own reference, which comes even when the answer to our request was lost, else by the provider's id.
    """
    message, attempt = find(db, report)
    row = insert_once.one(
        db,
        association_id=association_id,
        account=report.account,
        provider_id=report.provider_id,
        status=report.status,
        code=report.code,
        message_id=message.id if message else None,
        at=now,
    )
    if row is None:
        return "known"
    if message is None:
        return "unknown"
    if report.status == "failed":
        return fail(message, attempt, report)
    lead_on(message, report, now)
    db.flush()
    return "kept"


def find(db: Session, report: Report) -> tuple[Message | None, int]:
    """The message that a report is about, held until the commit, and which attempt of it; 0 when that is not said."""
    number, _dot, attempt = report.reference.partition(".")
    by_id = col(Message.provider_id) == report.provider_id
    asked = or_(by_id, col(Message.id) == int(number)) if number.isdecimal() and len(number) < 19 else by_id
    hers = select(Message).where(Message.account == report.account, asked).with_for_update()
    return db.exec(hers).first(), int(attempt) if attempt.isdecimal() and len(attempt) < 9 else 0


def lead_on(message: Message, report: Report, now: datetime) -> None:
    """The message gets as far as the report says, never back: what waits to be sent again is not sent again."""
    if RANK.get(message.status, -1) < RANK[report.status]:
        message.status, message.code, message.settled_at = report.status, "", now
    if message.status in RANK:
        message.provider_id = report.provider_id


def fail(message: Message, attempt: int, report: Report) -> Failed | str:
    """A failure counts unless something better is known, or a later attempt is under way."""
    too_late = attempt not in (0, message.attempts) or message.status in ("delivered", "read")
    if too_late or message.status not in ("leased", "uncertain", "accepted", "sent") or message.id is None:
        return "kept"
    message.provider_id = report.provider_id
    return Failed(message.id, message.attempts, report.code)


def taken_as(db: Session, address_id: str, key: str) -> ProviderId | None:
    """The provider's id of a message of ours at an address, once it has taken it."""
    one = select(Message.provider_id).where(
        Message.key == key, Message.address_id == address_id, col(Message.status).in_(list(RANK))
    )
    found = db.exec(one).first()
    return ProviderId(found) if found else None


# ── the life of a message ────────────────────────────────────────────────────────────────────────────────────────

ATTEMPT = "attempt:"  # begins the provider's id of what we note ourselves: an attempt that did not succeed
NOTED = ("retry_wait", "failed", "uncertain")


def noting() -> Insert:
    """The statement that keeps how an attempt ended, once."""
    facts: Any = asking(
        col(Message.association_id),
        col(Message.account),
        bindparam("reference"),
        bindparam("ended"),
        bindparam("why"),
        col(Message.id),
        bindparam("now", type_=Moment()),
    ).where(col(Message.id) == bindparam("message"))
    return insert(Delivery).from_select(COLUMNS, facts)


note_one = Prepared(noting())


def note_attempts(db: Session, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Keep the attempts that did not succeed, for the message itself tells only of the last one."""
    noted = [outcome for outcome in outcomes if outcome.counted and outcome.status in NOTED]
    for outcome in noted:
        facts = {"message": outcome.id, "ended": outcome.status, "why": outcome.code, "now": now}
        note_one.run(db, {**facts, "reference": f"{ATTEMPT}{outcome.id}.{outcome.attempts}"})


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a message."""

    at: datetime
    what: str  # queued, attempt, a status of `Message`, or what the provider reported
    code: str = ""
    attempt: int = 0  # which one, where that is known


def life_of(db: Session, message_id: int) -> list[Step]:
    """Everything that is known of one message, in its order. Raises `sqlalchemy.exc.NoResultFound`."""
    message = db.exec(select(Message).where(Message.id == message_id)).one()
    told = db.exec(select(Delivery).where(Delivery.message_id == message_id).order_by(col(Delivery.id))).all()
    steps = [Step(message.created_at, "queued"), *map(as_step, told)]
    if message.http_started_at and message.attempts:
        steps.append(Step(message.http_started_at, "attempt", attempt=message.attempts))
    is_told = any(step.what == message.status for step in steps)
    if message.settled_at and not is_told and message.status not in ("queued", "leased"):
        steps.append(Step(message.settled_at, message.status, message.code))
    return sorted(steps, key=lambda step: (step.at, step.what != "queued", step.what != "attempt"))


def as_step(row: Delivery) -> Step:
    """What was noted or reported."""
    number = row.provider_id.rpartition(".")[2] if row.provider_id.startswith(ATTEMPT) else ""
    return Step(row.at, row.status, row.code, int(number) if number.isdecimal() else 0)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to somebody, as officers see it: never its words."""

    id: int
    account: str
    kind: str
    key: str
    status: str
    code: str
    at: datetime  # when it got there
    billed_as: str


def to_person(db: Session, association_id: str, person_id: str, *, most: int) -> list[Sent]:
    """The last messages at the addresses of one person, the newest first."""
    addresses = asking(col(Talk.address_id)).where(col(Talk.person_id) == person_id)
    hers = select(Message).where(Message.association_id == association_id, col(Message.address_id).in_(addresses))
    return [
        Sent(
            row.id or 0,
            row.account,
            row.kind,
            row.key,
            row.status,
            row.code,
            row.settled_at or row.created_at,
            row.billed_as,
        )
        for row in db.exec(hers.order_by(col(Message.id).desc()).limit(most))
    ]
