"""The simulator's phones are heard as real ones are, and only by way of our own page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.channels import webchat
from bot.channels.errors import Gone, TooBig
from bot.channels.webchat import NotAMessage, Webchat
from bot.channels.webchat_hub import Hub, Upload
from bot.channels.webchat_looks import Look
from domain.message import Address, Attachment, Kind

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Asia/Makassar"))
SITI = Address(Look.TELEGRAM.account, "vendor-1")
FILE = {"id": "f1", "mime": "image/jpeg", "size": 3, "name": "ktp.jpg"}


def read(**payload):
    return webchat.read({"id": "m1", "kind": "text", "text": "halo", **payload}, SITI, NOW)


# --- verify


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "192.168.1.7:8000"])
def test_our_own_page_may_change_something(host):
    assert webchat.verify({"host": host, "sec-fetch-site": "same-origin"})
    assert webchat.verify({"host": host, "origin": f"http://{host}"})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
        {"origin": "http://jahat.example"},
        {"origin": "null"},
        {},
    ],
)
def test_another_page_may_not(headers):
    assert not webchat.verify({"host": "127.0.0.1:8000", **headers})


def test_a_strange_name_that_points_to_us_may_not_either():
    assert not webchat.verify({"host": "jahat.example:8000", "sec-fetch-site": "same-origin"})


# --- read


def test_a_text_becomes_an_incoming_message():
    incoming = read(text="halo 👋", name="Siti")
    assert (incoming.sender, incoming.provider_id, incoming.kind) == (SITI, "m1", Kind.TEXT)
    assert (incoming.text, incoming.profile_name) == ("halo 👋", "Siti")
    assert incoming.sent_at == NOW
    assert incoming.sent_at.tzinfo is UTC


def test_a_tap_carries_the_data_of_its_button():
    assert read(kind="tap", tap="r3:ya", text="Benar").tap == "r3:ya"


def test_a_photo_names_its_file_and_its_album():
    incoming = read(kind="photo", text="", attachment=FILE, album="a1")
    assert incoming.attachments == (Attachment("f1", "image/jpeg", 3, "ktp.jpg"),)
    assert incoming.album == "a1"


def test_only_her_own_number_is_vouched_for():
    assert read(kind="contact", contact="+62 812-0000-0001", own=True).contact.own
    assert not read(kind="contact", contact="+62 812-0000-0099").contact.own


@pytest.mark.parametrize("kind", ["sticker", "location", "blocked"])
def test_what_needs_no_words_needs_no_words(kind):
    assert read(kind=kind, text="").kind == Kind(kind)


def test_what_providers_invent_next_is_unknown_yet_read():
    assert read(kind="hologram", shape=[1, 2]).kind is Kind.UNKNOWN


def test_half_characters_and_nul_do_not_reach_the_database():
    assert read(text="a\ud800b\0c").text == "a\ufffdbc"


@pytest.mark.parametrize(
    "garbage",
    [
        {"kind": None},
        {"kind": 7},
        {"id": ""},
        {"id": "a b"},
        {"id": ["m1"]},
        {"id": "x" * 65},
        {"id": "../.."},
        {"text": ["halo"]},
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 4097},
        {"text": "👍" * 2049},
        {"kind": "edited", "text": ""},
        {"kind": "tap", "tap": ""},
        {"kind": "tap", "tap": "é" * 33},
        {"kind": "photo"},
        {"kind": "voice", "attachment": "f1"},
        {"kind": "photo", "attachment": {**FILE, "id": None}},
        {"kind": "photo", "attachment": {**FILE, "size": "3"}},
        {"kind": "contact"},
        {"kind": "contact", "contact": " "},
        {"name": "x" * 129},
        {"album": 5},
    ],
)
def test_garbage_is_refused_with_a_word_for_the_person(garbage):
    with pytest.raises(NotAMessage, match=r"\w+ .*\."):
        read(**garbage)


@pytest.mark.parametrize("payload", [None, [], "halo", 3])
def test_what_is_no_object_is_refused(payload):
    with pytest.raises(NotAMessage):
        webchat.read(payload, SITI, NOW)


# --- fetch


async def test_a_file_is_fetched_as_it_was_sent_more_than_once():
    channel = Webchat(Hub(), SITI.account, lambda: NOW)
    attachment = channel.hub.uploads.keep(Upload(b"abc", "image/png", "foto.png"))
    assert attachment.size == 3
    assert await channel.fetch(attachment, limit=3) == b"abc"
    assert await channel.fetch(attachment, limit=3) == b"abc"


async def test_a_file_that_is_too_large_or_gone_says_so():
    channel = Webchat(Hub(), SITI.account, lambda: NOW)
    attachment = channel.hub.uploads.keep(Upload(b"abcd", "image/png", "foto.png"))
    with pytest.raises(TooBig):
        await channel.fetch(attachment, limit=3)
    with pytest.raises(Gone):
        await channel.fetch(Attachment("none"), limit=3)


async def test_a_bubble_that_is_changed_stays_where_it_stands():
    hub = Hub()
    phone = Webchat(hub, SITI.account, lambda: NOW)
    drawn = {"text": "1 dari 3", "document": "", "file": False, "menu": "", "buttons": []}
    sent = await phone.send(SITI.id, drawn)
    assert await phone.edit(SITI.id, sent, {**drawn, "text": "2 dari 3"}) == sent
    first, changed = (event.data for event in hub._events[SITI])
    assert (changed["edits"], changed["text"]) == (first["id"], "2 dari 3")
    other = {"id": "x", "at": "10:02", "text": "lain"}
    kept = [{"id": sent, "at": "10:01", "text": "1 dari 3"}, other, {"id": sent, "at": "10:03", "text": "2 dari 3"}]
    assert webchat.folded(kept) == [{"id": sent, "at": "10:01", "text": "2 dari 3"}, other]
