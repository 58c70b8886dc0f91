"""The whole bot against the stand-in for Telegram: here in a thread, or as the process that a user starts."""

import asyncio
import gc
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx
import uvicorn
from sqlmodel import Session, SQLModel, col, select

from bot.app import build_app
from bot.channels import telegram
from bot.clock import Clock
from bot.running import Channel, Running, put_together
from bot.settings import Settings
from domain.message import Reply
from storage.columns import Moment, new_id
from storage.database import Database
from storage.queries import outbox, people
from storage.tables import Address, Message, Received, Talk
from tests.fakes.telegram_api import TOKEN, TelegramApi, private_message
from tests.fakes.telegram_wire import Json

ROOT = Path(__file__).parents[2]
ACCOUNT = "telegram/main"
SECRET = "a-secret-that-only-telegram-knows"
RATE = 1000.0  # messages a second; a test that wants a slow account says so
SITI = 42  # a chat
NIK = "5271014105870002"
PHONE = "081200000001"
MOTHER = "Inaq Rahmah Contoh"
WELCOME = ("halo", "1", "setuju", "ya", "tidak")
UNTIL_KTP = (
    "daftar",
    "1",
    NIK,
    "benar",
    "Siti Contoh",
    "Mataram",
    MOTHER,
    PHONE,
    "kota mataram",
    "ampenan",
    "bintaro",
    "Jalan Contoh 1",
    "1",
    "Pasar Contoh",
    "1",
    "1",
    "1",
    "Ahmad Contoh",
    "2",
    "1",
)
numbers = count(9_000_001)


def next_number() -> int:
    """The id of an update that nobody has sent yet."""
    return next(numbers)


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def until(holds: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait for a condition, however slow this machine is today."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it never came to that; under way: {under_way()}"
        time.sleep(0.01)


def under_way() -> list[str]:
    """Where each task of the bot waits, to tell why nothing moves."""
    tasks = [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]
    return sorted(f"{task.get_name()}: {task.get_stack(limit=1)} {task.get_coro()}" for task in tasks)


def is_quiet(database: Database) -> bool:
    """Nothing is left to answer or to send: what was not said by now is never said."""

    def look(db: Session) -> bool:
        waiting = db.exec(select(Received.id).where(col(Received.status) == "waiting").limit(1)).first()
        is_open = col(Message.status).in_(("queued", "leased", "retry_wait"))
        unsaid = db.exec(select(Message.id).where(is_open).limit(1)).first()
        return waiting is None and unsaid is None

    return database.read(look)


def until_quiet(database: Database) -> None:
    """Wait until nothing is left to answer or to send."""
    until(lambda: is_quiet(database))


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


def messages(database: Database, chat: int | None = None) -> list[Message]:
    """Everything that was to be said, oldest first."""

    def look(db: Session) -> list[Message]:
        every = select(Message).order_by(col(Message.id))
        if chat is not None:
            every = every.join(Address, col(Address.id) == col(Message.address_id)).where(
                col(Address.external_id) == str(chat)
            )
        return list(db.exec(every))

    return database.read(look)


def statuses(database: Database, chat: int | None = None) -> list[str]:
    """How each of them ended, oldest first."""
    return [message.status for message in messages(database, chat)]


def heard(database: Database) -> Counter[str]:
    """How many messages that came in stand where."""
    return Counter(database.read(lambda db: list(db.exec(select(Received.status)))))


def step_of(database: Database, chat: int) -> str:
    """The question that is open for somebody; "" when there is none."""

    def look(db: Session) -> str:
        hers = select(Talk.step).join(Address, col(Address.id) == col(Talk.address_id))
        return db.exec(hers.where(col(Address.external_id) == str(chat))).one_or_none() or ""

    return database.read(look)


def address_of(database: Database, chat: int) -> Address:
    """Where somebody is reached."""
    found = database.read(lambda db: people.find_address(db, ACCOUNT, str(chat)))
    assert found, f"{chat} has not written yet"
    return found


# ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def queue(database: Database, chat: int, text: str, *, now: datetime, kind: str = "bulk") -> None:
    """Put a message for somebody into the outbox, as a reminder does."""
    address = address_of(database, chat)

    def work(db: Session) -> None:
        outbox.put(
            db,
            association_id="main",
            account=ACCOUNT,
            address_id=address.id,
            key=f"test:{new_id()}",
            kind=kind,
            reply=Reply(text),
            now=now,
        )

    database.transact(work)


def let_pass(database: Database, time_gone: timedelta) -> None:
    """Move every moment in these tables back, as if so much time had gone by meanwhile."""

    def work(db: Session) -> None:
        for name in ("message", "received", "talk", "rate"):
            table = SQLModel.metadata.tables[name]
            moments = [column.name for column in table.columns if isinstance(column.type, Moment)]
            (key,) = table.primary_key.columns
            for row in db.connection().execute(table.select()).mappings().all():
                earlier = {moment: row[moment] - time_gone for moment in moments if row[moment]}
                db.connection().execute(table.update().where(key == row[key.name]).values(earlier))

    database.transact(work)


def said(chat: int, text: str, *, number: int | None = None, **more: Any) -> Json:
    """An update as Telegram posts it."""
    return {"update_id": number or next_number(), "message": {**private_message(chat), "text": text, **more}}


def pressed(chat: int, data: str, *, number: int | None = None) -> Json:
    """A press of a button as Telegram posts it."""
    number = number or next_number()
    message = private_message(chat)
    query = {"id": str(number), "from": message["from"], "chat_instance": "1", "message": message, "data": data}
    return {"update_id": number, "callback_query": query}


def photo(file_id: str, **more: Any) -> Json:
    """The fields of a message with a photo."""
    sizes = [
        {"file_id": f"{file_id}-small", "file_unique_id": f"us-{file_id}", "width": 90, "height": 57},
        {"file_id": file_id, "file_unique_id": f"u-{file_id}", "width": 1012, "height": 638},
    ]
    return {"photo": sizes, **more}


class Door:
    """Posts updates as Telegram does, one at a time and in the order that the test wants."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=60, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})

    def post(self, update: Json) -> httpx.Response:
        """One update; the bot's answer."""
        return self.client.post("/webhooks/telegram/main", json=update)

    def says(self, chat: int, *texts: str) -> httpx.Response:
        """Somebody types one message after the other; the answer to the last."""
        return [self.post(said(chat, text)) for text in texts][-1]


def button(api: TelegramApi, chat: int, label: str) -> str:
    """What the last button of that label carries that somebody was shown."""
    for call in reversed(api.calls_of("sendMessage", str(chat))):
        for row in call.params.get("reply_markup", {}).get("inline_keyboard", []):
            for key in row:
                if key["text"] == label:
                    return str(key["callback_data"])
    raise AssertionError(f"nobody showed {chat} a button {label!r}")


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ── the bot in this process ──────────────────────────────────────────────────────────────────────────────────────


def channel(api: TelegramApi, *, rate: float = RATE, patience: float = 20.0) -> Channel:
    """The bot at the stand-in."""
    wire = telegram.Telegram(TOKEN, api.base_url, patience=patience)
    abilities = replace(telegram.ABILITIES, rate=rate)
    return Channel(ACCOUNT, "main", abilities, wire, telegram.draw, shares_contact=True)


@contextmanager
def bot_here(
    database: Database,
    api: TelegramApi,
    clock: Clock,
    *,
    mode: str = "webhook",
    rate: float = RATE,
    patience: float = 20.0,
) -> Iterator[tuple[Running, Door]]:
    """Everything that `jagalapak serve` runs, in a thread, and a door to it.

    `mode`: webhook, polling, or unannounced, which tells Telegram nothing. `patience`: seconds for each call's answer.
    """
    running = put_together(database, {ACCOUNT: channel(api, rate=rate, patience=patience)}, clock=clock)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = build_app(settings(api, url if mode == "webhook" else "", mode), running)
        config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="bot")
        door = Door(url)
        thread.start()
        try:
            until(lambda: server.started and (mode != "webhook" or api.bot().webhook))
            yield running, door
        finally:
            door.client.close()
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


def settings(api: TelegramApi, url: str, mode: str) -> Settings:
    """The settings as an operator writes them."""
    with environment(variables(api, url, mode)):
        found = Settings()
        assert found.channels  # read now, while the environment stands
        return found


@contextmanager
def environment(given: Mapping[str, str]) -> Iterator[None]:
    """The environment of this process, for a moment."""
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def variables(api: TelegramApi, url: str, mode: str) -> dict[str, str]:
    """What the environment must say about the bot."""
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_MODE": "polling" if mode == "polling" else "webhook",
        "TELEGRAM_API_BASE_URL": api.base_url,
        "TELEGRAM_PER_SECOND": str(RATE),
        "PUBLIC_BASE_URL": url,
    }


# ── the bot as a process ─────────────────────────────────────────────────────────────────────────────────────────


class Program:
    """A `jagalapak` process; it may be killed and started again on the same port and database."""

    def __init__(self, folder: Path, database_url: str, keys: str, api: TelegramApi, *, mode: str = "webhook") -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "stderr.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "SECRET_KEYS": keys,
            "LOG_LEVEL": "DEBUG",
            **variables(api, self.url, mode),
        }

    def start(self, *words: str) -> Self:
        """`jagalapak serve …`, and wait until it is ready."""
        command = [str(Path(sys.executable).parent / "jagalapak"), "serve", "--port", str(self.port), *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stderr=log, stdout=log)
        until(self.is_ready, 60)
        return self

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9, at this very moment."""
        self.process.kill()
        self.process.wait(30)

    def terminate(self) -> float:
        """SIGTERM, as a deployment sends it; the seconds until it was gone."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(60)
        return time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.kill()
