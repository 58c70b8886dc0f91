"""Updates without a webhook: asked for, taken in together, and confirmed only when all of them are stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot import metrics
from bot.channels import telegram
from bot.channels.errors import AccountRefused, Conflict, ProviderError
from bot.commands import ENGLISH, INDONESIAN
from bot.running import Running
from storage.database import StorageDown

log = logging.getLogger(__name__)

Receiving = Coroutine[Any, Any, None]
PAUSE = 3.0  # seconds after a failure


async def poll(running: Running, account: str, wire: telegram.Telegram) -> None:
    """Ask for updates until cancelled. A second poller or a refused token ends it with a clear word."""
    await until_done(lambda: wire.call("deleteWebhook"))
    await until_done(lambda: wire.offer_commands(INDONESIAN, ENGLISH))
    offset = 0
    while True:
        try:
            updates = await wire.updates(offset)
        except Conflict:
            log.error("another process polls %s, or a webhook is set: only one may receive its updates", account)
            await asyncio.sleep(PAUSE)
            continue
        except AccountRefused:
            log.error("Telegram refuses the token of %s", account)
            return
        except ProviderError as error:
            log.warning("no updates from Telegram just now: %s", error.code)
            await asyncio.sleep(PAUSE)
            continue
        await asyncio.gather(*(take(running, account, wire, update) for update in updates))
        newest = max((int(update["update_id"]) for update in updates), default=None)
        offset = 0 if newest is None else newest + 1  # 0: after a week of silence the ids begin anew, anywhere


async def take(running: Running, account: str, wire: telegram.Telegram, update: dict[str, Any]) -> None:
    """One update, until it is stored."""
    incoming = telegram.read(update, account, running.clock.now())
    if incoming is None:
        metrics.rejected.labels("telegram", "not_for_us").inc()
        return
    while True:
        try:
            outcome = await running.take(incoming)
            break
        except StorageDown:
            log.warning("the database does not answer; the update waits at Telegram")
            await asyncio.sleep(PAUSE)
        except Exception:
            log.exception("an update could not be stored; it waits at Telegram")
            await asyncio.sleep(PAUSE)
    metrics.inbound.labels("telegram", incoming.kind.value, outcome.ended.value).inc()
    call = telegram.acknowledgement(update, outcome.notice)
    if call:
        try:
            await wire.answer(call)
        except ProviderError as error:
            log.info("an acknowledgement was not taken: %s", error.code)


async def until_done(work: Callable[[], Awaitable[Any]]) -> None:
    """Try until the provider listens; a refused account ends it."""
    while True:
        try:
            await work()
        except AccountRefused:
            log.error("Telegram refuses the token")
            return
        except ProviderError as error:
            log.warning("Telegram does not listen just now: %s", error.code)
            await asyncio.sleep(PAUSE)
        else:
            return
