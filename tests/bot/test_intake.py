"""The intake page's routes, before a desk without a house."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from html import unescape
from tempfile import SpooledTemporaryFile
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot import photos
from bot.web import intake as module
from bot.web.intake import LinkState, Queue, Sent, intake
from bot.web.intake_page import FILES, HERE
from bot.web.reception import developed
from storage.database import StorageDown
from tests.fakes.browser import Browser
from tests.fakes.intake_desk import ASKED, NIK, TOKEN, FakeDesk
from tests.fakes.pdfs import locked_slip, slip
from tests.fakes.photos import sample_ktp

TODAY = date(2026, 11, 22)
JPEG = b"\xff\xd8\xff\xe0 a photo of a card"
LINK = f"/i/{TOKEN}"
FOR_THE_SCRIPT = {"Accept": "application/json"}


def open_window(desk: FakeDesk, who: str = "203.0.113.9", **options: Any) -> Browser:
    """A browser at this address."""
    return Browser(Starlette(routes=intake(desk, today=lambda: TODAY, **{"per_minute": 1000, **options})), who)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def browser(desk: FakeDesk) -> Browser:
    return open_window(desk)


def form(nik: str = NIK, photo: bytes = JPEG, **more: str) -> dict[str, Any]:
    """A form as the page sends it."""
    return {"data": {"nik": nik, **more}, "files": {"photo": ("ktp.jpg", photo, "image/jpeg")}}


# ── What a link shows ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_link_says_who_asks_and_why_and_what_becomes_of_it(browser):
    page = browser.get(LINK)
    assert page.status_code == 200
    for sentence in (
        "Halo, Bu Siti.",
        "Asosiasi Pedagang Contoh memerlukannya untuk mendaftarkan Bapak/Ibu ke BPJS Ketenagakerjaan.",
        "WhatsApp tidak boleh dipakai mengirim NIK",
        "bukan milik BPJS dan bukan milik WhatsApp",
        "Yang melihat hanya petugas kami dan BPJS Ketenagakerjaan.",
        "Disimpan terkunci.",
        "Tautan ini hanya untuk satu kali dan berakhir setelah 30 menit.",
    ):
        assert sentence in page.text


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ({}, ['id="nik"', 'id="photo"', ">1<", ">2<"], ['id="later"']),
        ({"photo": False}, ['id="nik"'], ['id="photo"', 'id="later"', ">1<"]),
        ({"nik": False}, ['id="photo"'], ['id="nik"', ">2<"]),
        ({"photo_needed": False}, ['id="later"', "Foto KTP (boleh nanti)"], []),
        ({"channel": "telegram"}, ["bukan milik Telegram"], ["WhatsApp tidak boleh"]),
        ({"who": ""}, ["Halo, Bapak/Ibu."], []),
        ({"back": ""}, [], ["Kembali ke WhatsApp</a>"]),
    ],
)
def test_the_page_asks_only_what_the_link_asks(desk, browser, asked, there, not_there):
    desk.asked = replace(ASKED, **asked)
    page = browser.get(LINK).text
    assert [sign for sign in there if sign not in page] == []
    assert [sign for sign in not_there if sign in page] == []


def test_the_page_speaks_her_language(desk, browser):
    desk.asked = replace(ASKED, language="en")
    page = browser.get(LINK).text
    assert '<html lang="en">' in page
    assert '"May"' in unescape(page)
    assert '<html lang="id">' in open_window(FakeDesk()).get(LINK).text


def test_a_name_is_never_markup(desk, browser):
    desk.asked = replace(ASKED, who="<b>Siti", association='Kios "A" & <i>B', back='https://wa.me/62"><script>')
    page = browser.get(LINK).text
    assert "<b>" not in page
    assert "<i>B" not in page
    assert "<script>" not in page
    assert "Halo, &lt;b&gt;Siti." in page


A_NEW_ONE = 'Ketik "ulang" di chat untuk tautan baru.'


@pytest.mark.parametrize(
    ("state", "status", "sentence", "todo"),
    [
        (LinkState.USED, 410, "Tautan ini sudah dipakai", 'Ada yang salah? Ketik "ubah" di chat.'),
        (LinkState.EXPIRED, 410, "Tautan ini sudah berakhir", A_NEW_ONE),
        (LinkState.PASSED, 410, "Halaman ini tidak diperlukan lagi", "Kembali ke chat untuk melanjutkan."),
        (LinkState.UNKNOWN, 404, "Tautan ini tidak dikenal", A_NEW_ONE),
        (LinkState.TOO_MANY, 429, "Terlalu banyak percobaan", A_NEW_ONE),
    ],
)
def test_a_link_that_is_not_good_says_what_to_do_and_names_nobody(
    desk, browser, monkeypatch, state, status, sentence, todo
):
    async def see(_token: str) -> tuple[LinkState, Any]:
        return state, ASKED  # even where the house still knows

    monkeypatch.setattr(desk, "see", see)
    for answer in (browser.get(LINK), browser.post(LINK, **form())):
        assert answer.status_code == status
        assert sentence in answer.text
        assert todo in unescape(answer.text)
        assert not re.search(r"Siti|Asosiasi|<form", answer.text)
    assert desk.sent == []
    answer = browser.post(LINK, **form(), headers=FOR_THE_SCRIPT)
    assert (answer.status_code, answer.json()["state"]) == (status, state)


@pytest.mark.parametrize("token", ["a" * 129, "semua.pedagang", "a b", "%00"])
def test_a_link_that_we_never_give_is_unknown_without_a_look(desk, browser, token):
    assert browser.get(f"/i/{token}").status_code == 404
    assert desk.looked == 0


@pytest.mark.parametrize("agent", ["WhatsApp/2.24.20.89 A", "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)"])
def test_who_only_previews_a_link_learns_nothing_and_uses_nothing_up(desk, browser, agent):
    page = browser.get(LINK, headers={"User-Agent": agent})
    assert page.status_code == 200
    assert not re.search(r"Siti|Asosiasi|KTP|NIK|<form", page.text)
    assert browser.head(LINK).status_code == 200
    assert desk.looked == 0
    assert browser.get(LINK, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 6.0) WhatsApp/2"}).text.count("<form")


def test_looking_at_a_link_changes_nothing(desk, browser):
    for _ in range(3):
        assert browser.get(LINK).status_code == 200
    assert (desk.state, desk.sent) == (LinkState.GOOD, [])


# ── A form ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_is_taken_as_it_was_sent(desk, browser):
    answer = browser.post(LINK, **form("5271 0145-0587.0001"), headers=FOR_THE_SCRIPT)
    assert (answer.status_code, answer.json()) == (
        200,
        {"state": "used", "taken": True, "nik_error": "", "photo_error": ""},
    )
    assert desk.sent == [("5271 0145-0587.0001", JPEG)]


def test_a_browser_without_scripts_is_thanked_too_and_a_reload_sends_nothing(desk, browser):
    answer = browser.post(LINK, **form())
    assert answer.status_code == 303
    thanks = browser.get(answer.url.join(answer.headers["location"]))
    assert thanks.status_code == 200
    assert "Terima kasih" in thanks.text
    assert len(desk.sent) == 1
    assert browser.get(LINK).status_code == 410


def test_the_thanks_lead_back_where_the_house_still_knows_the_chat(desk, browser, monkeypatch):
    async def see(_token: str) -> tuple[LinkState, Any]:
        return LinkState.USED, ASKED

    monkeypatch.setattr(desk, "see", see)
    assert 'href="https://wa.me/6281200000001"' in browser.get(f"{LINK}?sent").text


def test_nobody_is_thanked_for_what_was_not_sent(browser):
    assert "<form" in browser.get(f"{LINK}?sent").text


def test_what_was_wrong_stands_by_its_field_and_what_she_typed_stands_nowhere(desk, browser):
    desk.wrong = Sent(LinkState.GOOD, nik_error="NIK ini <sudah> terdaftar.", photo_error="Fotonya buram.")
    answer = browser.post(LINK, **form())
    assert answer.status_code == 422
    assert '<p class="error" id="nik-error" role="alert">NIK ini &lt;sudah&gt; terdaftar.</p>' in answer.text
    assert '<p class="error" id="photo-error" role="alert">Fotonya buram.</p>' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Belum terkirim." in answer.text
    assert NIK not in answer.text
    assert '"Fotonya buram."' not in unescape(browser.get(LINK).text)


def test_the_script_is_told_what_was_wrong(desk, browser):
    desk.wrong = Sent(LinkState.GOOD, nik_error="NIK ini sudah terdaftar.")
    answer = browser.post(LINK, **form(), headers=FOR_THE_SCRIPT)
    assert (answer.status_code, answer.json()["taken"]) == (422, False)
    assert answer.json()["nik_error"] == "NIK ini sudah terdaftar."


def test_a_form_that_came_before_is_told_so(desk, browser):
    desk.wrong = Sent(LinkState.USED)
    assert browser.post(LINK, **form(), headers=FOR_THE_SCRIPT).json()["state"] == "used"
    desk.wrong = Sent(LinkState.TOO_MANY)
    assert browser.post(LINK, **form()).status_code == 429


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (form(photo=b""), (NIK, None)),
        ({"data": {"nik": NIK}, "files": {"x": ("", b"")}}, (NIK, None)),
        (form(later="yes"), (NIK, None)),
        ({"data": {"photo": "no file"}, "files": {"nik": ("a", b"b")}}, ("", None)),
        (form("1" * 500), ("1" * 64, JPEG)),
    ],
    ids=["an empty photo", "no photo", "nothing but the NIK", "fields in each other's place", "a long NIK"],
)
def test_whatever_a_form_holds_the_house_gets_a_short_text_and_a_photo_or_none(desk, browser, sent, arrived):
    browser.post(LINK, **sent)
    assert desk.sent == [arrived]


def test_what_was_not_asked_is_not_taken(desk, browser):
    desk.asked = replace(ASKED, nik=False)
    browser.post(LINK, **form())
    desk.asked, desk.state = replace(ASKED, photo=False), LinkState.GOOD
    browser.post(LINK, **form())
    assert desk.sent == [("", JPEG), (NIK, None)]


def test_a_photo_never_lies_on_the_disk(desk, browser, monkeypatch):
    def rollover(_file: object) -> None:
        raise AssertionError("written to the disk")

    monkeypatch.setattr(SpooledTemporaryFile, "rollover", rollover)
    photo = JPEG + bytes(3 * 1024 * 1024)
    assert browser.post(LINK, **form(photo=photo)).status_code == 303
    assert desk.sent == [(NIK, photo)]


def test_the_camera_takes_photos_and_what_is_on_the_phone_may_be_a_pdf(browser):
    page = browser.get(LINK).text
    assert 'name="photo" type="file" accept="image/*" capture="environment"' in page
    assert 'id="gallery" type="file" accept="image/*,application/pdf"' in page


@pytest.mark.parametrize("name", ["ktp.pdf", "ktp.jpg"])
async def test_whatever_its_name_a_pdf_and_a_jpeg_are_taken_as_what_they_are(desk, name):
    app = httpx.ASGITransport(Starlette(routes=intake(desk, today=lambda: TODAY)))
    async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1") as page:
        for content, width in ((slip(), 1600), (sample_ktp("Siti Aminah"), 1012)):
            desk.state = LinkState.GOOD
            await page.post(LINK, data={"nik": NIK}, files={"photo": (name, content)})
            document, trouble = await developed(desk.sent[-1][1], ASKED)
            assert document
            assert (document.width, trouble) == (width, "")
            assert document.jpeg.startswith(JPEG[:3])
    photos.close()


async def test_a_pdf_that_cannot_be_used_is_explained():
    locked, broken, empty = [await developed(upload, ASKED) for upload in (locked_slip("x"), slip()[:500], b"")]
    photos.close()
    assert locked == (None, "PDF itu terkunci kata sandi. Buka di HP, ambil tangkapan layarnya, lalu kirim.")
    assert broken == (None, "Foto atau PDF-nya rusak di jalan. Coba kirim sekali lagi.")
    assert empty == (None, "Fotonya kosong. Coba kirim lagi.")


# ── What does not come as it should ──────────────────────────────────────────────────────────────────────────────


def test_a_form_that_is_too_large_is_refused(desk, browser, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 10_000)
    answer = browser.post(LINK, **form(photo=bytes(10_001)))
    assert answer.status_code == 413
    assert "Fotonya terlalu besar" in answer.text
    told = browser.post(LINK, **form(photo=bytes(10_001)), headers=FOR_THE_SCRIPT).json()
    assert told["photo_error"].startswith("Foto ini terlalu besar, paling banyak 10 MB.")
    assert desk.sent == []


async def drip(chunks: int, heard: list[int]) -> AsyncIterator[bytes]:
    """A form that does not say how long it is."""
    yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\n'
    for chunk in range(chunks):
        heard.append(chunk)
        yield bytes(2_000)
    yield b"\r\n--x--\r\n"


@pytest.mark.parametrize(("chunks", "heard_of_it"), [(10, 10), (1000, 15)], ids=["too large", "without end"])
def test_a_large_form_is_heard_to_its_end_so_that_the_answer_is_seen_but_not_without_limit(
    desk, browser, monkeypatch, chunks, heard_of_it
):
    monkeypatch.setattr(module, "LARGEST", 10_000)
    monkeypatch.setattr(module, "HOPELESS", 30_000)
    heard: list[int] = []
    answer = browser.post(
        LINK, content=drip(chunks, heard), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 413
    assert len(heard) == heard_of_it
    assert desk.sent == []


def test_a_form_that_announces_far_too_much_is_not_heard_at_all(desk, browser, monkeypatch):
    monkeypatch.setattr(module, "HOPELESS", 30_000)
    heard: list[int] = []
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "30001"}
    assert browser.post(LINK, content=drip(10, heard), headers=headers).status_code == 413
    assert heard == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", f"nik={NIK}".encode()),
        ("application/json", json.dumps({"nik": NIK}).encode()),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="nik"\r\n\r\n' + b"1" * 5000 + b"\r\n--x--\r\n",
        ),
    ],
    ids=["urlencoded", "json", "no boundary", "no parts", "no name", "a long field"],
)
def test_what_is_not_our_form_is_answered_kindly(desk, browser, kind, body):
    answer = browser.post(LINK, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "Coba kirim sekali lagi." in answer.text
    assert desk.sent == []


async def test_a_form_that_never_ends_is_given_up(desk, monkeypatch):
    monkeypatch.setattr(module, "READING", 0.02)

    async def never() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await asyncio.sleep(30)

    app = Starlette(routes=intake(desk))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.post(LINK, content=never(), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400


async def test_who_hangs_up_in_the_middle_leaves_nothing_behind(desk, caplog):
    said = []
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    scope = {
        "type": "http", "method": "POST", "path": LINK, "raw_path": LINK.encode(), "query_string": b"",
        "headers": headers, "client": ("203.0.113.9", 1), "root_path": "", "scheme": "http", "server": ("x", 80),
    }  # fmt: skip

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    await Starlette(routes=intake(desk))(scope, receive, send)
    assert said[0]["status"] == 400
    assert (desk.sent, caplog.records) == ([], [])


@pytest.mark.parametrize("method", ["get", "post"])
def test_while_the_database_is_down_one_is_asked_to_come_again(desk, browser, method):
    desk.down, desk.error = True, StorageDown("SQLITE_BUSY")
    answer = browser.request(method, LINK)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Sebentar lagi" in answer.text


def test_a_form_that_finds_the_database_down_may_come_again(desk, browser, monkeypatch):
    async def send(*_form: object) -> Sent:
        raise StorageDown("SQLITE_BUSY")

    with monkeypatch.context() as patch:
        patch.setattr(desk, "send", send)
        answer = browser.post(LINK, **form(), headers=FOR_THE_SCRIPT)
        assert (answer.status_code, answer.json()["state"]) == (503, "good")
    assert browser.post(LINK, **form(), headers=FOR_THE_SCRIPT).json()["taken"]


def test_no_log_and_no_answer_holds_what_was_sent_or_the_link(desk, browser, caplog, monkeypatch):
    async def send(token: str, nik: str, photo: bytes | None) -> Sent:
        raise ValueError(f"{token} {nik} {photo!r}")

    monkeypatch.setattr(desk, "send", send)
    with caplog.at_level(logging.DEBUG):
        answer = browser.post(LINK, **form())
        browser.get(LINK)
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    assert [record.getMessage() for record in ours if record.levelno >= logging.ERROR] == [
        f"a request to the intake page failed: ValueError at {place(send)}"
    ]
    for written in (caplog.handler.format(record) for record in ours):
        assert not any(secret in written for secret in (TOKEN, NIK, "a photo of a card"))
    assert answer.status_code == 503
    assert not any(secret in answer.text for secret in (TOKEN, NIK, "ValueError"))


def place(failing: Any) -> str:
    """Where a function of one statement fails."""
    return f"test_intake.py:{failing.__code__.co_firstlineno + 1}"


def test_a_form_in_hand_does_not_print_what_it_holds():
    assert NIK not in repr(module.Form(NIK, JPEG))


# ── Too many ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_asks_too_often_has_to_wait(desk):
    browser = open_window(desk, per_minute=3)
    assert [browser.get(LINK).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = browser.post(LINK, **form(), headers=FOR_THE_SCRIPT)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["state"]) == (429, "60", "too_many")
    assert desk.looked == 3


def test_who_waits_may_ask_again():
    now = [0.0]
    queue = Queue(30, clock=lambda: now[0])
    assert [queue.admits("a") for _ in range(31)] == [True] * 30 + [False]
    assert queue.admits("b")
    now[0] = 2.0
    assert [queue.admits("a"), queue.admits("a")] == [True, False]
    now[0] = 1000.0
    assert [queue.admits("a") for _ in range(31)] == [True] * 30 + [False]


def test_strangers_without_number_do_not_fill_the_memory():
    queue = Queue(30, most=10)
    for stranger in range(1000):
        queue.admits(str(stranger))
    assert len(queue._left) == 10


@pytest.mark.parametrize(
    ("peer", "forwarded", "again"),
    [
        ("127.0.0.1", ["198.51.100.7", "198.51.100.8"], 200),
        ("127.0.0.1", ["invented, 198.51.100.7", "other, 198.51.100.7"], 429),
        ("127.0.0.1", ["198.51.100.7,nonsense", "198.51.100.8,nonsense"], 429),
        ("203.0.113.9", ["198.51.100.7", "198.51.100.8"], 429),
    ],
    ids=["two behind our proxy", "one who invents hops", "no address at all", "one who is no proxy of ours"],
)
def test_an_address_is_the_last_hop_before_our_own_proxy(desk, peer, forwarded, again):
    browser = open_window(desk, peer, per_minute=1)
    statuses = [browser.get(LINK, headers={"X-Forwarded-For": hops}).status_code for hops in forwarded]
    assert statuses == [200, again]


def test_in_ipv6_a_whole_network_is_one_address(desk):
    browser = open_window(desk, "::1", per_minute=1)
    hops = ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:2::1"]
    assert [browser.get(LINK, headers={"X-Forwarded-For": hop}).status_code for hop in hops] == [200, 429, 200]


# ── What every answer carries ────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_is_kept_nowhere_and_loads_only_what_is_ours(desk, browser):
    answers = [browser.get(LINK), browser.get("/i/x"), browser.post(LINK), browser.head(LINK)]
    answers += [browser.post(LINK, **form(), headers=FOR_THE_SCRIPT), browser.get(LINK)]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 200, 200, 410]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )


def test_only_a_demo_may_show_it_in_a_frame_of_its_own(desk):
    policy = open_window(desk, framed=True).get(LINK).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self'")


def test_the_files_of_the_page_are_served_and_no_others(browser):
    page = browser.get(LINK).text
    links = re.findall(r'"(static/[^"]+)"', page)
    assert len(links) == 2
    kinds = [browser.get(f"/i/{link}").headers["content-type"] for link in links]
    assert kinds == ["text/css; charset=utf-8", "text/javascript; charset=utf-8"]
    for name in ("intake.html", "..%2fchat.css", "%2e%2e/chat.css"):
        assert browser.get(f"/i/static/{name}").status_code == 404


def test_the_whole_page_is_small_enough_for_a_poor_line(desk, browser):
    desk.asked = replace(ASKED, photo_needed=False)
    assert len(browser.get(LINK).content) + sum(map(len, FILES.values())) < 50_000


def test_a_phone_of_2016_understands_the_script_and_the_style():
    """Neither a syntax nor a style that Chrome 50 lacks."""
    script = re.sub(r"/\*.*?\*/|//[^\n]*|'[^'\n]*'", "", FILES["intake.js"].decode(), flags=re.DOTALL)
    assert not re.search(r"=>|`|\?\.|\?\?|\b(let|const|class|async|await|import|export|fetch|Promise)\b", script)
    style = re.sub(r"/\*.*?\*/", "", FILES["intake.css"].decode())
    assert not re.search(r"\bgrid\b|\bgap:|clamp\(|min\(|inset:|aspect-ratio|dvh|:is\(|:has\(|rgb\(\d+ ", style)


def test_the_script_finds_every_word_and_every_place_that_it_uses(desk, browser):
    desk.asked = replace(ASKED, photo_needed=False)
    page = unescape(browser.get(LINK).text)
    script = FILES["intake.js"].decode()
    assert set(re.findall(r"words\.(\w+)", script)) <= set(re.findall(r'"(\w+)": ["[]', page))
    assert set(re.findall(r"\b(?:the|on|say)\('([\w-]+)'", script)) <= set(re.findall(r' id="([\w-]+)"', page))


def test_nothing_on_the_page_comes_from_elsewhere():
    templates = [path.read_text("utf-8") for path in (HERE / "templates").glob("intake*.html")]
    for text in [*templates, *(content.decode() for content in FILES.values())]:
        assert set(re.findall(r"https?://([\w.-]+)", text)) <= {"www.w3.org"}
        assert not re.search(r"localStorage|sessionStorage|indexedDB|cookie|serviceWorker", text)
