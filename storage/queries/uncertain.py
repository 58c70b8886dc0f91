"""Messages of which nobody knows whether the provider took them, and how that ends."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, literal_column
from sqlmodel import Session, col, select, update

from storage.queries.outbox import ANSWERED
from storage.tables import Address, Message, Talk

RESEND_AFTER = timedelta(minutes=2)
NOT_FOUND = "not_found"  # the provider was asked, and knows nothing of the message
IS_UNCERTAIN: ColumnElement[bool] = literal_column("message.status = 'uncertain'")


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A message of which nobody knows whether the provider took it."""

    id: int
    association_id: str
    attempts: int
    external_id: str
    started_at: datetime
    until: datetime | None  # when the next message to the same person was tried: what came after may be that one


def doubtful(db: Session, account: str, *, before: datetime, limit: int = 20) -> list[Doubtful]:
    """Messages that are uncertain since `before`, and of which the provider was not asked yet."""
    found = db.exec(
        select(Message, Address.external_id)
        .join(Address, col(Address.id) == col(Message.address_id))
        .where(Message.account == account, IS_UNCERTAIN, col(Message.settled_at) <= before, Message.code != NOT_FOUND)
        .order_by(col(Message.id))
        .limit(limit)
    )
    return [as_doubtful(db, row, external_id) for row, external_id in found.all()]


def as_doubtful(db: Session, row: Message, external_id: str) -> Doubtful:
    """A message, and the time within which the provider took it if it did."""
    began = row.http_started_at or row.created_at
    later = select(func.min(Message.http_started_at)).where(
        Message.address_id == row.address_id, col(Message.id) != row.id, col(Message.http_started_at) > began
    )
    until = db.exec(later).one()
    return Doubtful(row.id or 0, row.association_id, row.attempts, external_id, began, until and aware(until))


def aware(moment: datetime) -> datetime:
    """SQLite forgets the zone of an aggregate; it is always UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def not_found(db: Session, message_id: int) -> None:
    """The provider was asked and knows nothing of it."""
    db.connection().execute(update(Message).where(col(Message.id) == message_id, IS_UNCERTAIN).values(code=NOT_FOUND))


def known_ids(db: Session, account: str, provider_ids: Collection[str]) -> set[str]:
    """Which of these ids of the provider belong to a message that we know."""
    by_id = select(Message.provider_id).where(Message.account == account, col(Message.provider_id).in_(provider_ids))
    return {provider_id for provider_id in db.exec(by_id) if provider_id}


def resend(db: Session, now: datetime, *, after: timedelta, asked: Collection[str] = ()) -> None:
    """Send an uncertain reply or notice once more, if she has been silent since and nothing newer reached her.

    Reminders and announcements are never sent again. `asked`: accounts whose provider can be asked what it took; of
    these only what it does not know goes again.
    """
    newer = Message.__table__.alias("newer")  # type: ignore[attr-defined]
    heard = select(Talk.id).where(Talk.address_id == Message.address_id, col(Talk.heard_at) > col(Message.created_at))
    reached = select(newer.c.id).where(
        newer.c.address_id == Message.address_id, newer.c.id > Message.id, newer.c.status.in_(ANSWERED)
    )
    db.connection().execute(
        update(Message)
        .where(
            IS_UNCERTAIN,
            literal_column("message.kind IN ('reply', 'notice')"),
            col(Message.resends) == 0,
            col(Message.settled_at) <= now - after,
            col(Message.account).not_in(asked) | (col(Message.code) == NOT_FOUND),
            ~heard.exists(),
            ~reached.exists(),
        )
        .values(status="queued", resends=1, due_at=now, code="resent_once")
        .execution_options(synchronize_session=False)
    )
