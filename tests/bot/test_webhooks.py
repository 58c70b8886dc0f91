"""The door for Telegram's updates: who is let in, and what each request is told."""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlmodel import col, select
from starlette.applications import Starlette

from bot.channels import telegram
from bot.channels.telegram import Telegram
from bot.logs import HidesWords
from bot.running import Channel, Running, put_together
from bot.turn import Outcome
from bot.web.webhooks import LARGEST, TelegramDoor, webhooks
from domain.message import Address, Incoming
from storage.database import Database, StorageDown
from storage.queries import received
from storage.tables import Message, Received
from tests.conftest import sqlite_only
from tests.fakes.telegram_api import TOKEN, private_message

pytestmark = sqlite_only

ACCOUNT = "telegram/main"
SECRET = "a-secret-that-only-telegram-knows"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SITI = 42


@pytest.fixture
def running(database: Database) -> Iterator[Running]:
    """The turns alone: nothing is sent here."""
    wire = Telegram(TOKEN, "http://127.0.0.1:9")
    channel = Channel(ACCOUNT, "main", telegram.ABILITIES, wire, telegram.draw, shares_contact=True)
    running = put_together(database, {ACCOUNT: channel}, sends=False, ticks=False)
    yield running
    running.pool.shutdown()


@pytest.fixture
async def door(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """The webhook, with the secret in hand."""
    app = Starlette(routes=webhooks(running, {"main": TelegramDoor(ACCOUNT, SECRET)}))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers={HEADER: SECRET}) as door:
        yield door


def update(number: int = 1, **content: Any) -> dict[str, Any]:
    return {"update_id": number, **(content or {"message": {**private_message(SITI), "text": "halo"}})}


async def post(door: httpx.AsyncClient, body: bytes, **more: Any) -> httpx.Response:
    return await door.post("/webhooks/telegram/main", content=body, **more)


def stored(running: Running) -> int:
    return len(running.database.read(lambda db: db.exec(select(Received)).all()))


def rejected(reason: str) -> float:
    labels = {"channel": "telegram", "reason": reason}
    return REGISTRY.get_sample_value("bot_inbound_rejected_total", labels) or 0.0


# ── who is let in ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_telegram_is_let_in(door: httpx.AsyncClient, running: Running):
    answer = await post(door, json.dumps(update()).encode())
    assert (answer.status_code, answer.content) == (200, b"")
    assert stored(running) == 1


@pytest.mark.parametrize(
    "secret",
    [b"", b"wrong", SECRET.encode() + b"x", "rähasia".encode(), b"\xff\xfe", "秘密".encode()],
    ids=["empty", "wrong", "longer", "UTF-8", "no text at all", "Chinese"],
)
async def test_a_wrong_secret_is_told_401_whatever_bytes_it_has(
    door: httpx.AsyncClient, running: Running, secret: bytes
):
    """F1: never a 500."""
    counted = rejected("secret")
    answer = await post(door, json.dumps(update()).encode(), headers={HEADER.encode(): secret})
    assert answer.status_code == 401
    assert stored(running) == 0
    assert rejected("secret") == counted + 1


async def test_a_missing_secret_is_told_401(door: httpx.AsyncClient, running: Running):
    """F1: no header at all."""
    del door.headers[HEADER]
    assert (await post(door, json.dumps(update()).encode())).status_code == 401
    assert stored(running) == 0


async def test_a_stranger_is_refused_before_his_body_is_read(door: httpx.AsyncClient):
    """F1: nobody makes us hold a megabyte without the secret."""

    async def endless() -> AsyncIterator[bytes]:
        raise AssertionError("somebody read it")
        yield b""

    del door.headers[HEADER]
    assert (await door.post("/webhooks/telegram/main", content=endless())).status_code == 401


async def test_an_account_that_does_not_exist_is_told_404(door: httpx.AsyncClient):
    """F1: whatever secret comes with it."""
    assert (await door.post("/webhooks/telegram/other", json=update())).status_code == 404


async def test_only_posts_are_taken(door: httpx.AsyncClient):
    assert (await door.get("/webhooks/telegram/main")).status_code == 405


# ── what each request is told ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"halo",
        b"[" * 100_000,
        b'["\\u0041", ' + b"[" * 100_000,
        b'{"update_id": 1' + b"0" * 5000,
    ],
    ids=["empty", "cut off", "no text", "no JSON", "deep", "deep and escaped", "endless number"],
)
async def test_what_is_no_json_is_told_400(door: httpx.AsyncClient, running: Running, body: bytes):
    """F1: nor does it cost us our composure."""
    assert (await post(door, body)).status_code == 400
    assert stored(running) == 0


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'"halo"', b"{}", b'{"update_id": 1, "message": []}'])
async def test_json_that_is_no_update_is_ignored(door: httpx.AsyncClient, running: Running, body: bytes):
    counted = rejected("not_for_us")
    assert (await post(door, body)).status_code == 200
    assert stored(running) == 0
    assert rejected("not_for_us") == counted + 1


async def test_a_body_is_taken_up_to_a_megabyte_and_no_further(door: httpx.AsyncClient, running: Running):
    """F1: 413 from there on."""
    whole = json.dumps(update()).encode().ljust(LARGEST)
    assert (await post(door, whole)).status_code == 200
    assert (await post(door, whole + b" ")).status_code == 413
    assert stored(running) == 1


async def test_a_body_that_does_not_say_how_large_it_is_is_cut_off_too(door: httpx.AsyncClient):
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _chunk in range(100):
            read += 1
            yield b" " * 100_000

    assert (await door.post("/webhooks/telegram/main", content=chunks())).status_code == 413
    assert read < 100


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00", "\\ud83d\\ud83d\\ude00", "\\u0000"])
async def test_half_an_emoji_is_read(door: httpx.AsyncClient, running: Running, half: str):
    body = json.dumps(update(message={**private_message(SITI), "text": "halo HALF"})).replace("HALF", half)
    assert (await post(door, body.encode())).status_code == 200
    (incoming, _at), *_none = running.database.read(lambda db: received.latest(db, Address(ACCOUNT, str(SITI))))
    assert incoming.text.startswith("halo ") and incoming.text.encode()


async def test_half_an_emoji_in_the_name_of_a_press_is_no_trouble(door: httpx.AsyncClient):
    message = private_message(SITI)
    query = {"id": "HALF", "from": message["from"], "message": message, "data": "1|menu|1", "chat_instance": "1"}
    body = json.dumps(update(callback_query=query)).replace("HALF", "\\ud83d")
    answer = await post(door, body.encode())
    assert (answer.status_code, answer.json()["method"]) == (200, "answerCallbackQuery")


async def test_a_press_is_acknowledged_in_the_answer(door: httpx.AsyncClient):
    message = private_message(SITI)
    query = {"id": "77", "from": message["from"], "message": message, "data": "1|menu|1", "chat_instance": "1"}
    answer = await post(door, json.dumps(update(callback_query=query)).encode())
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "answerCallbackQuery",
        "callback_query_id": "77",
        "text": "Tombol itu sudah lewat.",
    }


async def test_a_photo_is_looked_at_in_the_answer_and_kept_for_the_inbox(door: httpx.AsyncClient, running: Running):
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
    answer = await post(door, json.dumps(update(message={**private_message(SITI), "photo": photo})).encode())
    assert answer.json() == {"method": "sendChatAction", "chat_id": SITI, "action": "typing"}
    waiting = running.database.read(lambda db: db.exec(select(col(Received.status))).all())
    assert waiting == ["waiting"]


@pytest.mark.parametrize("trouble", [StorageDown("SQLITE_BUSY"), LookupError("5271014105870002")], ids=["down", "odd"])
async def test_what_cannot_be_stored_is_asked_for_again(
    door: httpx.AsyncClient,
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    log_of: Callable[[], str],
):
    """A11: 503 with Retry-After, and no 2xx without a commit; the log does not repeat what was said."""

    def refuse(_work: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(running.database, "transact", refuse)
        answer = await post(door, json.dumps(update()).encode())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert stored(running) == 0
    assert "come again" in log_of() and "5271014105870002" not in log_of()
    assert (await post(door, json.dumps(update()).encode())).status_code == 200
    assert len(running.database.read(lambda db: db.exec(select(Message)).all())) == 1


@pytest.fixture
def log_of() -> Iterator[Callable[[], str]]:
    """What `jagalapak serve` would have printed."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    handler.addFilter(HidesWords())
    logging.getLogger().addHandler(handler)
    yield printed.getvalue
    logging.getLogger().removeHandler(handler)


async def test_the_turn_is_given_what_telegram_said(
    door: httpx.AsyncClient, running: Running, monkeypatch: pytest.MonkeyPatch
):
    taken: list[Incoming] = []
    take = running.turns.take

    def note_and_take(incoming: Incoming) -> Outcome:
        taken.append(incoming)
        return take(incoming)

    monkeypatch.setattr(running.turns, "take", note_and_take)
    await post(door, json.dumps(update(4711)).encode())
    (incoming,) = taken
    assert (incoming.sender.account, incoming.sender.id) == (ACCOUNT, str(SITI))
    assert (incoming.provider_id, incoming.text) == ("update:4711", "halo")
