"""The stand-in for Telegram behaves as Telegram does, or every test that leans on it means nothing."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.channels.errors import MessageRefused, ProviderBusy, Uncertain
from bot.channels.telegram import Telegram, draw
from domain.message import Reply
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.telegram_spec import PUBLISHED, Spec
from tests.fakes.telegram_wire import Answer, Connection, Request

ROOT = Path(__file__).parents[2]
GREETING = draw(Reply("Selamat pagi."))
needs_the_specification = pytest.mark.skipif(
    not PUBLISHED.exists(), reason=f"{PUBLISHED.name} does not lie beside the checkout"
)


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    with TelegramApi(pace=0.01) as api:
        yield api


class Hook:
    """A webhook that notes what arrives and answers 200, or first as it is told for updates that hold certain words."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[bytes, list[Answer]] = {}

    async def __aenter__(self) -> "Hook":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._answer), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/webhooks/telegram/main"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()

    def _answer(self, connection: Connection, request: Request) -> None:
        self.requests.append(request)
        told = next((answers for words, answers in self.answers.items() if words in request.body and answers), None)
        connection.send(told.pop(0) if told else Answer(200, b""))

    @property
    def texts(self) -> list[str]:
        return [orjson.loads(request.body)["message"]["text"] for request in self.requests]


@pytest.fixture
async def hook(bot: Telegram) -> AsyncIterator[Hook]:
    async with Hook() as hook:
        await bot.set_up(hook.url, "rahasia")
        yield hook


async def settled(api: TelegramApi) -> None:
    await asyncio.to_thread(api.settle)


# --- calls ------------------------------------------------------------------------------------------------------------


async def test_calls_are_recorded_in_order_and_numbered(bot: Telegram, api: TelegramApi):
    assert [await bot.send(chat, GREETING) for chat in ("42", "43", "42")] == ["42:1001", "43:1002", "42:1003"]
    assert [(call.sequence, call.chat) for call in api.calls] == [(1, "42"), (2, "43"), (3, "42")]
    assert api.texts("43") == ["Selamat pagi."]


async def test_methods_are_known_in_any_case(bot: Telegram, api: TelegramApi):
    await bot.call("SENDCHATACTION", {"chat_id": 42, "action": "typing"})
    assert api.calls[0].method == "sendChatAction"


async def test_every_supported_method_answers(bot: Telegram, api: TelegramApi):
    assert (await bot.call("getMe"))["is_bot"] is True
    assert (await bot.call("getWebhookInfo"))["url"] == ""
    edited = await bot.call("editMessageReplyMarkup", {"chat_id": 42, "message_id": 7})
    assert edited["message_id"] == 7
    assert await bot.call("deleteWebhook") is True
    assert api.violations == []


async def test_each_bot_has_its_own_updates(api: TelegramApi):
    other_token = TOKEN.replace("700000001", "700000002")
    other = Telegram(other_token, api.base_url)
    api.deliver({"update_id": 7, "telepathy": {}}, token=other_token)
    assert await other.updates(seconds=0) == [{"update_id": 7, "telepathy": {}}]
    await other.close()


async def test_a_fault_strikes_the_calls_that_it_names_as_often_as_it_says(bot: Telegram, api: TelegramApi):
    api.throttle(1, chat="42", times=2)
    await bot.send("43", GREETING)
    for _ in range(2):
        with pytest.raises(ProviderBusy):
            await bot.send("42", GREETING)
    await bot.send("42", GREETING)
    assert api.refusals == {429: 2}


async def test_what_was_accepted_before_the_answer_was_lost_is_on_record(bot: Telegram, api: TelegramApi):
    for lose in (api.drop, api.fail, lambda accepted: api.stall(0.6, accepted=accepted)):
        for accepted in (True, False):
            before = api.accepted
            lose(accepted=accepted)
            with pytest.raises(Uncertain):
                await bot.send("42", GREETING)
            assert api.accepted - before == accepted


async def test_it_throttles_above_its_limit():
    with TelegramApi(limit=5) as api:
        bot = Telegram(TOKEN, api.base_url)
        sent = await asyncio.gather(*(bot.send("42", GREETING) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(one, ProviderBusy) for one in sent) == 3
        assert api.accepted == 5
        await bot.close()


# --- the specification ------------------------------------------------------------------------------------------------


@needs_the_specification
@pytest.mark.parametrize(
    ("method", "params", "rule"),
    [
        ("sendMessage", {"chat_id": 42}, "sendMessage: text is missing"),
        ("sendMessage", {"chat_id": 42, "text": ""}, "sendMessage.text: 0 is outside 1-4096"),
        ("sendMessage", {"chat_id": 42, "text": "🌽" * 2049}, "sendMessage.text: 4098 is outside 1-4096"),
        ("sendMessage", {"chat_id": 42, "text": 7}, "sendMessage.text: String expected"),
        ("sendMessage", {"chat_id": 42, "text": "a", "colour": "red"}, "sendMessage: unknown field colour"),
        ("sendMessage", {"chat_id": 42, "text": "a", "protect_content": 1}, "sendMessage.protect_content: Boolean"),
        (
            "sendMessage",
            {
                "chat_id": 42,
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]},
            },
            "callback_data: 66 is outside 1-64",
        ),
        (
            "sendMessage",
            {"chat_id": 42, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "exactly one action expected",
        ),
        ("sendMessage", {"chat_id": 42, "text": "a", "reply_markup": {"inline_keyboard": [{}]}}, "an array expected"),
        ("sendPhoto", {"chat_id": 42}, "sendPhoto: photo is missing"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}, "201 is outside 0-200"),
        ("setWebhook", {"url": "https://a.example", "max_connections": 101}, "101 is outside 1-100"),
        ("setWebhook", {"url": "https://a.example", "secret_token": "a b"}, "a character that is not allowed"),
        ("setMyCommands", {"commands": [{"command": "menu"}]}, "description is missing"),
        ("sendTelepathy", {}, "no such method"),
    ],
)
async def test_a_request_that_breaks_the_specification_is_noted_and_refused(
    bot: Telegram, api: TelegramApi, method: str, params: dict[str, Any], rule: str
):
    with pytest.raises(MessageRefused):
        await bot.call(method, params)
    assert any(rule in broken for broken in api.violations)
    assert api.calls == []


@needs_the_specification
@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/channels/payloads").glob("telegram_*.json")), ids=lambda p: p.stem
)
def test_our_sample_updates_keep_the_specification(path: Path):
    spec = Spec.published()
    assert spec
    assert spec.broken_in("Update", json.loads(path.read_text())) == []


# --- webhooks ---------------------------------------------------------------------------------------------------------


async def test_updates_are_posted_with_the_secret(api: TelegramApi, hook: Hook):
    update = api.says(42, "halo")
    await settled(api)
    (request,) = hook.requests
    assert orjson.loads(request.body) == update
    assert request.headers["x-telegram-bot-api-secret-token"] == "rahasia"
    assert request.path == "/webhooks/telegram/main"


async def test_an_update_that_is_not_taken_comes_again_and_holds_up_its_own_chat_alone(api: TelegramApi, hook: Hook):
    hook.answers = {b"satu": [Answer(500, b""), Answer(503, b"", {"Retry-After": "5"})]}
    for chat, text in ((42, "satu"), (42, "dua"), (43, "lain")):
        api.says(chat, text)
    await settled(api)
    assert [text for text in hook.texts if text != "lain"] == ["satu", "satu", "satu", "dua"]
    assert hook.texts.index("lain") < hook.texts.index("dua")
    assert [delivery.status for delivery in api.deliveries].count(200) == 3


async def test_the_same_update_can_come_twice_and_out_of_order(api: TelegramApi, hook: Hook):
    message = {"message": {"chat": {"id": 42, "type": "private"}, "text": "a"}}
    api.deliver({"update_id": 9, **message}, {"update_id": 8, **message}, {"update_id": 9, **message})
    await settled(api)
    assert [orjson.loads(request.body)["update_id"] for request in hook.requests] == [9, 8, 9]


async def test_a_press_expires_when_nobody_takes_it(api: TelegramApi, hook: Hook):
    hook.answers = {b"menu:1": [Answer(500, b"")] * 50}
    api.taps(42, "menu:1")
    await settled(api)
    assert {delivery.status for delivery in api.deliveries} == {500}


async def test_a_kind_of_update_that_was_not_asked_for_is_not_posted(api: TelegramApi, hook: Hook):
    api.deliver({"channel_post": {"chat": {"id": -1}}})
    api.says(42, "halo")
    await settled(api)
    assert hook.texts == ["halo"]


async def test_the_method_in_a_webhooks_answer_is_carried_out(api: TelegramApi, hook: Hook):
    called = {"method": "answerCallbackQuery", "callback_query_id": "42-menu"}
    hook.answers = {b"menu": [Answer(200, orjson.dumps(called))]}
    api.taps(42, "menu")
    await settled(api)
    (call,) = api.calls_of("answerCallbackQuery")
    assert (call.params, call.via) == ({"callback_query_id": "42-menu"}, "webhook")


async def test_updates_wait_for_the_webhook_and_then_come(bot: Telegram, api: TelegramApi):
    api.says(42, "halo")
    await asyncio.sleep(0.05)
    assert (await bot.call("getWebhookInfo"))["pending_update_count"] == 1
    async with Hook() as hook:
        await bot.set_up(hook.url, "rahasia")
        await settled(api)
        assert hook.texts == ["halo"]


# --- as a process -----------------------------------------------------------------------------------------------------


async def test_as_a_process_it_writes_down_what_it_accepts(tmp_path: Path):
    log = tmp_path / "calls.jsonl"
    command = (sys.executable, "-m", "tests.fakes.telegram_api", "--log", str(log))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        bot = Telegram(TOKEN, (await process.stdout.readline()).decode().strip())
        await bot.send("42", GREETING)
        await bot.close()
        (line,) = log.read_text().splitlines()
    finally:
        process.kill()
        await process.wait()
    accepted = json.loads(line)
    assert (accepted["method"], accepted["message_id"], accepted["params"]["chat_id"]) == ("sendMessage", 1001, 42)
