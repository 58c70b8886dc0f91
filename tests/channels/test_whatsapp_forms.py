"""What is read from Twilio's forms, captured, bent and broken."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from bot.channels.whatsapp import read, read_report
from domain.message import Attachment, Kind, SharedContact
from tests.channels.whatsapp_samples import HIDDEN, MESSAGES, NOW, PAYLOADS, PHONE, SITI, heard, payload


@pytest.mark.parametrize(
    ("name", "kind"),
    {
        "text": Kind.TEXT,
        "quick_reply": Kind.TAP,
        "list_reply": Kind.TAP,
        "template_button": Kind.TEXT,
        "photo": Kind.PHOTO,
        "photo_without_caption": Kind.PHOTO,
        "two_photos": Kind.PHOTO,
        "webp_photo": Kind.PHOTO,
        "sticker": Kind.STICKER,
        "voice": Kind.VOICE,
        "video": Kind.VIDEO,
        "document": Kind.FILE,
        "contact": Kind.CONTACT,
        "old_contact": Kind.CONTACT,
        "location": Kind.LOCATION,
        "unsupported": Kind.UNKNOWN,
        "blank": Kind.UNKNOWN,
    }.items(),
)
def test_every_kind_of_message_is_told_apart(name: str, kind: Kind):
    incoming = heard(name)
    assert incoming.kind is kind
    assert incoming.sender == SITI
    assert incoming.provider_id == payload(name)["MessageSid"]
    assert incoming.profile_name == "Siti Aminah"
    assert incoming.sent_at == NOW


def test_a_text_comes_with_its_words():
    assert heard("text").text == "Saya jual jagung bakar 🌽 di Pasar Kebon Roek"


def test_an_unsupported_message_is_unknown_whatever_it_says():
    assert heard("unsupported", Body="This message is not supported").kind is Kind.UNKNOWN


# --- who sent it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("whatsapp:+6281200000001", PHONE),
        ("+6281200000001", PHONE),
        ("WhatsApp:+6281200000001", PHONE),
        ("whatsapp:6281200000001", PHONE),
        ("whatsapp: 6281200000001", PHONE),
        ("whatsapp:081200000001", PHONE),
        ("whatsapp:+12025550123", "+12025550123"),
        ("whatsapp:+999123456789", "+999123456789"),
        (f"whatsapp:{HIDDEN}", HIDDEN),
        (HIDDEN, HIDDEN),
        ("whatsapp:US.AbC123xyz", "US.AbC123xyz"),
        ("whatsapp:ID.081200000001", "ID.081200000001"),
    ],
)
def test_a_phone_number_is_written_one_way_and_whatsapps_own_id_as_it_came(written: str, known: str):
    assert heard("text", From=written).sender.id == known


@pytest.mark.parametrize(
    "written",
    ["", "whatsapp:", "whatsapp:Siti", "sms:175", "whatsapp:id.123", "whatsapp:ID.", "whatsapp:+"],
)
def test_a_message_of_nobody_is_none(written: str):
    assert heard("text", From=written) is None


def test_a_message_without_an_id_cannot_count_once_and_so_does_not_count():
    nameless = {"MessageSid": "", "SmsMessageSid": "", "SmsSid": ""}
    assert heard("text", **nameless) is None
    assert heard("text", **nameless | {"MessageSid": "SM 1 or 1=1"}) is None


def test_an_older_name_of_the_id_will_do():
    form = payload("text")
    for name in ("MessageSid", "SmsMessageSid"):
        del form[name]
    assert read(form, "whatsapp/main", NOW).provider_id == form["SmsSid"]


@pytest.mark.parametrize("name", ["text_with_user_id", "text_with_user_identifier"])
def test_who_is_behind_a_number_is_known_where_twilio_says_so(name: str):
    incoming = heard(name)
    assert (incoming.sender.id, incoming.user_id) == (PHONE, HIDDEN)


def test_a_hidden_number_is_known_by_whatsapps_own_id_alone():
    incoming = heard("text_from_a_hidden_number")
    assert (incoming.sender.id, incoming.user_id) == (HIDDEN, HIDDEN)


def test_where_twilio_does_not_say_nobody_is_behind_the_number():
    assert heard("text").user_id == ""


def test_a_name_is_cleaned_and_cut():
    assert heard("text", ProfileName="S\0iti " + "a" * 200).profile_name == "Siti " + "a" * 115


# --- what was pressed -------------------------------------------------------------------------------------------------


def test_a_quick_reply_brings_its_data_and_its_label():
    incoming = heard("quick_reply")
    assert (incoming.tap, incoming.text) == ("7|confirm_birth_date|1", "Benar")


def test_a_row_of_a_list_brings_its_data_and_its_title():
    incoming = heard("list_reply")
    assert (incoming.tap, incoming.text) == ("9|ask_market|3", "Pasar Kebon Roek")


def test_a_button_of_a_template_says_its_words_and_carries_nothing():
    incoming = heard("template_button", Body="")
    assert (incoming.kind, incoming.tap, incoming.text) == (Kind.TEXT, "", "Sudah saya bayar")


# --- what was attached ------------------------------------------------------------------------------------------------


def test_a_photo_brings_its_caption_and_stays_at_twilio_until_it_is_deleted():
    incoming = heard("photo")
    assert incoming.text == "bukti bayar Desember"
    assert incoming.attachments == (Attachment(payload("photo")["MediaUrl0"], "image/jpeg", stays=True),)


def test_photos_that_wait_together_are_answered_together():
    assert {heard(name).album for name in ("photo", "two_photos")} == {"burst"}
    assert heard("document").album == ""


def test_all_photos_of_one_message_are_there():
    assert [one.mime for one in heard("two_photos").attachments] == ["image/jpeg", "image/png"]


@pytest.mark.parametrize(
    ("count", "found"), [("1", 1), ("99", 2), ("0", 0), ("-1", 0), ("dua", 0), ("", 0), ("9" * 50, 0)]
)
def test_only_files_that_are_there_are_attached(count: str, found: int):
    assert len(heard("two_photos", NumMedia=count).attachments) == found


def test_a_photo_that_cannot_be_fetched_is_its_caption_or_an_unknown_message():
    assert heard("photo", MediaUrl0="").kind is Kind.TEXT
    assert heard("photo_without_caption", MediaUrl0="").kind is Kind.UNKNOWN


def test_a_voice_note_is_known_by_its_type_without_the_codec():
    assert heard("voice").attachments[0].mime == "audio/ogg"


def test_a_card_is_somebody_elses_until_it_is_read():
    incoming = heard("contact")
    assert incoming.contact == SharedContact(phone="", own=False)
    assert len(incoming.attachments) == 1


def test_a_place_needs_both_of_its_numbers():
    assert heard("location", Longitude="").kind is Kind.UNKNOWN


# --- whatever comes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("satu\0dua", "satudua"),
        ("setengah \ud83c", "setengah \N{REPLACEMENT CHARACTER}"),
        ("panjang " * 1250, "panjang " * 1250),
        ("\u202ea\u200b", "\u202ea\u200b"),
        (" 1️⃣ ", " 1️⃣ "),
    ],
)
def test_any_text_becomes_one_that_can_be_stored(typed: str, kept: str):
    assert heard("text", Body=typed).text == kept


def test_fields_that_nobody_knows_yet_do_no_harm():
    assert heard("text", Aura="blue", MessageType="telepathy").kind is Kind.TEXT


def test_of_a_field_that_came_twice_the_first_counts():
    form = MultiDict(payload("text"))
    form.add("From", "whatsapp:+6281200000002")
    assert read(form, "whatsapp/main", NOW).sender == SITI


@given(
    name=st.sampled_from(MESSAGES),
    at=st.integers(0, 50),
    value=st.text() | st.sampled_from(["whatsapp:+0", "10", "ID.9"]),
)
def test_no_form_however_broken_raises(name: str, at: int, value: str):
    form = dict(payload(name))
    form[sorted(form)[at % len(form)]] = value
    read(form, "whatsapp/main", NOW)
    read_report(form, "whatsapp/main", "1.1")


# --- what became of ours ----------------------------------------------------------------------------------------------


def report(name: str, **changed: str) -> Any:
    return read_report({**payload(name), **changed}, "whatsapp/main", "123.2")


@pytest.mark.parametrize("said", ["sent", "delivered", "read"])
def test_a_report_says_how_far_a_message_got(said: str):
    found = report(f"status_{said}")
    assert (found.status, found.code, found.reference, found.account) == (said, "", "123.2", "whatsapp/main")
    assert found.provider_id == payload(f"status_{said}")["MessageSid"]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("queued", "accepted"),
        ("accepted", "accepted"),
        ("scheduled", "accepted"),
        ("sending", "accepted"),
        ("partially_delivered", "delivered"),
        ("Delivered", "delivered"),
        ("undelivered", "failed"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_every_word_of_twilios_has_one_of_ours(said: str, means: str):
    assert report("status_sent", MessageStatus=said).status == means


@pytest.mark.parametrize("said", ["received", "receiving", "teleported"])
def test_a_word_that_says_nothing_about_ours_is_no_report(said: str):
    assert report("status_sent", MessageStatus=said) is None


def test_a_report_about_no_message_is_none():
    assert report("status_sent", MessageSid="", SmsSid="") is None


def test_a_failure_says_why():
    assert report("status_undelivered").code == "63016"
    assert report("status_undelivered", MessageStatus="canceled", ErrorCode="").code == "canceled"
    assert report("status_undelivered", ErrorCode="63016 of +6281200000001").code == "undelivered"


def test_every_sample_is_fictional():
    for name in PAYLOADS:
        assert "+62812000009" in payload(name).get("To", "") + payload(name).get("From", "")
