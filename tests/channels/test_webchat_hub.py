"""Every page hears its own chats, from the start or from where it was, and files wait for whoever fetches them."""

import asyncio
from datetime import datetime
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from bot.channels.errors import Gone, TooBig
from bot.channels.webchat import Webchat, draw
from bot.channels.webchat_hub import EVERYONE, Hub, Upload, Uploads
from bot.channels.webchat_looks import Look
from domain.message import Address, Reply

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Makassar"))
SITI = Address(Look.TELEGRAM.account, "vendor-1")
LALU = Address(Look.TELEGRAM.account, "officer-1")
A, B, C = (Address(Look.TELEGRAM.account, name) for name in "abc")


async def heard_within(hub, addresses, after="", seconds=0.05):
    """The events that a page hears until it is quiet for `seconds`."""
    events = []
    async for event in hub.listen(addresses, after, quiet=seconds):
        if event is None:
            return events
        events.append(event)
    return events


async def test_a_message_for_a_chat_that_nobody_shows_waits():
    hub = Hub()
    wire = Webchat(hub, SITI.account, lambda: NOW)
    message_id = await wire.send(SITI.id, draw(Reply("Selamat datang"), Look.TELEGRAM))
    (event,) = await heard_within(hub, [SITI])
    assert event.kind == "message"
    assert event.data["id"] == message_id
    assert event.data["at"] == NOW.isoformat()
    assert event.data["text"] == "Selamat datang"


async def test_one_person_in_two_apps_has_two_chats():
    hub = Hub()
    for look in Look:
        await Webchat(hub, look.account, lambda: NOW).send("siti", draw(Reply(f"Ini {look}"), look))
    for look in Look:
        (event,) = await heard_within(hub, [Address(look.account, "siti")])
        assert event.data["text"] == f"Ini {look}"


async def test_a_page_hears_its_own_chats_and_what_concerns_everyone():
    hub = Hub()
    hub.push(SITI, "message", {"n": 1})
    hub.push(LALU, "message", {"n": 2})
    hub.push(EVERYONE, "clock", {"n": 3})
    assert [event.data["n"] for event in await heard_within(hub, [SITI])] == [1, 3]
    assert [event.data["n"] for event in await heard_within(hub, [SITI, LALU])] == [1, 2, 3]


async def test_a_page_that_comes_back_hears_only_what_it_missed():
    hub = Hub()
    for number in range(3):
        hub.push(SITI, "message", {"n": number})
    first = (await heard_within(hub, [SITI]))[0]
    missed = await heard_within(hub, [SITI], after=hub.name_of(first))
    assert [event.data["n"] for event in missed] == [1, 2]


@pytest.mark.parametrize("name", ["", "lain-7", "nonsense", "-", "9" * 50])
async def test_a_page_from_before_a_restart_hears_everything_that_is_kept(name):
    hub = Hub()
    hub.push(SITI, "message", {})
    assert len(await heard_within(hub, [SITI], after=name)) == 1


async def test_a_message_from_another_thread_wakes_the_page():
    hub = Hub()
    listening = asyncio.create_task(heard_within(hub, [SITI], seconds=0.3))
    await asyncio.sleep(0.02)
    sender = Thread(target=hub.push, args=(SITI, "message", {"n": 1}))
    sender.start()
    assert [event.data["n"] for event in await listening] == [1]
    sender.join()


async def test_only_the_latest_messages_of_the_latest_chats_are_kept():
    hub = Hub(kept=2, chats=2)
    for address in (A, B, C):
        for number in range(3):
            hub.push(address, "message", {"n": number})
    assert await heard_within(hub, [A]) == []
    assert [event.data["n"] for event in await heard_within(hub, [C])] == [1, 2]


async def test_a_chat_on_a_page_is_not_forgotten_for_others():
    hub = Hub(chats=1)
    stream = hub.listen([SITI], quiet=0.05)
    hub.push(SITI, "message", {"n": 1})
    assert (await anext(stream)).data == {"n": 1}
    hub.push(SITI, "message", {"n": 2})
    for other in (A, B, C):
        hub.push(other, "message", {})
    assert (await anext(stream)).data == {"n": 2}
    await stream.aclose()


async def test_closing_the_hub_ends_every_stream():
    hub = Hub()
    listening = asyncio.create_task(heard_within(hub, [SITI], seconds=30))
    await asyncio.sleep(0.02)
    hub.close()
    assert await asyncio.wait_for(listening, 1) == []


def test_old_files_make_room_for_new_ones():
    uploads = Uploads(most=10)
    old, new = (uploads.keep(Upload(b"123456", "", "")) for _ in range(2))
    assert uploads.get(new.id).content == b"123456"
    with pytest.raises(Gone):
        uploads.get(old.id)
    with pytest.raises(TooBig):
        uploads.keep(Upload(b"x" * 11, "", ""))
