"""What providers report about our messages: it only ever leads further, and settles what was uncertain."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from domain.message import ProviderId, Report
from storage.prepared import inserting_once
from storage.tables import Delivery, Message

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
