"""A deployment stops the bot with work in hand: it claims nothing more, ends in time, and the next one goes on (E5)."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.clock import MovableClock
from storage.database import open_database
from storage.queries import outbox
from tests.fakes.telegram_api import TelegramApi
from tests.faults.house import ACCOUNT, Program, bot_here, heard, messages, queue, statuses, until, until_quiet

VENDORS = range(1001, 1041)
ON_THE_WIRE, KNOCKING = VENDORS[0], 2001
SLOW = "20"  # messages a second: forty take two seconds


def test_a_stop_with_work_in_hand_ends_in_time_and_nothing_is_done_twice(
    sqlite_url: str, ring_text: str, api: TelegramApi, clock: MovableClock, tmp_path: Path
):
    """E5: SIGTERM while messages have slots, one is on the wire, and an update is being stored."""
    database = open_database(sqlite_url)
    with Program(tmp_path, sqlite_url, ring_text, api) as program:
        program.environment["TELEGRAM_PER_SECOND"] = SLOW
        program.start()
        for chat in VENDORS:
            api.says(chat, "halo")
        api.settle()
        until(lambda: set(statuses(database)) == {"accepted"})
        for chat in VENDORS:
            queue(database, chat, "Iuran bulan ini belum kami terima.", now=clock.now())
        api.stall(1.0, accepted=True, method="sendMessage", chat=str(ON_THE_WIRE))
        until(lambda: len(api.texts()) > len(VENDORS) + 5)

        with closing(sqlite3.connect(make_url(sqlite_url).database or "", timeout=20, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            api.says(KNOCKING, "halo")
            until(lambda: len(open_connections(program.port)) > 0)
            let_go = threading.Timer(0.5, program.process.poll)
            program.process.terminate()
            let_go.start()
            let_go.join()
            other.execute("ROLLBACK")
        assert program.terminate() < 20.0
    left = statuses(database)
    assert set(left) <= {"accepted", "queued"} and "queued" in left
    assert left.count("accepted") == len(api.texts())

    with bot_here(database, api, clock):
        api.settle()
        until_quiet(database)
    assert heard(open_database(sqlite_url))["done"] == len(VENDORS) + 1
