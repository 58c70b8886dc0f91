"""The wire of the stand-in: HTTP requests in, answers out, or a connection reset under the client's hands."""

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, cast
from urllib.parse import parse_qsl

import httptools
import orjson

Json = dict[str, Any]
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Upload(bytes):
    """A file as it came, and what it was called."""

    filename: str
    mime: str


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters of a call; in a form, numbers and objects travel as JSON text."""

    params: Json
    files: Mapping[str, Upload] = field(default_factory=dict)
    as_text: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def form(self) -> Form:
        """Parameters in any of the three ways in which the Bot API takes them; raises ValueError."""
        kind, boundary = _content_type(self.headers.get("content-type", ""))
        if self.body and kind == "application/json":
            return Form(orjson.loads(self.body), as_text=False)
        if kind == "multipart/form-data":
            return _multipart(self.body, boundary)
        return Form(dict(parse_qsl(self.body.decode(), keep_blank_values=True)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, and how much of it before the connection is reset."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    reset_after: int | None = None


def ok(result: Any) -> Answer:
    return Answer(200, orjson.dumps({"ok": True, "result": result}))


def refusal(code: int, description: str, parameters: Json | None = None) -> Answer:
    said: Json = {"ok": False, "error_code": code, "description": description}
    return Answer(code, orjson.dumps(said if parameters is None else {**said, "parameters": parameters}))


class Connection(asyncio.Protocol):
    """One connection; `answer` gets each request and calls `send` or `reset`, at once or later."""

    def __init__(self, answer: "Callable[[Connection, Request], object]") -> None:
        self._answer = answer
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def on_url(self, url: bytes) -> None:
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._answer(self, Request(self._path.decode("latin-1"), self._headers, b"".join(self._body)))

    def send(self, answer: Answer) -> None:
        headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(answer.body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}\r\n{lines}\r\n".encode()
        self._transport.write(head + answer.body[: answer.reset_after])
        if answer.reset_after is not None:
            asyncio.get_running_loop().call_later(0.05, self.reset)

    def reset(self) -> None:
        """Close with a TCP reset, as a provider does that dies."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


def native(value: Any) -> Any:
    """A field of a form as a test wants to read it: objects and lists unpacked, the rest as it came."""
    if isinstance(value, str) and value[:1] + value[-1:] in ("{}", "[]"):
        return orjson.loads(value)
    return value


def _content_type(header: str) -> tuple[str, bytes]:
    if header == "application/json":
        return header, b""
    parsed = Message()
    parsed["content-type"] = header
    return parsed.get_content_type(), str(parsed.get_param("boundary") or "").encode()


def _multipart(body: bytes, boundary: bytes) -> Form:
    params: Json = {}
    files: dict[str, Upload] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        parsed = Message()
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(":")
            parsed[name] = value.strip()
        name = str(parsed.get_param("name", header="content-disposition"))
        if parsed.get_filename() is None:
            params[name] = content.removesuffix(b"\r\n").decode()
        else:
            files[name] = upload = Upload(content.removesuffix(b"\r\n"))
            upload.filename, upload.mime = str(parsed.get_filename()), parsed.get_content_type()
    return Form(params, files)
