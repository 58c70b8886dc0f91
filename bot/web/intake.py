"""The intake page: a one-time link from the chat, where a vendor types her NIK and photographs her KTP.

WhatsApp forbids asking for ID numbers in the chat (Business Messaging Policy), so they come in here. A GET changes
nothing: whoever previews a link does not use it up. Nothing that is typed or photographed touches the disk, a log or
an error.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from traceback import extract_tb

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.settings import is_loopback
from bot.web import intake_page
from bot.web.intake_desk import Asked, Desk, LinkState, Sent
from bot.web.intake_page import FILES, Page
from conversations.words import SOURCE_LANGUAGE, speaking
from storage.database import StorageDown

__all__ = ["Asked", "Desk", "LinkState", "Sent", "intake"]

log = logging.getLogger(__name__)

LARGEST = 12 * 1024 * 1024  # bytes of one form
HOPELESS = 4 * LARGEST  # bytes of which we do not even hear the end
LONGEST_FIELD = 4096  # bytes; a longer one is none of ours
LONGEST_NIK = 64  # characters; 16 digits with whatever people put between
READING = 180.0  # seconds for a form to come in; a photo over a poor line takes one minute
PER_MINUTE = 30  # requests of one address; behind one address there may be a whole market

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
PREVIEWS = re.compile(r"WhatsApp/|facebookexternalhit|TelegramBot", re.IGNORECASE)
"""How the programs begin to call themselves that fetch a link to show what is behind it; browsers have other names."""

COME_AGAIN = {429: "60", 503: "30"}  # seconds, by status
SAFE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}  # a file's address names its version
KINDS = {".css": "text/css", ".js": "text/javascript"}

Serve = Callable[[Request, LinkState, Asked | None], Awaitable[Page]]


def this_day() -> date:
    """Today, by the machine's clock."""
    return datetime.now(UTC).date()


def intake(
    desk: Desk, *, framed: bool = False, per_minute: int = PER_MINUTE, today: Callable[[], date] = this_day
) -> list[BaseRoute]:
    """The routes under /i. `framed` lets pages of our own origin show the page in a frame, as the demo does."""
    window = Window(desk, framed=framed, per_minute=per_minute, today=today)
    return [
        Route("/i/static/{name}", file, methods=["GET"]),
        Route("/i/{token}", window.show, methods=["GET"]),
        Route("/i/{token}", window.take, methods=["POST"]),
    ]


class Window:
    """Where one hands in what was asked for."""

    def __init__(self, desk: Desk, *, framed: bool, per_minute: int, today: Callable[[], date]) -> None:
        self.desk = desk
        self.today = today
        self.queue = Queue(per_minute)
        self.headers = SAFE | {"Content-Security-Policy": policy(framed=framed)}

    async def show(self, request: Request) -> Response:
        """The page behind a link; one that only wants a preview learns nothing, and does not even ask the house."""
        if request.method == "HEAD" or is_preview(request):
            return self._told(request, intake_page.preview())
        return await self._answer(request, self._shown)

    async def take(self, request: Request) -> Response:
        """A form; the answer is JSON for the page's script, and a page for a browser without scripts."""
        return await self._answer(request, self._taken)

    async def _answer(self, request: Request, serve: Serve) -> Response:
        """Whatever happens, a kind page in her language."""
        if not self.queue.admits(address_of(request)):
            return self._told(request, intake_page.closed(LinkState.TOO_MANY))
        try:
            state, asked = await self._see(request.path_params["token"])
        except Exception as error:
            return self._told(request, trouble(error))
        with speaking(asked.language if asked else SOURCE_LANGUAGE):
            try:
                return self._told(request, await serve(request, state, asked))
            except Exception as error:
                return self._told(request, trouble(error))

    async def _see(self, token: str) -> tuple[LinkState, Asked | None]:
        return await self.desk.see(token) if TOKEN.fullmatch(token) else (LinkState.UNKNOWN, None)

    async def _shown(self, request: Request, state: LinkState, asked: Asked | None) -> Page:
        if state is LinkState.GOOD and asked:
            return intake_page.form(asked, self.today())
        if state is LinkState.USED and "sent" in request.query_params:
            return intake_page.thanks(asked)
        return intake_page.closed(state, asked)

    async def _taken(self, request: Request, state: LinkState, asked: Asked | None) -> Page:
        """A link that is not good is not read from: nobody can fill our memory without one."""
        if state is not LinkState.GOOD or not asked:
            return intake_page.closed(state, asked)
        form = await read_form(request)
        token = request.path_params["token"]
        sent = await self.desk.send(token, form.nik if asked.nik else "", form.photo if asked.photo else None)
        if sent.taken:
            return intake_page.thanks(asked)
        if sent.state is LinkState.GOOD:
            return intake_page.form(asked, self.today(), sent)
        return intake_page.closed(sent.state, asked)

    def _told(self, request: Request, page: Page) -> Response:
        headers = self.headers | ({"Retry-After": COME_AGAIN[page.status]} if page.status in COME_AGAIN else {})
        if request.method == "POST" and "application/json" in request.headers.get("accept", ""):
            return JSONResponse(asdict(page.sent), page.status, headers)
        if request.method == "POST" and page.sent.taken:
            return RedirectResponse("?sent", 303, headers)
        return HTMLResponse(page.html, page.status, headers)


class Queue:
    """So many requests a minute for each address, all at once if need be; who asks for more has to wait."""

    def __init__(self, per_minute: int, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._most = most  # addresses remembered
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # requests left, and since when; the latest address last

    def admits(self, address: str) -> bool:
        """True when one more request of this address may pass; it then counts."""
        now = self._clock()
        left, since = self._left.pop(address, (self._per_minute, now))
        left = min(self._per_minute, left + (now - since) * self._per_minute / 60)
        admitted = left >= 1
        self._left[address] = (left - admitted, now)
        if len(self._left) > self._most:
            del self._left[next(iter(self._left))]
        return admitted


class TooLarge(Exception):
    """The form has more than `LARGEST` bytes."""


class NotOurForm(Exception):
    """What came is not what the page's form sends, or it did not come whole."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent; an empty photo is none."""

    nik: str = field(repr=False)
    photo: bytes | None = field(repr=False)


async def read_form(request: Request) -> Form:
    """The form, held in memory only. Raises `TooLarge`, `NotOurForm`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NotOurForm
    parser = MultiPartParser(request.headers, capped(request), max_files=1, max_fields=4, max_part_size=LONGEST_FIELD)
    parser.spool_max_size = LARGEST + 1  # or a photo would lie on the disk, unlocked
    try:
        async with asyncio.timeout(READING):
            fields = await parser.parse()
    except (MultiPartException, ClientDisconnect, TimeoutError) as error:
        raise NotOurForm from error
    nik, photo = fields.get("nik", ""), fields.get("photo")
    content = await photo.read() if isinstance(photo, UploadFile) and "later" not in fields else b""
    await fields.close()
    return Form(nik[:LONGEST_NIK] if isinstance(nik, str) else "", content or None)


async def capped(request: Request) -> AsyncGenerator[bytes, None]:
    """The body as it comes, never more than `LARGEST` of it. Raises `TooLarge`.

    The rest is heard and dropped: a browser that is still sending does not show our answer.
    """
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isdecimal() else 0
    heard = 0
    if announced > HOPELESS:
        raise TooLarge
    async for chunk in request.stream():
        heard += len(chunk)
        if heard > HOPELESS:
            raise TooLarge
        if max(heard, announced) <= LARGEST:
            yield chunk
    if heard > LARGEST:
        raise TooLarge


def trouble(error: Exception) -> Page:
    """What to tell when something went wrong. Of an error nobody thought of, the log has its kind and its place."""
    if isinstance(error, TooLarge):
        return intake_page.too_large()
    if isinstance(error, NotOurForm):
        return intake_page.unreadable()
    if isinstance(error, StorageDown):
        log.warning("the database does not answer; whoever sends a form is asked to try again")
        return intake_page.busy()
    place = extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    log.error("a request to the intake page failed: %s at %s", type(error).__qualname__, where)
    return intake_page.busy()


def policy(*, framed: bool) -> str:
    """What the page may load, and who may show it: nothing and nobody but ourselves."""
    shown_by = "'self'" if framed else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'self'; frame-ancestors {shown_by}"
    )


def is_preview(request: Request) -> bool:
    """True when a chat's server asks what is behind a link, not a person."""
    return bool(PREVIEWS.match(request.headers.get("user-agent", "")))


def address_of(request: Request) -> str:
    """Who asks. A proxy on this machine names him last in X-Forwarded-For; what stands before may be invented.

    In IPv6 everybody has a /64 to himself.
    """
    peer = request.client.host if request.client else ""
    if not peer or is_loopback(peer):
        named = ",".join(request.headers.getlist("x-forwarded-for"))
        peer = named.rpartition(",")[2].strip() or peer
    try:
        address = ip_address(peer)
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ip_network((address.packed[:8] + bytes(8), 64)))


async def file(request: Request) -> Response:
    """The page's style or script."""
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404, headers=SAFE)
    return Response(FILES[name], media_type=KINDS[Path(name).suffix], headers=SAFE | FOR_GOOD)
