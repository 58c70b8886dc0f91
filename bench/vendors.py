"""Vendors who play the whole registration at once over HTTP, and the sink at which the replies arrive.

One process, bare sockets: the load must not be what is measured.
"""

import asyncio
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from bench.script import registration

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Provider(Protocol):
    """What `bench/telegram.py` and `bench/whatsapp.py` both know."""

    NAME: str
    PREFIX: str  # of somebody's number, as the program knows it

    def settings(self, sink: str, per_second: int = 1_000_000) -> dict[str, str]:
        """What the program must be told; `sink` stands in for the provider, which takes so many messages a second."""
        ...

    def webhook(self, number: int, vendor: int, text: str) -> bytes:
        """One message as the provider posts it."""
        ...

    def heard(self, head: bytes, body: bytes) -> int | None:
        """The vendor for whom a request is; None when it is no message."""
        ...

    def taken(self, head: bytes, vendor: int | None, number: int) -> bytes:
        """What the provider answers."""
        ...

    def refused(self) -> bytes:
        """What it answers when there is too much."""
        ...


@dataclass
class Measured:
    """Milliseconds from the webhook to its 200, and to the reply at the sink; and how long it all took."""

    turns: int = 0
    seconds: float = 0.0
    to_answer: list[float] = field(default_factory=list)
    to_reply: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Durable turns a second."""
        return self.turns / self.seconds


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one HTTP message."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head, await reader.readexactly(int(length[1])) if length else b""


class Sink:
    """A provider that takes everything at once, and tells the vendor whose reply arrived."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.arrived: dict[int, asyncio.Queue[float]] = defaultdict(asyncio.Queue)
        self.count = 0

    async def start(self) -> int:
        """Listen; the port."""
        self.server = await asyncio.start_server(self.talk, "127.0.0.1", 0, backlog=1024)
        return int(self.server.sockets[0].getsockname()[1])

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                writer.write(self.answer(*await read_message(reader)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def answer(self, head: bytes, body: bytes) -> bytes:
        """What is said to one request; a message is taken."""
        vendor = self.provider.heard(head, body)
        self.count += 1
        if vendor is not None:
            self.arrived[vendor].put_nowait(time.perf_counter())
        return self.provider.taken(head, vendor, self.count)


async def play(port: int, sink: Sink, *, vendors: int, talks: int, first: int) -> Measured:
    """`vendors` at once, each playing registrations one after the other until `talks` are done."""
    measured = Measured()
    waiting = list(range(first, first + talks))
    numbers = iter(range(first * 1000, 10**12))

    async def vendor() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            who = waiting.pop()
            for text in registration(who):
                began = time.perf_counter()
                writer.write(sink.provider.webhook(next(numbers), who, text))
                head, _body = await read_message(reader)
                if not head.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(head.decode())
                measured.to_answer.append((time.perf_counter() - began) * 1000)
                arrived = await asyncio.wait_for(sink.arrived[who].get(), 60)
                measured.to_reply.append((arrived - began) * 1000)
                measured.turns += 1
            del sink.arrived[who]
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(vendor() for _number in range(vendors)))
    measured.seconds = time.perf_counter() - began
    return measured
