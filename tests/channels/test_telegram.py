"""The Telegram channel: who may speak, what is drawn, and how a bot is set up, polls and acknowledges."""

import asyncio

import pytest

from bot.channels.errors import AccountRefused, Conflict
from bot.channels.fitting import TextTooLong
from bot.channels.telegram import Drawn, Telegram, acknowledgement, draw, verify
from bot.channels.telegram_updates import UPDATES
from domain.message import Button, Reply
from tests.channels.telegram_samples import heard, payload
from tests.fakes.telegram_api import TOO_OLD, TelegramApi

# --- verify -----------------------------------------------------------------------------------------------------------


def test_only_our_own_secret_verifies():
    assert verify("rahasia-9", "rahasia-9")
    assert not verify("rahasia-9", "rahasia-8")
    assert not verify("rahasia-9", "rahasia-99")
    assert not verify("rahasia-9", "")
    assert not verify("rahasia-9", None)


def test_without_a_secret_of_ours_nothing_verifies():
    assert not verify("", "")
    assert not verify("", None)


@pytest.mark.parametrize("header", ["rähasia", "秘密", "\udcff", "\0"])
def test_a_strangers_header_beyond_ascii_is_refused_and_not_an_error(header: str):
    assert not verify("rahasia-9", header)


# --- acknowledgement --------------------------------------------------------------------------------------------------


def test_a_press_is_acknowledged_in_the_webhooks_own_answer():
    query = payload("tap")["callback_query"]["id"]
    assert acknowledgement(payload("tap")) == {"method": "answerCallbackQuery", "callback_query_id": query}
    assert acknowledgement(payload("tap"), "Sudah diproses.")["text"] == "Sudah diproses."
    assert len(acknowledgement(payload("tap"), "a" * 300)["text"]) == 200


@pytest.mark.parametrize("name", ["photo", "document"])
def test_a_photo_shows_that_we_look_at_it(name: str):
    assert acknowledgement(payload(name)) == {"method": "sendChatAction", "chat_id": 42, "action": "typing"}


@pytest.mark.parametrize("name", ["text", "blocked", "group_message", "channel_post", "voice"])
def test_nothing_else_is_acknowledged(name: str):
    assert acknowledgement(payload(name)) is None


# --- draw -------------------------------------------------------------------------------------------------------------


def test_a_text_is_drawn_plain_without_previews_and_takes_an_old_keyboard_away():
    assert draw(Reply("Iuran: *Rp8.400* <b>_[x](y)_")) == Drawn(
        "sendMessage",
        {
            "text": "Iuran: *Rp8.400* <b>_[x](y)_",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"remove_keyboard": True},
        },
    )


def test_choices_are_printed_by_number_and_hang_below_one_in_a_row():
    drawn = draw(Reply("Benar?", (Button("Benar", "a"), Button("Ketik ulang NIK", "b"))))
    assert drawn.params["text"] == "Benar?\n1. Benar\n2. Ketik ulang NIK"
    assert drawn.params["reply_markup"]["inline_keyboard"] == [
        [{"text": "Benar", "callback_data": "a"}],
        [{"text": "Ketik ulang NIK", "callback_data": "b"}],
    ]


def test_many_short_choices_stand_two_in_a_row():
    drawn = draw(Reply("Bulan?", tuple(Button(f"Bulan {month}", f"m{month}") for month in range(1, 13))))
    assert [len(row) for row in drawn.params["reply_markup"]["inline_keyboard"]] == [2] * 6


def test_the_contact_key_comes_first_and_carries_the_first_label():
    drawn = draw(Reply("Nomor HP?", (Button("Bagikan nomor saya", "c"), Button("Lewati", "s")), asks_contact=True))
    assert drawn.params["reply_markup"] == {
        "keyboard": [[{"text": "Bagikan nomor saya", "request_contact": True}], [{"text": "Lewati"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


def test_a_document_is_a_photo_that_cannot_be_passed_on():
    drawn = draw(Reply("Sudah benar?", (Button("Ya", "a"),), document="d7"))
    assert (drawn.method, drawn.params["caption"]) == ("sendPhoto", "Sudah benar?\n1. Ya")
    assert drawn.params["protect_content"] is True


def test_a_file_is_a_document_and_needs_no_words():
    assert draw(Reply("", document="d7", file=True)) == Drawn(
        "sendDocument", {"caption": "", "protect_content": True, "reply_markup": {"remove_keyboard": True}}
    )


@pytest.mark.parametrize(
    "reply", [Reply("a" * 4097), Reply("🌽" * 2049), Reply("a" * 1025, document="d7"), Reply(""), Reply(" \n")]
)
def test_what_telegram_would_refuse_is_not_drawn(reply: Reply):
    with pytest.raises(TextTooLong):
        draw(reply)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("a" * 4096),
        Reply("🌽" * 2048),
        Reply("Pak *Budi* [_`<&\\ (Sasak)!"),
        Reply("setengah \ud83c dan \0"),
        Reply("Benar?", (Button("Ya\ud83c", "a" * 64),)),
        Reply("Nomor?", (Button("Bagikan", "c"),), asks_contact=True),
    ],
)
async def test_whatever_is_drawn_keeps_the_specification(bot: Telegram, api: TelegramApi, reply: Reply):
    await bot.send("42", draw(reply))
    assert len(api.calls) == 1


# --- set up, poll, acknowledge ----------------------------------------------------------------------------------------


async def test_the_webhook_is_set_without_losing_what_waits(bot: Telegram, api: TelegramApi):
    await bot.set_up(
        "https://jaga.example.org/webhooks/telegram/main",
        "rahasia_9-abc",
        indonesian=[("menu", "Menu utama")],
        english=[("menu", "Main menu")],
    )
    (call,) = api.calls_of("setWebhook")
    assert call.params == {
        "url": "https://jaga.example.org/webhooks/telegram/main",
        "secret_token": "rahasia_9-abc",
        "max_connections": 40,
        "allowed_updates": list(UPDATES),
    }
    assert api.bot().commands == {
        "": [{"command": "menu", "description": "Menu utama"}],
        "en": [{"command": "menu", "description": "Main menu"}],
    }


@pytest.mark.parametrize("secret", ["", "ada spasi", "a" * 257, "rähasia"])
async def test_a_secret_that_telegram_would_not_take_is_refused_here(bot: Telegram, api: TelegramApi, secret: str):
    with pytest.raises(ValueError, match="secret"):
        await bot.set_up("https://jaga.example.org/webhooks/telegram/main", secret)
    assert api.calls == []


async def test_updates_are_polled_raw_and_confirmed_by_the_next_offset(bot: Telegram, api: TelegramApi):
    known, unknown = api.deliver(payload("text"), {"update_id": 990001, "telepathy": {}})
    assert await bot.updates() == [known, unknown]
    assert await bot.updates(990001) == [unknown]
    assert await bot.updates(990002, seconds=0) == []


async def test_a_poll_waits_for_the_first_update(bot: Telegram, api: TelegramApi):
    asyncio.get_running_loop().call_later(0.7, api.says, 42, "halo")
    (update,) = await bot.updates(seconds=5)
    assert heard(update).text == "halo"


async def test_a_webhook_in_the_way_of_polling_is_a_conflict(bot: Telegram):
    await bot.set_up("https://jaga.example.org/webhooks/telegram/main", "rahasia")
    with pytest.raises(Conflict):
        await bot.updates(seconds=0)


async def test_a_second_poller_is_a_conflict(bot: Telegram, api: TelegramApi):
    first = asyncio.create_task(bot.updates(seconds=5))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.updates(seconds=5))
    with pytest.raises(Conflict):
        await first
    api.says(42, "halo")
    assert len(await second) == 1


async def test_an_acknowledgement_is_executed_where_no_webhook_carries_it(bot: Telegram, api: TelegramApi):
    await bot.answer(acknowledgement(payload("tap"), "Sudah diproses."))
    (call,) = api.calls_of("answerCallbackQuery")
    assert call.params["text"] == "Sudah diproses."


async def test_a_press_that_is_too_old_to_answer_does_no_harm(bot: Telegram, api: TelegramApi):
    api.refuse(400, TOO_OLD)
    await bot.answer(acknowledgement(payload("tap")))
    api.refuse(401, "Unauthorized")
    with pytest.raises(AccountRefused):
        await bot.answer(acknowledgement(payload("tap")))
