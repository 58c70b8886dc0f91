"""An announcement at the pace that a provider allows, while others talk with us.

The sink counts as such a limit is counted: a bucket of one second's worth that fills again at the limit; whoever finds
it empty gets 429. The figures leave the first second out, and the last ones, when the announcement runs dry.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, update

from bench.million import FIRST_CHAT, MAIN, grow
from bench.script import registration
from bench.vendors import Provider, Sink, read_message
from domain.audience import Audience
from domain.decent_hours import Hours, is_decent
from storage.columns import new_id
from storage.database import open_database
from storage.migrate import upgrade
from storage.queries import campaigns, people
from storage.tables import Association, Rate, Talk

LIMITS = {"telegram": 30, "whatsapp": 80}  # messages a second: reliability.md §1, Telegram's FAQ and Twilio's docs
VENDORS = 10  # who talk meanwhile
PAUSE = 2.0  # seconds in which one of them types
SETTLED = 1.0  # seconds until the figures count
ALWAYS = Hours.parse("00:00", "23:59")


@dataclass
class Drained:
    """What was seen at the sink: moments in seconds, and milliseconds from a question to its answer."""

    limit: int
    bulk: list[float] = field(default_factory=list)  # when a part of the announcement was taken
    answers: list[float] = field(default_factory=list)  # when an answer was taken
    refused: list[float] = field(default_factory=list)  # when 429 was said
    to_reply: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)  # MB, once a second

    @property
    def span(self) -> tuple[float, float]:
        """From when until when the figures count."""
        return self.bulk[0] + SETTLED, self.bulk[-1] - SETTLED

    @property
    def used(self) -> float:
        """The share of the limit that was used."""
        first, last = self.span
        return sum(first <= at < last for at in [*self.bulk, *self.answers]) / (last - first) / self.limit

    @property
    def refused_late(self) -> int:
        """How often 429 was said after the first second."""
        return sum(at >= self.span[0] for at in self.refused)

    @property
    def grown(self) -> float:
        """MB by which the program grew in the second half of the time."""
        return self.memory[-1] - self.memory[len(self.memory) // 2]


class Limited(Sink):
    """A provider that takes so many messages a second, and no more."""

    def __init__(self, provider: Provider, limit: int) -> None:
        super().__init__(provider)
        self.seen = Drained(limit)
        self.reached: set[int] = set()  # by the announcement
        self.left, self.filled_at = float(limit), time.perf_counter()

    def answer(self, head: bytes, body: bytes) -> bytes:
        """Taken, or too many."""
        vendor = self.provider.heard(head, body)
        if vendor is None:
            return super().answer(head, body)
        now, limit = time.perf_counter(), self.seen.limit
        self.left, self.filled_at = min(limit, self.left + (now - self.filled_at) * limit), now
        if self.left < 1:
            self.seen.refused.append(now)
            return self.provider.refused()
        self.left -= 1
        if vendor >= FIRST_CHAT and vendor not in self.reached:  # whoever made it hears how far it is, too
            self.reached.add(vendor)
            self.seen.bulk.append(now)
        else:
            self.seen.answers.append(now)
        return super().answer(head, body)


def decent_zone(now: datetime) -> str:
    """A zone in which it is day now, whenever this runs."""
    zones = [f"Etc/GMT{hours:+d}" for hours in range(-14, 13)]
    moments = (now, now + timedelta(minutes=20))
    return next(zone for zone in zones if all(is_decent(moment, ZoneInfo(zone), ALWAYS) for moment in moments))


def prepare(url: str, account: str, prefix: str, size: int) -> None:
    """So many people who want announcements, and one that is due."""
    database = open_database(url)
    upgrade(database)
    grow(database, size, account=account, prefix=prefix, members=False)
    now = datetime.now(UTC)

    def announce(db: Session) -> None:
        maker = f"a{1:031x}"
        people.grant(db, association_id=MAIN, person_id=maker, role="officer", by=None, now=now)
        db.exec(update(Talk).values(heard_at=now))
        db.exec(update(Rate).values(next_at=now))
        association = db.get_one(Association, MAIN)
        association.zone, association.opens, association.closes = decent_zone(now), "00:00", "23:59"
        association.approve_above = size
        words = "Besok ada pemeriksaan kesehatan gratis di pasar."
        wanted = campaigns.Wanted(new_id(), words, Audience(everybody=True), made_by=maker, send_at=now)
        campaigns.create(db, MAIN, wanted, now=now)

    database.transact(announce)
    database.close()


async def live(port: int, sink: Limited, first: int) -> None:
    """One vendor after the other registers, at the pace at which one types, until this is cancelled."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    who, number = first, first * 1_000_000
    while True:
        for text in registration(who):
            number += 1
            began = time.perf_counter()
            writer.write(sink.provider.webhook(number, who, text))
            await read_message(reader)
            arrived = await sink.arrived[who].get()
            if sink.seen.bulk:
                sink.seen.to_reply.append((arrived - began) * 1000)
            await asyncio.sleep(PAUSE)
        who += VENDORS


async def drained(port: int, sink: Limited, size: int, memory: Callable[[], float]) -> Drained:
    """Everybody of the announcement was reached once."""
    talks = [asyncio.create_task(live(port, sink, 1 + number)) for number in range(VENDORS)]
    try:
        while len(sink.seen.bulk) < size:
            broken = [talk for talk in talks if talk.done()]
            if broken:
                broken[0].result()
            sink.seen.memory.append(memory())
            await asyncio.sleep(1)
    finally:
        for talk in talks:
            talk.cancel()
    return sink.seen
