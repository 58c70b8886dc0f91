"""The demonstration: the real bot, an address for each app of a phone, and nothing that a phone would not show."""

import asyncio
import re
from contextlib import aclosing, suppress

import httpx
import pytest
import uvicorn
from sqlmodel import col, select, update

from bot import arrivals, demo
from bot.cast import AMAT, BUDI, PHONES, SITI, SRI, VENDORS
from bot.channels import whatsapp
from bot.channels.webchat_looks import Look
from bot.cli.service import Server, address_of, bound
from bot.demo import UNSAID
from bot.turn import GO_ON
from domain.message import Reply
from storage.queries import outbox, people
from storage.tables import Message, Received

PAGES = "http://127.0.0.1:8000"
SITIS_WHATSAPP = SITI.address(Look.WHATSAPP)
WELCOMED = ("halo", "1", "1", "1", "1")


@pytest.fixture
def world(tmp_path):
    made = demo.set_up(tmp_path / "demo.db", PAGES)
    yield made
    made.running.database.close()


@pytest.fixture
async def page(world):
    transport = httpx.ASGITransport(demo.build_app(world))
    async with httpx.AsyncClient(transport=transport, base_url=PAGES) as client:
        yield client


def say(world, look, *words):
    for word in words:
        arrivals.say(world.running, SITI, look, word)


def answers(world, phone, look):
    """What was queued for an app of a phone, the oldest first; no sender is at work here."""
    address = phone.address(look)

    def look_up(db):
        found = people.find_address(db, address.account, address.id)
        rows = db.exec(select(Message).where(Message.address_id == found.id).order_by(col(Message.id))).all()
        return [outbox.open_reply(row.reply_sealed, row.key) for row in rows]

    return world.running.database.read(look_up)


def code_for(world, look):
    say(world, look, "sambung")
    (code,) = re.findall(r"sambung (\d{3} \d{3})", answers(world, SITI, look)[-1].text)
    return code


def test_each_app_is_an_account_with_the_limits_of_that_app(world):
    telegram, whatsapp_like = (world.running.channels[look.account] for look in Look)
    assert whatsapp_like.abilities is whatsapp.ABILITIES
    assert [telegram.nik_in_chat, whatsapp_like.nik_in_chat] == [True, False]
    assert [telegram.shares_contact, whatsapp_like.shares_contact] == [True, False]


def test_the_bot_does_not_know_that_two_apps_are_one_person(world):
    say(world, Look.WHATSAPP, *WELCOMED)
    say(world, Look.TELEGRAM, "halo")
    assert "Pilih bahasa" in answers(world, SITI, Look.TELEGRAM)[-1].text


def test_a_talk_moves_to_the_other_app_with_a_code(world):
    say(world, Look.WHATSAPP, *WELCOMED, "daftar")
    code = code_for(world, Look.WHATSAPP)
    say(world, Look.TELEGRAM, f"sambung {code}")
    assert "(1/14)" in answers(world, SITI, Look.TELEGRAM)[-1].text


def test_what_nobody_typed_is_not_shown_as_if_she_had(world):
    say(world, Look.WHATSAPP, *WELCOMED)
    say(world, Look.TELEGRAM, f"sambung {code_for(world, Look.WHATSAPP)}")
    said = [entry["text"] for entry in world.history(SITI.address(Look.TELEGRAM)) if entry["side"] == "me"]
    assert GO_ON not in said
    ids = world.running.database.read(lambda db: db.exec(select(Received.provider_id)).all())
    assert any(one.endswith(UNSAID) for one in ids)  # the talk itself did go on


@pytest.mark.parametrize("phone", [AMAT, SRI, BUDI])
def test_staff_are_ready_in_telegram_and_strangers_in_whatsapp(world, phone):
    assert "Ada yang bisa dibantu?" in answers(world, phone, Look.TELEGRAM)[-1].text
    assert world.history(phone.address(Look.WHATSAPP)) == []


def test_each_of_them_may_do_her_own_work_alone(world):
    def roles(db, phone):
        address = phone.address(Look.TELEGRAM)
        found = people.find_address(db, address.account, address.id)
        return people.roles_of(db, arrivals.ASSOCIATION, found.person_id)

    held = {phone.key: world.running.database.read(lambda db, of=phone: roles(db, of)) for phone in (AMAT, SRI, BUDI)}
    assert held == {"amat": {"collector"}, "sri": {"treasurer"}, "budi": {"officer", "admin"}}


@pytest.mark.parametrize("look", Look)
def test_vendors_are_strangers(world, look):
    assert [world.history(vendor.address(look)) for vendor in VENDORS] == [[], [], []]


def test_no_two_phones_share_a_name_or_a_number():
    assert len({phone.key for phone in PHONES}) == len(PHONES)
    assert len({address for phone in PHONES for address in phone.addresses}) == 2 * len(PHONES)


def test_vendors_lie_on_the_left_and_staff_on_the_right():
    assert {phone.side for phone in VENDORS} == {"left"}
    assert {phone.side for phone in (AMAT, SRI, BUDI)} == {"right"}


# ── a page of ours ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_whatsapp_gets_a_link_to_a_page_of_ours_which_a_phone_may_frame(world, page):
    say(world, Look.WHATSAPP, *WELCOMED, "daftar", "1")
    (link,) = re.findall(rf"{PAGES}/i/\S+", answers(world, SITI, Look.WHATSAPP)[-1].text)
    answer = await page.get(link)
    assert (answer.status_code, "NIK" in answer.text) == (200, True)
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


async def test_a_page_that_was_sent_is_no_bubble_of_hers(world, page):
    say(world, Look.WHATSAPP, *WELCOMED, "daftar", "1")
    (link,) = re.findall(rf"{PAGES}/i/\S+", answers(world, SITI, Look.WHATSAPP)[-1].text)
    before = len(world.history(SITIS_WHATSAPP))
    form = {"nik": (None, "5271014505870001"), "later": (None, "1")}
    assert (await page.post(link, files=form, headers={"accept": "application/json"})).json()["taken"]
    assert "5 Mei 1987" in answers(world, SITI, Look.WHATSAPP)[-1].text
    assert len(world.history(SITIS_WHATSAPP)) == before


async def test_what_an_officer_may_look_at_opens_on_a_phone_too(page):
    answer = await page.get("/l/unknown")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


# ── what waits until she writes ──────────────────────────────────────────────────────────────────────────────────


def park(world, address):
    """Somebody is told something in an app that does not take it now."""

    def work(db):
        found = people.find_address(db, address.account, address.id)
        message_id = outbox.put(
            db,
            association_id=found.association_id,
            account=found.account,
            address_id=found.id,
            key="news:1",
            reply=Reply("Kabar baik"),
            now=world.running.clock.now(),
        )
        db.connection().execute(update(Message).where(col(Message.id) == message_id).values(status="parked"))

    world.running.database.transact(work)


def test_what_waits_for_one_app_is_counted_there_alone(world):
    say(world, Look.WHATSAPP, "halo")
    say(world, Look.TELEGRAM, "halo")
    park(world, SITIS_WHATSAPP)
    assert [world.parked(SITI.address(look)) for look in Look] == [0, 1]


async def test_pages_hear_when_messages_begin_to_wait_and_when_they_go(world, monkeypatch):
    monkeypatch.setattr(demo, "WATCH", 0.01)
    say(world, Look.WHATSAPP, "halo")
    park(world, SITIS_WHATSAPP)
    watching = asyncio.create_task(world.watch())
    async with asyncio.timeout(5), aclosing(world.hub.listen([SITIS_WHATSAPP])) as events:
        assert (await anext(events)).data == {"parked": 1}
        say(world, Look.WHATSAPP, "halo")
        assert (await anext(events)).data == {"parked": 0}
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


# ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_open_page_does_not_hold_up_the_end(world):
    with bound("127.0.0.1", 0) as door:
        config = uvicorn.Config(demo.build_app(world), log_config=None, timeout_graceful_shutdown=20)
        server = Server(config, world.hub.close)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        events = "/simulator/events?phone=siti"
        client = httpx.AsyncClient(base_url=address_of(door), timeout=60)
        async with client, client.stream("GET", events) as stream:
            assert "hello" in await anext(stream.aiter_text())
            server.should_exit = True
            await asyncio.wait_for(serving, 5)


def test_whatsapp_lets_the_demonstration_begin_with_a_template_and_shows_it_again(world):
    say(world, Look.WHATSAPP, *WELCOMED)
    variables = ("Asosiasi", "Bapak/Ibu", "Desember 2026", "Rp8.400", "15 Desember 2026")
    reply = Reply("Iuran.", template="due_id", variables=variables)
    account = world.running.channels[SITIS_WHATSAPP.account]
    assert account.drawn(reply, as_text=False)["text"] == "Iuran."
    shown = account.drawn(reply, as_text=False, template="x")
    assert shown["text"].startswith("Pengingat dari Asosiasi untuk Bapak/Ibu: iuran Desember 2026")
    assert [button["label"] for button in shown["buttons"]] == ["Bayar", "Bayar nanti", "Berhenti"]

    def went(db, billed):
        address = people.find_address(db, SITIS_WHATSAPP.account, SITIS_WHATSAPP.id)
        about = {"association_id": "main", "account": address.account, "address_id": address.id}
        outbox.put(db, key=f"test:{billed}", reply=reply, now=world.clock.now(), **about)
        db.exec(update(Message).where(Message.key == f"test:{billed}").values(status="sent", billed_as=billed))

    for billed, text in (("utility", shown["text"]), ("service", "Iuran.")):
        world.running.database.transact(lambda db, billed=billed: went(db, billed))
        assert world.history(SITIS_WHATSAPP)[-1]["text"] == text
