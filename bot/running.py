"""Everything that runs, put together from the settings: database, conversations, channels, turns, inbox, outbox."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot import bell, photos
from bot.channels.errors import MessageRefused, SendError
from bot.clock import Clock
from bot.consequences import Consequences
from bot.copies import Copies
from bot.inbox import Inbox
from bot.lines import Lines
from bot.outbox import Outbox
from bot.scheduler import Scheduler
from bot.turn import Account, Ended, Outcome, Turns
from conversations.ours import repertoire
from conversations.repertoire import NoWayOn, Repertoire
from conversations.talk import House
from domain.cost import Prices
from domain.message import Abilities, Attachment, Incoming, ProviderId, Reply, Report
from domain.picture import Picture
from storage.database import Database, StorageDown
from storage.queries import associations, people, talks
from storage.queries.associations import Bounds
from storage.tables import Association

log = logging.getLogger(__name__)

THREADS = {"sqlite": 48, "postgresql": 12}
"""Turns that may be under way at once; one that hangs holds up nobody else. On SQLite they mostly wait for the shared
commit; on PostgreSQL more of them than this only get in each other's way."""


@dataclass(frozen=True)
class Channel:
    """One channel account, ready to send and to fetch."""

    account: str
    association_id: str
    abilities: Abilities
    wire: Any  # has `send`, `fetch` and `close`, and what else the flags below promise
    draw: Callable[[Reply], Any]
    draw_text: Callable[[Reply], Any] | None = None  # the words alone; None: the channel never refuses more than these
    draw_template: Callable[[Reply, str], Any] | None = None  # what was approved, by its id; None: nothing need be
    prices: Prices = field(default_factory=Prices)
    refusal: Callable[[str], SendError] = MessageRefused  # what a code in a report means
    shares_contact: bool = False
    nik_in_chat: bool = True  # the chat may ask for the NIK and the KTP; else a page does
    uploads: bool = True  # pictures go over the wire with the message, not by a link
    answers_for: bool = False  # the provider can be asked what it took
    back: str = ""  # where a page leads back into the talk, as in "https://wa.me/62…"

    def drawn(self, reply: Reply, *, as_text: bool, template: str = "") -> Any:
        """The reply as the provider wants it; its words alone where it refused more; that template in its place."""
        if template and self.draw_template:
            return self.draw_template(reply, template)
        draw = self.draw_text if as_text and self.draw_text else self.draw
        return draw(reply)

    async def send(self, to: str, drawn: Any, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Hand one drawn reply to the provider. Raises `SendError`."""
        sent: ProviderId = await self.wire.send(to, drawn, picture, reference=reference)
        return sent

    async def edit(self, to: str, sent: ProviderId, drawn: Any) -> ProviderId:
        """Change a message that was sent before. Raises `SendError`."""
        edited: ProviderId = await self.wire.edit(to, sent, drawn)
        return edited

    async def look_up(self, to: str, since: datetime, until: datetime | None) -> list[Report]:
        """What the provider took for somebody in that time, the newest first. Raises `ProviderError`."""
        found: list[Report] = await self.wire.look_up(to, since, until)
        return found

    async def delete(self, attachment: Attachment) -> None:
        """Have the provider delete its copy of a file. Raises `ProviderError`."""
        await self.wire.delete(attachment)

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """A file that somebody sent. Raises `FetchError`."""
        content: bytes = await self.wire.fetch(attachment, limit)
        return content

    async def close(self) -> None:
        """Let go of the connections."""
        close = getattr(self.wire, "close", None)
        if close:
            await close()


@dataclass
class Running:
    """One process at work; `web`, `sender` and `scheduler` say which parts of it run here."""

    database: Database
    clock: Clock
    channels: Mapping[str, Channel]
    turns: Turns
    outbox: Outbox
    inbox: Inbox
    scheduler: Scheduler
    consequences: Consequences
    lines: Lines = field(default_factory=Lines)
    sends: bool = True
    ticks: bool = True
    alone: bool = True
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    pool: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(THREADS[self.database.dialect], thread_name_prefix="turn")

    async def take(self, incoming: Incoming) -> Outcome:
        """Take one message in; a sender's messages one after the other. Raises `StorageDown`."""
        async with self.lines.of(incoming.sender):
            outcome = await asyncio.get_running_loop().run_in_executor(self.pool, self.turns.take, incoming)
        await self.wake_for(outcome.ended)
        return outcome

    async def wake_for(self, ended: Ended) -> None:
        """Wake whoever goes on with a message that was taken in, here or in another process."""
        if ended is Ended.DUPLICATE:
            return
        if self.sends:
            (self.inbox if ended is Ended.WAITS else self.outbox).wake()
        elif self.database.dialect == "postgresql":
            with suppress(StorageDown):  # the message is stored; the poll will find it
                await asyncio.to_thread(self.database.transact, bell.ring)

    def today(self) -> date:
        """The day, by the clock of this process in UTC: near enough to tell one century from another."""
        return self.clock.now().date()

    def wake(self) -> None:
        """Wake the workers of this process."""
        self.outbox.wake()
        self.inbox.wake()

    async def start(self) -> None:
        """Begin to send and to answer what waits."""
        if self.sends:
            self.tasks = [
                asyncio.create_task(self.outbox.run(), name="outbox"),
                asyncio.create_task(self.inbox.run(alone=self.alone), name="inbox"),
                asyncio.create_task(Copies(self.database, self.clock, self.channels).run(), name="copies"),
            ]
            if self.database.dialect == "postgresql":
                self.tasks.append(asyncio.create_task(bell.listen(self.database, self.wake), name="bell"))
        if self.ticks:
            self.scheduler.start()

    async def stop(self) -> None:
        """Claim nothing more, finish what is in hand, and let go."""
        self.scheduler.stop()
        await asyncio.gather(self.outbox.stop(), self.inbox.stop())
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.close()
        self.pool.shutdown(wait=False)
        await asyncio.to_thread(photos.close)
        self.database.close()


def put_together(
    database: Database,
    channels: Mapping[str, Channel],
    *,
    clock: Clock | None = None,
    conversations: Repertoire = repertoire,
    pages: str = "",
    sends: bool = True,
    ticks: bool = True,
    alone: bool = True,
) -> Running:
    """Everything that runs on this database and these channels; `pages`: where our own begin. Raises `NoWayOn`."""
    clock = clock or Clock()
    houses = database.transact(lambda db: ensure_accounts(db, channels, clock))
    demand_way_on(database, conversations)
    accounts = {
        account: Account(
            account,
            houses[channel.association_id],
            channel.abilities,
            shares_contact=channel.shares_contact,
            nik_in_chat=channel.nik_in_chat,
            pages=pages,
        )
        for account, channel in channels.items()
    }
    consequences = Consequences(
        houses,
        {account: channel.abilities for account, channel in channels.items()},
        {account: channel.refusal for account, channel in channels.items()},
    )
    turns = Turns(database, conversations, clock, accounts)
    outbox = Outbox(database, clock, channels, consequences, alone=alone)
    inbox = Inbox(turns, channels, answered=outbox.wake)
    asked = [account for account, channel in channels.items() if channel.answers_for]
    scheduler = Scheduler(database, clock, asked=asked)
    return Running(
        database, clock, channels, turns, outbox, inbox, scheduler, consequences, sends=sends, ticks=ticks, alone=alone
    )


def ensure_accounts(db: Session, channels: Mapping[str, Channel], clock: Clock) -> dict[str, House]:
    """Every association and channel account in the database; the houses by association."""
    now = clock.now()
    houses: dict[str, House] = {}
    for channel in channels.values():
        association = associations.ensure(db, association_id=channel.association_id, name=DEFAULT_NAME, now=now)
        houses[association.id] = as_house(association)
        associations.ensure_account(
            db,
            association_id=association.id,
            account=channel.account,
            per_second=channel.abilities.rate,
            now=now,
            bounds=Bounds(channel.abilities.window, channel.abilities.people_per_day, channel.prices),
        )
    return houses


DEFAULT_NAME = "Asosiasi"


def as_house(association: Association) -> House:
    """An association as the conversations know it."""
    return House(association.id, association.name, ZoneInfo(association.zone), association.help_contact)


def demand_way_on(database: Database, conversations: Repertoire) -> None:
    """Refuse to start when somebody stands in a version from which no migration leads on. Raises `NoWayOn`."""
    for name, version, step in database.read(talks.kinds_in_flight):
        conversation = conversations.conversations.get(name)
        if conversation is None or not conversation.leads_on(version, step):
            raise NoWayOn(f"somebody stands at {name} version {version}, {step}: no migration leads on from there")


def grant_at_start(db: Session, running: Running, granted: list[str]) -> None:
    """Make administrators of the addresses that the settings name, as in "telegram:9001"."""
    for named in granted:
        channel_name, _colon, external_id = named.partition(":")
        for channel in running.channels.values():
            if channel.account.partition("/")[0] != channel_name:
                continue
            address = talks.ensure_address(
                db,
                association_id=channel.association_id,
                account=channel.account,
                external_id=external_id,
                now=running.clock.now(),
            )
            people.ensure_role(
                db,
                association_id=channel.association_id,
                person_id=address.person_id,
                role="admin",
                now=running.clock.now(),
            )
