"""A real Chromium as a small phone, before the intake page on this machine.

Without a browser these tests are skipped, and say so; with CI_BROWSER=required in the environment they fail.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.web.intake import Asked, LinkState, Sent, intake
from tests.fakes.intake_desk import TOKEN, FakeDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SMALL_PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True, "locale": "id-ID"}
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """One browser for all tests of a worker; gone before other tests, since it holds the thread's event loop."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        do_without()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield launched
        launched.close()


def do_without() -> None:
    if os.environ.get("CI_BROWSER") == "required":
        pytest.fail("CI_BROWSER=required, but Chromium or Playwright is not installed")
    pytest.skip("no Chromium or no Playwright on this machine: the intake page is not tried in a browser")


class Served:
    """The intake page on a port of 127.0.0.1; every test puts a desk of its own behind it."""

    def __init__(self, port: int = 0) -> None:
        self.desk = FakeDesk()
        app = Starlette(routes=intake(self, per_minute=100_000, today=lambda: TODAY))
        self.server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/i/{TOKEN}"

    async def see(self, token: str) -> tuple[LinkState, Asked | None]:
        return await self.desk.see(token)

    async def send(self, token: str, nik: str, photo: bytes | None) -> Sent:
        return await self.desk.send(token, nik, photo)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    serving = Served()
    yield serving
    serving.stop()


@pytest.fixture
def desk(served: Served) -> FakeDesk:
    """The desk behind the page, with one good link."""
    served.desk = FakeDesk()
    return served.desk


@dataclass
class Phone:
    """A browser window and what happened in it."""

    context: "BrowserContext"
    page: "Page"
    url: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def open(self) -> "Page":
        self.page.goto(self.url)
        return self.page

    def _heard(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)  # a status that is no 200 is for the script, not a mistake of it

    def _asked(self, request: "Request") -> None:
        if (host := urlsplit(request.url).hostname) is not None:  # none in blob: and data:
            self.hosts.add(host)


@pytest.fixture
def pick_up(browser: "Browser", served: Served, desk: FakeDesk) -> Iterator[Callable[..., Phone]]:
    """Phones of any kind. None of them may complain in its console, or ask anybody but this machine."""
    phones: list[Phone] = []

    def new(**kind: Any) -> Phone:
        context = browser.new_context(**SMALL_PHONE | kind)
        context.set_default_timeout(5_000)
        phone = Phone(context, context.new_page(), served.url)
        phone.watch()
        phones.append(phone)
        return phone

    yield new
    for phone in phones:
        phone.context.close()
    assert [complaint for phone in phones for complaint in phone.complaints] == []
    assert set().union(*(phone.hosts for phone in phones)) <= {"127.0.0.1"}


@pytest.fixture
def phone(pick_up: Callable[..., Phone]) -> Phone:
    """A small phone with the page open."""
    phone = pick_up()
    phone.open()
    return phone


@pytest.fixture
def page(phone: Phone) -> "Page":
    return phone.page
