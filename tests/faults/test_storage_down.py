"""The database is away or full: nothing is acknowledged that is not kept, and all goes on by itself (A11, E1)."""

import asyncio
import logging
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import event

from bot import polling
from bot.channels import telegram
from bot.clock import MovableClock
from bot.running import Running, put_together
from bot.turn import Outcome
from domain.message import Incoming
from storage import database as edge
from storage.database import Database, SqliteDatabase
from storage.queries import outbox
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TelegramApi, private_message
from tests.faults.house import (
    ACCOUNT,
    SITI,
    UNTIL_KTP,
    WELCOME,
    Door,
    bot_here,
    channel,
    heard,
    messages,
    photo,
    said,
    statuses,
    step_of,
    until,
    until_quiet,
)

WHO = str(SITI)
DIE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up after a tenth of a second, not after five."""
    monkeypatch.setattr(edge, "BUSY_TIMEOUT", 100)


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Another process holds the file; or the server has died, and its port refuses everybody."""
    with locked(database) if isinstance(database, SqliteDatabase) else dead(database):
        yield


@contextmanager
def locked(database: Database) -> Iterator[None]:
    path = database.engine.url.database or ""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def dead(database: Database) -> Iterator[None]:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen

        def lead_astray(_dialect: object, _record: object, _words: object, parameters: dict[str, Any]) -> None:
            parameters.update(host="127.0.0.1", port=nobody.getsockname()[1])

        event.listen(database.engine, "do_connect", lead_astray)
        try:
            with psycopg.connect(url, autocommit=True) as master:
                master.execute(DIE)
            yield
        finally:
            event.remove(database.engine, "do_connect", lead_astray)


# ── away ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("impatient")
def test_while_the_database_is_away_telegram_is_asked_to_come_again_and_nothing_is_lost(
    running: Running, door: Door, api: TelegramApi
):
    """A11: 503 with Retry-After; then everything is answered, once and in order."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    update = said(SITI, "1")
    with away(running.database):
        answer = door.post(update)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert httpx.get(f"{door.url}/readyz", timeout=30).status_code == 503
        for chat in (43, 44):
            api.says(chat, "halo")
        until(lambda: len([delivery for delivery in api.deliveries if delivery.status == 503]) >= 4)
    until(lambda: door.post(update).status_code == 200)
    api.settle()
    until_quiet(running.database)
    assert {delivery.status for delivery in api.deliveries} == {503, 200}
    assert heard(running.database) == {"done": 4}
    assert {chat: len(api.texts(str(chat))) for chat in (SITI, 43, 44)} == {SITI: 2, 43: 1, 44: 1}
    assert httpx.get(f"{door.url}/readyz", timeout=30).status_code == 200


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_while_the_database_is_away_a_polled_update_waits_and_is_not_confirmed(
    database: Database,
    api: TelegramApi,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """A11: by polling; and so it is with any other trouble in storing it."""
    monkeypatch.setattr(polling, "PAUSE", 0.02)
    with bot_here(database, api, clock, mode="polling") as (running, _door):
        with away(database):
            api.says(SITI, "halo")
            until(lambda: "the update waits at Telegram" in caplog.text)
        until(lambda: step_of(database, SITI) == "choose_language")
        refuse_twice(running, monkeypatch)
        api.says(SITI, "1")
        until(lambda: step_of(database, SITI) == "ask_consent")
        until_quiet(database)
    assert (heard(database), len(api.texts(WHO))) == ({"done": 2}, 2)


@pytest.mark.usefixtures("impatient")
def test_how_a_send_ended_is_not_forgotten_while_the_database_is_away(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
):
    """A11, B6: Telegram's answer comes while nothing can be written; it is written afterwards, and not sent again."""
    attempts = attempts_to_note(running, monkeypatch)
    api.stall(1.5, accepted=True, method="sendMessage")
    door.says(SITI, "halo")
    until(lambda: api.texts(WHO))
    with away(running.database):
        until(lambda: len(attempts) >= 2)
    until(lambda: statuses(running.database) == ["accepted"])
    clock.move_to(clock.now() + timedelta(minutes=10))
    running.scheduler.tidy()
    until_quiet(running.database)
    assert (statuses(running.database), len(api.texts(WHO))) == (["accepted"], 1)


def refuse_twice(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two messages cannot be taken, for a reason that nobody thought of."""
    take, troubles = running.turns.take, iter([LookupError("odd"), LookupError("odder")])

    def take_at_last(incoming: Incoming) -> Outcome:
        for trouble in troubles:
            raise trouble
        return take(incoming)

    monkeypatch.setattr(running.turns, "take", take_at_last)


def attempts_to_note(running: Running, monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """Grows whenever the outbox tries to write down how attempts ended."""
    tried: list[list[Any]] = []
    end_all = running.outbox.ending.together

    async def note_and_end(outcomes: list[Any]) -> list[None]:
        tried.append(outcomes)
        return await end_all(outcomes)

    monkeypatch.setattr(running.outbox.ending, "together", note_and_end)
    return tried


@pytest.mark.usefixtures("impatient")
async def test_workers_that_start_while_the_database_is_away_begin_when_it_is_back(
    database: Database, api: TelegramApi, clock: MovableClock
):
    """A11: what waits is answered and sent all the same."""
    running = put_together(database, {ACCOUNT: channel(api)}, clock=clock, ticks=False)
    api.put_file("card", sample_ktp("Contoh"))
    for update in (said(SITI, "halo"), {"update_id": 1, "message": {**private_message(43), **photo("card")}}):
        await running.take(heard_by_us(update))
    with away(database):
        await running.start()
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in running.tasks)
    try:
        await asyncio.to_thread(until, lambda: api.texts(WHO) and api.texts("43"))
        await asyncio.to_thread(until_quiet, database)
    finally:
        await running.stop()


def heard_by_us(update: dict[str, Any]) -> Incoming:
    incoming = telegram.read(update, ACCOUNT, MovableClock().now())
    assert incoming
    return incoming


# ── full ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def full(database: Database, *, spare_pages: int = 0) -> Iterator[None]:
    """The disk has room for so many pages more."""
    assert isinstance(database, SqliteDatabase)
    limit(database, spare_pages)
    try:
        yield
    finally:
        limit(database, 1_000_000)


def limit(database: SqliteDatabase, spare_pages: int) -> None:
    with database.writing.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + spare_pages}")


@sqlite_only
def test_on_a_full_disk_nothing_is_acknowledged_that_was_not_kept(running: Running, door: Door):
    """E1: every 200 is a row, every 503 is none; with room again the rest is taken."""
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
    updates = [said(chat, "halo " + "x" * 1_500) for chat in range(1001, 1041)]
    with full(running.database, spare_pages=12):
        first = [door.post(update).status_code for update in updates]
    assert set(first) == {200, 503}
    assert heard(running.database)["done"] == len(messages(running.database)) == first.count(200)
    assert [door.post(update).status_code for update in updates] == [200] * len(updates)
    assert heard(running.database)["done"] == len(messages(running.database)) == len(updates)
    with closing(sqlite3.connect(running.database.engine.url.database or "")) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@sqlite_only
def test_a_photo_that_finds_no_room_is_kept_whole_later(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock, caplog: pytest.LogCaptureFixture
):
    """E1: no half of it stays, and she need not send it again."""
    door.says(SITI, *WELCOME, *UNTIL_KTP)
    until_quiet(running.database)
    api.put_file("card", sample_ktp("Contoh"))
    with full(running.database, spare_pages=6), caplog.at_level(logging.WARNING):
        answer = door.post({"update_id": 1, "message": {**private_message(SITI), **photo("card")}})
        assert answer.status_code == 200
        until(lambda: "the message waits" in caplog.text)
        assert step_of(running.database, SITI) == "ask_ktp"
        assert count_of(running.database, "document") == 0
    clock.move_to(clock.now() + timedelta(minutes=2))  # the lease of the first try ends
    until(lambda: step_of(running.database, SITI) == "review")
    assert count_of(running.database, "document") == 1


def count_of(database: Database, table: str) -> int:
    return int(database.read(lambda db: db.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()))
