"""The look page as an officer meets it, on a small phone and at a desk."""

import io
import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from PIL import Image, ImageChops
from starlette.applications import Starlette

from bot.web import look as module
from bot.web.intake import LinkState
from bot.web.look import look
from bot.web.look_page import Closed, Sight, Subject, Wanted
from domain.nik import Nik
from tests.browser.conftest import Phone
from tests.browser.test_intake_page import pale, small
from tests.fakes.photos import sample_ktp

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

KTP = Wanted(
    subject=Subject.KTP,
    number="P-2026-0001",
    who="Lalu Contoh",
    association="Asosiasi Pedagang Contoh",
    channel="whatsapp",
    language="id",
    back="https://wa.me/6281200000001",
)
NIK = replace(KTP, subject=Subject.NIK)
AT = datetime(2026, 11, 22, 10, 17, tzinfo=ZoneInfo("Asia/Makassar"))
WIDTHS = {"small phone": (320, 568), "phone": (360, 640), "desk": (1280, 800)}
at_every_width = pytest.mark.parametrize("size", WIDTHS.values(), ids=WIDTHS)


@dataclass
class FakeDesk:
    """One link, good as long as `closed` says nothing."""

    wanted: Wanted = KTP
    closed: Closed | None = None
    shown: list[Sight] = field(default_factory=list)

    async def see(self, _token: str) -> Wanted | Closed:
        return self.closed or self.wanted

    async def show(self, _token: str) -> Sight | Closed:
        if self.closed:
            return self.closed
        self.shown.append(self.sight())
        return self.shown[-1]

    def sight(self) -> Sight:
        if self.wanted.subject is Subject.KTP:
            return Sight(self.wanted, AT, photo=sample_ktp("Siti Aminah"))
        return Sight(self.wanted, AT, nik=Nik("5271014505870001"), purpose="Mencocokkan dengan kartu keluarga.")


class Served:
    """The look page on a port of 127.0.0.1; every test puts a desk of its own behind it."""

    def __init__(self) -> None:
        self.desk = FakeDesk()
        app = Starlette(routes=look(self, per_minute=100_000))
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    @property
    def url(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/l/tautan-contoh-0001"

    async def see(self, token: str) -> Wanted | Closed:
        return await self.desk.see(token)

    async def show(self, token: str) -> Sight | Closed:
        return await self.desk.show(token)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    serving = Served()
    yield serving
    serving.stop()


@pytest.fixture
def desk(served: Served) -> FakeDesk:
    """The desk behind the page, with one good link to a KTP."""
    served.desk = FakeDesk()
    return served.desk


def show(page: "Page") -> None:
    page.get_by_role("button", name="Tampilkan").click()
    page.locator(".marked").wait_for()


def is_loaded(page: "Page") -> bool:
    return bool(page.evaluate("(photo => photo.complete && photo.naturalWidth > 0)(document.images[0])"))


def width(page: "Page", place: str) -> float:
    box = page.locator(place).bounding_box()
    assert box
    return box["width"]


def fits(page: "Page") -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_nothing_is_shown_before_he_asks_for_it(page, desk):
    assert page.locator("img, .nik").count() == 0
    assert desk.shown == []
    show(page)
    assert is_loaded(page)
    assert len(desk.shown) == 1


def test_the_photo_hides_when_he_says_so_and_asks_again(page, desk):
    show(page)
    page.get_by_role("link", name="Sembunyikan").click()
    page.get_by_role("button", name="Tampilkan").wait_for()
    assert page.locator("img").count() == 0
    show(page)
    assert len(desk.shown) == 2


def test_what_lies_open_hides_itself(page, desk, monkeypatch):
    monkeypatch.setitem(module.HIDING, "Refresh", "1; url=?")
    show(page)
    page.get_by_role("button", name="Tampilkan").wait_for()
    assert page.locator("img").count() == 0
    assert len(desk.shown) == 1


def test_without_scripts_it_does_all_the_same(pick_up, desk):
    page = pick_up(java_script_enabled=False).open()
    show(page)
    before = width(page, ".marked img")
    page.get_by_text("Perbesar").click()
    assert width(page, ".marked img") > 2 * before
    page.get_by_text("Perkecil").click()
    assert width(page, ".marked img") == before


def test_the_photo_is_made_larger_by_the_keyboard_too(page):
    show(page)
    before = width(page, ".marked img")
    page.get_by_role("checkbox", name="Perbesar").press("Space")
    assert width(page, ".marked img") > 2 * before


@at_every_width
@pytest.mark.parametrize("larger", [False, True], ids=["", "larger"])
def test_the_mark_covers_the_photo_wherever_one_looks(pick_up, size, larger):
    page = pick_up(viewport=dict(zip(("width", "height"), size, strict=True))).open()
    show(page)
    if larger:
        page.get_by_text("Perbesar").click()
    marked = pictures_of(page)
    page.evaluate("document.querySelector('.mark').remove()")
    assert [unmarked(one, bare) for one, bare in zip(marked, pictures_of(page), strict=True)] == [[], []]


def pictures_of(page: "Page") -> list[Image.Image]:
    """The photo as it is seen, its left end and its right end."""
    sheet, found = page.locator(".sheet"), []
    for end in (0, 10_000):
        sheet.evaluate("(sheet, end) => { sheet.scrollLeft = end }", end)
        found.append(Image.open(io.BytesIO(sheet.screenshot())).convert("RGB"))
    return found


def unmarked(marked: Image.Image, bare: Image.Image, cell: int = 160) -> list[tuple[int, int]]:
    """Where a square of the photo could be cut out without the mark."""
    differs = ImageChops.difference(marked, bare)
    places = itertools.product(range(0, bare.width - cell, 20), range(0, bare.height - cell, 20))
    return [(x, y) for x, y in places if not differs.crop((x, y, x + cell, y + cell)).getbbox()]


def test_a_long_press_finds_no_picture_to_keep(page):
    show(page)
    assert (
        page.evaluate("""() => {
        const photo = document.images[0].getBoundingClientRect();
        return document.elementFromPoint(photo.left + photo.width / 2, photo.top + photo.height / 2).closest('img');
    }""")
        is None
    )


def test_nothing_of_it_is_printed(page):
    show(page)
    page.emulate_media(media="print")
    assert page.locator(".sheet").is_hidden()


def test_the_nik_can_be_read_and_copied(page, desk, phone):
    desk.wanted = NIK
    phone.open()
    show(page)
    assert page.locator(".nik").inner_text() == "5271 0145 0587 0001"
    page.locator(".nik").click(click_count=3)
    assert page.evaluate("getSelection().toString().trim()") == "5271 0145 0587 0001"


@at_every_width
def test_no_page_is_wider_than_its_window_and_a_whole_nik_is_seen(pick_up, desk, size):
    name = "Paguyuban Pedagang Kaki Lima Se-Nusatenggarabaratdansekitarnya"
    desk.wanted = replace(KTP, association=name, who="Lalu Wirabrata Kusumaningratsuryadiningrat")
    page = pick_up(viewport=dict(zip(("width", "height"), size, strict=True))).open()
    assert fits(page)
    show(page)
    assert fits(page)
    page.get_by_text("Perbesar").click()
    assert fits(page)
    desk.wanted = replace(NIK, association=name)
    page.reload()
    page.goto(page.url.partition("?")[0])
    show(page)
    assert fits(page)
    assert page.evaluate("(nik => nik.scrollWidth <= nik.clientWidth)(document.querySelector('.nik'))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wanted", [KTP, NIK], ids=["ktp", "nik"])
def test_all_is_large_enough_and_stands_out(pick_up, desk, scheme, wanted):
    """WCAG 2.2 AA asks for a contrast of 4.5; the mark is there to be seen, not to be read past."""
    desk.wanted = wanted
    page = pick_up(color_scheme=scheme).open()
    assert (small(page), pale(page)) == ([], [])
    show(page)
    page.evaluate("document.querySelector('.mark').remove()")
    assert [one for one in small(page) if 'id="large"' not in one] == []
    assert pale(page) == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (LinkState.USED, "Tautan ini sudah terlalu sering dibuka"),
        (LinkState.EXPIRED, "Tautan ini sudah berakhir"),
        (LinkState.UNKNOWN, "Tautan ini tidak dikenal"),
    ],
)
def test_a_closed_page_is_a_page_like_the_others(pick_up, desk, state, words):
    desk.closed = Closed(state)
    page = pick_up().open()
    assert page.get_by_role("heading", name=words).is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor") == "rgb(14, 79, 73)"
    assert (small(page), pale(page), fits(page)) == ([], [], True)


def test_the_whole_page_weighs_little_more_than_the_photo(pick_up):
    phone: Phone = pick_up()
    sizes: list[int] = []

    def keep(answer: "Response") -> None:
        sizes.append(len(answer.body()))

    phone.page.on("response", keep)
    show(phone.open())
    assert sum(sizes) < 25_000 + 4 / 3 * len(sample_ktp("Siti Aminah"))
