"""Wakes senders in other processes: PostgreSQL's NOTIFY, behind which the slow poll still finds whatever was missed."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
from sqlalchemy import make_url
from sqlmodel import Session

from storage.database import Database

log = logging.getLogger(__name__)

NAME = "jagalapak_queued"
PAUSE = 3.0  # seconds before the next try to listen


def ring(db: Session) -> None:
    """Tell every listening process that something was queued."""
    db.connection().exec_driver_sql(f"NOTIFY {NAME}")


async def listen(database: Database, heard: Callable[[], None]) -> None:
    """Call `heard` at every ring, until cancelled."""
    url = make_url(database.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {NAME}")
                async for _notify in connection.notifies():
                    heard()
        except psycopg.OperationalError:
            log.warning("the database does not answer; the bell is silent, the poll goes on")
            await asyncio.sleep(PAUSE)
