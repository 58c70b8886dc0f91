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
from domain.message import Address, Attachment

EVERYONE = None  # instead of an address: an event for every page


@dataclass(frozen=True, slots=True)
class Event:
    """Something that pages showing the chat with `address` must hear about."""

    number: int
    address: Address | None
    kind: str  # message, parked or clock
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
    """Hands events to the pages that show a chat, and keeps the latest of each chat for pages to come.

    At most `kept` events of at most `chats` chats stay; the chats that rested longest go first. Safe to use from any
    thread; `listen` belongs to an event loop.
    """

    def __init__(self, kept: int = 200, chats: int = 64) -> None:
        self.run = uuid4().hex[:8]  # tells this run's event numbers from those before a restart
        self.uploads = Uploads()
        self._kept, self._chats = kept, chats
        self._numbers = count(1)
        self._events: dict[Address | None, list[Event]] = {}  # by address; who was spoken to last stands last
        self._bells: dict[Bell, frozenset[Address | None]] = {}
        self._closed = False
        self._lock = Lock()

    def push(self, address: Address | None, kind: str, data: Mapping[str, Any]) -> None:
        """Tell every page that shows the chat with `address` (or EVERYONE)."""
        with self._lock:
            event = Event(next(self._numbers), address, kind, data)
            self._events[address] = [*self._events.pop(address, ()), event][-self._kept :]
            self._forget_the_resting()
            bells = [bell for bell, shown in self._bells.items() if address in shown]
        for bell in bells:
            bell.ring()

    async def listen(
        self, addresses: Collection[Address], after: str = "", quiet: float = 15.0
    ) -> AsyncIterator[Event | None]:
        """The events of these chats after the event named `after`, kept and coming; None after `quiet` seconds."""
        seen = self._number_named(after)
        bell = Bell()
        with self._ringing(bell, addresses):
            while not self._closed:
                bell.silence()
                for event in self._later_than(seen, addresses):
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

    def _later_than(self, number: int, addresses: Collection[Address]) -> list[Event]:
        with self._lock:
            events = [event for address in {EVERYONE, *addresses} for event in self._events.get(address, ())]
        return sorted((event for event in events if event.number > number), key=lambda event: event.number)

    def _forget_the_resting(self) -> None:
        shown = {address for addresses in self._bells.values() for address in addresses}
        resting = [address for address in self._events if address not in shown]
        for address in resting[: max(0, len(self._events) - self._chats)]:
            del self._events[address]

    @contextmanager
    def _ringing(self, bell: Bell, addresses: Collection[Address]) -> Iterator[None]:
        with self._lock:
            self._bells[bell] = frozenset({EVERYONE, *addresses})
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
