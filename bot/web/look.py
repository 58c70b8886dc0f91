"""The look page: a one-time link from the chat, behind which an officer sees the KTP or the NIK that he checks.

What WhatsApp must not carry is shown here. A GET changes nothing and shows nothing of the applicant: whoever previews a
link learns nothing. What a POST shows was counted and noted before, and no second address leads to it.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from traceback import extract_tb
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web import look_page
from bot.web.intake import COME_AGAIN, FOR_GOOD, PER_MINUTE, SAFE, TOKEN, Queue, address_of, is_preview
from bot.web.intake_desk import LinkState
from bot.web.intake_page import Page
from bot.web.look_page import FILES, MINUTES, Closed, Sight, Wanted
from conversations.words import speaking
from storage.database import StorageDown

log = logging.getLogger(__name__)

HIDING = {"Refresh": f"{MINUTES * 60}; url=?"}  # a page that lies open goes back to its question

Found = TypeVar("Found", Wanted, Sight)


class Desk(Protocol):
    """What the page needs of the house; each call raises `StorageDown` when the database does not answer."""

    async def see(self, token: str) -> Wanted | Closed:
        """What a link would show; changes nothing."""
        ...

    async def show(self, token: str) -> Sight | Closed:
        """Count the look and note it; only when both are kept, what is to be seen."""
        ...


def look(desk: Desk, *, framed: bool = False, per_minute: int = PER_MINUTE) -> list[BaseRoute]:
    """The routes under /l. `framed` lets pages of our own origin show the page in a frame, as the demo does."""
    window = Window(desk, framed=framed, per_minute=per_minute)
    return [
        Route("/l/static/{name}", file, methods=["GET"]),
        Route("/l/{token}", window.offer, methods=["GET"]),
        Route("/l/{token}", window.show, methods=["POST"]),
    ]


class Window:
    """Where an officer looks at what the chat does not show."""

    def __init__(self, desk: Desk, *, framed: bool, per_minute: int) -> None:
        self.desk = desk
        self.queue = Queue(per_minute)
        self.headers = SAFE | {"Content-Security-Policy": policy(framed=framed)}

    async def offer(self, request: Request) -> Response:
        """What is behind a link, and the button that shows it; for a preview not even the house is asked."""
        if request.method == "HEAD" or is_preview(request):
            return self._told(look_page.preview())
        return self._told(await self._answer(request, self.desk.see, look_page.offer))

    async def show(self, request: Request) -> Response:
        """It itself, for some minutes."""
        page = await self._answer(request, self.desk.show, look_page.shown)
        return self._told(page, HIDING if page.status == 200 else {})

    async def _answer(
        self, request: Request, ask: Callable[[str], Awaitable[Found | Closed]], draw: Callable[[Found], Page]
    ) -> Page:
        """Whatever happens, a kind page in his language."""
        if not self.queue.admits(address_of(request)):
            return look_page.closed(Closed(LinkState.TOO_MANY))
        token = request.path_params["token"]
        try:
            found = await ask(token) if TOKEN.fullmatch(token) else Closed(LinkState.UNKNOWN)
            with speaking(found.language):
                return look_page.closed(found) if isinstance(found, Closed) else draw(found)
        except Exception as error:
            return trouble(error)

    def _told(self, page: Page, more: dict[str, str] | None = None) -> Response:
        again = {"Retry-After": COME_AGAIN[page.status]} if page.status in COME_AGAIN else {}
        return HTMLResponse(page.html, page.status, self.headers | again | (more or {}))


def trouble(error: Exception) -> Page:
    """What to tell when something went wrong. Of an error nobody thought of, the log has its kind and its place."""
    if isinstance(error, StorageDown):
        log.warning("the database does not answer; an officer who wants to look is asked to try again")
    else:
        place = extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        log.error("a request to the look page failed: %s at %s", type(error).__qualname__, where)
    return look_page.busy()


def policy(*, framed: bool) -> str:
    """What the page may load, and who may show it: its own style, the photo in it, and nobody but ourselves."""
    shown_by = "'self'" if framed else "'none'"
    return (
        "default-src 'none'; img-src data:; style-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {shown_by}"
    )


async def file(request: Request) -> Response:
    """The page's style."""
    name = request.path_params["name"]
    if name not in FILES:
        return Response(status_code=404, headers=SAFE)
    return Response(FILES[name], media_type="text/css", headers=SAFE | FOR_GOOD)
