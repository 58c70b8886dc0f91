"""Messages that wait until she writes again: a channel lets us write freely only so long after her last word."""

from datetime import datetime, timedelta

from sqlalchemy import func, literal_column
from sqlmodel import Session, col, select, update

from storage.tables import Message, Talk

WORTH = timedelta(days=1)  # how long what was parked may still wait to be sent, once she wrote


def release(db: Session, address_id: str, now: datetime) -> None:
    """She wrote: what waited for that goes now."""
    db.connection().execute(
        update(Message)
        .where(col(Message.address_id) == address_id, literal_column("status = 'parked'"))
        .values(status="queued", due_at=now, valid_until=func.coalesce(Message.valid_until, now + WORTH), code="")
        .execution_options(synchronize_session=False)
    )


def release_heard(db: Session, now: datetime) -> None:
    """What was parked though she has written since we tried: the provider takes its time to say so."""
    tried_at = func.coalesce(Message.http_started_at, Message.settled_at)
    wrote = select(Talk.id).where(
        Talk.address_id == Message.address_id, col(Talk.heard_at) > tried_at, col(Talk.turn) > 0
    )
    left = select(Message.address_id).where(literal_column("message.status = 'parked'"), wrote.exists()).distinct()
    for address_id in db.exec(left).all():
        release(db, address_id, now)
