"""The check page: whoever holds a receipt sees whether it is genuine, and nothing that he could not read on it.

The code in the address is 80 bits that nobody guesses. A code that we do not know is answered like any other, and a
preview of the link learns nothing.
"""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web import check_page
from bot.web.check_page import FILES, Checked
from bot.web.intake import COME_AGAIN, FOR_GOOD, SAFE, Queue, address_of, is_preview
from bot.web.intake_page import Page
from conversations.words import SOURCE_LANGUAGE, speaking
from storage.database import StorageDown
from storage.queries.receipts import SIGNS

log = logging.getLogger(__name__)

PER_MINUTE = 60  # requests of one address; a board may check a whole market's receipts
LONGEST = 64  # characters of a code with whatever people put between
BETWEEN = re.compile(r"[\s.·–—-]+")

__all__ = ["Checked", "check"]


class Desk(Protocol):
    """What the page needs of the house."""

    async def look_up(self, code: str) -> Checked | None:
        """The receipt of that code. Raises `StorageDown`."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Where anybody may ask about a receipt."""

    desk: Desk
    queue: Queue
    headers: dict[str, str]

    async def answer(self, request: Request) -> Response:
        """The page of one code; for a preview not even the house is asked."""
        with speaking(SOURCE_LANGUAGE):
            page = await self.page(request)
        again = {"Retry-After": COME_AGAIN[page.status]} if page.status in COME_AGAIN else {}
        return HTMLResponse(page.html, page.status, self.headers | again)

    async def page(self, request: Request) -> Page:
        """Whatever happens, a kind page."""
        if request.method == "HEAD" or is_preview(request):
            return check_page.preview()
        if not self.queue.admits(address_of(request)):
            return check_page.too_many()
        try:
            return check_page.told(await self.desk.look_up(as_printed(request.path_params["code"])))
        except Exception as error:
            return trouble(error)


def check(desk: Desk, *, per_minute: int = PER_MINUTE) -> list[BaseRoute]:
    """The routes under /r."""
    window = Window(desk, Queue(per_minute), SAFE | {"Content-Security-Policy": POLICY})
    return [
        Route("/r/static/{name}", file, methods=["GET"]),
        Route("/r/{code}", window.answer, methods=["GET"]),
    ]


POLICY = (
    "default-src 'none'; img-src data:; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may load: its own style and what is drawn in it; nobody may show it in a frame."""


def as_printed(said: str) -> str:
    """The code as we print it, however it was typed: small letters, spaces and dashes do not matter.

    "" for what holds a sign that none of our codes has.
    """
    code = BETWEEN.sub("", said[:LONGEST]).upper()
    return code if set(code) <= set(SIGNS) else ""


def trouble(error: Exception) -> Page:
    """What to tell when something went wrong. Of an error nobody thought of, the log has its kind and its place."""
    if isinstance(error, StorageDown):
        log.warning("the database does not answer; whoever checks a receipt is asked to try again")
    else:
        place = extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        log.error("a request to the check page failed: %s at %s", type(error).__qualname__, where)
    return check_page.busy()


async def file(request: Request) -> Response:
    """The page's style."""
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404, headers=SAFE)
    return Response(FILES[name], media_type="text/css", headers=SAFE | FOR_GOOD)
