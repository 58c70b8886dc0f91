"""The ticks themselves, by whatever clock the machine has."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from bot import scheduler
from bot.clock import Clock
from bot.scheduler import Scheduler
from storage.database import Database
from tests.conftest import sqlite_only


class Machine(datetime):
    """The machine's clock, which somebody may set."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz or UTC) + cls.ahead


@sqlite_only
async def test_ticks_go_on_when_the_clock_is_set_back(database: Database, monkeypatch: pytest.MonkeyPatch):
    """C9: by an hour, in which nothing would be sent again, taken over or announced."""
    for name in ("TIDY", "ROUNDS", "ANNOUNCE"):
        monkeypatch.setattr(scheduler, name, 0.05)
    for module in (scheduler, apscheduler.schedulers.base):
        monkeypatch.setattr(module, "datetime", Machine)
    monkeypatch.setattr(Machine, "ahead", timedelta(0))
    loop, ticked = asyncio.get_running_loop(), asyncio.Event()
    ticking = Scheduler(database, Clock())
    monkeypatch.setattr(ticking, "tidy", lambda: loop.call_soon_threadsafe(ticked.set))
    ticking.start()
    try:
        await asyncio.wait_for(ticked.wait(), 5)
        Machine.ahead = -timedelta(hours=1)
        for _tick in range(3):
            ticked.clear()
            await asyncio.wait_for(ticked.wait(), 5)
    finally:
        ticking.stop()
