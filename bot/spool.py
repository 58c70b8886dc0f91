"""What came while the database did not answer: sealed in files of its own, and taken in as soon as it answers again.

A provider that does not come again, as Twilio, gets its 2xx only when the file is safely on the disk.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from bot import metrics
from storage.database import StorageDown
from storage.sealed import KeyMissing, SealBroken, keys

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between looks
Take = Callable[[str, dict[str, Any]], Awaitable[None]]


class Spool:
    """A folder of sealed files, the oldest first; one process owns it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()
        self.senders: dict[str, str] = {}  # whose each file is that came since this process began
        self.waiting: Counter[str] = Counter()  # files of each sender among them
        self.left = {path.stem for path in self._files()}  # what was there before: nobody knows yet whose it is
        self.locked: set[str] = set()  # files whose key is missing

    async def keep(self, kind: str, sender: str, facts: dict[str, Any]) -> None:
        """Keep one thing that came, on the disk when this returns. Raises `OSError`."""
        name = f"{time.time_ns():020}-{next(self.numbers):06}"
        self.senders[name] = sender
        self.waiting[sender] += 1
        try:
            await asyncio.to_thread(self._write, name, orjson.dumps([kind, sender, facts]))
        except OSError:
            self._let_go(name)
            raise
        metrics.spooled.inc()

    def holds(self, sender: str) -> bool:
        """True while something from this sender waits here: what comes now must wait behind it."""
        return self.waiting[sender] > 0 or bool(self.left)

    def _let_go(self, name: str) -> None:
        """Nobody needs to wait behind that file any more."""
        self.left.discard(name)
        sender = self.senders.pop(name, None)
        if sender is not None:
            self.waiting[sender] -= 1
            if not self.waiting[sender]:
                del self.waiting[sender]

    def _write(self, name: str, facts: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sealed = keys().seal(facts, bound_to=place_of(name))
        partial = self.folder / f"{name}.partial"
        try:
            with partial.open("x") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        partial.rename(self.folder / f"{name}.sealed")
        flush_folder(self.folder)

    async def run(self, take: Take) -> None:
        """Take in what is kept, whenever there is something, until cancelled."""
        while True:
            try:
                for path in await asyncio.to_thread(self._files):
                    await self._take_in(path, take)
            except StorageDown:
                log.warning("the database does not answer; what came meanwhile waits on the disk")
            await asyncio.sleep(EVERY)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.sealed"))

    async def _take_in(self, path: Path, take: Take) -> None:
        """One file; one that cannot be taken in is set aside for a human. Raises `StorageDown`."""
        if path.stem in self.locked:
            return
        fate = ""
        try:
            kind, _sender, facts = await asyncio.to_thread(opened, path)
            await take(kind, facts)
        except StorageDown:
            raise
        except KeyMissing as error:
            log.error("a message on the disk waits for its key", extra={"trouble": type(error).__name__})
            self.locked.add(path.stem)
        except (SealBroken, ValueError) as error:
            log.error("a message on the disk cannot be opened", extra={"trouble": type(error).__name__})
            fate = ".unreadable"
        except Exception as error:
            log.exception("a message on the disk cannot be taken in", extra={"trouble": type(error).__name__})
            fate = ".failed"
        self._let_go(path.stem)
        if path.stem not in self.locked:
            await asyncio.to_thread(put_away, path, fate)
            metrics.unspooled.inc()


def opened(path: Path) -> tuple[str, str, dict[str, Any]]:
    """What a file holds: its kind, its sender, its facts. Raises `SealBroken`, `KeyMissing`, ValueError."""
    kind, sender, facts = orjson.loads(keys().open(path.read_text(), bound_to=place_of(path.stem)))
    return kind, sender, facts


def put_away(path: Path, fate: str) -> None:
    """A file that was taken in goes; one that could not be is kept under another name."""
    if fate:
        path.rename(path.with_suffix(fate))
    else:
        path.unlink()


def place_of(name: str) -> str:
    """What a file is sealed to."""
    return f"spool/{name}"


def flush_folder(folder: Path) -> None:
    """Have the disk remember which files there are."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
