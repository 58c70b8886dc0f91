"""Sending against the real wire: what arrives, and what each fault is called."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import wires
from bot.channels.errors import (
    AccountRefused,
    MessageRefused,
    NoSuchAddress,
    NotSent,
    OptedOut,
    OutsideWindow,
    ProviderBusy,
    SendError,
    TemplateRefused,
    Uncertain,
)
from bot.channels.fitting import TextTooLong, fit
from bot.channels.whatsapp import ABILITIES, Drawn, WhatsApp, draw
from bot.channels.whatsapp_wire import form
from domain.message import Button, Reply
from domain.picture import Picture
from tests.channels.telegram_samples import everything_about
from tests.channels.whatsapp_samples import GREETING, HIDDEN, PHONE, REPLIES, choices
from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_api import ACCOUNT_SID, KEY_SECRET, KEY_SID, SENDER, TwilioApi
from tests.fakes.twilio_faults import Fault

STATUS = "https://bot.example.org/webhooks/twilio/main/status"


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    with TwilioApi() as twilio:
        yield twilio
        assert twilio.violations == []


def to(base_url: str, **more: Any) -> WhatsApp:
    return WhatsApp(ACCOUNT_SID, KEY_SID, KEY_SECRET, SENDER, base_url, **{"patience": 0.5, **more})


@pytest.fixture
async def whatsapp(twilio: TwilioApi) -> AsyncIterator[WhatsApp]:
    whatsapp = to(twilio.base_url)
    yield whatsapp
    await whatsapp.close()


# --- what arrives -----------------------------------------------------------------------------------------------------


async def test_a_sent_message_has_twilios_id(whatsapp: WhatsApp, twilio: TwilioApi):
    sid = await whatsapp.send(PHONE, GREETING)
    assert list(twilio.messages) == [sid]
    assert twilio.said_to(PHONE) == ["Selamat pagi, Bapak/Ibu."]


async def test_it_is_worth_nothing_after_four_hours_and_asks_for_no_report(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.send(PHONE, GREETING, reference="123.2")
    (call,) = twilio.calls_of("Messages")
    assert call.form == {
        "To": f"whatsapp:{PHONE}",
        "From": f"whatsapp:{SENDER}",
        "Body": "Selamat pagi, Bapak/Ibu.",
        "ValidityPeriod": "14400",
    }


async def test_our_own_reference_comes_back_with_every_report(twilio: TwilioApi):
    whatsapp = to(twilio.base_url, status_url=STATUS)
    for reference in ("123.2", ""):
        await whatsapp.send(PHONE, GREETING, reference=reference)
    first, second = twilio.messages_to(PHONE)
    assert (first.status_callback, second.status_callback) == (f"{STATUS}?m=123.2", "")
    await whatsapp.close()


async def test_somebody_who_hides_her_number_is_reached_by_whatsapps_own_id(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.send(HIDDEN, GREETING)
    assert twilio.said_to(f"whatsapp:{HIDDEN}") == ["Selamat pagi, Bapak/Ibu."]


async def test_a_picture_goes_by_its_address_with_its_numbers_printed(twilio: TwilioApi):
    shown = twilio.put_file(b"\xff\xd8\xff\xd9")
    whatsapp = to(twilio.base_url, picture_url=lambda document, _file: f"{shown}?{quote(document)}")
    reply = Reply("Sudah benar?", (Button("Ya", "a"),), document="d7")
    await whatsapp.send(PHONE, draw(reply), Picture(b"the picture itself is not needed", "image/jpeg"))
    await asyncio.to_thread(twilio.settle)
    (message,) = twilio.messages_to(PHONE)
    assert (message.media_urls, message.body) == ([f"{shown}?d7"], "Sudah benar?\n1. Ya")
    assert (message.content_sid, list(message.buttons)) == ("", [])
    await whatsapp.close()


async def test_a_file_goes_by_its_own_address_without_words(twilio: TwilioApi):
    shown = twilio.put_file(b"%PDF-1.4", mime="application/pdf")
    whatsapp = to(twilio.base_url, picture_url=lambda document, file: f"{shown}?{document}{'.pdf' if file else ''}")
    first, second = fit(Reply("Ini kwitansinya.", (Button("Menu", "m"),), document="d7", file=True), ABILITIES)
    await whatsapp.send(PHONE, draw(first))
    await whatsapp.send(PHONE, draw(second))
    await asyncio.to_thread(twilio.settle)
    page, words = twilio.messages_to(PHONE)
    assert (page.media_urls, page.body) == ([f"{shown}?d7.pdf"], "")
    assert (words.media_urls, words.body) == ([], "Ini kwitansinya.\n1. Menu")
    await whatsapp.close()


async def test_choices_go_as_numbers_until_their_content_is_known(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.send(PHONE, draw(choices("Ya", "Tidak")))
    assert twilio.said_to(PHONE) == ["Pilih:\n1. Ya\n2. Tidak"]
    assert twilio.buttons_of(PHONE) == []


async def test_choices_are_pressed_once_their_content_is_known(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    await whatsapp.send(PHONE, draw(choices("Ya", "Tidak")))
    assert twilio.said_to(PHONE) == ["Pilih:\n1. Ya\n2. Tidak"]
    assert [(button.title, button.id) for button in twilio.buttons_of(PHONE)] == [("Ya", "b0"), ("Tidak", "b1")]
    assert "Body" not in twilio.calls_of("Messages")[0].form


async def test_a_list_says_below_what_it_had_to_cut(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    await whatsapp.send(PHONE, draw(choices("Satu", "Dua", "Tiga", "Laporkan kecelakaan kerja")))
    assert [button.description for button in twilio.buttons_of(PHONE)] == [
        "Satu",
        "Dua",
        "Tiga",
        "Laporkan kecelakaan kerja",
    ]
    await whatsapp.send(PHONE, draw(choices("Satu", "Dua", "Tiga", "Empat")))
    assert [button.description for button in twilio.buttons_of(PHONE)] == [""] * 4


async def test_odd_words_of_a_vendor_break_no_variable(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    odd = 'Warung "Bu     Siti"\tdi\r\n\r\nhttps://x.example'
    await whatsapp.send(PHONE, draw(Reply(odd, (Button("Ya", "y"),))))
    assert twilio.said_to(PHONE) == ['Warung "Bu    Siti" di\n\nhttps://x.example\n1. Ya']


async def test_what_looks_like_a_gap_arrives_as_it_was_typed(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    await whatsapp.send(PHONE, draw(Reply("Warung {{1}}", (Button("Ya {{", "y"),))))
    assert twilio.said_to(PHONE) == ["Warung {{1}}\n1. Ya {{"]
    assert twilio.buttons_of(PHONE) == []


async def test_drawn_plain_there_are_words_and_nothing_else(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.make_contents()
    await whatsapp.send(PHONE, draw(choices("Ya", "Tidak", document="d7"), plain=True))
    (message,) = twilio.messages_to(PHONE)
    assert (message.body, message.content_sid, message.media_urls) == ("Pilih:\n1. Ya\n2. Tidak", "", [])


def test_a_button_that_would_share_her_number_is_not_shown_in_whatsapp():
    keys = (Button("Bagikan nomor saya", ""), Button("Lewati", "7|ask_phone|skip"))
    drawn = draw(Reply("Nomor HP?", keys, numbered=False, asks_contact=True))
    assert (drawn.text, [row.title for row in drawn.rows]) == ("Nomor HP?", ["Lewati"])


@given(reply=REPLIES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_drawn_twilio_takes_it(twilio: TwilioApi, reply: Reply):
    async def sent() -> None:
        whatsapp = to(twilio.base_url, patience=5.0, picture_url=lambda *_: twilio.put_file(b"\xff\xd8\xff\xd9"))
        await whatsapp.make_contents()
        for part in fit(reply, ABILITIES):
            try:
                await whatsapp.send(PHONE, draw(part))
            except MessageRefused as refused:
                assert refused.code == "empty"
        await whatsapp.close()

    asyncio.run(sent())
    assert twilio.violations == []
    assert twilio.refusals == {}


# --- before it leaves -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
async def test_nothing_is_not_sent(whatsapp: WhatsApp, twilio: TwilioApi, text: str):
    with pytest.raises(MessageRefused, match="empty"):
        await whatsapp.send(PHONE, draw(Reply(text)))
    assert twilio.calls == []


@pytest.mark.parametrize(("text", "document"), [("a" * 1601, ""), ("🌽" * 801, ""), ("a" * 1025, "d7")])
async def test_a_text_that_was_not_fitted_is_a_fault_of_ours(
    whatsapp: WhatsApp, twilio: TwilioApi, text: str, document: str
):
    with pytest.raises(TextTooLong):
        draw(Reply(text, document=document))
    with pytest.raises(TextTooLong):
        await whatsapp.send(PHONE, Drawn(text, document=document))
    assert twilio.calls == []


async def test_a_picture_without_an_address_is_not_sent(whatsapp: WhatsApp, twilio: TwilioApi):
    with pytest.raises(MessageRefused, match="no_picture"):
        await whatsapp.send(PHONE, draw(Reply("Sudah benar?", document="d7")))
    assert twilio.calls == []


async def test_a_text_that_is_none_is_refused_before_it_leaves(whatsapp: WhatsApp, twilio: TwilioApi):
    with pytest.raises(MessageRefused, match="not_text"):
        await whatsapp.send(PHONE, Drawn("setengah \ud83c"))
    assert twilio.calls == []


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 20003, AccountRefused),
        (403, 20003, AccountRefused),
        (400, 21211, NoSuchAddress),
        (400, 21610, OptedOut),
        (400, 63016, OutsideWindow),
        (400, 21656, TemplateRefused),
        (429, 20429, ProviderBusy),
        (429, 63038, ProviderBusy),
        (400, 99999, MessageRefused),
        (500, 20500, Uncertain),
        (503, 20503, Uncertain),
    ],
)
async def test_every_refusal_is_of_its_own_kind_and_quotes_nobody(
    whatsapp: WhatsApp, twilio: TwilioApi, status: int, code: int, kind: type[SendError]
):
    twilio.refuse(status, code, f"The number {PHONE} cannot be reached", to=PHONE)
    with pytest.raises(kind) as refused:
        await whatsapp.send(PHONE, GREETING)
    assert refused.value.code == str(code)
    assert PHONE not in everything_about(refused.value)
    assert twilio.said_to(PHONE) == []


async def test_credentials_that_were_revoked_stop_the_account(whatsapp: WhatsApp, twilio: TwilioApi):
    twilio.revoke()
    with pytest.raises(AccountRefused):
        await whatsapp.send(PHONE, GREETING)


@pytest.mark.parametrize(("said", "waits"), [("35", 35.0), ("0.5", 0.5), ("-1", 0.0), ("Wed, 21 Oct 2026", None)])
async def test_the_wait_that_twilio_asks_for_is_kept(whatsapp: WhatsApp, twilio: TwilioApi, said: str, waits: Any):
    twilio.faults.append(Fault(answer=Answer(429, b'{"code": 20429}', {"Retry-After": said})))
    with pytest.raises(ProviderBusy) as busy:
        await whatsapp.send(PHONE, GREETING)
    assert busy.value.retry_after == waits


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_connection_that_is_reset_leaves_it_open(whatsapp: WhatsApp, twilio: TwilioApi, accepted: bool):
    twilio.drop(accepted=accepted)
    with pytest.raises(Uncertain, match="reset"):
        await whatsapp.send(PHONE, GREETING)
    assert len(twilio.messages) == accepted


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_that_does_not_come_leaves_it_open(whatsapp: WhatsApp, twilio: TwilioApi, accepted: bool):
    twilio.stall(1.0, accepted=accepted)
    with pytest.raises(Uncertain, match="timeout"):
        await whatsapp.send(PHONE, GREETING)
    assert len(twilio.messages) == accepted


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>Gateway Time-out</html>", 504),
        (b"<html>Please log in to the hotel network</html>", 200),
        (b"{}", 201),
        (b'{"sid": null}', 201),
        (b'{"sid": 7}', 201),
        (b'{"sid": "SM1", "date_created": 7}', 201),
        (b"[]", 201),
        (b'"sid"', 201),
        (b"", 201),
        (b"\xff\xfe", 201),
    ],
)
async def test_an_answer_that_twilio_never_gives_leaves_it_open(
    whatsapp: WhatsApp, twilio: TwilioApi, answer: bytes, status: int
):
    twilio.garble(answer, status)
    with pytest.raises(Uncertain):
        await whatsapp.send(PHONE, GREETING)


async def test_a_redirect_is_not_followed(whatsapp: WhatsApp, twilio: TwilioApi):
    with TwilioApi() as elsewhere:
        twilio.redirect(f"{elsewhere.base_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", path="Messages")
        with pytest.raises(Uncertain):
            await whatsapp.send(PHONE, GREETING)
        assert elsewhere.messages == {}


async def test_a_page_of_a_list_that_lies_elsewhere_is_not_asked_for(whatsapp: WhatsApp, twilio: TwilioApi):
    with TwilioApi() as elsewhere:
        meta = {"key": "contents", "next_page_url": f"{elsewhere.base_url}/v1/Content?Page=1"}
        twilio.garble(json.dumps({"contents": [], "meta": meta}).encode(), path="Content")
        with pytest.raises(MessageRefused, match="elsewhere"):
            await whatsapp.make_contents()
        assert elsewhere.refusals == {}
        assert elsewhere.calls == []


async def test_a_refused_connection_sent_nothing():
    whatsapp = to(f"http://127.0.0.1:{_free_port()}")
    with pytest.raises(NotSent, match="connect"):
        await whatsapp.send(PHONE, GREETING)
    await whatsapp.close()


async def test_a_name_that_cannot_be_found_sent_nothing(monkeypatch: pytest.MonkeyPatch):
    def nobody_answers(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_answers)
    whatsapp = to("http://api.twilio.invalid")
    with pytest.raises(NotSent, match="dns"):
        await whatsapp.send(PHONE, GREETING)
    await whatsapp.close()


async def test_a_handshake_that_fails_sent_nothing(twilio: TwilioApi):
    whatsapp = to(twilio.base_url.replace("http", "https"))
    with pytest.raises(NotSent, match="connect"):
        await whatsapp.send(PHONE, GREETING)
    await whatsapp.close()


async def test_a_connection_that_takes_too_long_sent_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wires, "CONNECT_SECONDS", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        queue = [_knock(deaf.getsockname()) for _ in range(4)]
        whatsapp = to(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(NotSent, match="connect_timeout"):
            await whatsapp.send(PHONE, GREETING)
        await whatsapp.close()
        for waiting in queue:
            waiting.close()


async def test_without_a_free_connection_nothing_was_sent(twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wires, "FREE_SECONDS", 0.1)
    twilio.stall(0.4, to=PHONE)
    whatsapp = to(twilio.base_url, connections=1)
    first = asyncio.create_task(whatsapp.send(PHONE, GREETING))
    await asyncio.sleep(0.05)
    with pytest.raises(NotSent):
        await whatsapp.send("+6281200000002", GREETING)
    assert await first
    assert len(twilio.messages) == 1
    await whatsapp.close()


async def test_one_that_was_closed_sends_nothing(whatsapp: WhatsApp, twilio: TwilioApi):
    await whatsapp.send(PHONE, GREETING)
    await whatsapp.close()
    with pytest.raises(NotSent, match="closed"):
        await whatsapp.send(PHONE, GREETING)
    assert len(twilio.messages) == 1


# --- what nobody gets to read -----------------------------------------------------------------------------------------


async def test_neither_log_nor_representation_tells_the_secret_or_the_vendor(
    twilio: TwilioApi, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    whatsapp = to(twilio.base_url, status_url=STATUS)
    await whatsapp.send(PHONE, GREETING, reference="1.1")
    await whatsapp.look_up(PHONE, datetime.now(UTC) - timedelta(minutes=1))
    twilio.drop(accepted=False, times=None)
    with pytest.raises(Uncertain) as lost:
        await whatsapp.look_up(PHONE, datetime.now(UTC))
    told = caplog.text + repr(whatsapp) + repr(whatsapp.wire) + everything_about(lost.value)
    for hidden in (KEY_SECRET, KEY_SID, PHONE, PHONE[1:], "Selamat"):
        assert hidden not in told
    await whatsapp.close()


async def test_an_address_that_is_none_is_not_quoted_with_the_vendor_in_it():
    whatsapp = to("nowhere")
    with pytest.raises(NotSent) as error:
        await whatsapp.look_up(PHONE, datetime.now(UTC))
    assert PHONE[1:] not in everything_about(error.value)
    await whatsapp.close()


async def test_the_sdk_does_not_look_into_our_environment(twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch):
    for name in ("TWILIO_EDGE", "TWILIO_REGION", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setitem(os.environ, name, "sydney")
    whatsapp = to(twilio.base_url)
    await whatsapp.send(PHONE, GREETING)
    assert len(twilio.messages) == 1
    await whatsapp.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _knock(address: Any) -> socket.socket:
    knocking = socket.socket()
    knocking.setblocking(False)
    knocking.connect_ex(address)
    return knocking


@given(st.dictionaries(st.text("abcXY", min_size=1), st.one_of(st.text(), st.integers(), st.lists(st.text()))))
def test_a_form_reads_as_the_standard_library_writes_it(fields):
    ours, theirs = form(fields), urlencode(fields, doseq=True)
    assert parse_qsl(ours, keep_blank_values=True) == parse_qsl(theirs, keep_blank_values=True)
