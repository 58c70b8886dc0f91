"""Vendors who play the whole registration at once over HTTP, and the sink at which the replies arrive.

One process, bare sockets: the load must not be what is measured.
"""

import asyncio
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field

from bench.script import registration

TOKEN = "1000000:" + "x" * 35
SECRET = "a-secret-of-the-benchmark"
CHAT = re.compile(rb'"chat_id":\s*"?(\d+)')
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


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
    """A Bot API that takes everything at once, and tells the vendor whose reply arrived."""

    def __init__(self) -> None:
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
                _head, body = await read_message(reader)
                chat = CHAT.search(body)
                self.count += 1
                writer.write(taken(self.count if chat else 0))
                if chat:
                    self.arrived[int(chat[1])].put_nowait(time.perf_counter())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def taken(message_id: int) -> bytes:
    """The Bot API's answer: a message's id, or simply true."""
    result = f'{{"message_id":{message_id}}}' if message_id else "true"
    body = f'{{"ok":true,"result":{result}}}'.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def update(number: int, chat: int, text: str) -> bytes:
    """One message as Telegram posts it."""
    sender = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
    message = {
        "message_id": number,
        "from": sender,
        "chat": {"id": chat, "first_name": "Siti", "type": "private"},
        "date": int(time.time()),
        "text": text,
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    head = (
        f"POST /webhooks/telegram/main HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def play(port: int, sink: Sink, *, vendors: int, talks: int, first: int) -> Measured:
    """`vendors` at once, each playing registrations one after the other until `talks` are done."""
    measured = Measured()
    waiting = list(range(first, first + talks))
    numbers = iter(range(first * 1000, 10**12))

    async def vendor() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            chat = waiting.pop()
            for text in registration(chat):
                began = time.perf_counter()
                writer.write(update(next(numbers), chat, text))
                head, _body = await read_message(reader)
                if not head.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(head.decode())
                measured.to_answer.append((time.perf_counter() - began) * 1000)
                arrived = await asyncio.wait_for(sink.arrived[chat].get(), 60)
                measured.to_reply.append((arrived - began) * 1000)
                measured.turns += 1
            del sink.arrived[chat]
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(vendor() for _number in range(vendors)))
    measured.seconds = time.perf_counter() - began
    return measured
