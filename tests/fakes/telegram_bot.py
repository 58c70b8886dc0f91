"""What the stand-in remembers of one bot, and what each method of the Bot API answers it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.fakes.telegram_wire import Answer, Connection, Json, refusal

DOWNLOAD_LIMIT = 20 * 1024 * 1024


@dataclass(slots=True)
class Bot:
    """What is remembered of one token."""

    token: str
    webhook: Json = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)  # by language
    updates: list[Json] = field(default_factory=list)  # for getUpdates
    lines: dict[str, deque[Json]] = field(default_factory=dict)  # for the webhook, one per chat
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    poller: Connection | None = None
    last_error: str = ""

    @property
    def user(self) -> Json:
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Jaga Lapak", "username": "jagalapak_bot"}

    def pending(self, params: Json) -> list[Json]:
        """What getUpdates hands out; asking for later updates confirms the earlier ones."""
        offset = int(params.get("offset", 0))
        self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]
        return self.updates[: int(params.get("limit", 100))]


class Methods:
    """The methods that the bot uses; `moved` hears of updates that a new webhook shall get."""

    def __init__(self, moved: Callable[[Bot, list[Json]], object]) -> None:
        self.files: dict[str, tuple[Json, bytes]] = {}
        self._moved = moved
        self._message_ids = count(1001)
        self._by_name: dict[str, tuple[str, Callable[[Bot, Json], Any]]] = {
            name.lower(): (name, respond)
            for name, respond in {
                "getMe": self.get_me,
                "sendMessage": self.send,
                "sendPhoto": self.send,
                "sendDocument": self.send,
                "sendVoice": self.send,
                "editMessageText": self.edit,
                "sendChatAction": self.do,
                "answerCallbackQuery": self.do,
                "editMessageReplyMarkup": self.edit,
                "setWebhook": self.set_webhook,
                "deleteWebhook": self.delete_webhook,
                "getWebhookInfo": self.get_webhook_info,
                "setMyCommands": self.set_commands,
                "getFile": self.get_file,
                "getUpdates": self.get_updates,
            }.items()
        }

    def find(self, method: str) -> tuple[str, Callable[[Bot, Json], Any] | None]:
        """A method by its published name, whatever letters were used; None for one that is not there."""
        return self._by_name.get(method.lower(), (method, None))

    def get_me(self, bot: Bot, params: Json) -> Json:
        return bot.user

    def send(self, bot: Bot, params: Json) -> Json:
        chat = {"id": int(params["chat_id"]), "type": "private"}
        said: Json = {name: params[name] for name in ("text", "caption") if name in params}
        number = next(self._message_ids)
        return {
            "message_id": number,
            "date": int(time.time()),
            "from": bot.user,
            "chat": chat,
            **said,
            **shown_file(params, number),
        }

    def edit(self, bot: Bot, params: Json) -> Json:
        return {**self.send(bot, params), "message_id": int(params["message_id"])}

    def do(self, bot: Bot, params: Json) -> bool:
        return True

    def set_webhook(self, bot: Bot, params: Json) -> bool:
        if not params["url"]:
            return self.delete_webhook(bot, params)
        bot.webhook = {**{name: bot.webhook[name] for name in bot.webhook.keys() & {"allowed_updates"}}, **params}
        waiting, bot.updates = bot.updates, []
        self._moved(bot, waiting)
        return True

    def delete_webhook(self, bot: Bot, params: Json) -> bool:
        bot.webhook = {}
        return True

    def get_webhook_info(self, bot: Bot, params: Json) -> Json:
        pending = len(bot.updates) + sum(len(line) for line in bot.lines.values())
        error = {"last_error_date": int(time.time()), "last_error_message": bot.last_error} if bot.last_error else {}
        url = bot.webhook.get("url", "")
        return {"url": url, "has_custom_certificate": False, "pending_update_count": pending, **error}

    def set_commands(self, bot: Bot, params: Json) -> bool:
        bot.commands[params.get("language_code", "")] = params["commands"]
        return True

    def get_file(self, bot: Bot, params: Json) -> Json | Answer:
        if params["file_id"] not in self.files:
            return refusal(400, "Bad Request: invalid file_id")
        shown, _ = self.files[params["file_id"]]
        return refusal(400, "Bad Request: file is too big") if shown["file_size"] > DOWNLOAD_LIMIT else shown

    def get_updates(self, bot: Bot, params: Json) -> list[Json]:
        return bot.pending(params)


def shown_file(params: Json, number: int) -> Json:
    """The file of a message, under the name that Telegram gives it; named by it, it keeps that."""
    for kind in ("photo", "document", "voice"):
        if kind in params:
            named = params[kind] if isinstance(params[kind], str) and params[kind].startswith("kept-") else ""
            file = {"file_id": named or f"kept-{kind}-{number}", "file_unique_id": f"u{number}"}
            if kind == "photo":
                return {
                    kind: [{**file, "file_id": "small", "width": 9, "height": 9}, {**file, "width": 90, "height": 90}]
                }
            return {kind: {**file, **({"duration": 3} if kind == "voice" else {})}}
    return {}
