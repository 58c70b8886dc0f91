"""Whether the bot says of itself what is true, and to whom."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session, select

from bot.channels import telegram
from bot.channels.telegram import Telegram
from bot.running import Channel, Running, put_together
from bot.web.health import health
from domain.message import ProviderId, Reply
from storage.database import Database, StorageDown
from storage.migrate import heads
from storage.queries import outbox, reaching, received, talks
from storage.tables import Message, Rate, Template
from tests.conftest import sqlite_only
from tests.fakes.telegram_api import TOKEN

ACCOUNT = "telegram/main"
NEAR, FAR = ("127.0.0.1", 50_000), ("203.0.113.9", 50_000)


@pytest.fixture
def running(database: Database) -> Iterator[Running]:
    wire = Telegram(TOKEN, "http://127.0.0.1:9")
    channel = Channel(ACCOUNT, "main", telegram.ABILITIES, wire, telegram.draw)
    yield put_together(database, {ACCOUNT: channel}, sends=False, ticks=False)


@pytest.fixture
async def near(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on this machine."""
    async with asking(running, NEAR) as client:
        yield client


def asking(running: Running, who: tuple[str, int]) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(health(running))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=who), base_url="http://127.0.0.1")


def say(running: Running, statement: str) -> None:
    running.database.transact(lambda db: db.connection().execute(text(statement)))


async def test_it_is_ready_when_everything_holds(near: httpx.AsyncClient):
    answer = await near.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database_writes": True,
        "database_at_head": True,
        "channels_configured": True,
        "workers_running": True,
    }


async def test_it_is_not_ready_while_a_migration_is_missing(near: httpx.AsyncClient, running: Running):
    say(running, "DELETE FROM alembic_version")
    try:
        answer = await near.get("/readyz")
    finally:
        restore(running)
    assert (answer.status_code, answer.json()["database_at_head"]) == (503, False)


async def test_it_is_not_ready_on_the_database_of_a_newer_release(near: httpx.AsyncClient, running: Running):
    say(running, "UPDATE alembic_version SET version_num = 'of_2031'")
    try:
        answer = await near.get("/readyz")
    finally:
        restore(running)
    assert (answer.status_code, answer.json()["database_at_head"]) == (503, False)


def restore(running: Running) -> None:
    """The PostgreSQL of all tests is at head again."""
    say(running, "DELETE FROM alembic_version")
    for head in heads():
        say(running, f"INSERT INTO alembic_version VALUES ('{head}')")


async def test_it_is_not_ready_while_the_database_takes_no_writes(
    near: httpx.AsyncClient, running: Running, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_work: object) -> None:
        raise StorageDown("SQLITE_BUSY")

    monkeypatch.setattr(running.database, "transact", refuse)
    answer = await near.get("/readyz")
    assert (answer.status_code, answer.json()["database_writes"]) == (503, False)


async def test_it_is_not_ready_once_a_worker_has_ended(near: httpx.AsyncClient, running: Running):
    running.tasks.append(ended := asyncio.create_task(nothing()))
    await ended
    answer = await near.get("/readyz")
    assert (answer.status_code, answer.json()["workers_running"]) == (503, False)


async def nothing() -> None:
    """A worker that has come to its end."""


@sqlite_only
async def test_asking_whether_it_writes_changes_nothing(near: httpx.AsyncClient, running: Running):
    def rates(db: Session) -> list[Any]:
        return list(db.connection().execute(text("SELECT per_second, next_at, halted FROM rate")))

    before = running.database.read(rates)
    await near.get("/readyz")
    assert running.database.read(rates) == before


@sqlite_only
async def test_it_is_alive_even_when_it_is_not_ready(running: Running):
    running.database.close()
    async with asking(running, FAR) as stranger:
        assert (await stranger.get("/healthz")).json() == {"alive": True}
        assert (await stranger.get("/readyz")).status_code == 503


@sqlite_only
@pytest.mark.parametrize(
    ("who", "headers"),
    [(FAR, {}), (NEAR, {"X-Forwarded-For": "203.0.113.9"})],
    ids=["from afar", "through a proxy on this machine"],
)
async def test_a_stranger_learns_only_whether_it_is_ready(
    running: Running, who: tuple[str, int], headers: dict[str, str]
):
    async with asking(running, who) as stranger:
        assert (await stranger.get("/readyz", headers=headers)).json() == {"ready": True}
        assert (await stranger.get("/metrics", headers=headers)).status_code == 404


async def test_the_figures_count_what_stands_in_the_tables_and_name_nobody(near: httpx.AsyncClient, running: Running):
    def work(db: Session) -> None:
        now = running.clock.now()
        siti = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id="770042", now=now)
        for number in range(3):
            outbox.put(
                db,
                association_id="main",
                account=ACCOUNT,
                address_id=siti.id,
                key=f"test:{number}",
                reply=Reply("Selamat pagi."),
                now=now,
            )
        greeting = telegram.read(UPDATE, ACCOUNT, now)
        assert greeting
        for status in ("waiting", "dead"):
            again = replace(greeting, provider_id=ProviderId(f"update:{status}"))
            received.add(db, again, association_id="main", status=status, now=now, next_at=now)

    running.database.transact(work)
    answer = await near.get("/metrics")
    assert answer.status_code == 200
    assert 'bot_outbox_messages{channel="telegram/main",kind="reply",status="queued"} 3.0' in answer.text
    assert "bot_inbox_pending 1.0" in answer.text
    assert "bot_dead_letters 1.0" in answer.text
    assert "770042" not in answer.text


async def test_what_goes_to_many_is_counted_with_what_keeps_it(near: httpx.AsyncClient, running: Running):
    def work(db: Session) -> None:
        now = running.clock.now()
        rate = db.exec(select(Rate)).one()
        rate.people_per_day = 250
        for number, (status, code) in enumerate(
            (
                ("parked", "template:due_id"),
                ("parked", "template:knock_en"),
                ("parked", "people_per_day"),
                ("uncertain", ""),
            )
        ):
            her = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=str(number), now=now)
            key = f"bulk:{number}"
            about = {"association_id": "main", "account": ACCOUNT, "address_id": her.id, "now": now}
            outbox.put(db, key=key, reply=Reply("Iuran."), kind="bulk", **about)
            row = db.exec(select(Message).where(Message.key == key)).one()
            row.status, row.code = status, code
            reaching.take_place(db, ACCOUNT, her.id, now - timedelta(hours=number * 12))
        filed = {"asked": "utility", "category": "marketing", "status": "approved", "checked_at": now}
        db.add(Template(account=ACCOUNT, name="due_id", association_id="main", sid="HX1", **filed))

    running.database.transact(work)
    told = (await near.get("/metrics")).text
    for line in (
        'bot_parked_messages{channel="telegram/main",why="template"} 2.0',
        'bot_parked_messages{channel="telegram/main",why="people_per_day"} 1.0',
        'bot_uncertain_messages{channel="telegram/main"} 1.0',
        'bot_whatsapp_window_users_24h{channel="telegram/main"} 2.0',
        'bot_whatsapp_window_users_limit{channel="telegram/main"} 250.0',
        'bot_templates{channel="telegram/main",status="refiled"} 1.0',
    ):
        assert line in told


UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": {"id": 770042, "type": "private"},
        "from": {"id": 770042, "is_bot": False, "first_name": "Siti"},
        "text": "halo",
    },
}


@sqlite_only
async def test_without_a_database_there_are_no_figures_but_an_answer(
    near: httpx.AsyncClient, running: Running, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_work: object) -> None:
        raise StorageDown("closed")

    monkeypatch.setattr(running.database, "read", refuse)
    assert (await near.get("/metrics")).status_code == 503
