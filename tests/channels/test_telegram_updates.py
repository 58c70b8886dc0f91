"""What is read from Telegram's updates, captured, bent and broken."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import acknowledgement, read
from domain.message import Attachment, Kind, SharedContact
from tests.channels.telegram_samples import NOW, PAYLOADS, SITI, heard, payload


@pytest.mark.parametrize(
    ("name", "kind"),
    {
        "text": Kind.TEXT,
        "start": Kind.TEXT,
        "photo": Kind.PHOTO,
        "photo_of_album": Kind.PHOTO,
        "live_photo": Kind.PHOTO,
        "document": Kind.FILE,
        "voice": Kind.VOICE,
        "audio": Kind.VOICE,
        "video": Kind.VIDEO,
        "video_note": Kind.VIDEO,
        "animation": Kind.VIDEO,
        "sticker": Kind.STICKER,
        "location": Kind.LOCATION,
        "venue": Kind.LOCATION,
        "contact_of_her_own": Kind.CONTACT,
        "contact_of_another": Kind.CONTACT,
        "contact_without_user": Kind.CONTACT,
        "dice": Kind.UNKNOWN,
        "poll": Kind.UNKNOWN,
        "edited": Kind.EDITED,
        "tap": Kind.TAP,
        "tap_on_an_inaccessible_message": Kind.TAP,
        "tap_without_message": Kind.TAP,
        "blocked": Kind.BLOCKED,
        "unblocked": Kind.UNBLOCKED,
    }.items(),
)
def test_every_kind_of_message_is_told_apart(name: str, kind: Kind):
    incoming = heard(payload(name))
    assert incoming.kind is kind
    assert incoming.sender == SITI
    assert incoming.profile_name == "Siti Aminah"
    assert incoming.language == "id"


@pytest.mark.parametrize(
    "name",
    [
        "group_message",
        "channel_post",
        "inline_query",
        "game",
        "tap_in_a_group",
        "tap_on_an_inline_message",
        "added_to_a_group",
        "notice_of_a_pin",
        "edited_by_a_live_location",
        "message_of_a_bot",
    ],
)
def test_what_nobody_said_to_us_is_no_message(name: str):
    assert heard(payload(name)) is None


def test_a_text_comes_with_its_words_its_id_and_its_date():
    incoming = heard(payload("text"))
    assert incoming.text == "Saya jual jagung bakar 🌽 di Pasar Kebon Roek"
    assert incoming.provider_id == f"update:{payload('text')['update_id']}"
    assert incoming.sent_at == datetime.fromtimestamp(1796090400, UTC)


def test_a_command_is_kept_as_typed():
    assert heard(payload("start")).text == "/start k7Qm2"


def test_a_photo_brings_its_largest_size_and_its_caption():
    incoming = heard(payload("photo"))
    assert incoming.attachments == (Attachment("AgACAgUAAx-bukti-1280", "image/jpeg", 133120),)
    assert incoming.text == "bukti bayar Desember"
    assert incoming.album == ""


def test_photos_that_were_sent_together_share_an_album():
    assert heard(payload("photo_of_album")).album == "13900000000000001"


def test_a_document_keeps_its_name_and_type():
    (attachment,) = heard(payload("document")).attachments
    assert attachment == Attachment("BQACAgUAAx-bukti", "application/pdf", 48123, "bukti transfer.pdf")


@pytest.mark.parametrize(
    ("name", "contact"),
    [
        ("contact_of_her_own", SharedContact("628120000001", own=True)),
        ("contact_of_another", SharedContact("+62 812-0000-0002", own=False)),
        ("contact_without_user", SharedContact("0812-0000-0003", own=False)),
    ],
)
def test_a_number_is_her_own_only_when_telegram_says_so(name: str, contact: SharedContact):
    assert heard(payload(name)).contact == contact


def test_an_edit_brings_the_new_words_and_its_own_date():
    incoming = heard(payload("edited"))
    assert incoming.text == "Saya jual bakso"
    assert incoming.sent_at == datetime.fromtimestamp(1796090460, UTC)


@pytest.mark.parametrize("name", ["tap", "tap_on_an_inaccessible_message", "tap_without_message"])
def test_a_press_brings_the_buttons_data_and_the_time_at_which_it_came(name: str):
    incoming = heard(payload(name))
    assert (incoming.tap, incoming.text, incoming.sent_at) == ("confirm_birth_date:7:1", "", NOW)


def test_a_kind_of_update_that_nobody_knows_yet_is_let_be():
    assert heard({"update_id": 1, "telepathy": {"from": {"id": 42}}}) is None


def test_fields_that_nobody_knows_yet_do_no_harm():
    update = payload("text")
    update["message"] |= {"mood": {"level": 3}, "chat": {**update["message"]["chat"], "aura": "blue"}}
    assert heard(update).kind is Kind.TEXT


def test_an_update_without_a_number_cannot_count_once_and_so_does_not_count():
    update = payload("text")
    del update["update_id"]
    assert heard(update) is None


def test_a_photo_that_cannot_be_fetched_is_an_unknown_message():
    update = payload("photo")
    update["message"]["photo"] = [{"width": 90, "height": 67}]
    assert heard(update).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("satu\0dua", "satudua"),
        ("jagung \ud83c\udf3d", "jagung 🌽"),
        ("setengah \ud83c", "setengah \N{REPLACEMENT CHARACTER}"),
        ("panjang " * 1250, "panjang " * 1250),
        ("", ""),
    ],
)
def test_any_text_becomes_one_that_can_be_stored(typed: str, kept: str):
    update = payload("text")
    update["message"]["text"] = typed
    assert heard(update).text == kept


@pytest.mark.parametrize("date", [None, "soon", 10**20, -(10**20), float("nan"), [1]])
def test_a_date_that_is_none_becomes_the_present(date: Any):
    update = payload("text")
    update["message"]["date"] = date
    assert heard(update).sent_at == NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("private"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(PAYLOADS)), at=st.integers(0, 200), value=JSON)
def test_no_update_however_broken_raises(name: str, at: int, value: Any):
    update = payload(name)
    spots = [(holder, key) for holder in _holders(update) for key in holder]
    holder, key = spots[at % len(spots)]
    holder[key] = value
    read(update, "telegram/main", NOW)
    acknowledgement(update, "Sudah diproses.")


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _holders(inner)
