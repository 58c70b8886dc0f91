"""The batch page: a one-time link from the chat, through which the treasurer takes the sheet for BPJS away, and brings
BPJS's answer.

Whole NIKs must not go through the chat. A GET changes nothing. What leaves was noted before; what comes is looked at
first, shown, and settled only when she says so. Nothing of it touches the disk, a log or an error.
"""

import logging
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.reconciliation import DoesNotFit
from bot.sheets import Format, NotASheet
from bot.web import batch_page
from bot.web.batch_page import FILES, Offered
from bot.web.counter import Counter
from bot.web.intake import (
    COME_AGAIN,
    FOR_GOOD,
    PER_MINUTE,
    SAFE,
    TOKEN,
    NotOurForm,
    Queue,
    TooLarge,
    address_of,
    capped,
    is_preview,
)
from bot.web.intake_desk import LinkState
from bot.web.intake_page import Page, unreadable
from bot.web.look import policy
from bot.web.look_page import Closed
from conversations.words import _, speaking
from storage.database import Overtaken, StorageDown

log = logging.getLogger(__name__)

LARGEST = 2 * 1024 * 1024  # bytes of an answer
LARGEST_FIELD = LARGEST * 4 // 3 + 1024  # the same in base64

Deed = Callable[[str, Offered, "Form"], Awaitable[Response]]


def batch(counter: Counter, *, framed: bool = False, per_minute: int = PER_MINUTE) -> list[BaseRoute]:
    """The routes under /b. `framed` lets pages of our own origin show the page in a frame, as the demo does."""
    window = Window(counter, framed=framed, per_minute=per_minute)
    return [
        Route("/b/static/{name}", file, methods=["GET"]),
        Route("/b/{token}", window.offer, methods=["GET"]),
        Route("/b/{token}", window.take, methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent."""

    deed: str
    form: str  # of the sheet that is wanted
    seen: str
    content: bytes = field(repr=False)  # of the answer


class Window:
    """Where the treasurer takes a sheet away, and brings one."""

    def __init__(self, counter: Counter, *, framed: bool, per_minute: int) -> None:
        self.counter = counter
        self.queue = Queue(per_minute)
        self.headers = SAFE | {"Content-Security-Policy": policy(framed=framed)}

    async def offer(self, request: Request) -> Response:
        """What can be done; a preview learns nothing, and does not even ask the house."""
        if request.method == "HEAD" or is_preview(request):
            return self.told(batch_page.preview())

        async def shown(_token: str, offered: Offered) -> Response:
            return self.told(batch_page.offer(offered))

        return await self.answer(request, shown)

    async def take(self, request: Request) -> Response:
        """The sheet, or what an answer means, or that it is settled."""

        async def done(token: str, offered: Offered) -> Response:
            form = await read_form(request)
            deeds: dict[str, Deed] = {"sheet": self.sheet, "answer": self.examine, "confirm": self.settle}
            if form.deed not in deeds:
                raise NotOurForm
            try:
                return await deeds[form.deed](token, offered, form)
            except (NotASheet, DoesNotFit) as trouble:
                return self.told(batch_page.offer(offered, str(trouble)))
            except TooLarge:
                largest = _("Berkasnya terlalu besar, paling banyak {megabytes} MB.").format(megabytes=LARGEST >> 20)
                return self.told(batch_page.offer(offered, largest))
            except Overtaken:
                return self.told(batch_page.offer(offered, _("Setoran ini baru saja berubah. Coba sekali lagi.")))

        return await self.answer(request, done)

    async def answer(self, request: Request, serve: Callable[[str, Offered], Awaitable[Response]]) -> Response:
        """Whatever happens, a kind page in her language. A link that is not good is not read from."""
        if not self.queue.admits(address_of(request)):
            return self.told(batch_page.too_many())
        token = request.path_params["token"]
        try:
            offered = await self.counter.see(token) if TOKEN.fullmatch(token) else Closed(LinkState.UNKNOWN)
            with speaking(offered.language):
                return self.shut(offered) if isinstance(offered, Closed) else await serve(token, offered)
        except Exception as error:
            return self.told(trouble(error))

    async def sheet(self, token: str, offered: Offered, form: Form) -> Response:
        """The sheet, as a file."""
        try:
            wanted = Format(form.form)
        except ValueError as error:
            raise NotOurForm from error
        content = await self.counter.sheet(token, wanted)
        if isinstance(content, Closed):
            return self.shut(content)
        name = f'attachment; filename="{offered.number}.{wanted.value}"'
        return Response(content, headers=self.headers | {"Content-Disposition": name}, media_type=wanted.mime)

    async def examine(self, token: str, offered: Offered, form: Form) -> Response:
        """What an answer would settle."""
        demand_small(form)
        if not form.content:
            raise NotASheet(_("Berkasnya belum dipilih."))
        found = await self.counter.examine(token, form.content)
        return self.shut(found) if isinstance(found, Closed) else self.told(batch_page.examined(found))

    async def settle(self, token: str, offered: Offered, form: Form) -> Response:
        """It is settled, unless something else would be by now."""
        demand_small(form)
        found = await self.counter.take(token, form.content, form.seen)
        if isinstance(found, Closed):
            return self.shut(found)
        if found.seen:
            again = _("Hasilnya berbeda dari yang tadi ditunjukkan. Periksa sekali lagi.")
            return self.told(batch_page.examined(found, again))
        return self.told(batch_page.taken(found))

    def shut(self, closed: Closed) -> Response:
        """Nothing can be done through this link."""
        with speaking(closed.language):
            return self.told(batch_page.closed(closed))

    def told(self, page: Page) -> Response:
        """A page, with what a browser must not do with it."""
        again = {"Retry-After": COME_AGAIN[page.status]} if page.status in COME_AGAIN else {}
        return HTMLResponse(page.html, page.status, self.headers | again)


def demand_small(form: Form) -> None:
    """An answer is no larger than we take. Raises `TooLarge`."""
    if len(form.content) > LARGEST:
        raise TooLarge


async def read_form(request: Request) -> Form:
    """The form, held in memory only. Raises `TooLarge`, `NotOurForm`."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise NotOurForm
    parser = MultiPartParser(request.headers, capped(request), max_files=1, max_fields=4, max_part_size=LARGEST_FIELD)
    parser.spool_max_size = LARGEST_FIELD * 8  # or an answer would lie on the disk, unlocked
    try:
        fields = await parser.parse()
    except (MultiPartException, ClientDisconnect) as error:
        raise NotOurForm from error
    said = {name: value for name, value in fields.items() if isinstance(value, str)}
    sheet = fields.get("answer")
    content = await sheet.read() if isinstance(sheet, UploadFile) else shown_before(said.get("content", ""))
    await fields.close()
    return Form(said.get("deed", ""), said.get("form", ""), said.get("seen", ""), content)


def shown_before(text: str) -> bytes:
    """The answer that was looked at, as the page gave it along. Raises `NotOurForm`."""
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise NotOurForm from error


def trouble(error: Exception) -> Page:
    """What to tell when something went wrong. Of an error nobody thought of, the log has its kind and its place."""
    if isinstance(error, (NotOurForm, TooLarge)):
        return unreadable()
    if isinstance(error, StorageDown):
        log.warning("the database does not answer; a treasurer is asked to try again")
    else:
        place = extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        log.error("a request to the batch page failed: %s at %s", type(error).__qualname__, where)
    return batch_page.busy()


async def file(request: Request) -> Response:
    """The page's style."""
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404, headers=SAFE)
    return Response(FILES[name], media_type="text/css", headers=SAFE | FOR_GOOD)
