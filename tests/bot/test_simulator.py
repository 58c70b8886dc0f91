"""The simulator's page and its server."""

import json
import re
from contextlib import aclosing
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.channels.webchat_looks import Look
from bot.web import simulator
from bot.web.simulator import Room, goal
from domain.message import Address, Kind, Reply
from tests.fakes.world import OFFICER, PAGES, STATIC, VENDOR, FakeWorld, app

START = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Makassar"))
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def world():
    return FakeWorld(START)


@pytest.fixture
async def page(world):
    transport = httpx.ASGITransport(app(world))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=OURS) as client:
        yield client


def message(phone=VENDOR, **fields):
    return {"phone": phone.key, "id": "m1", "kind": "text", "text": "halo", "look": "telegram", **fields}


async def told(world, *phones, after=""):
    """What a page hears at once when it opens its stream, as (event, data) pairs."""
    heard = []
    chats = [address for phone in phones for address in phone.addresses]
    waiting = sum(len(world.hub._events.get(chat, ())) for chat in [None, *chats])
    async with aclosing(Room(world, {}).stream(phones, after)) as stream:
        async for chunk in stream:
            fields = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n"))
            heard.append((fields["event"], json.loads(fields["data"]), fields.get("id", "")))
            if len(heard) > waiting:
                return heard
    return heard


# --- talking


async def test_a_message_takes_the_real_turn_and_the_answer_reaches_the_page(world, page):
    answer = await page.post("/simulator/send", json=message())
    assert answer.status_code == 200
    assert world.taken[0].text == "halo"
    _hello, (_, mine, _), (_, reply, _) = await told(world, VENDOR)
    assert (mine["side"], mine["id"], mine["text"]) == ("me", "m1", "halo")
    assert (reply["side"], reply["phone"], reply["look"]) == ("bot", "vendor", "telegram")
    assert reply["text"].startswith("Selamat datang")


async def test_the_two_apps_of_a_phone_are_two_addresses_with_a_chat_each(world, page):
    await page.post("/simulator/send", json=message())
    await page.post("/simulator/send", json=message(id="m2", look="whatsapp", text="daftar"))
    telegram, whatsapp = (incoming.sender for incoming in world.taken)
    assert telegram == Address("telegram/main", "vendor-1")
    assert whatsapp == Address("whatsapp/main", "+6281200000001")
    told_there = [(data["look"], data["side"]) for kind, data, _ in await told(world, VENDOR) if kind == "message"]
    assert told_there == [("telegram", "me"), ("telegram", "bot"), ("whatsapp", "me"), ("whatsapp", "bot")]
    vendor = (await page.get("/simulator/state")).json()["phones"][0]
    said = {chat["look"]: [entry["text"] for entry in chat["history"]] for chat in vendor["chats"]}
    assert [said["telegram"][0], said["whatsapp"][0]] == ["halo", "daftar"]
    assert [len(said["telegram"]), len(said["whatsapp"])] == [2, 2]


async def test_a_message_that_comes_twice_gets_a_notice_and_counts_once(world, page):
    await page.post("/simulator/send", json=message())
    answer = await page.post("/simulator/send", json=message())
    assert "dua kali" in answer.json()["notice"]
    assert len(world.taken) == 1


async def test_an_edit_says_which_message_it_replaces(world, page):
    await page.post("/simulator/send", json=message())
    await page.post("/simulator/send", json=message(id="m2", kind="edited", text="daftar", edits="m1"))
    edits = [data["edits"] for kind, data, _ in await told(world, VENDOR) if data.get("kind") == "edited"]
    assert edits == ["m1"]
    assert world.taken[1].kind is Kind.EDITED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (json.dumps(message(text="x" * 5000)).encode(), 400),
        (json.dumps(message(look="nokia")).encode(), 400),
        (json.dumps(message(look=None)).encode(), 400),
        (json.dumps({**message(), "phone": ["vendor"]}).encode(), 404),
        (json.dumps({**message(), "phone": "stranger"}).encode(), 404),
        (b" " * 70_000, 413),
    ],
)
async def test_bad_input_has_a_clear_answer_and_no_effect(world, page, body, status):
    answer = await page.post("/simulator/send", content=body)
    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")
    assert world.taken == []


@pytest.mark.parametrize("path", ["send", "photo", "clock"])
async def test_another_page_of_the_same_browser_cannot_act(world, page, path):
    answer = await page.post(f"/simulator/{path}", json=message(), headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert world.taken == []
    assert world.now() == START


# --- photos and documents


async def test_a_photo_is_kept_until_the_bot_fetches_it(world, page):
    attachment = (await page.post("/simulator/photo", files={"photo": ("ktp.jpg", b"abc", "image/jpeg")})).json()
    await page.post("/simulator/send", json=message(kind="photo", text="", attachment=attachment))
    (taken,) = world.taken
    assert await world.wires[Look.TELEGRAM].fetch(taken.attachments[0], limit=10) == b"abc"
    shown = await page.get(f"/simulator/uploads/{attachment['id']}")
    assert (shown.content, shown.headers["content-type"]) == (b"abc", "image/jpeg")


async def test_an_upload_that_is_no_picture_never_runs_in_the_browser(page):
    file = {"photo": ("lucu.html", b"<script>", "text/html")}
    attachment = (await page.post("/simulator/photo", files=file)).json()
    shown = await page.get(f"/simulator/uploads/{attachment['id']}")
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"] == "attachment"
    assert shown.headers["x-content-type-options"] == "nosniff"


async def test_a_name_full_of_emoji_does_not_stop_a_photo(page):
    file = {"photo": ("🧾" * 90 + ".jpg", b"abc", "image/jpeg")}
    attachment = (await page.post("/simulator/photo", files=file)).json()
    answer = await page.post("/simulator/send", json=message(kind="photo", text="", attachment=attachment))
    assert answer.status_code == 200


async def test_a_photo_that_is_too_large_is_refused(page, monkeypatch):
    monkeypatch.setattr(simulator, "PHOTO_LIMIT", 10)
    refused = await page.post("/simulator/photo", files={"photo": ("a.jpg", b"x" * 11, "image/jpeg")})
    unread = await page.post("/simulator/photo", files={"photo": ("a.jpg", b"x" * 70_000, "image/jpeg")})
    assert (refused.status_code, unread.status_code) == (413, 413)


async def test_a_form_without_a_file_or_a_length_is_refused(page):
    async def endless():
        yield b"x"

    assert (await page.post("/simulator/photo", data={"photo": "none"})).status_code == 400
    assert (await page.post("/simulator/photo", content=endless())).status_code == 411


async def test_documents_come_from_the_world_alone(page):
    shown = await page.get("/simulator/documents/sample")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "no-store"
    assert (await page.get("/simulator/documents/other")).status_code == 404
    assert (await page.get("/simulator/uploads/other")).status_code == 404


async def test_a_file_opens_under_its_name(page):
    opened = await page.get("/simulator/documents/sample?file=true")
    assert opened.headers["content-type"] == "application/pdf"
    assert opened.headers["content-disposition"] == "inline; filename*=UTF-8''Kwitansi%201.pdf"


# --- the clock


@pytest.mark.parametrize(
    ("step", "local"),
    [
        ("hour", "2026-11-23T10:30"),
        ("day", "2026-11-24T09:30"),
        ("morning", "2026-11-24T08:00"),
        ("month", "2026-12-01T08:00"),
    ],
)
async def test_the_clock_moves_by_steps(world, page, step, local):
    answer = await page.post("/simulator/clock", json={"step": step})
    assert answer.json()["now"].startswith(local)
    assert world.now().isoformat().startswith(local)


@pytest.mark.parametrize(("now", "first"), [("2026-12-31", "2027-01-01"), ("2027-01-31", "2027-02-01")])
def test_the_first_of_the_next_month_is_found_from_its_last_day(now, first):
    moment = datetime.fromisoformat(f"{now}T23:59+08:00")
    assert goal({"step": "month"}, moment).isoformat().startswith(f"{first}T08:00")


async def test_a_chosen_time_is_read_in_the_association_s_zone(world, page):
    await page.post("/simulator/clock", json={"to": "2027-01-15T08:00"})
    assert world.now().isoformat() == "2027-01-15T08:00:00+08:00"


async def test_what_falls_due_is_told_and_every_page_learns_the_time(world, page):
    await page.post("/simulator/clock", json={"step": "morning"})
    events = await told(world, VENDOR)
    assert [kind for kind, _, _ in events] == ["hello", "message", "parked", "clock"]
    assert events[-1][1]["now"].startswith("2026-11-24T08:00")


async def test_what_waits_until_she_writes_is_told_in_the_app_where_it_waits(world, page):
    await page.post("/simulator/clock", json={"step": "day"})
    (waits,) = [data for kind, data, _ in await told(world, VENDOR) if kind == "parked"]
    assert (waits["phone"], waits["look"], waits["parked"]) == ("vendor", "whatsapp", 1)
    vendor = (await page.get("/simulator/state")).json()["phones"][0]
    assert {chat["look"]: chat["parked"] for chat in vendor["chats"]} == {"telegram": 0, "whatsapp": 1}


async def test_once_she_writes_nothing_waits_any_more(world, page):
    await page.post("/simulator/clock", json={"step": "day"})
    await page.post("/simulator/send", json=message(look="whatsapp"))
    events = [(kind, data) for kind, data, _ in await told(world, VENDOR) if data.get("look") == "whatsapp"]
    assert [data["parked"] for kind, data in events if kind == "parked"] == [1, 0]
    assert any(data["text"].startswith("Pengingat") for kind, data in events if kind == "message")


async def test_the_clock_never_goes_back(world, page):
    answer = await page.post("/simulator/clock", json={"to": "2026-11-23T09:29"})
    assert answer.status_code == 409
    assert world.now() == START


@pytest.mark.parametrize("body", [{}, {"to": "besok"}, {"to": None}, {"step": "year"}, {"to": "2099-01-01T08:00"}])
async def test_a_time_that_makes_no_sense_is_refused(world, page, body):
    assert (await page.post("/simulator/clock", json=body)).status_code == 400
    assert world.now() == START


# --- the page and its stream


async def test_the_state_tells_all_that_a_page_shows_when_it_opens(world, page):
    await page.post("/simulator/send", json=message())
    state = (await page.get("/simulator/state")).json()
    assert state["association"] == "Asosiasi Pedagang Contoh"
    assert state["zone"] == "WITA"
    assert state["pages"] == PAGES
    vendor, officer = state["phones"]
    telegram, whatsapp = vendor["chats"]
    assert [entry["side"] for entry in telegram["history"]] == ["me", "bot"]
    assert whatsapp == {"look": "whatsapp", "history": [], "parked": 0, "window": (23 * 60 + 50) * 60}
    assert telegram["window"] == 0
    assert (officer["role"], officer["look"]) == ("Petugas", "whatsapp")
    assert [vendor["side"], officer["side"]] == ["left", "right"]


async def test_a_page_that_lost_its_stream_resumes_where_it_was(world, page):
    await page.post("/simulator/send", json=message())
    first = (await told(world, VENDOR))[1]
    room = Room(world, {})
    async with aclosing(room.stream([VENDOR], after=first[2])) as stream:
        assert b"hello" in await anext(stream)
        assert b"Selamat datang" in await anext(stream)


async def test_a_quiet_stream_is_kept_alive(world, monkeypatch):
    listen = world.hub.listen
    monkeypatch.setattr(world.hub, "listen", lambda chats, after: listen(chats, after, quiet=0.01))
    async with aclosing(Room(world, {}).stream([VENDOR], "")) as stream:
        assert b"event: hello" in await anext(stream)
        assert (await anext(stream)).startswith(b":")


@pytest.mark.parametrize("query", ["", "?phone=", "?phone=stranger", "?phone=vendor&phone=stranger"])
async def test_a_stream_needs_phones_of_the_page(page, query):
    assert (await page.get(f"/simulator/events{query}")).status_code == 404


async def test_the_page_may_load_nothing_from_elsewhere(page):
    answer = await page.get("/simulator")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-src 'self'" in policy  # a page of ours, opened on a phone
    assert "unsafe" not in policy


def loaded():
    """What the page loads, by name: style sheets, its script, and the modules behind that."""
    texts, waiting = {simulator.PAGE.name: simulator.PAGE.read_text("utf-8")}, [simulator.PAGE.name]
    while waiting:
        names = re.findall(r'(?:"/static/|from "\./)([\w.-]+)"', texts[waiting.pop()])
        new = [name for name in names if name not in texts]
        texts |= {name: (STATIC / name).read_text("utf-8") for name in new}
        waiting += new
    return texts


def sources():
    """All of the page's text, by kind."""
    texts = loaded()
    return {kind: "".join(texts[name] for name in texts if name.endswith(kind)) for kind in (".html", ".css", ".js")}


async def test_all_that_the_page_loads_is_served(page):
    names = loaded().keys() - {simulator.PAGE.name}
    assert {"simulator.css", "telegram.css", "simulator.js", "sides.js", "phone.js", "app.js", "bubble.js"} <= names
    for name in names:
        answer = await page.get(f"/static/{name}")
        kind = "text/css" if name.endswith(".css") else "javascript"
        assert (answer.status_code, kind in answer.headers["content-type"]) == (200, True)


def test_a_module_asks_another_only_for_what_it_offers():
    texts = loaded()
    for names, module in re.findall(r'import \{ ([^}]+) \} from "\./([\w.-]+)"', sources()[".js"]):
        offered = re.findall(r"^export (?:async )?(?:const|let|class|function) ([\w$]+)", texts[module], re.MULTILINE)
        assert set(names.split(", ")) <= set(offered)


def test_nothing_in_the_page_points_to_the_internet():
    for text in sources().values():
        hosts = set(re.findall(r"https?:\\?/\\?/([\w.-]+)", text))
        assert hosts <= {"www.w3.org"}


def test_every_icon_and_every_place_that_the_script_uses_is_in_the_page():
    files = sources()
    ids = set(re.findall(r'\bid="([\w-]+)"', files[".html"]))
    icons = set(re.findall(r'icon\("([\w-]+)"', files[".js"])) | set(
        re.findall(r"#i-([\w-]+)", "".join(files.values()))
    )
    icons |= set(Look)  # an app's own
    assert {f"i-{name}" for name in icons} <= ids
    assert set(re.findall(r'\$\("#([\w-]+)', files[".js"])) <= ids


def test_every_side_on_which_a_phone_may_lie_is_on_the_page():
    sides = re.findall(r'class="side" data-side="(\w+)"', sources()[".html"])
    assert sides == ["left", "right"]


async def test_both_phones_hear_only_their_own_talk(world):
    await world.send(OFFICER, Look.WHATSAPP, Reply("Ada pendaftaran baru."))
    assert len(await told(world, VENDOR)) == 1
    assert len(await told(world, VENDOR, OFFICER)) == 2
