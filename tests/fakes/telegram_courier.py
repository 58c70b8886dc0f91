"""Brings updates to a bot as Telegram does: one line for each chat, whose head must pass before the next."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tests.fakes.telegram_bot import Bot
from tests.fakes.telegram_wire import Json

A_DAY = 86_400.0
A_PRESS_EXPIRES = 150.0  # seconds


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand an update to the webhook."""

    update_id: int
    status: int  # 0: no answer
    sent_at: float
    answered_at: float


class Courier:
    """Hands updates over: to the webhook where one is set, else to getUpdates."""

    def __init__(
        self,
        pace: float,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        carry_out: Callable[[Bot, bytes], None],
    ) -> None:
        """`pace`: how long a second of waiting lasts; `carry_out` gets what a webhook answers."""
        self.deliveries: list[Delivery] = []
        self.undelivered = 0
        self._pace, self._spawn, self._carry_out = pace, spawn, carry_out
        self._session: Any = None

    def move(self, bot: Bot, updates: Sequence[Json]) -> None:
        """Bring to a new webhook what had waited for getUpdates."""
        self.undelivered += len(updates)
        self.hand_over(bot, updates)

    def hand_over(self, bot: Bot, updates: Sequence[Json]) -> None:
        """Bring updates that were counted as undelivered."""
        if not bot.webhook:
            self.undelivered -= len(updates)
            bot.updates += updates
            return bot.arrived.set()
        for update in updates:
            line = _line_of(update)
            if line in bot.lines:
                bot.lines[line].append(update)
            else:
                bot.lines[line] = deque([update])
                self._spawn(self._work_off(bot, line))
        return None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _work_off(self, bot: Bot, name: str) -> None:
        line = bot.lines[name]
        while line:
            allowed = bot.webhook.get("allowed_updates")
            if not allowed or line[0].keys() & set(allowed):
                await self._push(bot, line[0])
            line.popleft()
            self.undelivered -= 1
        del bot.lines[name]

    async def _push(self, bot: Bot, update: Json) -> None:
        """Post until a 2xx comes or the update expires: at once, then after 2, 4, 8 … 60 seconds."""
        expires = time.monotonic() + self._pace * (A_PRESS_EXPIRES if "callback_query" in update else A_DAY)
        delay = 1.0
        while bot.webhook:
            status, retry_after, body = await self._post(bot.webhook, update)
            if 200 <= status < 300:
                return self._carry_out(bot, body)
            bot.last_error = f"Wrong response from the webhook: {status}" if status else "Connection failed"
            delay = min(delay * 2, 60.0)
            wait = self._pace * min(float(retry_after or delay), 3600.0)
            if time.monotonic() + wait > expires:
                return None
            await asyncio.sleep(wait)
        return None

    async def _post(self, webhook: Json, update: Json) -> tuple[int, str, bytes]:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {"Content-Type": "application/json"}
        if "secret_token" in webhook:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
        sent_at, status, retry_after, body = time.time(), 0, "", b""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.post(webhook["url"], data=orjson.dumps(update), headers=headers) as answer:
                body = await answer.read()
                status, retry_after = answer.status, answer.headers.get("Retry-After", "")
        self.deliveries.append(Delivery(update["update_id"], status, sent_at, time.time()))
        return status, retry_after, body


def _line_of(update: Json) -> str:
    """The line in which Telegram keeps an update: presses queue by person, apart from the messages of the chat."""
    if "callback_query" in update:
        return f"presses of {update['callback_query']['from']['id']}"
    chats = [part["chat"]["id"] for part in update.values() if isinstance(part, dict) and "chat" in part]
    return f"messages of {chats[0] if chats else 0}"
