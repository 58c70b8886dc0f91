"""Where the simulator's pages and this process meet: events go to the pages, files come from them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any
from uuid import uuid4

from bot.channels.errors import Gone, TooBig
from bot.channels.webchat_looks import Look
from domain.message import Attachment

EVERYONE = ""  # instead of a phone: an event for every page


@dataclass(frozen=True, slots=True)
class Event:
    """Something that pages showing `phone` must hear about."""

    number: int
    phone: str
    kind: str  # message or clock
    data: Mapping[str, Any]


class Bell:
    """Wakes one waiting page, from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, or soon will."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    def silence(self) -> None:
        """Forget what rang before."""
        self._rung.clear()

    async def rings_within(self, seconds: float) -> bool:
        """Wait for a ring; False when none came in time."""
        try:
            await asyncio.wait_for(self._rung.wait(), seconds)
        except TimeoutError:
            return False
        return True


class Hub:
    """Hands events to the pages that show a phone, and keeps the latest of each phone for pages to come.

    At most `kept` events of at most `phones` phones stay; the phones that rested longest go first. Safe to use from
    any thread; `listen` belongs to an event loop.
    """

    def __init__(self, kept: int = 200, phones: int = 64) -> None:
        self.run = uuid4().hex[:8]  # tells this run's event numbers from those before a restart
        self.uploads = Uploads()
        self._kept, self._phones = kept, phones
        self._numbers = count(1)
        self._events: dict[str, list[Event]] = {}  # by phone; who was spoken to last stands last
        self._looks: dict[str, Look] = {}
        self._bells: dict[Bell, frozenset[str]] = {}
        self._closed = False
        self._lock = Lock()

    def push(self, phone: str, kind: str, data: Mapping[str, Any]) -> None:
        """Tell every page that shows `phone` (or EVERYONE)."""
        with self._lock:
            event = Event(next(self._numbers), phone, kind, data)
            self._events[phone] = [*self._events.pop(phone, ()), event][-self._kept :]
            self._forget_the_resting()
            bells = [bell for bell, phones in self._bells.items() if phone in phones]
        for bell in bells:
            bell.ring()

    def wear(self, phone: str, look: Look) -> None:
        """Remember which app a phone looks like now; the phones here are few."""
        self._looks[phone] = look

    def look_of(self, phone: str) -> Look:
        """Which app a phone looked like when it last sent something."""
        return self._looks.get(phone, Look.TELEGRAM)

    async def listen(
        self, phones: Collection[str], after: str = "", quiet: float = 15.0
    ) -> AsyncIterator[Event | None]:
        """The events of these phones after the event named `after`, kept and coming; None after `quiet` seconds."""
        seen = self._number_named(after)
        bell = Bell()
        with self._ringing(bell, phones):
            while not self._closed:
                bell.silence()
                for event in self._later_than(seen, phones):
                    seen = event.number
                    yield event
                if not await bell.rings_within(quiet):
                    yield None

    def name_of(self, event: Event) -> str:
        """The name under which a page says which event it saw last."""
        return f"{self.run}-{event.number}"

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self._closed = True
        with self._lock:
            bells = list(self._bells)
        for bell in bells:
            bell.ring()

    def _number_named(self, name: str) -> int:
        run, _, number = name.partition("-")
        return int(number) if run == self.run and number.isdecimal() and len(number) < 20 else 0

    def _later_than(self, number: int, phones: Collection[str]) -> list[Event]:
        with self._lock:
            events = [event for phone in {EVERYONE, *phones} for event in self._events.get(phone, ())]
        return sorted((event for event in events if event.number > number), key=lambda event: event.number)

    def _forget_the_resting(self) -> None:
        shown = {phone for phones in self._bells.values() for phone in phones}
        resting = [phone for phone in self._events if phone not in shown]
        for phone in resting[: max(0, len(self._events) - self._phones)]:
            del self._events[phone]

    @contextmanager
    def _ringing(self, bell: Bell, phones: Collection[str]) -> Iterator[None]:
        with self._lock:
            self._bells[bell] = frozenset({EVERYONE, *phones})
        try:
            yield
        finally:
            with self._lock:
                del self._bells[bell]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a page sent, as it came."""

    content: bytes
    mime: str
    name: str


class Uploads:
    """Files from the pages, in memory; when they are `most` bytes together, the oldest go."""

    def __init__(self, most: int = 64 * 1024 * 1024) -> None:
        self._most = most
        self._files: dict[str, Upload] = {}
        self._lock = Lock()

    def keep(self, upload: Upload) -> Attachment:
        """Keep a file until newer ones need its room. Raises TooBig if it needs more than all of it."""
        if len(upload.content) > self._most:
            raise TooBig("too_big")
        attachment = Attachment(uuid4().hex, upload.mime, len(upload.content), upload.name)
        with self._lock:
            self._files[attachment.id] = upload
            while sum(len(file.content) for file in self._files.values()) > self._most:
                del self._files[next(iter(self._files))]
        return attachment

    def get(self, upload_id: str) -> Upload:
        """A kept file; raises Gone."""
        with self._lock:
            if upload_id not in self._files:
                raise Gone("gone")
            return self._files[upload_id]
