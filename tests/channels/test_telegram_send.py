"""Sending against the real wire: what arrives, and what each fault is called."""

import asyncio
import socket
import warnings
from typing import Any

import pytest

from bot.channels import wires
from bot.channels.errors import (
    AccountRefused,
    AddressMoved,
    Conflict,
    FileForgotten,
    MessageRefused,
    NoSuchAddress,
    NotSent,
    ProviderBusy,
    SendError,
    TryLater,
    Uncertain,
    VendorBlockedUs,
)
from bot.channels.telegram import Drawn, Telegram, draw
from domain.message import Button, Reply
from domain.picture import Picture, Upload
from tests.channels.telegram_samples import GREETING, SECRET_PART, everything_about
from tests.fakes.telegram_api import BLOCKED, DEACTIVATED, NOT_FOUND, TOKEN, TelegramApi
from tests.fakes.telegram_faults import Fault
from tests.fakes.telegram_wire import Answer


async def test_a_sent_message_has_an_id(bot: Telegram, api: TelegramApi):
    assert await bot.send("42", GREETING) == "42:1001"
    assert api.texts("42") == ["Selamat pagi, Bapak/Ibu."]


async def test_a_photo_is_uploaded_with_its_caption(bot: Telegram, api: TelegramApi):
    picture = b"\xff\xd8\r\n--not-a-boundary\r\n\x00\xff\xd9"
    drawn = draw(Reply("Sudah benar?", (Button("Ya", "a"),), document="d7"))
    await bot.send("42", drawn, Picture(picture, "image/jpeg"))
    (call,) = api.calls_of("sendPhoto")
    assert call.files == {"photo": picture}
    assert (call.files["photo"].filename, call.params["protect_content"]) == ("foto.jpg", "true")
    assert call.params["caption"] == "Sudah benar?\n1. Ya"
    assert call.params["reply_markup"] == {"inline_keyboard": [[{"text": "Ya", "callback_data": "a"}]]}


async def test_a_file_is_uploaded_under_its_name(bot: Telegram, api: TelegramApi):
    page = Picture(b"%PDF-1.4", "application/pdf", "KW-2026-000001.pdf", private=False)
    await bot.send("42", draw(Reply("Ini kwitansinya.", document="d7", file=True)), page)
    (call,) = api.calls_of("sendDocument")
    uploaded = call.files["document"]
    assert (uploaded, uploaded.filename, uploaded.mime) == (page.content, page.name, page.mime)
    assert (call.params["caption"], call.params["protect_content"]) == ("Ini kwitansinya.", "false")


async def test_what_was_uploaded_once_is_named_from_then_on(bot: Telegram, api: TelegramApi):
    drawn = draw(Reply("Pengumuman", document="d7"))
    first = Picture(b"\xff\xd8", "image/jpeg", private=False)
    await bot.send("42", drawn, first)
    assert first.upload.id == "kept-photo-1001"
    await bot.send("43", drawn, Picture(b"", "image/jpeg", private=False, upload=first.upload))
    uploaded, named = api.calls_of("sendPhoto")
    assert uploaded.files == {"photo": b"\xff\xd8"}
    assert (named.files, named.params["photo"]) == ({}, "kept-photo-1001")


async def test_a_voice_note_is_sent_as_one(bot: Telegram, api: TelegramApi):
    spoken = Picture(b"OggS", "audio/ogg", "pengumuman.ogg", private=False)
    await bot.send("42", draw(Reply("Pengumuman", document="d7", file=True)), spoken)
    (call,) = api.calls_of("sendVoice")
    assert (call.files, call.params["caption"]) == ({"voice": b"OggS"}, "Pengumuman")
    assert spoken.upload.id == "kept-voice-1001"
    assert api.calls_of("sendDocument") == []


@pytest.mark.parametrize("said", ["wrong file identifier/HTTP URL specified", "wrong remote file identifier specified"])
async def test_a_name_that_telegram_forgot_may_be_replaced(bot: Telegram, api: TelegramApi, said: str):
    api.refuse(400, f"Bad Request: {said}")
    with pytest.raises(FileForgotten):
        await bot.send("42", draw(Reply("", document="d7")), Picture(b"", "image/jpeg", upload=Upload("kept-photo-1")))


async def test_a_message_is_changed_where_it_stands(bot: Telegram, api: TelegramApi):
    sent = await bot.send("42", draw(Reply("1 dari 3")))
    assert await bot.edit("42", sent, draw(Reply("2 dari 3", (Button("Lihat", "a"),)))) == sent
    (call,) = api.calls_of("editMessageText")
    assert (call.params["message_id"], call.params["text"]) == (1001, "2 dari 3\n1. Lihat")
    assert "inline_keyboard" in call.params["reply_markup"]


async def test_a_message_that_says_it_already_counts_as_changed(bot: Telegram, api: TelegramApi):
    sent = await bot.send("42", draw(Reply("1 dari 3")))
    api.refuse(400, "Bad Request: message is not modified: specified new message content is exactly the same")
    assert await bot.edit("42", sent, draw(Reply("1 dari 3"))) == sent
    api.refuse(400, "Bad Request: message to edit not found")
    with pytest.raises(MessageRefused):
        await bot.edit("42", sent, draw(Reply("2 dari 3")))


async def test_a_photo_whose_picture_is_gone_is_not_sent(bot: Telegram, api: TelegramApi):
    with pytest.raises(MessageRefused, match="no_picture"):
        await bot.send("42", draw(Reply("Sudah benar?", document="d7")))
    assert api.calls == []


async def test_the_library_warns_of_nothing(bot: Telegram):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await bot.send("42", GREETING)


REFUSALS = [
    (429, "Too Many Requests: retry after 35", {"retry_after": 35}, ProviderBusy, "429"),
    (429, "Too Many Requests", None, ProviderBusy, "429"),
    (403, BLOCKED, None, VendorBlockedUs, "blocked"),
    (403, DEACTIVATED, None, VendorBlockedUs, "deactivated"),
    (403, "Forbidden: bot can't initiate conversation with a user", None, VendorBlockedUs, "403"),
    (400, NOT_FOUND, None, NoSuchAddress, "chat_not_found"),
    (400, "Bad Request: PEER_ID_INVALID", None, NoSuchAddress, "peer_id_invalid"),
    (400, "Bad Request: message is too long", None, MessageRefused, "400"),
    (413, "Request Entity Too Large", None, MessageRefused, "413"),
    (401, "Unauthorized", None, AccountRefused, "401"),
    (404, "Not Found", None, AccountRefused, "404"),
    (409, "Conflict: terminated by other getUpdates request", None, Conflict, "409"),
    (500, "Internal Server Error: restart", None, Uncertain, "500"),
    (502, "Bad Gateway", None, Uncertain, "502"),
]


@pytest.mark.parametrize(("status", "description", "parameters", "kind", "code"), REFUSALS)
async def test_every_refusal_is_of_its_own_kind(
    bot: Telegram,
    api: TelegramApi,
    status: int,
    description: str,
    parameters: dict[str, Any] | None,
    kind: type[SendError],
    code: str,
):
    api.refuse(status, description, parameters, chat="42")
    with pytest.raises(SendError) as refused:
        await bot.send("42", GREETING)
    assert (type(refused.value), refused.value.code) == (kind, code)
    assert refused.value.retry is (kind is ProviderBusy)
    assert api.texts() == []


@pytest.mark.parametrize("seconds", [35, None])
async def test_the_wait_that_telegram_asks_for_is_kept(bot: Telegram, api: TelegramApi, seconds: int | None):
    api.throttle(seconds)
    with pytest.raises(ProviderBusy) as busy:
        await bot.send("42", GREETING)
    assert busy.value.retry_after == seconds


async def test_a_chat_that_moved_says_where_to(bot: Telegram, api: TelegramApi):
    moved = {"migrate_to_chat_id": -1001234567890}
    api.refuse(400, "Bad Request: group chat was upgraded to a supergroup chat", moved)
    with pytest.raises(AddressMoved) as error:
        await bot.send("-42", GREETING)
    assert error.value.new_id == "-1001234567890"
    assert "1001234567890" not in str(error.value)


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_connection_that_is_reset_leaves_it_open(bot: Telegram, api: TelegramApi, accepted: bool):
    api.drop(accepted=accepted)
    with pytest.raises(Uncertain, match="reset"):
        await bot.send("42", GREETING)
    assert len(api.texts()) == accepted


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_that_does_not_come_leaves_it_open(bot: Telegram, api: TelegramApi, accepted: bool):
    api.stall(1.0, accepted=accepted)
    with pytest.raises(Uncertain, match="timeout"):
        await bot.send("42", GREETING)
    assert len(api.texts()) == accepted


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>Gateway Time-out</html>", 504),
        (b"<html>Please log in to the hotel network</html>", 200),
        (b'{"ok":true}', 200),
        (b'{"ok":true,"result":true}', 200),
        (b"[]", 200),
        (b"\xff\xfe", 200),
    ],
)
async def test_an_answer_that_telegram_never_gives_leaves_it_open(
    bot: Telegram, api: TelegramApi, body: bytes, status: int
):
    api.garble(body, status)
    with pytest.raises(Uncertain):
        await bot.send("42", GREETING)


async def test_a_redirect_is_not_followed(bot: Telegram, api: TelegramApi):
    with TelegramApi() as elsewhere:
        there = {"Location": f"{elsewhere.base_url}/bot{TOKEN}/sendMessage"}
        api.faults.append(Fault(answer=Answer(307, b"", there)))
        with pytest.raises(Uncertain):
            await bot.send("42", GREETING)
        assert elsewhere.calls == []


async def test_a_refused_connection_sent_nothing():
    bot = Telegram(TOKEN, f"http://127.0.0.1:{_free_port()}")
    with pytest.raises(NotSent, match="connect"):
        await bot.send("42", GREETING)
    await bot.close()


async def test_a_name_that_cannot_be_found_sent_nothing(monkeypatch: pytest.MonkeyPatch):
    def nobody_answers(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_answers)
    bot = Telegram(TOKEN, "http://api.telegram.invalid")
    with pytest.raises(NotSent, match="dns"):
        await bot.send("42", GREETING)
    await bot.close()


async def test_a_handshake_that_fails_sent_nothing(api: TelegramApi):
    bot = Telegram(TOKEN, api.base_url.replace("http", "https"))
    with pytest.raises(NotSent, match="connect"):
        await bot.send("42", GREETING)
    await bot.close()


async def test_a_connection_that_takes_too_long_sent_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wires, "CONNECT_SECONDS", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        queue = [_knock(deaf.getsockname()) for _ in range(4)]
        bot = Telegram(TOKEN, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(NotSent, match="connect_timeout") as error:
            await bot.send("42", GREETING)
        assert SECRET_PART not in everything_about(error.value)
        await bot.close()
        for waiting in queue:
            waiting.close()


async def test_without_a_free_connection_nothing_was_sent(api: TelegramApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wires, "FREE_SECONDS", 0.1)
    api.stall(0.4, chat="42")
    bot = Telegram(TOKEN, api.base_url, connections=1)
    first = asyncio.create_task(bot.send("42", GREETING))
    await asyncio.sleep(0.05)
    with pytest.raises(NotSent):
        await bot.send("43", GREETING)
    assert await first
    assert api.texts("43") == []
    await bot.close()


async def test_a_bot_that_was_closed_sends_nothing(bot: Telegram, api: TelegramApi):
    await bot.close()
    with pytest.raises(NotSent, match="closed"):
        await bot.send("42", GREETING)
    assert api.calls == []


async def test_a_text_that_is_none_is_refused_before_it_leaves(bot: Telegram, api: TelegramApi):
    with pytest.raises(MessageRefused, match="not_text"):
        await bot.send("42", Drawn("sendMessage", {"text": "setengah \ud83c"}))
    assert api.calls == []


def test_only_what_was_surely_not_accepted_may_be_sent_again():
    kinds = {kind for kind in SendError.__subclasses__() if kind.retry}
    assert kinds == {ProviderBusy, NotSent, TryLater}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _knock(address: Any) -> socket.socket:
    knocking = socket.socket()
    knocking.setblocking(False)
    knocking.connect_ex(address)
    return knocking
