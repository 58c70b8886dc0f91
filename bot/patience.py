"""Asking a provider something once, without waiting for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from bot.channels.errors import NotSent

PATIENCE = 15.0  # seconds for everything that a provider is asked at once


class Closing(Protocol):
    """A wire to a provider."""

    async def close(self) -> None:
        """Let go of the connections."""


W = TypeVar("W", bound=Closing)


@asynccontextmanager
async def asking(wire: W, seconds: float | None = None) -> AsyncIterator[W]:
    """A short talk over that wire, which is closed after it. Raises the kinds of `ProviderError`."""
    try:
        async with asyncio.timeout(PATIENCE if seconds is None else seconds):
            yield wire
    except TimeoutError:
        raise NotSent("timeout") from None
    finally:
        await wire.close()
