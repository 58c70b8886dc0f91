"""One line for each sender: her messages are taken in one after the other, as they came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.message import Address


class Lines:
    """Within one process; between processes the talk's turn number keeps the order."""

    def __init__(self) -> None:
        self.locks: dict[Address, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, sender: Address) -> AsyncIterator[None]:
        """Wait for this sender's earlier messages."""
        lock, waiting = self.locks.get(sender, (asyncio.Lock(), 0))
        self.locks[sender] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self.locks[sender]
            if waiting == 1:
                del self.locks[sender]
            else:
                self.locks[sender] = (lock, waiting - 1)
