"""The simulator: a page with two phones and a clock, for showing the bot without any provider. Demo only.

A phone has two apps, Telegram and WhatsApp, and a chat with the bot in each: two addresses, which the bot does not take
for one person unless she says so.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.datastructures import UploadFile

from bot.channels import webchat
from bot.channels.errors import Gone
from bot.channels.webchat import NotAMessage
from bot.channels.webchat_hub import EVERYONE, Event, Upload
from bot.channels.webchat_looks import ABILITIES, Look, look_of
from bot.clock import BackwardsInTime
from bot.documents import PDF
from bot.web.pictures import disposition
from bot.web.simulator_world import PhoneInfo, World
from domain.message import Address
from domain.picture import Picture

PAGE = Path(__file__).parent / "templates" / "simulator.html"
PLACES: Mapping[str, str] = {"Konsol": "/console", "Pesan": "/console/messages"}

MESSAGE_LIMIT = 64 * 1024  # bytes of one message without its file
PHOTO_LIMIT = 20 * 1024 * 1024  # bytes; what Telegram lets a bot download
FARTHEST = timedelta(days=5 * 366)  # how far the clock moves at once
MORNING = time(8)

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
        "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PICTURE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
FILE_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
PICTURES = {"image/jpeg", "image/png", "image/webp"}


def simulator(world: World, places: Mapping[str, str] = PLACES) -> APIRouter:
    """The simulator's routes under /simulator; `places` are links to show, by label."""
    room = Room(world, places)
    router = APIRouter(prefix="/simulator", include_in_schema=False)
    ours = [Depends(from_our_page)]
    router.add_api_route("", room.page)
    router.add_api_route("/state", room.state)
    router.add_api_route("/events", room.events)
    router.add_api_route("/documents/{document_id}", room.document)
    router.add_api_route("/uploads/{upload_id}", room.upload)
    router.add_api_route("/send", room.send, methods=["POST"], dependencies=ours)
    router.add_api_route("/photo", room.photo, methods=["POST"], dependencies=ours)
    router.add_api_route("/clock", room.clock, methods=["POST"], dependencies=ours)
    return router


class Room:
    """The page's requests, answered from one world."""

    def __init__(self, world: World, places: Mapping[str, str]) -> None:
        self.world = world
        self.places = places

    def page(self) -> HTMLResponse:
        """The page itself; everything on it comes from `state` and `events`."""
        return HTMLResponse(PAGE.read_text(encoding="utf-8"), headers=PAGE_HEADERS)

    def state(self) -> dict[str, Any]:
        """Everything a page shows when it opens; what is told later comes through `events`."""
        now = self.world.now()
        return {
            "association": self.world.association,
            "now": now.isoformat(),
            "zone": now.tzname() or "",
            "places": [{"label": label, "href": href} for label, href in self.places.items()],
            "text_limit": webchat.TEXT_LIMIT,
            "photo_limit": PHOTO_LIMIT,
            "pages": self.world.pages,
            "phones": [asdict(phone) | {"chats": self._chats_of(phone)} for phone in self.world.phones()],
        }

    def _chats_of(self, phone: PhoneInfo) -> list[dict[str, Any]]:
        """Her chat in each app; `window` is for how many seconds after her last word we may write there, 0: always."""
        return [
            {
                "look": look,
                "history": self.world.history(phone.address(look)),
                "parked": self.world.parked(phone.address(look)),
                "window": (ABILITIES[look].window or timedelta()).total_seconds(),
            }
            for look in Look
        ]

    async def send(self, request: Request) -> dict[str, str]:
        """One message from an app (`look`) of a phone, into the real turn; answers when the turn is done."""
        payload = await _json(request)
        phone = self._phone_named(payload.get("phone"))
        try:
            incoming = webchat.read(payload, phone.address(_look(payload)), self.world.now())
        except NotAMessage as error:
            raise HTTPException(400, str(error)) from error
        entry = webchat.heard(incoming, self.world.now(), edits=_edited(payload))
        self.world.hub.push(incoming.sender, "message", entry)
        notice = await self.world.take(incoming)
        return {"notice": notice, "now": self.world.now().isoformat()}

    async def photo(self, request: Request) -> dict[str, Any]:
        """Keep a file for the message that follows; answers with the attachment to name in it."""
        upload = await _upload(request)
        return asdict(self.world.hub.uploads.keep(upload))

    async def events(self, request: Request) -> StreamingResponse:
        """Server-sent events for the phones named in the query; resumes after `Last-Event-ID`."""
        phones = [self._phone_named(key) for key in request.query_params.getlist("phone") or [""]]
        after = request.headers.get("last-event-id", "")
        return StreamingResponse(self.stream(phones, after), media_type="text/event-stream", headers=STREAM_HEADERS)

    async def stream(self, phones: Sequence[PhoneInfo], after: str) -> AsyncIterator[bytes]:
        """The events as they go over the wire; every one tells the demo's time, and whose app it is for."""
        hub = self.world.hub
        phone_at = {address: phone for phone in phones for address in phone.addresses}
        yield b"retry: 1000\n" + _wire("hello", {"run": hub.run, "now": self.world.now().isoformat()})
        async for event in hub.listen(phone_at.keys(), after):
            yield b": still here\n\n" if event is None else self._told(event, phone_at)

    def _told(self, event: Event, phone_at: Mapping[Address, PhoneInfo]) -> bytes:
        address = event.address
        where = {"phone": phone_at[address].key, "look": look_of(address)} if address else {}
        data = {**where, "now": self.world.now().isoformat(), **event.data}
        return _wire(event.kind, data, self.world.hub.name_of(event))

    async def clock(self, request: Request) -> dict[str, str]:
        """Move the clock by a step (hour, day, morning, month) or to a local time; 409 if that is behind us."""
        payload = await _json(request)
        now = self.world.now()
        to = goal(payload, now)
        if to > now + FARTHEST:
            raise HTTPException(400, "Jam hanya bisa maju paling jauh lima tahun sekaligus.")
        await self._move(to)
        self.world.hub.push(EVERYONE, "clock", {})
        return {"now": self.world.now().isoformat()}

    async def _move(self, to: datetime) -> None:
        try:
            await run_in_threadpool(self.world.move_clock, to)
        except BackwardsInTime as error:
            raise HTTPException(409, "Jam hanya bisa maju. Pilih waktu setelah sekarang.") from error

    def document(self, document_id: str, *, file: bool = False) -> Response:
        """A picture that a reply shows, or its `file` to keep; only the world knows which those are."""
        picture = self.world.document(document_id, as_file=file)
        if picture is None:
            raise HTTPException(404, "Gambar ini tidak ada.")
        if picture.mime == PDF:
            return Response(picture.content, media_type=PDF, headers=FILE_HEADERS | disposition(picture))
        return _picture(picture)

    def upload(self, upload_id: str) -> Response:
        """A picture that a phone sent, as long as it is kept."""
        try:
            upload = self.world.hub.uploads.get(upload_id)
        except Gone as error:
            raise HTTPException(404, "Gambar ini sudah tidak disimpan.") from error
        return _picture(Picture(upload.content, upload.mime))

    def _phone_named(self, key: object) -> PhoneInfo:
        for phone in self.world.phones():
            if phone.key == key:
                return phone
        raise HTTPException(404, "Ponsel ini tidak ada di simulator.")


def from_our_page(request: Request) -> None:
    """Refuse what another page of the same browser asks for."""
    if not webchat.verify(request.headers):
        raise HTTPException(403, "Permintaan ini tidak datang dari halaman simulator.")


def goal(payload: Mapping[str, Any], now: datetime) -> datetime:
    """Where the clock shall go: `{"step": ...}` from now, or `{"to": "2027-01-01T08:00"}` in the zone of `now`."""
    if "step" in payload:
        return _step(str(payload["step"]), now)
    try:
        to = datetime.fromisoformat(str(payload.get("to", "")))
    except ValueError as error:
        raise HTTPException(400, "Tanggal itu tidak terbaca.") from error
    return to if to.tzinfo else to.replace(tzinfo=now.tzinfo)


def _step(step: str, now: datetime) -> datetime:
    if step == "hour":
        return now + timedelta(hours=1)
    if step == "day":
        return now + timedelta(days=1)
    if step == "morning":
        return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    if step == "month":
        first_of_next = (now.date().replace(day=1) + timedelta(days=32)).replace(day=1)
        return datetime.combine(first_of_next, MORNING, now.tzinfo)
    raise HTTPException(400, "Langkah jam itu tidak dikenal.")


async def _json(request: Request) -> dict[str, Any]:
    """The request's JSON object; 413 when it is too long, 400 when it is none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MESSAGE_LIMIT:
            raise HTTPException(413, "Pesan ini terlalu besar.")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, "Pesan ini tidak terbaca.") from error
    if not isinstance(payload, dict):
        raise HTTPException(400, "Pesan ini tidak terbaca.")
    return payload


async def _upload(request: Request) -> Upload:
    """The file in the form's field "photo"; a form that does not say its length or is too large is not read."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "Ukuran berkas tidak disebut.")
    if int(length) > PHOTO_LIMIT + MESSAGE_LIMIT:
        raise HTTPException(413, "Berkas terlalu besar: paling banyak 20 MB.")
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("photo")
        if not isinstance(file, UploadFile):
            raise HTTPException(400, "Tidak ada berkas di kiriman ini.")
        content = await file.read(PHOTO_LIMIT + 1)
        if len(content) > PHOTO_LIMIT:
            raise HTTPException(413, "Berkas terlalu besar: paling banyak 20 MB.")
        return Upload(content, (file.content_type or "")[:60], (file.filename or "")[:60])


def _look(payload: Mapping[str, Any]) -> Look:
    """The app from which she sends."""
    try:
        return Look(str(payload.get("look", "")))
    except ValueError as error:
        raise NotAMessage("Aplikasi ini tidak ada di ponsel.") from error


def _edited(payload: Mapping[str, Any]) -> str:
    """Which earlier message the page shows as changed; only the page cares."""
    edits = payload.get("edits", "")
    return edits if isinstance(edits, str) and webchat.IDENTIFIER.fullmatch(edits) else ""


def _picture(picture: Picture) -> Response:
    """A picture for the page; whatever is none is offered as a download."""
    if picture.mime in PICTURES:
        return Response(picture.content, media_type=picture.mime, headers=PICTURE_HEADERS)
    headers = PICTURE_HEADERS | {"Content-Disposition": "attachment"}
    return Response(picture.content, media_type="application/octet-stream", headers=headers)


def _wire(kind: str, data: Mapping[str, Any], name: str = "") -> bytes:
    """One server-sent event; JSON holds no raw line break, so one data line is enough."""
    named = f"id: {name}\n" if name else ""
    return f"{named}event: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
