"""The intake page as a vendor meets it on a small phone."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.web.intake import LinkState, Sent
from domain.nik import Nik, NotANik, Sex
from storage.database import StorageDown
from tests.browser.conftest import TODAY, Phone
from tests.fakes.intake_desk import ASKED, NIK
from tests.fakes.pdfs import slip
from tests.fakes.photos import sample_ktp

if TYPE_CHECKING:
    from playwright.sync_api import Page

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 60), (30, 60, 200), (240, 240, 240)
READ = "16 angka, lahir 5 Mei 1987, perempuan. Benar?"
MONTHS = "Januari,Februari,Maret,April,Mei,Juni,Juli,Agustus,September,Oktober,November,Desember"


def type_nik(page: "Page", keys: str = NIK) -> None:
    page.locator("#nik").tap()
    page.keyboard.type(keys)


def fill_in(page: "Page") -> None:
    """All that the page asks, without the bother of typing."""
    page.locator("#nik").fill(NIK)
    choose_card(page)


def hint(page: "Page") -> str:
    return page.locator("#nik-hint").inner_text()


def error(page: "Page", field: str) -> str:
    return page.locator(f"#{field}-error").inner_text()


def quarters(width: int, height: int) -> Image.Image:
    """Red and green above, blue and white below: whoever turns it is found out."""
    image = Image.new("RGB", (2, 2))
    for place, colour in {(0, 0): RED, (1, 0): GREEN, (0, 1): BLUE, (1, 1): WHITE}.items():
        image.putpixel(place, colour)
    return image.resize((width, height), Image.Resampling.NEAREST)


def jpeg(image: Image.Image, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90, exif=exif)
    return content.getvalue()


def corners(photo: bytes) -> list[str]:
    """The colours of a photo's quarters: above left and right, below left and right."""
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    x, y = image.width // 4, image.height // 4

    def name_at(place: tuple[int, int]) -> str:
        seen = image.getpixel(place)
        assert isinstance(seen, tuple)
        return min(names, key=lambda name: sum(abs(a - b) for a, b in zip(seen, names[name], strict=True)))

    return [name_at(place) for place in ((x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y))]


def choose(page: "Page", content: bytes, name: str = "ktp.jpg", mime: str = "image/jpeg") -> None:
    page.locator("#gallery").set_input_files({"name": name, "mimeType": mime, "buffer": content})


def choose_card(page: "Page") -> None:
    choose(page, sample_ktp("Siti Aminah"))
    page.locator("#preview").wait_for()


def send(page: "Page") -> None:
    page.locator("#send").tap()


def thanked(page: "Page") -> bool:
    page.locator("#thanks h1").wait_for()
    return page.locator("#asking").is_hidden()


def until(true: Callable[[], bool]) -> None:
    for _ in range(250):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen in five seconds")


# ── The NIK ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_nik_is_grouped_and_read_as_it_is_typed(page):
    type_nik(page, "52710145058")
    assert page.locator("#nik").input_value() == "5271 0145 058"
    assert hint(page) == "Kurang 5 angka."
    page.keyboard.type("70001")
    assert page.locator("#nik").input_value() == "5271 0145 0587 0001"
    assert hint(page) == READ
    page.keyboard.type("9")
    assert hint(page) == "Kelebihan 1 angka. NIK itu 16 angka."


def test_a_nik_is_read_as_people_paste_it(page):
    page.locator("#nik").tap()
    dotted, copied, misread = "5271.0145.0587.0001", "NIK : 5271-0145 0587–0001", "527lO145o587OOO1"
    for pasted in (dotted, copied, misread, "５２７１０１４５０５８７０００１"):
        page.locator("#nik").fill("")
        page.keyboard.insert_text(pasted)
        assert page.locator("#nik").input_value() == "5271 0145 0587 0001"
        assert hint(page) == READ


def test_the_caret_stays_where_she_mends(page):
    type_nik(page, "5271014505")
    page.evaluate("document.getElementById('nik').setSelectionRange(3, 3)")
    page.keyboard.type("9")
    page.keyboard.type("8")
    assert page.locator("#nik").input_value() == "5279 8101 4505"
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert page.locator("#nik").input_value() == "5271 0145 05"
    page.keyboard.type("1")
    assert page.locator("#nik").input_value() == "5271 1014 505"


def test_deleting_the_space_between_groups_deletes_a_digit(page):
    for key, caret, left in (("Backspace", 5, "5270 1450 5"), ("Delete", 4, "5271 1450 5")):
        page.locator("#nik").fill("5271014505")
        page.evaluate("caret => document.getElementById('nik').setSelectionRange(caret, caret)", caret)
        page.keyboard.press(key)
        assert page.locator("#nik").input_value() == left


IMPOSSIBLE = {
    "5271014513": "Angka ke-9 dan ke-10 itu bulan lahir",  # the 13th month
    "5271013205": "Angka ke-7 dan ke-8 itu tanggal lahir",  # the 32nd
    "5271017202": "Angka ke-7 dan ke-8 itu tanggal lahir",  # a woman's 32nd
    "5271012902010001": "Angka ke-7 dan ke-8 itu tanggal lahir",  # 29 February of no leap year
    "5271014505870000": "Empat angka terakhir tidak mungkin 0000.",
}


def test_what_cannot_be_a_nik_is_explained_as_it_is_typed(page):
    for typed, words in IMPOSSIBLE.items():
        page.locator("#nik").fill("")
        page.keyboard.type(typed)
        assert hint(page).startswith(words)
        assert "Coba cocokkan lagi dengan KTP." in hint(page)


def test_the_phone_reads_a_nik_as_the_house_does(page):
    births = [
        "050587",
        "450587",
        "010120",
        "711211",
        "290200",
        "290204",
        "310499",
        "221126",
        "231126",
        "010109",
        "400187",
    ]
    niks = [f"527101{birth}0001" for birth in births]
    page.locator("#nik").tap()
    said = []
    for nik in niks:
        page.evaluate(
            "nik => { const f = document.getElementById('nik'); f.value = nik; f.dispatchEvent(new Event('input')) }",
            nik,
        )
        said.append(hint(page))
    assert said == [in_the_house(nik) for nik in niks]


def in_the_house(typed: str) -> str:
    """What the page should say of these 16 digits."""
    try:
        nik = Nik.parse(typed)
    except NotANik:
        return "Angka ke-7 dan ke-8 itu tanggal lahir (perempuan ditambah 40). Coba cocokkan lagi dengan KTP."
    born: date = nik.birth_date(TODAY)
    sex = "perempuan" if nik.sex is Sex.FEMALE else "laki-laki"
    return f"16 angka, lahir {born.day} {MONTHS.split(',')[born.month - 1]} {born.year}, {sex}. Benar?"


def test_nothing_is_sent_before_the_nik_is_whole_and_the_photo_is_there(page, desk):
    send(page)
    assert error(page, "nik") == "NIK belum diisi. Ketik 16 angka di KTP."
    assert error(page, "photo") == "Foto KTP belum ada. Ambil foto, atau pilih yang sudah ada di HP."
    type_nik(page, "5271")
    assert error(page, "nik") == ""
    send(page)
    assert error(page, "nik") == "NIK belum lengkap. Ketik 16 angka di KTP."
    assert page.evaluate("document.activeElement.id") == "nik"
    assert desk.sent == []


# ── The photo ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_large_photo_is_sent_small_and_upright(page, desk):
    page.locator("#nik").fill(NIK)
    choose(page, jpeg(quarters(4000, 3000)))
    page.locator("#preview").wait_for()
    send(page)
    assert thanked(page)
    ((nik, photo),) = desk.sent
    assert nik == NIK
    assert Image.open(io.BytesIO(photo)).size == (1600, 1200)
    assert corners(photo) == ["red", "green", "blue", "white"]


def test_a_photo_full_of_detail_is_made_coarser_until_it_is_small(page, desk):
    choose(page, jpeg(Image.effect_noise((1800, 1400), 90).convert("RGB")))
    page.locator("#preview").wait_for()
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    assert len(desk.sent[0][1]) <= 400 * 1024


def test_a_photo_taken_with_a_turned_phone_is_sent_upright(page, desk):
    desk.asked = replace(ASKED, nik=False)
    for orientation, lies in ((6, 90), (3, 180), (8, 270)):
        desk.state = LinkState.GOOD
        page.reload()
        choose(page, jpeg(quarters(800, 1000).rotate(lies, expand=True), orientation))
        page.locator("#preview").wait_for()
        send(page)
        assert thanked(page)
        photo = desk.sent.pop()[1]
        assert Image.open(io.BytesIO(photo)).size == (800, 1000)
        assert corners(photo) == ["red", "green", "blue", "white"]
        assert not Image.open(io.BytesIO(photo)).getexif()


def test_a_browser_that_does_not_know_orientations_is_helped(pick_up, desk):
    """It is a new one that denies it, so the picture is turned once too often: that is the proof."""
    phone = pick_up()
    phone.page.add_init_script("CSS.supports = () => false")
    page = phone.open()
    choose(page, jpeg(quarters(800, 1000).rotate(90, expand=True), 6))
    page.locator("#preview").wait_for()
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    assert corners(desk.sent[0][1]) == ["blue", "red", "white", "green"]


def test_a_photo_can_be_turned_changed_and_removed(page, desk):
    choose(page, jpeg(quarters(1000, 700)))
    page.locator("#preview").wait_for()
    assert page.locator("#take").is_hidden()
    first = page.locator("#preview").get_attribute("src")
    page.locator("#turn").tap()
    until(lambda: page.locator("#preview").get_attribute("src") != first)
    page.locator("#nik").fill(NIK)
    desk.wrong = Sent(LinkState.GOOD, photo_error="Fotonya buram.")
    send(page)
    until(lambda: error(page, "photo") == "Fotonya buram.")
    assert corners(desk.sent[0][1]) == ["blue", "red", "white", "green"]
    with page.expect_file_chooser() as chooser:
        page.locator("#change").tap()
    chooser.value.set_files({"name": "b.png", "mimeType": "image/png", "buffer": sample_ktp("Budi")})
    until(lambda: error(page, "photo") == "")
    page.locator("#remove").tap()
    assert page.locator("#take").is_visible()
    send(page)
    assert error(page, "photo").startswith("Foto KTP belum ada.")


def test_the_camera_opens_for_one_button_and_the_gallery_for_the_other(page):
    with page.expect_file_chooser() as camera:
        page.locator("#take").tap()
    with page.expect_file_chooser() as gallery:
        page.locator("#choose").tap()
    assert [chooser.value.element.get_attribute("capture") for chooser in (camera, gallery)] == ["environment", None]


NO_GOOD = {
    b"\0\0\0\x18ftypheic" + bytes(500): "Foto berjenis HEIC belum bisa kami baca.",
    b"PK\x03\x04 a letter" + bytes(2000) + b"%PDF-": "Berkas ini bukan foto atau PDF yang bisa dibaca.",
    b"": "Berkas ini bukan foto atau PDF yang bisa dibaca.",
    jpeg(quarters(320, 200)): "Foto ini terlalu kecil",
    b"\xff\xd8\xff\xe0" + bytes(10 * 1024 * 1024): "Foto ini terlalu besar, paling banyak 10 MB.",
}


def test_a_file_that_is_no_good_photo_is_explained(page, tmp_path):
    for content, words in NO_GOOD.items():
        file = tmp_path / "ktp.jpg"
        file.write_bytes(content)
        page.locator("#gallery").set_input_files(file)
        until(lambda words=words: error(page, "photo").startswith(words))
        assert page.locator("#take").is_visible()
    choose_card(page)
    assert error(page, "photo") == ""


def test_a_phone_that_cannot_draw_sends_the_photo_as_it_is(pick_up, desk):
    phone = pick_up()
    phone.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page = phone.open()
    card = sample_ktp("Siti Aminah")
    choose(page, card)
    page.get_by_text("Foto siap dikirim, tetapi tidak bisa ditampilkan di ponsel ini.").wait_for()
    assert page.locator("#turn").is_hidden()
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    assert desk.sent == [(NIK, card)]


@pytest.mark.parametrize("before", [b"", b"\n\n"])
def test_a_pdf_is_sent_as_it_is(page, desk, before):
    choose(page, before + slip(), "ktp.pdf", "application/pdf")
    page.get_by_text("PDF siap dikirim, tetapi tidak bisa ditampilkan di halaman ini.").wait_for()
    assert page.locator("#turn").is_hidden()
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    assert desk.sent == [(NIK, before + slip())]


def test_a_photo_in_place_of_a_pdf_is_shown_again(page):
    choose(page, slip(), "ktp.pdf", "application/pdf")
    page.get_by_text("PDF siap dikirim").wait_for()
    choose_card(page)
    page.locator("#preview").wait_for()
    assert page.locator("#photo-state").inner_text() == ""


def test_without_a_needed_photo_she_may_do_it_later(page, phone, desk):
    desk.asked = replace(ASKED, photo_needed=False)
    phone.open()
    page.locator("#nik").fill(NIK)
    send(page)
    assert error(page, "photo") == 'Foto KTP belum ada. Ambil foto, atau tekan "Nanti saja, kirim tanpa foto".'
    page.locator("#later").tap()
    assert thanked(page)
    assert desk.sent == [(NIK, None)]


def test_only_the_nik_or_only_the_photo_can_be_asked(page, phone, desk):
    desk.asked = replace(ASKED, photo=False)
    phone.open()
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    desk.asked, desk.state = replace(ASKED, nik=False), LinkState.GOOD
    phone.open()
    choose_card(page)
    send(page)
    assert thanked(page)
    assert [(nik, bool(photo)) for nik, photo in desk.sent] == [(NIK, False), ("", True)]


# ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_sending_she_is_thanked_and_nothing_is_left(page, desk):
    fill_in(page)
    send(page)
    assert thanked(page)
    assert page.get_by_text("Kembali ke WhatsApp, percakapan berlanjut di sana.").is_visible()
    assert page.locator("#thanks a").get_attribute("href") == "https://wa.me/6281200000001"
    assert page.locator("#nik").input_value() == ""
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert not re.search(r"5271|0587", page.content())


def test_a_double_tap_sends_once(page, desk):
    desk.pause = 0.2
    fill_in(page)
    page.locator("#send").dblclick()
    page.keyboard.press("Enter")
    assert thanked(page)
    assert len(desk.sent) == 1


def test_what_the_house_finds_wrong_stands_by_its_field(page, desk):
    desk.wrong = Sent(LinkState.GOOD, nik_error="NIK ini sudah terdaftar.", photo_error="Fotonya buram.")
    fill_in(page)
    send(page)
    until(lambda: error(page, "nik") == "NIK ini sudah terdaftar.")
    assert error(page, "photo") == "Fotonya buram."
    assert page.locator("#nik").get_attribute("aria-invalid") == "true"
    assert page.locator("#nik").input_value() == "5271 0145 0587 0001"
    send(page)
    assert thanked(page)


def test_without_a_signal_nothing_is_lost(page, phone, desk):
    fill_in(page)
    phone.context.set_offline(True)
    send(page)
    page.get_by_text("Belum terkirim, sinyal terputus.").wait_for()
    assert page.locator("#send").inner_text() == "Coba lagi"
    phone.context.set_offline(False)
    send(page)
    assert thanked(page)
    assert len(desk.sent) == 1


def test_while_the_house_is_down_nothing_is_lost(page, desk):
    fill_in(page)
    desk.down, desk.error = True, StorageDown("SQLITE_BUSY")
    send(page)
    page.get_by_text("Belum terkirim, sistem kami sibuk.").wait_for()
    desk.down = False
    send(page)
    assert thanked(page)


def test_a_line_that_goes_silent_is_not_waited_for_without_end(pick_up, desk):
    phone = pick_up()
    phone.page.clock.install()
    page = phone.open()
    fill_in(page)
    desk.pause = 0.5
    send(page)
    until(lambda: len(desk.sent) == 1)
    page.clock.fast_forward(60_000)
    page.get_by_text("Belum terkirim, sinyalnya lambat.").wait_for()
    until(lambda: desk.state is LinkState.USED)
    send(page)
    assert thanked(page), "it had arrived the first time, only the answer was lost"


def test_a_link_that_ends_in_between_gets_its_page(page, desk):
    fill_in(page)
    desk.state = LinkState.EXPIRED
    send(page)
    page.get_by_text("Tautan ini sudah berakhir").wait_for()
    assert desk.sent == []


def test_too_many_tries_lose_nothing(page, desk):
    desk.wrong = Sent(LinkState.TOO_MANY)
    fill_in(page)
    send(page)
    page.get_by_text("Terlalu sering dicoba.").wait_for()
    send(page)
    assert thanked(page)


def test_a_used_link_says_so_when_the_page_is_loaded_again(page, desk):
    fill_in(page)
    send(page)
    assert thanked(page)
    page.reload()
    assert page.get_by_text("Tautan ini sudah dipakai").is_visible()


@pytest.mark.parametrize("sent", [False, True], ids=["before sending", "after sending"])
def test_the_back_button_shows_no_nik(page, phone, desk, sent):
    fill_in(page)
    if sent:
        send(page)
        assert thanked(page)
    page.goto(phone.url + "-lain")
    page.go_back()
    page.wait_for_timeout(150)
    assert "5271" not in page.evaluate("[].map.call(document.querySelectorAll('input'), f => f.value).join()")
    assert page.get_by_text("Tautan ini sudah dipakai").is_visible() is sent


def test_a_page_that_a_browser_keeps_in_its_memory_is_empty(page):
    for leaves_or_returns in ("pagehide", "pageshow"):
        fill_in(page)
        page.evaluate("kind => dispatchEvent(new PageTransitionEvent(kind, {persisted: true}))", leaves_or_returns)
        assert page.locator("#nik").input_value() == ""
        assert page.locator("#preview").is_hidden()


# ── On every phone ───────────────────────────────────────────────────────────────────────────────────────────────


def test_without_scripts_the_form_works_too(pick_up, desk):
    desk.asked = replace(ASKED, photo_needed=False)
    page = pick_up(java_script_enabled=False).open()
    assert page.locator("#take").is_hidden()
    page.locator("#nik").fill("5271")
    send(page)
    page.get_by_text("NIK itu 16 angka. Coba ketik lagi.").wait_for()
    assert page.locator("#nik").input_value() == ""
    page.locator("#nik").fill("5271 0145 0587 0001")
    card = sample_ktp("Siti Aminah")
    page.locator("#photo").set_input_files({"name": "ktp.jpg", "mimeType": "image/jpeg", "buffer": card})
    send(page)
    page.get_by_text("Halaman ini boleh ditutup.").and_(page.locator(":visible")).wait_for()
    assert desk.sent[1:] == [("5271 0145 0587 0001", card)]
    assert page.get_by_text("5271").count() == 0


def test_without_scripts_the_photo_may_be_left_for_later_and_too_large_a_one_is_explained(pick_up, desk, tmp_path):
    desk.asked = replace(ASKED, photo_needed=False)
    page = pick_up(java_script_enabled=False).open()
    huge = tmp_path / "ktp.jpg"
    huge.write_bytes(bytes(13 * 1024 * 1024))
    page.locator("#photo").set_input_files(huge)
    send(page)
    page.get_by_text("Fotonya terlalu besar").wait_for()
    page.get_by_text("Coba lagi").tap()
    page.locator("#nik").fill(NIK)
    page.locator("#later").tap()
    page.get_by_text("Halaman ini boleh ditutup.").and_(page.locator(":visible")).wait_for()
    assert desk.sent == [(NIK, None)]


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_wider_than_the_phone_and_a_whole_nik_is_seen(pick_up, desk, width):
    name = "Paguyuban Pedagang Kaki Lima Se-Nusatenggarabaratdansekitarnya"
    desk.asked = replace(ASKED, association=name, photo_needed=False)
    page = pick_up(viewport={"width": width, "height": 568}).open()
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    page.locator("#nik").fill(NIK)
    assert page.evaluate("(field => field.scrollWidth <= field.clientWidth)(document.getElementById('nik'))")
    choose_card(page)
    assert page.evaluate(fits)
    desk.wrong = Sent(LinkState.GOOD, nik_error="NIK ini sudah terdaftar.", photo_error="Fotonya buram.")
    send(page)
    until(lambda: error(page, "nik") != "")
    assert page.evaluate(fits)


def test_all_that_is_pressed_is_as_large_as_a_thumb_and_all_that_is_read_is_large(page, phone, desk):
    desk.asked = replace(ASKED, photo_needed=False)
    phone.open()
    assert small(page) == []
    choose_card(page)
    assert small(page) == []
    page.locator("#nik").fill(NIK)
    send(page)
    assert thanked(page)
    assert small(page) == []


def small(page: "Page") -> list[str]:
    """What is lower or narrower than 48 px though it is pressed, or smaller than 18 px though it is read."""
    found: list[str] = page.evaluate("""() => {
        const seen = [...document.querySelectorAll('body *')].filter(one => one.offsetParent);
        const pressed = seen.filter(one => one.matches('button, a, input'));
        const read = seen.filter(one => [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim()));
        const name = one => one.outerHTML.slice(0, 80);
        return pressed.filter(one => one.offsetHeight < 48 || one.offsetWidth < 48).map(name)
            .concat(read.filter(one => parseFloat(getComputedStyle(one).fontSize) < 18).map(name));
    }""")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(pick_up, desk, scheme):
    """WCAG 2.2 AA asks for a contrast of 4.5."""
    desk.asked = replace(ASKED, photo_needed=False)
    page = pick_up(color_scheme=scheme).open()
    send(page)
    assert pale(page) == []
    type_nik(page, "5271014513")
    assert pale(page) == []
    page.locator("#nik").fill("")
    fill_in(page)
    assert pale(page) == []
    send(page)
    assert thanked(page)
    assert pale(page) == []


def pale(page: "Page") -> list[list[Any]]:
    """Every visible text with too little contrast, and its contrast."""
    found: list[list[Any]] = page.evaluate("""() => {
        const parts = colour => colour.match(/[\\d.]+/g).map(Number);
        const linear = part => part <= 10.3 ? part / 3294.6 : Math.pow((part / 255 + .055) / 1.055, 2.4);
        const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
        const behind = one => {
            const [r, g, b, a] = parts(getComputedStyle(one).backgroundColor);
            return a === 0 && one.parentElement ? behind(one.parentElement) : [r, g, b];
        };
        const contrast = one => {
            const both = [light(parts(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
            return (both[0] + .05) / (both[1] + .05);
        };
        return [...document.querySelectorAll('body *')].filter(one => one.offsetParent &&
            (one.value || [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim())))
            .map(one => [one.textContent.slice(0, 40), contrast(one)]).filter(([, ratio]) => ratio < 4.5);
    }""")
    return found


def test_the_whole_page_weighs_less_than_50_kb(pick_up):
    phone: Phone = pick_up()
    answers: list[Any] = []

    def keep(answer: Any) -> None:
        answers.append(answer)

    phone.page.on("response", keep)
    phone.open()
    loaded = [answer for answer in answers if answer.url.startswith("http")]
    assert len(loaded) == 3
    assert sum(len(answer.body()) for answer in loaded) < 50_000
