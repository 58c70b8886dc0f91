"""The demonstration: a fictional association, six phones and a clock that can be moved. Nothing leaves this machine."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import func
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session, col, select

from bot import samples
from bot.app import lifespan_of
from bot.arrivals import ASSOCIATION, arrived, employ
from bot.cast import BUDI, PHONES, STAFF
from bot.channels import webchat
from bot.channels.webchat import Webchat
from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import ABILITIES, DRAWN, Look, draw_sent, look_of, template_like_whatsapp
from bot.channels.whatsapp_templates import MODELS
from bot.clock import MovableClock
from bot.documents import picture_of
from bot.running import Channel, Running, put_together
from bot.season import BEGINNING, Season, play
from bot.web.batch import batch
from bot.web.check import check
from bot.web.checking import Checking
from bot.web.counter import Counter
from bot.web.health import health
from bot.web.intake import intake
from bot.web.look import look as look_page
from bot.web.pictures import pictures
from bot.web.reception import Reception
from bot.web.simulator import simulator
from bot.web.simulator_world import PhoneInfo
from bot.web.viewing import Viewing
from domain.message import Address, Incoming, Kind
from domain.picture import Picture
from storage.database import Database, StorageDown, open_database
from storage.migrate import upgrade
from storage.queries import associations, documents, outbox, people, received, templates
from storage.queries.templates import Filed
from storage.sealed import KeyRing, use_keys
from storage.tables import Address as AddressRow
from storage.tables import Message

NAME = "Asosiasi Pedagang Contoh (fiktif)"
ACCOUNT = "Bank Contoh 000-111-222, a.n. Asosiasi Pedagang Contoh"
STATIC = Path(__file__).parent / "web" / "static"

UNSAID = ":on"  # ends the id of a message that nobody typed: a talk goes on after somebody else was called
WATCH = 0.5  # seconds between looks at what waits until somebody writes


class DemoWorld:
    """What the simulator's page stands on: the real turn, storage and outbox; only the wire is replaced."""

    def __init__(self, running: Running, clock: MovableClock, hub: Hub, pages: str) -> None:
        self.running = running
        self.clock = clock
        self.hub = hub
        self.pages = pages
        self.house = running.turns.accounts[Look.TELEGRAM.account].house

    @property
    def association(self) -> str:
        """The association's name."""
        return self.house.name

    def phones(self) -> Sequence[PhoneInfo]:
        """All phones, those of each side in their order."""
        return PHONES

    async def take(self, incoming: Incoming) -> str:
        """Run the real turn."""
        return (await self.running.take(incoming)).notice

    def now(self) -> datetime:
        """The demo's time in the association's zone."""
        return self.clock.now().astimezone(self.house.zone)

    def move_clock(self, to: datetime) -> None:
        """Move the clock. Raises `BackwardsInTime`."""
        self.clock.move_to(to)

    def history(self, address: Address) -> list[dict[str, Any]]:
        """Everything said in a chat, oldest first."""
        heard, said = self.running.database.read(lambda db: chat_of(db, address))
        zone, look = self.house.zone, look_of(address)
        entries = [(at, webchat.heard(one, at.astimezone(zone))) for one, at in heard if is_said(one)]
        entries += [(at, webchat.spoken(draw_sent(one, look), key, at.astimezone(zone))) for key, one, at in said]
        return webchat.folded(entry for _at, entry in sorted(entries, key=lambda pair: pair[0]))

    def parked(self, address: Address) -> int:
        """How many messages wait until she writes."""
        return self.running.database.read(parked).get(address, 0)

    async def watch(self) -> None:
        """Tell the pages whenever messages begin to wait until somebody writes, and when they have gone."""
        told: dict[Address, int] = {}
        while True:
            with suppress(StorageDown):
                now = await asyncio.to_thread(self.running.database.read, parked)
                for address in told.keys() | now.keys():
                    if now.get(address, 0) != told.get(address, 0):
                        self.hub.push(address, "parked", {"parked": now.get(address, 0)})
                told = now
            await asyncio.sleep(WATCH)

    def document(self, document_id: str, *, as_file: bool = False) -> Picture | None:
        """A picture that a reply shows, or the file that it is to keep."""
        try:
            return picture_of(self.running.database, ASSOCIATION, document_id, as_file=as_file)
        except NoResultFound:
            return None


def is_said(incoming: Incoming) -> bool:
    """Whether a message was said in the chat: a page that was filled in was not, nor what nobody typed."""
    return incoming.kind is not Kind.FORM and not incoming.provider_id.endswith(UNSAID)


def parked(db: Session) -> dict[Address, int]:
    """How many messages wait until somebody writes from that address."""
    waiting = (
        select(AddressRow.account, AddressRow.external_id, func.count())
        .join(Message, col(Message.address_id) == col(AddressRow.id))
        .where(Message.status == "parked")
        .group_by(col(AddressRow.account), col(AddressRow.external_id))
    )
    return {Address(account, external_id): count for account, external_id, count in db.exec(waiting)}


def chat_of(db: Session, sender: Address) -> tuple[list[Any], list[Any]]:
    """What an address sent, and what was sent to it."""
    address = people.find_address(db, sender.account, sender.id)
    said = outbox.sent_to(db, address.id) if address else []
    return received.latest(db, sender), said


def empty_database(path: Path, keys: str = "") -> Database:
    """A new file at `path` with new keys, or with these: every demonstration begins from nothing."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    use_keys(KeyRing.parse(keys or KeyRing.generate()))
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    return database


def set_up(path: Path, pages: str = "", *, season: bool = False, keys: str = "") -> DemoWorld:
    """The fictional association on an empty database, its staff ready to work; `pages`: where our own begin.

    `season`: it looks back on a whole one, and the clock stands at its end.
    """
    database = empty_database(path, keys)
    clock = MovableClock(BEGINNING if season else None)
    hub = Hub()
    now = clock.now()
    database.transact(lambda db: associations.ensure(db, association_id=ASSOCIATION, name=NAME, now=now))
    channels = {look.account: channel_of(look, hub, clock) for look in Look}
    running = put_together(database, channels, clock=clock, pages=pages)
    for phone, roles in STAFF.items():
        employ(running, phone, roles)
    database.transact(lambda db: take_payments(db, now))
    database.transact(lambda db: approve_templates(db, now))
    if season:
        play(Season(running, clock))
    database.transact(arrived)
    return DemoWorld(running, clock, hub, pages)


def approve_templates(db: Session, now: datetime) -> None:
    """WhatsApp has nothing against any template."""
    filed = {model.name: Filed(model.friendly_name, model.category, model.category, "approved") for model in MODELS}
    templates.keep(db, association_id=ASSOCIATION, account=Look.WHATSAPP.account, filed=filed, now=now)


def take_payments(db: Session, now: datetime) -> None:
    """The association has an account and a QR code to be paid by."""
    association, code = associations.get(db, ASSOCIATION), samples.qris()
    chat = people.find_address(db, Look.TELEGRAM.account, BUDI.external_id)
    assert chat
    documents.add(db, code, association_id=ASSOCIATION, person_id=chat.person_id, kind="qris", now=now)
    association.transfer_to, association.qris_document = ACCOUNT, code.id


def channel_of(look: Look, hub: Hub, clock: MovableClock) -> Channel:
    """Our account in one of the apps, with what the app allows."""
    is_telegram = look is Look.TELEGRAM
    return Channel(
        look.account,
        ASSOCIATION,
        ABILITIES[look],
        Webchat(hub, look.account, clock.now),
        DRAWN[look],
        draw_template=None if is_telegram else template_like_whatsapp,
        shares_contact=is_telegram,
        nik_in_chat=is_telegram,  # WhatsApp forbids it
        uploads=False,  # the page asks for a picture when it draws it
    )


def build_app(world: DemoWorld) -> FastAPI:
    """The demonstration's pages, and those to which links in the chats lead."""
    app = FastAPI(
        title="JagaLapak demo",
        lifespan=lifespan_of(world.running, lambda: [world.watch()]),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.include_router(health(world.running))
    app.include_router(simulator(world, {}))
    app.router.routes += [
        *intake(Reception(world.running), framed=True, today=lambda: world.now().date()),
        *look_page(Viewing(world.running), framed=True),
        *batch(Counter(world.running), framed=True),
        *check(Checking(world.running)),
        *pictures(world.running),
    ]
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/simulator")

    return app
