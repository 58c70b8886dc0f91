"""What the wires to providers have in common: how long they wait, and what a broken conversation means."""

from typing import Final

import aiohttp

from bot.channels.errors import NotSent, SendError, Uncertain

CONNECT_SECONDS: Final = 5.0
FREE_SECONDS: Final = 20.0  # until a connection of the pool is free, connecting included
READ_SECONDS: Final = 30.0  # a shorter wait for an answer only makes more sends uncertain
REACH_SECONDS: Final = 30.0  # on top: for a free connection, to connect, and to write, a photo on a slow line included
FETCH_SECONDS: Final = 120.0


def patience(read: float, total: float) -> aiohttp.ClientTimeout:
    """`read` seconds for each part of an answer, `total` for all of it."""
    return aiohttp.ClientTimeout(total=total, connect=FREE_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=read)


def lost(error: Exception) -> SendError:
    """What a broken conversation means: before there was a connection nothing can have been accepted."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NotSent("dns")
    if isinstance(error, aiohttp.ConnectionTimeoutError):  # to connect, or to get a free connection
        return NotSent("connect_timeout")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL):
        return NotSent("connect")
    return Uncertain("timeout" if isinstance(error, TimeoutError) else "reset")
