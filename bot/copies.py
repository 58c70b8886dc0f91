"""Providers keep what people send until we delete it; once a message is answered, its files have no use there."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from sqlmodel import Session

from bot.channels.errors import ProviderError
from bot.clock import Clock
from domain.message import Attachment
from storage.database import Database, StorageDown
from storage.queries import received
from storage.queries.received import Waiting

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds between looks
AGAIN = timedelta(minutes=10)  # after a provider did not do it


class Keeping(Protocol):
    """What this needs of a channel."""

    async def delete(self, attachment: Attachment) -> None:
        """Have the provider delete its copy. Raises `ProviderError`."""


class Copies:
    """Deletes what providers keep; any number of processes share the table."""

    def __init__(self, database: Database, clock: Clock, channels: Mapping[str, Keeping]) -> None:
        self.database = database
        self.clock = clock
        self.channels = channels

    async def run(self) -> None:
        """Delete until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                for row in await asyncio.to_thread(self.database.transact, self.due):
                    await self.delete(row)
            except StorageDown:
                log.warning("the database does not answer; the provider keeps its copies a little longer")
            except Exception:
                log.exception("a provider's copies cannot be deleted just now")

    def due(self, db: Session) -> list[Waiting]:
        """Messages whose files may go."""
        return received.with_copies(db, self.clock.now(), lease=AGAIN)

    async def delete(self, row: Waiting) -> None:
        """Every file of one message; what the provider does not do now is tried again."""
        channel = self.channels.get(row.incoming.sender.account)
        if channel is None:
            return
        try:
            for file in row.incoming.attachments:
                if file.stays:
                    await channel.delete(file)
        except ProviderError as error:
            log.info("the provider keeps its copy for now: %s", error.code)
            return
        await asyncio.to_thread(self.database.transact, lambda db: received.copies_deleted(db, row.id))
