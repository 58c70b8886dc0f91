"""The demonstration: a fictional association, two phones and a clock that can be moved. Nothing leaves this machine."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import NoResultFound
from sqlmodel import Session

from bot.app import lifespan_of
from bot.channels import webchat
from bot.channels.webchat import ACCOUNT, Webchat
from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import TELEGRAM_LIKE, Look
from bot.clock import MovableClock
from bot.running import Channel, Running, put_together
from bot.turn import Ended
from bot.web.health import health
from bot.web.simulator import simulator
from bot.web.simulator_world import PhoneInfo, Picture
from domain.message import Address, Incoming, Kind, ProviderId
from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.queries import associations, documents, outbox, people, received, talks
from storage.sealed import KeyRing, use_keys

ASSOCIATION = "main"
NAME = "Asosiasi Pedagang Contoh (fiktif)"
STATIC = Path(__file__).parent / "web" / "static"

VENDOR = PhoneInfo(
    "vendor",
    "Siti Aminah",
    "Pedagang (fiktif)",
    "demo-vendor",
    "+62 812-0000-0001",
    Look.TELEGRAM,
    ("halo", "daftar", "status"),
)
OFFICER = PhoneInfo(
    "officer",
    "Budi Santoso",
    "Petugas (fiktif)",
    "demo-officer",
    "+62 812-0000-0002",
    Look.TELEGRAM,
    ("antrean", "menu", "peran"),
)
PHONES = (VENDOR, OFFICER)
ARRIVING = ("halo", "1", "1", "1", "1")  # what an officer says to get past the welcome


class DemoWorld:
    """What the simulator's page stands on: the real turn, storage and outbox; only the wire is replaced."""

    def __init__(self, running: Running, clock: MovableClock, hub: Hub) -> None:
        self.running = running
        self.clock = clock
        self.hub = hub
        self.house = running.turns.accounts[ACCOUNT].house

    @property
    def association(self) -> str:
        """The association's name."""
        return self.house.name

    def phones(self) -> Sequence[PhoneInfo]:
        """The phones, from left to right."""
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

    def history(self, phone_key: str) -> list[dict[str, Any]]:
        """Everything said on a phone, oldest first."""
        phone = next(phone for phone in PHONES if phone.key == phone_key)
        sender = Address(ACCOUNT, phone.external_id)
        heard, said = self.running.database.read(lambda db: chat_of(db, sender))
        zone = self.house.zone
        entries = [(at, webchat.heard(incoming, at.astimezone(zone))) for incoming, at in heard]
        entries += [(at, webchat.spoken(webchat.draw(reply), key, at.astimezone(zone))) for key, reply, at in said]
        return [entry for _at, entry in sorted(entries, key=lambda pair: pair[0])]

    def document(self, document_id: str) -> Picture | None:
        """A photo that a reply shows."""
        try:
            content = self.running.database.read(lambda db: documents.get_content(db, ASSOCIATION, document_id))
        except NoResultFound:
            return None
        return Picture(content, "image/jpeg")


def chat_of(db: Session, sender: Address) -> tuple[list[Any], list[Any]]:
    """What a phone sent, and what was sent to it."""
    address = people.find_address(db, sender.account, sender.id)
    said = outbox.sent_to(db, address.id) if address else []
    return received.latest(db, sender), said


def empty_database(path: Path) -> Database:
    """A new file at `path` with new keys: every demonstration begins from nothing."""
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    use_keys(KeyRing.parse(KeyRing.generate()))
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    return database


def set_up(path: Path) -> DemoWorld:
    """The fictional association on an empty database, its officer ready to work."""
    database = empty_database(path)
    clock = MovableClock()
    hub = Hub()
    wire = Webchat(hub, clock.now)
    channel = Channel(ACCOUNT, ASSOCIATION, TELEGRAM_LIKE, wire, webchat.draw, shares_contact=True)
    now = clock.now()
    database.transact(lambda db: associations.ensure(db, association_id=ASSOCIATION, name=NAME, now=now))
    running = put_together(database, {ACCOUNT: channel}, clock=clock)
    seed_officer(running)
    return DemoWorld(running, clock, hub)


def seed_officer(running: Running) -> None:
    """The officer's phone has been through the welcome, and may verify and grant roles."""

    def give_roles(db: Session) -> None:
        address = talks.ensure_address(
            db, association_id=ASSOCIATION, account=ACCOUNT, external_id=OFFICER.external_id, now=running.clock.now()
        )
        for role in ("officer", "admin"):
            people.ensure_role(
                db, association_id=ASSOCIATION, person_id=address.person_id, role=role, now=running.clock.now()
            )

    running.database.transact(give_roles)
    for words in ARRIVING:
        outcome = running.turns.take(said_by(OFFICER, words))
        assert outcome.ended is Ended.ANSWERED


def said_by(phone: PhoneInfo, words: str) -> Incoming:
    """Something typed on a phone."""
    return Incoming(
        sender=Address(ACCOUNT, phone.external_id),
        provider_id=ProviderId(f"seed:{uuid4().hex}"),
        kind=Kind.TEXT,
        sent_at=datetime.now(UTC),
        text=words,
        profile_name=phone.name,
    )


def build_app(world: DemoWorld) -> FastAPI:
    """The demonstration's pages."""
    app = FastAPI(
        title="JagaLapak demo", lifespan=lifespan_of(world.running), docs_url=None, redoc_url=None, openapi_url=None
    )
    app.include_router(health(world.running))
    app.include_router(simulator(world, {}))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    @app.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/simulator")

    return app
