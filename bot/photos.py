"""What an uploaded photo goes through before anybody keeps it: size, first bytes, then the darkroom.

A PDF is taken wherever a photo is, and is never kept: its first pages become a picture. Both are decoded only in
`bot.darkroom`, a process that has no secret, little memory and little time. What comes back is a JPEG drawn anew from
the pixels, so nothing else that was in the file survives. A photo that is refused is refused with the fact; what to
tell the vendor is the conversation's affair.
"""

import asyncio
import logging
import signal
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Timer
from typing import IO, cast

from bot import darkroom
from bot.darkroom import GOOD, HEADER, LOCKED, MOST_BYTES, TOO_MANY_PIXELS
from bot.first_bytes import kind_of

log = logging.getLogger(__name__)

AT_ONCE = 2  # photos; each may take `darkroom.MEMORY`
COMMAND = (sys.executable, "-I", str(Path(darkroom.__file__)))
START_SECONDS = 20.0
SECONDS = 20.0  # by the clock, for one photo; 40 million pixels take 1 to 3
PHOTOS_EACH = 200  # then a developer is replaced, and whatever leaked in it is gone
LONGEST_ANSWER = 64_000_000  # bytes


class PhotoRefused(Exception):
    """The upload is not kept; the class says why."""


class EmptyFile(PhotoRefused):
    """There is nothing in it."""


class TooBig(PhotoRefused):
    """It has more bytes than `MOST_BYTES`."""


class NotAPhoto(PhotoRefused):
    """Its first bytes are not those of a JPEG, PNG, WebP or PDF, whatever its name says; `kind` is what they are."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Locked(PhotoRefused):
    """It is a PDF that opens only with a password, or in a way that we do not know."""


class TooManyPixels(PhotoRefused):
    """It would unfold to more than 40 million pixels, or to a side that no JPEG can have; so would a PDF's page."""


class Broken(PhotoRefused):
    """It ends too early, does not decode or shows nothing, or the process that decoded it died of it."""


class TookTooLong(PhotoRefused):
    """It was not decoded, or drawn, in time."""


class NoDarkroom(Exception):
    """The darkroom does not start: our fault, not the photo's, which may pass later."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as we keep it: upright, full size, without EXIF."""

    jpeg: bytes = field(repr=False)
    width: int  # pixels
    height: int
    sha256: str  # of `jpeg`, hex
    original_sha256: str  # of the upload, hex: the same file sent twice is known by it
    phash: str  # 64 bits as 16 hex digits, see `darkroom.difference_hash`; compare with `distance`


def distance(phash: str, other: str) -> int:
    """Bits in which two perceptual hashes differ, 0 to 64; scaling or encoding again makes up to 6.

    A near hash is a question to an officer, never a verdict: two cards, or two slips of one bank, share their layout
    and are near too. That the same file came twice is certain by `original_sha256` alone.
    """
    return (int(phash, 16) ^ int(other, 16)).bit_count()


async def check_photo(data: bytes) -> Photo:
    """The photo to keep; raises a `PhotoRefused`, or `NoDarkroom`. Two are developed at once, the others wait."""
    return await asyncio.wrap_future(_lab.order(data))


def close() -> None:
    """End the darkroom, after the photos that are being developed; the next photo opens it again."""
    _lab.close()


class Lab:
    """The darkroom's counter: photos wait here until one of a few developers is free."""

    def __init__(self, at_once: int = AT_ONCE, seconds: float = SECONDS) -> None:
        self._at_once = at_once
        self._seconds = seconds
        self._desks = ThreadPoolExecutor(at_once, thread_name_prefix="photos")
        self.idle: deque[Developer] = deque()

    def check(self, data: bytes) -> Photo:
        """As `check_photo`, for a caller who can wait."""
        return self.order(data).result()

    def order(self, data: bytes) -> Future[Photo]:
        """The photo to come; raises at once what the first bytes tell."""
        _refuse_by_first_bytes(data)
        return self._desks.submit(self._develop, data)

    def close(self) -> None:
        """Finish what is being developed, cancel what waits, end the developers."""
        self._desks.shutdown(cancel_futures=True)
        while self.idle:
            self.idle.pop().stop()
        self._desks = ThreadPoolExecutor(self._at_once, thread_name_prefix="photos")

    def _develop(self, data: bytes) -> Photo:
        developer = self._free_developer()
        answer = developer.develop(data)
        self.idle.append(developer)
        return _read_answer(answer, data)

    def _free_developer(self) -> "Developer":
        with suppress(IndexError):
            while not (developer := self.idle.pop()).usable:
                developer.stop()
            return developer
        return Developer(self._seconds)


class Developer:
    """One darkroom process; it works on one photo at a time."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.photos = 0
        self._seconds = seconds
        self._late = False
        try:
            self._process = Popen(COMMAND, stdin=PIPE, stdout=PIPE, env={}, start_new_session=True)  # noqa: S603 - our own words
        except OSError as error:
            raise NoDarkroom from error
        self._letterbox = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        with self._watch(START_SECONDS):
            ready = darkroom.receive(self._answers, most=0)
        if ready is None:
            raise NoDarkroom(f"exit {self.stop()}")

    @property
    def pid(self) -> int:
        """The process, as the system counts."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """It may develop one more photo: nobody ended it while it was idle, and it is not worn out."""
        return self._process.poll() is None and not self._late and self.photos < PHOTOS_EACH

    def develop(self, data: bytes) -> bytes:
        """The darkroom's answer; after `TookTooLong` or `Broken` the process has ended."""
        self.photos += 1
        answer = None
        with self._watch(self._seconds), suppress(OSError):
            darkroom.send(self._letterbox, data)
            answer = darkroom.receive(self._answers, most=LONGEST_ANSWER)
        if answer is None or len(answer) < HEADER.size:
            code = self.stop()
            log.warning("a photo of %d bytes ended the process that developed it (exit %d)", len(data), code)
            raise TookTooLong if self._late or code == -signal.SIGXCPU else Broken
        return answer

    def stop(self) -> int:
        """End the process, whatever it is doing, and say how it ended (as `subprocess` does)."""
        with suppress(OSError), self._process:
            self._process.kill()
        return self._process.wait()

    @contextmanager
    def _watch(self, seconds: float) -> Iterator[None]:
        """Kill the process if what is done within takes too long; whoever waits for it then reads its end."""
        watch = Timer(seconds, self._give_up)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            watch.join()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()


def _refuse_by_first_bytes(data: bytes) -> None:
    if not data:
        raise EmptyFile
    if len(data) > MOST_BYTES:
        raise TooBig(f"{len(data)} bytes")
    kind = kind_of(data)
    if kind not in ("jpeg", "png", "webp", "pdf"):
        raise NotAPhoto(kind)


def _read_answer(answer: bytes, data: bytes) -> Photo:
    verdict, width, height, phash = HEADER.unpack_from(answer)
    if verdict == TOO_MANY_PIXELS:
        raise TooManyPixels
    if verdict == LOCKED:
        raise Locked
    if verdict != GOOD:
        raise Broken
    jpeg = answer[HEADER.size :]
    return Photo(jpeg, width, height, sha256(jpeg).hexdigest(), sha256(data).hexdigest(), f"{phash:016x}")


_lab = Lab()
