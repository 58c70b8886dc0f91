"""The whole bot against the stand-in for Twilio, alone or beside the one for Telegram: in a thread, or as a process."""

import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import uvicorn
from sqlmodel import Session, col, select

from bot.app import build_app, whatsapp_channels
from bot.clock import Clock
from bot.running import Running, put_together
from bot.settings import Settings
from domain.message import Reply
from storage.columns import new_id
from storage.database import Database, open_database
from storage.queries import identities, outbox, people
from storage.queries.deliveries import ATTEMPT
from storage.tables import Address, Delivery, Message, Received, Talk, Ticket
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_account import Message as Sent
from tests.fakes.twilio_api import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    KEY_SECRET,
    KEY_SID,
    SENDER,
    SITI,
    TwilioApi,
    incoming_form,
    photo,
    pick,
    signed,
    status_form,
    tap,
)
from tests.faults import house
from tests.faults.house import environment, until

ACCOUNT = "whatsapp/main"
PUBLIC = "https://bot.contoh.id"  # where Twilio believes us to be; on this machine we listen elsewhere, without TLS
MESSAGES = "/webhooks/twilio/main"
RINA, LALU, BUDI = "+6281200000002", "+6281200000003", "+6281200000004"
CONTENTS = 23  # that are made at the start
WELCOME = ("halo", "1", "setuju", "ya", "tidak")
UNTIL_KTP = (
    "Siti Contoh",
    "Mataram",
    house.MOTHER,
    "pakai nomor ini",
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
"""From her name on; the NIK comes from the page, with the photo or without."""


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────


def messages(database: Database, who: str = "") -> list[Message]:
    """Everything that was to be said on WhatsApp, oldest first."""

    def look(db: Session) -> list[Message]:
        every = select(Message).where(Message.account == ACCOUNT).order_by(col(Message.id))
        if who:
            every = every.join(Address, col(Address.id) == col(Message.address_id)).where(Address.external_id == who)
        return list(db.exec(every))

    return database.read(look)


def statuses(database: Database, who: str = "") -> list[str]:
    """How each of them ended, oldest first."""
    return [message.status for message in messages(database, who)]


def step_of(database: Database, who: str) -> str:
    """The question that is open for whoever speaks there now; "" when there is none."""

    def look(db: Session) -> str:
        hers = select(Talk.step).join(
            Address, (col(Address.id) == col(Talk.address_id)) & (col(Address.person_id) == col(Talk.person_id))
        )
        return db.exec(hers.where(col(Address.external_id) == who)).one_or_none() or ""

    return database.read(look)


def address_of(database: Database, who: str) -> Address:
    """Where somebody is reached."""
    found = database.read(lambda db: people.find_address(db, ACCOUNT, who))
    assert found, "she has not written yet"
    return found


def deliveries(database: Database) -> list[tuple[str, str, str, bool]]:
    """What Twilio reported: its id, the status, the code, and whether it is about a message of ours."""

    def look(db: Session) -> list[tuple[str, str, str, bool]]:
        theirs = select(Delivery).where(~col(Delivery.provider_id).startswith(ATTEMPT))
        rows = db.exec(theirs.order_by(col(Delivery.id)))
        return [(row.provider_id, row.status, row.code, row.message_id is not None) for row in rows]

    return database.read(look)


def tickets_of(database: Database, kind: str) -> list[Ticket]:
    """The tickets of one kind."""
    return database.read(lambda db: list(db.exec(select(Ticket).where(Ticket.kind == kind))))


def received_ids(database: Database) -> list[str]:
    """The provider's ids of everything that was taken in, in that order."""
    return database.read(lambda db: list(db.exec(select(Received.provider_id).order_by(col(Received.id)))))


def link_in(text: str) -> str:
    """The path of the page that a message leads to."""
    found = re.search(re.escape(PUBLIC) + r"(/\S+)", text)
    assert found, "no link there"
    return found[1]


# ── doing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def queue(database: Database, who: str, text: str, *, now: datetime, kind: str = "bulk") -> None:
    """Put a message for somebody into the outbox, as a reminder does."""
    address = address_of(database, who)

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


def join(bot: Running, clock: Clock) -> None:
    """Siti on Telegram is the Siti of WhatsApp."""

    def work(db: Session) -> None:
        here, there = (
            people.find_address(db, account, who)
            for account, who in ((ACCOUNT, SITI), (house.ACCOUNT, str(house.SITI)))
        )
        assert here and there
        identities.make_code(
            db,
            association_id="main",
            person_id=here.person_id,
            address_id=here.id,
            code="123456",
            now=clock.now(),
        )
        code = identities.find_code(db, "main", "123456", clock.now(), lock=True)
        assert code
        identities.join(db, there.id, code, clock.now())

    bot.database.transact(work)


@contextmanager
def held(bot: Running) -> Iterator[None]:
    """Nothing is sent on WhatsApp until the block ends."""
    bot.database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
    yield
    bot.database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))


class TwilioDoor:
    """Posts forms as Twilio does, signed, one at a time and in the order that the test wants."""

    def __init__(self, url: str, api: TwilioApi) -> None:
        self.url, self.api = url, api
        self.client = httpx.Client(base_url=url, timeout=60)

    def post(
        self, form: Mapping[str, str], *, path: str = MESSAGES, token: str = AUTH_TOKEN, seen_as: str = PUBLIC
    ) -> httpx.Response:
        """One form, signed for `path` as Twilio sees it."""
        if form.get("SmsStatus") == "received":
            self.api.wrote(form["From"])
        headers = signed(seen_as + path, form, token)
        return self.client.post(path.partition("#")[0], data=dict(form), headers=headers)

    def says(self, who: str, *texts: str, **more: str) -> httpx.Response:
        """Somebody types one message after the other; the answer to the last."""
        return [self.post(incoming_form(who, text, **more)) for text in texts][-1]

    def shows(self, who: str, content: bytes, mime: str = "image/jpeg", caption: str = "", **more: str) -> str:
        """Somebody sends a picture; where it lies at Twilio."""
        url = self.api.store_media(content, mime)
        assert self.post(photo(url, mime, who, caption, **more)).status_code == 200
        return url

    def presses(self, who: str, label: str) -> httpx.Response:
        """Somebody taps a quick reply, or picks a row, of the last message to her that has one of that label."""
        for message in reversed(self.api.messages_to(who)):
            for button in message.buttons:
                if label in (button.title, button.description):
                    kind = self.api.account.contents[message.content_sid].kind
                    press = tap if kind == "twilio/quick-reply" else pick
                    return self.post(press(button.title, button.id, who))
        raise AssertionError(f"nobody was shown a button {label!r}")

    def reports(self, message: Sent, status: str, code: int | None = None, **more: str) -> httpx.Response:
        """Twilio says how far a message of ours got; the stand-in's own reports are not as patient."""
        path = message.status_callback.removeprefix(PUBLIC)
        return self.post(status_form(message, status, code, **more), path=path)

    def fills_in(self, path: str, nik: str = "", card: bytes = b"") -> httpx.Response:
        """Somebody opens the page behind a link, and sends its form as a browser without scripts does."""
        page = self.client.get(path)
        assert page.status_code == 200, page.status_code
        field = {"photo": ("ktp.jpg", card, "image/jpeg" if card else "application/octet-stream")}
        return self.client.post(path, data={"nik": nik}, files=field, follow_redirects=True)


# ── the bot in this process ──────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def bot_on_whatsapp(
    database: Database,
    api: TwilioApi,
    clock: Clock,
    folder: Path,
    *,
    telegram: TelegramApi | None = None,
    ready: bool = True,
    **more: str,
) -> Iterator[tuple[Running, TwilioDoor]]:
    """Everything that `jagalapak serve` runs, in a thread, and a door to it.

    `telegram`: a bot there as well. `ready`: wait until the content is made. `more`: settings, as the environment has
    them.
    """
    api.clock = lambda: clock.now().timestamp()
    settings = settings_of(api, folder, telegram, **more)
    channels = whatsapp_channels(settings)
    if telegram:
        channels[house.ACCOUNT] = house.channel(telegram)
    running = put_together(database, channels, clock=clock, pages=settings.public_base_url)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        api.routes[PUBLIC] = url
        config = uvicorn.Config(
            build_app(settings, running), log_config=None, lifespan="on", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="bot")
        door = TwilioDoor(url, api)
        thread.start()
        try:
            until(lambda: server.started)
            if ready:
                until(lambda: len(channels[ACCOUNT].wire.contents) == CONTENTS)
            yield running, door
        finally:
            door.client.close()
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


@contextmanager
def reopened(database: Database) -> Iterator[Database]:
    """The same database for another start: a bot closes its own."""
    again = open_database(database.engine.url.render_as_string(hide_password=False))
    yield again
    again.close()


def settings_of(api: TwilioApi, folder: Path, telegram: TelegramApi | None = None, **more: str) -> Settings:
    """The settings as an operator writes them."""
    with environment({**variables(api, folder), **bot_of(telegram), **more}):
        found = Settings()
        assert found.channels  # read now, while the environment stands
        return found


def variables(api: TwilioApi, folder: Path) -> dict[str, str]:
    """What the environment must say about the number."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_API_KEY_SID": KEY_SID,
        "TWILIO_API_KEY_SECRET": KEY_SECRET,
        "TWILIO_WHATSAPP_FROM": SENDER,
        "TWILIO_API_BASE_URL": api.base_url,
        "TWILIO_PER_SECOND": str(house.RATE),
        "TWILIO_PAIR_SECONDS": "0",
        "PUBLIC_BASE_URL": PUBLIC,
        "DATA_DIR": str(folder),
    }


def bot_of(telegram: TelegramApi | None) -> dict[str, str]:
    """What it must say about a bot on Telegram beside it, which is told nothing of webhooks."""
    if telegram is None:
        return {}
    about = house.variables(telegram, "", "webhook")
    return {name: value for name, value in about.items() if name.startswith("TELEGRAM_")}


# ── the bot as a process ─────────────────────────────────────────────────────────────────────────────────────────


class WhatsAppProgram(house.Program):
    """A `jagalapak` process with a number; it may be killed and started again on the same port, folder and database."""

    def __init__(self, folder: Path, database_url: str, keys: str, api: TwilioApi) -> None:
        self.port = house.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "stderr.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(house.ROOT),
            "DATABASE_URL": database_url,
            "SECRET_KEYS": keys,
            "LOG_LEVEL": "DEBUG",
            **variables(api, folder),
        }
