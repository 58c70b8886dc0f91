"""Builds what `jagalapak serve` runs."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from bot import polling
from bot.channels import telegram
from bot.commands import ENGLISH, INDONESIAN
from bot.running import Channel, Running, grant_at_start, put_together
from bot.settings import ChannelSettings, Misconfigured, Settings
from bot.web.health import health
from bot.web.webhooks import TelegramDoor, webhooks
from storage.database import Database, open_database
from storage.migrate import is_at_head, upgrade
from storage.sealed import KeyRing, KeysUnreadable, use_keys

log = logging.getLogger(__name__)

GARBAGE = 20_000  # new objects before a search for garbage


def open_storage(settings: Settings) -> Database:
    """The database at head and the keys in use. Raises `Misconfigured`."""
    try:
        use_keys(KeyRing.parse(settings.keys()))
    except KeysUnreadable as error:
        raise Misconfigured(f"SECRET_KEYS: {error}") from error
    database = open_database(settings.database_url)
    if database.dialect == "sqlite":
        upgrade(database)
    elif not is_at_head(database):
        raise Misconfigured("the database is not at head: run `jagalapak migrate` first")
    return database


def telegram_channels(settings: Settings) -> dict[str, Channel]:
    """The Telegram bots of every association that has one."""
    found = {}
    for association, channel in settings.channels.items():
        if channel.telegram_bot_token is None:
            continue
        account = f"telegram/{association}"
        wire = telegram.Telegram(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url)
        abilities = replace(telegram.ABILITIES, rate=channel.telegram_per_second)
        found[account] = Channel(account, association, abilities, wire, telegram.draw, shares_contact=True)
    return found


def telegram_doors(settings: Settings) -> dict[str, TelegramDoor]:
    """Where Telegram's updates come in, by the word in the address. Raises `Misconfigured`."""
    doors = {}
    for association, channel in settings.channels.items():
        if channel.telegram_bot_token is None or channel.telegram_mode == "polling":
            continue
        if channel.telegram_webhook_secret is None:
            raise Misconfigured("TELEGRAM_WEBHOOK_SECRET is not set: `jagalapak init` makes one")
        secret = channel.telegram_webhook_secret.get_secret_value()
        doors[association] = TelegramDoor(f"telegram/{association}", secret)
    return doors


def set_up(settings: Settings, *, sends: bool = True, ticks: bool = True, alone: bool = True) -> Running:
    """Everything that the settings ask for. Raises `Misconfigured`, `NoWayOn`, `StorageDown`."""
    channels = telegram_channels(settings)
    if not channels:
        raise Misconfigured("no channel is configured: set TELEGRAM_BOT_TOKEN (`jagalapak init` asks for it)")
    doors = telegram_doors(settings)
    if doors and not settings.public_base_url:
        log.warning("PUBLIC_BASE_URL is not set: Telegram is not told where to send updates")
    running = put_together(open_storage(settings), channels, sends=sends, ticks=ticks, alone=alone)
    running.database.transact(lambda db: grant_at_start(db, running, settings.admin_addresses))
    return running


def build_app(settings: Settings, running: Running) -> Starlette:
    """The web application: the webhooks first, then everything that is not on every message's way."""
    lifespan = lifespan_of(running, partial(receiving, settings, running))
    pages = FastAPI(title="JagaLapak", docs_url=None, redoc_url=None, openapi_url=None)
    pages.include_router(health(running))
    return Starlette(routes=[*webhooks(running, telegram_doors(settings)), Mount("/", pages)], lifespan=lifespan)


def nothing_beside() -> list[polling.Receiving]:
    """No updates to ask for."""
    return []


def lifespan_of(
    running: Running, beside: Callable[[], list[polling.Receiving]] = nothing_beside
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Start what runs with the web application, and stop it with it."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with at_work(running, beside()):
            yield

    return lifespan


def set_garbage_aside() -> None:
    """Never search what was loaded at the start for garbage again, and the rest less often.

    Searching all of it took a third of the event loop's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


@asynccontextmanager
async def at_work(running: Running, beside: list[polling.Receiving]) -> AsyncIterator[None]:
    """Everything of this process at work until the block ends; then what is in hand is finished."""
    set_garbage_aside()
    await running.start()
    tasks = [asyncio.create_task(work, name="telegram") for work in beside]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await running.stop()


def receiving(settings: Settings, running: Running) -> list[polling.Receiving]:
    """What must be done, beside the web, for updates to come: poll, or say where to post them."""
    work: list[polling.Receiving] = []
    for association, channel in settings.channels.items():
        account = f"telegram/{association}"
        if account not in running.channels:
            continue
        wire = running.channels[account].wire
        if channel.telegram_mode == "polling":
            work.append(polling.poll(running, account, wire))
        else:
            work.append(announce(settings, association, channel, wire))
    return work


async def announce(settings: Settings, association: str, channel: ChannelSettings, wire: telegram.Telegram) -> None:
    """Tell Telegram where to post updates and which commands to offer; again and again until it listens."""
    if not settings.public_base_url or channel.telegram_webhook_secret is None:
        return
    address = f"{settings.public_base_url.rstrip('/')}/webhooks/telegram/{association}"
    secret = channel.telegram_webhook_secret.get_secret_value()
    await polling.until_done(lambda: wire.set_up(address, secret, indonesian=INDONESIAN, english=ENGLISH))
