"""A plain turn in one statement, for PostgreSQL: received, moved on and answered, with nothing sent around it.

Most turns only store the message, the new standing and one reply. Each statement on its own would cost a message to
the server and back, and so would the beginning and the end of the transaction.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col

from storage.database import Overtaken
from storage.prepared import Prepared
from storage.queries import outbox, received, talks
from storage.tables import Message, Received, Talk


def keeping() -> Any:
    """The statement: nothing of it happens unless the talk stands where it was found and the message is new."""
    still_there = (
        select(col(Talk.id))
        .where(col(Talk.id) == bindparam("talk_id"), col(Talk.turn) == bindparam("at_turn"))
        .with_for_update()
        .cte("still_there")
    )
    heard = {name: bindparam(f"received_{name}", type_=Received.__table__.c[name].type) for name in received.COLUMNS}  # type: ignore[attr-defined]
    taken = (
        postgresql.insert(Received)
        .from_select(list(heard), select(*heard.values()).select_from(still_there))
        .on_conflict_do_nothing()
        .returning(col(Received.id))
        .cte("taken")
    )
    moved = (
        update(Talk)
        .where(col(Talk.id) == bindparam("talk_id"), select(taken.c.id).exists())
        .values(talks.NEXT_STANDING)
        .returning(col(Talk.id))
        .cte("moved")
    )
    said = {name: bindparam(f"message_{name}", type_=Message.__table__.c[name].type) for name in outbox.COLUMNS}  # type: ignore[attr-defined]
    queued = (
        insert(Message)
        .from_select(list(said), select(*said.values()).select_from(moved))
        .returning(col(Message.id))
        .cte("queued")
    )
    return select(
        select(func.count()).select_from(still_there).scalar_subquery(),
        select(func.count()).select_from(queued).scalar_subquery(),
    ).add_cte(taken, moved, queued)


keep_at_once = Prepared(keeping())


def keep(db: Session, moved: Mapping[str, Any], heard: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Store a plain turn, each part as its `values_of`; False when the message came before. Raises `Overtaken`."""
    values = {
        **moved,
        **{f"received_{name}": value for name, value in heard.items()},
        **{f"message_{name}": value for name, value in said.items()},
    }
    row = keep_at_once.one(db, **values)
    assert row is not None
    still_there, queued = row
    if not still_there:
        raise Overtaken("another message of hers was answered in between")
    return bool(queued)
