"""Answers what could not be answered at once: photos that must be fetched first, albums, and turns that failed.

Everything here waits in the `received` table, so a process that dies loses nothing. Messages of one sender are
answered in the order in which they came.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar

from sqlmodel import Session

from bot import first_bytes, photos
from bot.channels.errors import FetchError, ProviderError
from bot.channels.errors import TooBig as TooBigThere
from bot.documents import PDF, VOICE
from bot.turn import FETCHED, Outcome, Turns
from conversations.words import _, speaking
from domain.message import Address, Attachment, Kind, Reply
from domain.nik import hide_niks
from storage.columns import new_id
from storage.database import Database, StorageDown
from storage.queries import outbox, received, talks, tickets
from storage.queries.documents import NewDocument
from storage.queries.received import Waiting
from storage.sealed import KeyMissing

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE = timedelta(seconds=90)  # longer than fetching and answering may take
POLL = 0.3  # seconds between looks
TRIES = 3  # of a turn that fails
FETCHES = 5  # of a photo that does not come
LADDER = (2, 8, 30, 60, 120)  # seconds before the next try
LARGEST = 20 * 1024 * 1024  # bytes of a photo
LARGEST_PDF = 5 * 1024 * 1024  # that is passed on as it is
LARGEST_VOICE = 1024 * 1024


def as_voice(data: bytes) -> NewDocument | str:
    """A voice note as it is kept and passed on; or the name of its trouble."""
    if len(data) > LARGEST_VOICE:
        return "TooLong"
    if first_bytes.kind_of(data) != "voice":
        return "NotAVoice"
    return NewDocument(new_id(), b"", "", "", 0, 0, file=data, file_mime=VOICE)


class Fetching(Protocol):
    """What the inbox needs of a channel."""

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """The file, of at most `limit` bytes. Raises `FetchError`."""


class Inbox:
    """Works off what waits; any number of processes share the table."""

    def __init__(self, turns: Turns, channels: Mapping[str, Fetching], *, answered: Callable[[], None]) -> None:
        self.turns = turns
        self.database: Database = turns.database
        self.clock = turns.clock
        self.channels = channels
        self.answered = answered  # called when a turn may have queued replies
        self.waker = asyncio.Event()
        self.at_work: set[asyncio.Task[None]] = set()
        self.stopping = False

    def wake(self) -> None:
        """Something waits. Called from the event loop's own thread."""
        self.waker.set()

    async def run(self, *, alone: bool) -> None:
        """Answer until `stop`. `alone`: no other process answers, so what is leased was left by a dead one."""
        left_behind = alone
        while not self.stopping:
            self.waker.clear()
            try:
                found = await self.in_transaction(partial(self.claim, take_over=left_behind))
                left_behind = False
            except StorageDown:
                log.warning("the database does not answer; the inbox waits")
                found = []
            except Exception:
                log.exception("what waits cannot be read")
                found = []
            for head in found:
                task = asyncio.create_task(self.work_off(head))
                self.at_work.add(task)
                task.add_done_callback(self.at_work.discard)
            if not found:
                await self.rest()

    def claim(self, db: Session, *, take_over: bool) -> list[Waiting]:
        """The messages whose time has come; with `take_over`, what others had leased too."""
        now = self.clock.now()
        if take_over:
            received.release_leases(db, now)
        return received.claim_waiting(db, now, lease=LEASE)

    async def stop(self) -> None:
        """Take nothing more up, and finish what is at work."""
        self.stopping = True
        self.wake()
        if self.at_work:
            await asyncio.wait(self.at_work, timeout=20)

    async def rest(self) -> None:
        """Wait until somebody wakes us, or a while."""
        try:
            await asyncio.wait_for(self.waker.wait(), POLL)
        except TimeoutError:
            return

    async def work_off(self, head: Waiting) -> None:
        """Answer one message, or one album; what cannot be answered is left for later."""
        try:
            await self.answer_or_leave(head)
        except StorageDown:
            log.warning("the database does not answer; the message waits")
        except Exception:
            log.exception("a waiting message could not even be left for later; its lease will tell")
        finally:
            self.waker.set()

    async def answer_or_leave(self, head: Waiting) -> None:
        """Answer, or note when to try again. Raises `StorageDown`."""
        try:
            album = await self.in_transaction(lambda db: received.album_of(db, head))
            await self.answer(head, album)
        except StorageDown:
            raise
        except (ProviderError, photos.NoDarkroom) as error:
            await self.try_later(head, type(error).__name__)
        except KeyMissing as error:  # no fault of the message's: it waits until the key is back
            log.error("a message waits for its key", extra={"trouble": str(error)})
            await self.try_later(head, type(error).__name__)
        except Exception as error:
            log.exception("a waiting turn failed", extra={"trouble": type(error).__name__})
            await self.give_another_chance(head, type(error).__name__)

    async def answer(self, head: Waiting, album: Sequence[Waiting]) -> Outcome:
        """Fetch and check what must be, then take the turn."""
        kinds = (*FETCHED, Kind.VOICE)
        checked = [photo for row in album if row.incoming.kind in kinds for photo in await self.photos_of(row)]
        outcome = await asyncio.to_thread(self.turns.take_waiting, album, checked)
        self.answered()
        return outcome

    async def photos_of(self, row: Waiting) -> list[NewDocument | str]:
        """The photos of one message, checked; or the name of the trouble of each."""
        if not row.incoming.attachments:
            return ["NotAPhoto"]
        return [await self.photo_of(row, attachment) for attachment in row.incoming.attachments]

    async def photo_of(self, row: Waiting, attachment: Attachment) -> NewDocument | str:
        """One photo, checked; or the name of its trouble."""
        try:
            data = await self.channels[row.incoming.sender.account].fetch(attachment, LARGEST)
            if row.incoming.kind is Kind.VOICE:
                return as_voice(data)
            photo = await photos.check_photo(data)
        except TooBigThere:
            return "TooBig"
        except ProviderError as error:
            if row.attempts < FETCHES and (error.retry or not isinstance(error, FetchError)):
                raise
            return "Gone"
        except photos.PhotoRefused as refusal:
            return type(refusal).__name__
        is_pdf = first_bytes.kind_of(data) == "pdf" and len(data) <= LARGEST_PDF
        return NewDocument(
            new_id(),
            photo.jpeg,
            photo.sha256,
            photo.phash,
            photo.width,
            photo.height,
            file=data if is_pdf else b"",
            file_mime=PDF if is_pdf else "",
        )

    async def give_another_chance(self, head: Waiting, trouble: str) -> None:
        """A turn failed: again later, and after the last try a human is told, and so is she."""
        if head.attempts < TRIES:
            await self.try_later(head, trouble)
            return
        sender = await asyncio.to_thread(lambda: self.turns.recognised(head.incoming).sender)
        await self.in_transaction(lambda db: self.bury(db, head, sender, trouble))
        self.answered()

    async def try_later(self, head: Waiting, trouble: str) -> None:
        """Leave a message for later."""
        wait = timedelta(seconds=LADDER[min(head.attempts, len(LADDER)) - 1])

        def work(db: Session) -> None:
            received.postpone(db, head.id, next_at=self.clock.now() + wait, trouble=trouble)

        await self.in_transaction(work)

    def bury(self, db: Session, head: Waiting, sender: Address, trouble: str) -> None:
        """Nothing more is tried: she is told once, and the officers get a ticket; her next message works."""
        together = [row.id for row in received.album_of(db, head)] or [head.id]
        if not received.settle(db, together, "dead", trouble=trouble):
            return
        now = self.clock.now()
        address = talks.ensure_address(
            db, association_id=head.association_id, account=sender.account, external_id=sender.id, now=now
        )
        ticket = tickets.open_ticket(
            db,
            association_id=head.association_id,
            kind="not_processed",
            person_id=address.person_id,
            address_id=address.id,
            words=hide_niks(head.incoming.text) or head.incoming.kind.value,
            now=now,
        )
        with speaking(address.language):
            text = _("Maaf, pesan Bapak/Ibu belum bisa kami olah. Petugas sudah diberi tahu (nomor {number}).")
        outbox.put(
            db,
            association_id=head.association_id,
            account=sender.account,
            address_id=address.id,
            key=f"dead:{head.id}",
            kind="notice",
            reply=Reply(text.format(number=ticket.number)),
            now=now,
        )

    async def in_transaction(self, work: Callable[[Session], T]) -> T:
        """Storage is synchronous; the event loop is not kept waiting."""
        return await asyncio.to_thread(self.database.transact, work)
