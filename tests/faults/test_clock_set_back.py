"""The machine's clock was wrong and is set back by an hour: nobody waits until it shows the same time again (C9)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import Clock
from storage.database import Database
from storage.queries import leases, outbox
from storage.queries.leases import Pace
from tests.fakes.telegram_api import TelegramApi
from tests.faults.house import ACCOUNT, SITI, bot_here, queue, until, until_quiet
from tests.faults.test_bulk_and_answers import ACCOUNT as WHATSAPP
from tests.faults.test_bulk_and_answers import NOW, claim, ended, put, siti

__all__ = ["siti"]
AN_HOUR = timedelta(hours=1)


class Machine(Clock):
    """The machine's clock, and how wrong it is."""

    def __init__(self) -> None:
        self.ahead = AN_HOUR

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def test_answers_go_on_at_once_and_nothing_is_said_twice(database: Database, api: TelegramApi):
    """C9: what was queued before, too."""
    clock = Machine()
    with bot_here(database, api, clock) as (_running, door):
        door.says(SITI, "halo")
        until_quiet(database)
        database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
        queue(database, SITI, "Besok libur.", now=clock.now())
        clock.ahead = timedelta(0)
        database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
        door.says(43, "halo")
        until(lambda: len(api.texts()) == 3)
        until_quiet(database)
    assert [len(api.texts(who)) for who in (str(SITI), "43")] == [2, 1]


@pytest.mark.parametrize("paused", [False, True])
def test_the_pace_begins_anew_and_a_pause_lasts_on(database: Database, siti: str, paused: bool):
    """C9: to one person as to all; only what a provider asked for is kept."""

    def set_back(db: Any) -> None:
        leases.set_back(db, WHATSAPP, before=NOW, now=NOW - AN_HOUR)

    pace = Pace(6.0, burst=0)
    put(database, siti, "first", "reply")
    put(database, siti, "second", "reply")
    assert claim(database, NOW, pace) == ["first"]
    ended(database, "first")
    if paused:
        database.transact(lambda db: outbox.pause(db, WHATSAPP, until=NOW + timedelta(seconds=35)))
    assert claim(database, NOW - AN_HOUR, pace) == []
    database.transact(set_back)
    assert claim(database, NOW - AN_HOUR, pace) == ([] if paused else ["second"])
