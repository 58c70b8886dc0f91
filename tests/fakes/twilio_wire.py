"""The wire of the stand-in for Twilio: what telegram_wire carries, with verbs, queries and Twilio's own answers."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from tests.fakes.telegram_wire import Answer, Connection, Request

Values = dict[str, str | list[str]]
FLOOD = b"\xff\xd8" * 32_768
FULL = 1 << 20  # bytes that wait to be sent


@dataclass(frozen=True, slots=True)
class Asked(Request):
    """One request as it came, with its verb."""

    verb: str = "GET"


class Line(Connection):
    """One connection; `respond` gets each request and calls `send`, `reset` or `pour`, at once or later."""

    def __init__(self, respond: "Callable[[Line, Asked], object]") -> None:
        super().__init__(lambda _, request: respond(self, self._asked(request)))

    def _asked(self, request: Request) -> Asked:
        return Asked(request.path, request.headers, request.body, self._parser.get_method().decode())

    async def pour(self, mime: str = "image/jpeg") -> None:
        """Send a body that never ends, until the client has had enough."""
        self._transport.write(f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nConnection: close\r\n\r\n".encode())
        while not self._transport.is_closing():
            if self._transport.get_write_buffer_size() < FULL:
                self._transport.write(FLOOD)
            await asyncio.sleep(0.001)


def json(status: int, said: Mapping[str, Any]) -> Answer:
    return Answer(status, orjson.dumps(said))


def error(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A refusal as Twilio words it."""
    said = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    return Answer(status, orjson.dumps({**said, "status": status}), headers or {})


def not_found() -> Answer:
    return error(404, 20404, "The requested resource was not found")


def values(encoded: str) -> Values:
    """The fields of a form or a query; one that comes several times is a list."""
    found: Values = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        earlier = found.get(name)
        if earlier is None:
            found[name] = value
        else:
            found[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
    return found


def one(fields: Values, name: str) -> str:
    """The field, or "" where it is missing; the last where there are several, as Twilio takes it."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else value[-1]


def several(fields: Values, name: str) -> list[str]:
    value = fields.get(name, [])
    return [value] if isinstance(value, str) else value
