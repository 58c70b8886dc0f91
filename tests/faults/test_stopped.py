"""A deployment stops the bot with work in hand: it claims nothing more, ends in time, and the next one goes on (E5)."""

import json
import socket
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import make_url
from sqlmodel import Session

from bot.clock import MovableClock
from domain.message import Reply
from storage.database import open_database
from storage.queries import outbox, talks
from tests.fakes.telegram_api import TelegramApi
from tests.faults.house import ACCOUNT, SECRET, Program, bot_here, heard, said, statuses, until, until_quiet

VENDORS = range(1001, 1031)
ON_THE_WIRE, KNOCKING = VENDORS[0], 2001
SLOW = "20"  # messages a second: thirty take a second and a half


def test_a_stop_with_work_in_hand_ends_in_time_and_nothing_is_done_twice(
    sqlite_url: str, ring_text: str, api: TelegramApi, clock: MovableClock, tmp_path: Path
):
    """E5: SIGTERM while messages have slots, one is on the wire, and an update is being stored."""
    database = open_database(sqlite_url)
    with Program(tmp_path, sqlite_url, ring_text, api) as program:
        program.environment["TELEGRAM_PER_SECOND"] = SLOW
        program.start()
        api.stall(2.0, accepted=True, method="sendMessage", chat=str(ON_THE_WIRE))
        database.transact(lambda db: remind_all(db, clock.now()))
        until(lambda: len(api.texts()) > 5)
        with locked(sqlite_url):
            line = knock(program)
            program.process.terminate()
            asked = time.monotonic()
        program.process.wait(60)
        assert time.monotonic() - asked < 20.0
        assert line.recv(12) == b"HTTP/1.1 200"
    left = statuses(database)
    assert set(left) == {"accepted", "queued"}
    assert left.count("accepted") == len(api.texts())

    with bot_here(database, api, clock):
        until_quiet(database)
        assert set(statuses(database)) == {"accepted"}
        assert heard(database) == {"done": 1}
    assert [len(api.texts(str(chat))) for chat in (*VENDORS, KNOCKING)] == [1] * (len(VENDORS) + 1)


def remind_all(db: Session, now: datetime) -> None:
    """A reminder for each vendor."""
    for chat in VENDORS:
        address = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=str(chat), now=now)
        outbox.put(
            db,
            association_id="main",
            account=ACCOUNT,
            address_id=address.id,
            key=f"test:{chat}",
            kind="bulk",
            reply=Reply("Iuran bulan ini belum kami terima."),
            now=now,
        )


def locked(url: str) -> "closing[sqlite3.Connection]":
    """The file is held by somebody else until the block ends."""
    other = sqlite3.connect(make_url(url).database or "", timeout=20, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return closing(other)


def knock(program: Program) -> socket.socket:
    """An update that the bot has begun to take in; its answer is still to come."""
    body = json.dumps(said(KNOCKING, "halo")).encode()
    line = socket.create_connection(("127.0.0.1", program.port), timeout=30)
    line.sendall(
        f"POST /webhooks/telegram/main HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n\r\n".encode()
        + body
    )
    assert httpx.get(f"{program.url}/healthz", timeout=20).status_code == 200  # so it has read what came before
    return line
