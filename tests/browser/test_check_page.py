"""The check page as somebody meets it who scanned a receipt, on a small phone and at a desk."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.web.check import check
from bot.web.check_page import Checked
from domain.money import Rupiah
from tests.browser.conftest import Phone

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GOOD = Checked(
    number="KW-2026-000001",
    amount=Rupiah(1_016_800),
    day=date(2026, 11, 22),
    initials="S. A.",
    association="Asosiasi Pedagang Asongan Kabupaten Lombok Barat dan Sekitarnya",
)
WIDTHS = {"small phone": (320, 568), "phone": (360, 640), "desk": (1280, 800)}


class Served:
    """The check page on a port of 127.0.0.1; every test puts an answer of its own behind it."""

    def __init__(self) -> None:
        self.answer: Checked | None = GOOD
        app = Starlette(routes=check(self, per_minute=100_000))
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/r/ABCD-EFGH-2345-6789"

    async def look_up(self, _code: str) -> Checked | None:
        return self.answer

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)


@pytest.fixture(scope="module")
def receipts() -> Iterator[Served]:
    serving = Served()
    yield serving
    serving.stop()


@pytest.fixture
def phone(browser: "Browser", receipts: Served, size: tuple[int, int]) -> Iterator[Phone]:
    """A window of that size, which may not complain nor ask anybody else."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="id-ID")
    held = Phone(context, context.new_page(), receipts.url)
    held.watch()
    yield held
    context.close()
    assert held.complaints == []
    assert held.hosts <= {"127.0.0.1"}


@pytest.mark.parametrize("size", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("answer", [GOOD, replace(GOOD, voided=True), None], ids=["valid", "cancelled", "unknown"])
def test_it_is_read_at_a_glance_without_turning_sideways(phone: Phone, receipts: Served, answer: Checked | None):
    receipts.answer = answer
    page = phone.open()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("h1").is_visible()
    title = page.locator("h1").bounding_box()
    assert title and title["y"] + title["height"] < 420
    assert page.locator("dd").count() == (4 if answer else 0)
    sizes = page.evaluate("[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= 18
    colours = page.evaluate("getComputedStyle(document.querySelector('circle')).fill")
    assert colours == {GOOD: "rgb(14, 79, 73)", None: "rgb(242, 176, 74)"}.get(answer, "rgb(165, 51, 31)")
