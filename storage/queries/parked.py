"""Messages that wait until she writes again: a channel lets us write freely only so long after her last word.

Some wait for something else beside her word, and their code says for what: a template that must be approved, or a place
among the people to whom we may write within a day.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal_column
from sqlalchemy import select as asking
from sqlmodel import Session, col, select, update

from storage.queries import outbox
from storage.tables import Message, Talk

WORTH = timedelta(days=1)  # how long what was parked may still wait to be sent, once she wrote
WORTH_A_TEMPLATE = timedelta(days=7)  # the same, once it may go as a template
FOR_HER_WORD = "outside_window"
FOR_A_PLACE = "people_per_day"
IS_PARKED: ColumnElement[bool] = literal_column("message.status = 'parked'")


def put(db: Session, *, now: datetime, **message: Any) -> None:
    """A message that waits for her word from the beginning; each `key` once, as in `outbox.put`."""
    message_id = outbox.put(db, now=now, **message)
    if message_id is not None:
        db.connection().execute(
            update(Message)
            .where(col(Message.id) == message_id)
            .values(status="parked", code=FOR_HER_WORD, settled_at=now)
            .execution_options(synchronize_session=False)
        )


def are_there(db: Session, address_id: str) -> bool:
    """True when something waits for her word."""
    return db.exec(select(Message.id).where(Message.address_id == address_id, IS_PARKED).limit(1)).first() is not None


def counts(db: Session) -> dict[tuple[str, str], int]:
    """How many messages wait for what: (account, code) → count; for any template alike."""
    code = case((col(Message.code).startswith("template:"), "template"), else_=col(Message.code)).label("why")
    those = asking(col(Message.account), code, func.count()).where(IS_PARKED).group_by(col(Message.account), "why")
    return {(account, why): count for account, why, count in db.connection().execute(those)}


def waits_for_a_place(account: Any) -> ColumnElement[bool]:
    """True of an account with messages for people whom it may not write to yet."""
    return exists().where(col(Message.account) == account, col(Message.code) == FOR_A_PLACE, IS_PARKED)


def release(db: Session, address_id: str, now: datetime) -> None:
    """She wrote: what waited for that goes now."""
    let_go(db, col(Message.address_id) == address_id, now=now, worth=WORTH)


def release_waiting_for(db: Session, account: str, code: str, now: datetime, *, most: int | None = None) -> None:
    """What it waited for has come: it may go as a template, what answers her before what goes to many."""
    waits = select(Message.id).where(Message.account == account, Message.code == code, IS_PARKED)
    if most is None:
        let_go(db, col(Message.id).in_(waits), now=now, worth=WORTH_A_TEMPLATE)
        return
    first = waits.order_by(literal_column("message.kind = 'bulk'"), col(Message.id)).limit(most)
    ids = [found for found in db.exec(first) if found is not None]
    let_go(db, col(Message.id).in_(ids), now=now, worth=WORTH_A_TEMPLATE)


def let_go(db: Session, which: ColumnElement[bool], *, now: datetime, worth: timedelta) -> None:
    """These wait no more; each is still worth sending for so long, unless it says itself for how long."""
    db.connection().execute(
        update(Message)
        .where(which, literal_column("status = 'parked'"))
        .values(status="queued", due_at=now, valid_until=func.coalesce(Message.valid_until, now + worth), code="")
        .execution_options(synchronize_session=False)
    )


def release_heard(db: Session, now: datetime) -> None:
    """What was parked though she has written since we tried: the provider takes its time to say so."""
    tried_at = func.coalesce(Message.http_started_at, Message.settled_at)
    wrote = select(Talk.id).where(
        Talk.address_id == Message.address_id, col(Talk.heard_at) > tried_at, col(Talk.turn) > 0
    )
    left = select(Message.address_id).where(IS_PARKED, wrote.exists()).distinct()
    for address_id in db.exec(left).all():
        release(db, address_id, now)
