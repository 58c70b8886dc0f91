"""Files that go to many: uploaded once, and from then on named as the provider calls them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from bot.channels.errors import FileForgotten
from bot.clock import Clock
from bot.documents import named_picture, picture_of
from domain.message import Reply
from domain.picture import Picture
from storage.database import Database
from storage.queries import uploads
from storage.queries.leases import Leased

TURN = 10.0  # seconds for which a message waits until another one has uploaded the same file


class Uploads:
    """What goes with messages. Belongs to one event loop."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.uploading: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def lent(self, message: Leased, reply: Reply) -> AsyncIterator[Picture | None]:
        """The file of a message while it is sent; what many get is uploaded by the first of them alone."""
        if not reply.document or message.kind != "bulk":
            yield await self.opened(message, reply) if reply.document else None
            return
        known = await self.known(message, reply)
        if known is None:
            async with self.turn(message.account, reply.document):
                known = await self.known(message, reply)
                if known is None:
                    picture = await self.opened(message, reply)
                    yield picture
                    await self.keep(message, reply, picture)
                    return
        try:
            yield known
        except FileForgotten:
            await self.forget(message, reply)
            raise

    @asynccontextmanager
    async def turn(self, account: str, document_id: str) -> AsyncIterator[None]:
        """One after the other, as long as that does not take too long."""
        lock = self.uploading[account, document_id]
        held = False
        with suppress(TimeoutError):
            held = await asyncio.wait_for(lock.acquire(), TURN)
        try:
            yield
        finally:
            if held:
                lock.release()

    async def opened(self, message: Leased, reply: Reply) -> Picture:
        """The file itself, opened or drawn."""
        return await asyncio.to_thread(
            picture_of, self.database, message.association_id, reply.document, as_file=reply.file
        )

    async def known(self, message: Leased, reply: Reply) -> Picture | None:
        """The file by the provider's name of it; None while it has none."""
        return await asyncio.to_thread(
            named_picture, self.database, message.association_id, message.account, reply.document
        )

    async def keep(self, message: Leased, reply: Reply, picture: Picture) -> None:
        """Remember what the provider calls it."""
        if not picture.upload.id:
            return
        keep = partial(
            uploads.keep,
            association_id=message.association_id,
            account=message.account,
            document_id=reply.document,
            file_id=picture.upload.id,
            now=self.clock.now(),
        )
        await asyncio.to_thread(self.database.transact, keep)
        self.uploading.pop((message.account, reply.document), None)

    async def forget(self, message: Leased, reply: Reply) -> None:
        """The provider knows it no more by that name."""
        forget = partial(uploads.forget, account=message.account, document_id=reply.document)
        await asyncio.to_thread(self.database.transact, forget)
