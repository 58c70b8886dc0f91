"""Builds what `jagalapak serve` runs."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from bot import at_twilio, polling
from bot.at_telegram import webhook_address
from bot.channels import telegram, whatsapp
from bot.channels.errors import ProviderError
from bot.channels.whatsapp_errors import refusal
from bot.commands import ENGLISH, INDONESIAN
from bot.running import Channel, Running, grant_at_start, put_together
from bot.settings import ChannelSettings, Misconfigured, Settings
from bot.spool import Spool
from bot.web.batch import batch
from bot.web.check import check
from bot.web.checking import Checking
from bot.web.counter import Counter
from bot.web.health import health
from bot.web.intake import intake
from bot.web.look import look
from bot.web.pictures import picture_path, pictures
from bot.web.reception import Reception
from bot.web.twilio_webhooks import TwilioDoor, take_in, twilio_webhooks
from bot.web.viewing import Viewing
from bot.web.webhooks import TelegramDoor, webhooks
from storage.database import Database, StorageDown, open_database
from storage.migrate import is_at_head, upgrade
from storage.queries import contents, restored, templates
from storage.sealed import KeyRing, KeysUnreadable, use_keys

log = logging.getLogger(__name__)

REPAIR = 3600.0  # seconds between looks whether our content is still at Twilio
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
    in_chat = "telegram" in settings.nik_in_chat
    for association, channel in settings.channels.items():
        if channel.telegram_bot_token is None:
            continue
        account = f"telegram/{association}"
        wire = telegram.Telegram(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url)
        abilities = replace(telegram.ABILITIES, rate=channel.telegram_per_second)
        found[account] = Channel(
            account, association, abilities, wire, telegram.draw, shares_contact=True, nik_in_chat=in_chat
        )
    return found


def whatsapp_channels(settings: Settings) -> dict[str, Channel]:
    """The WhatsApp numbers of every association that has one."""
    found = {}
    for association, channel in settings.channels.items():
        if not channel.has_whatsapp:
            continue
        account = f"whatsapp/{association}"
        wire = whatsapp_wire(settings, association, channel)
        pace, people = channel.twilio_pair_seconds, channel.twilio_people_per_day
        found[account] = Channel(
            account,
            association,
            replace(whatsapp.ABILITIES, rate=channel.twilio_per_second, pair_seconds=pace, people_per_day=people),
            wire,
            whatsapp.draw,
            draw_text=partial(whatsapp.draw, plain=True),
            draw_template=whatsapp.draw_template,
            prices=channel.prices,
            refusal=refusal,
            nik_in_chat="whatsapp" in settings.nik_in_chat,
            uploads=False,
            answers_for=True,
            back=f"https://wa.me/{(channel.twilio_whatsapp_from or '').removeprefix('+')}",
        )
    return found


def whatsapp_wire(settings: Settings, association: str, channel: ChannelSettings) -> whatsapp.WhatsApp:
    """An association's number at Twilio; every part of the access is set."""
    assert channel.twilio_account_sid and channel.twilio_api_key_sid
    assert channel.twilio_api_key_secret and channel.twilio_whatsapp_from

    def picture_url(document_id: str, as_file: bool) -> str:
        return settings.public_base_url + picture_path(association, document_id, datetime.now(UTC), as_file=as_file)

    return whatsapp.WhatsApp(
        channel.twilio_account_sid,
        channel.twilio_api_key_sid,
        channel.twilio_api_key_secret.get_secret_value(),
        channel.twilio_whatsapp_from,
        channel.twilio_api_base_url,
        status_url=f"{settings.public_base_url}/webhooks/twilio/{association}/status",
        picture_url=picture_url,
        account=f"whatsapp/{association}",
    )


def twilio_doors(settings: Settings) -> dict[str, TwilioDoor]:
    """Where Twilio's requests come in, by the word in the address."""
    return {
        association: TwilioDoor(
            f"whatsapp/{association}",
            association,
            tuple(token.get_secret_value() for token in channel.twilio_auth_token),
            settings.public_base_url,
        )
        for association, channel in settings.channels.items()
        if channel.has_whatsapp
    }


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
    channels = {**telegram_channels(settings), **whatsapp_channels(settings)}
    if not channels:
        raise Misconfigured("no channel is configured: set TELEGRAM_BOT_TOKEN or TWILIO_… (`jagalapak init` asks)")
    doors = telegram_doors(settings)
    if doors and not settings.public_base_url:
        log.warning("PUBLIC_BASE_URL is not set: Telegram is not told where to send updates")
    database = open_storage(settings)
    warn_of_silence(database, datetime.now(UTC))
    running = put_together(database, channels, pages=settings.public_base_url, sends=sends, ticks=ticks, alone=alone)
    running.database.transact(lambda db: grant_at_start(db, running, settings.admin_addresses))
    return running


def warn_of_silence(database: Database, now: datetime) -> None:
    """A restored database looks like one whose program was down; only a human knows which it is."""
    since = database.read(lambda db: restored.silent_since(db, now))
    if since:
        log.warning(
            "nothing happened here since %s: nobody wrote, the program was down, or this is a restored backup; "
            "if it is one, stop and run `jagalapak restored`",
            f"{since:%d %b %Y %H:%M} UTC",
        )


def build_app(settings: Settings, running: Running) -> Starlette:
    """The web application: the webhooks first, then everything that is not on every message's way."""
    spool = Spool(Path(settings.data_dir) / "spool")
    lifespan = lifespan_of(running, partial(receiving, settings, running, spool))
    pages = FastAPI(title="JagaLapak", docs_url=None, redoc_url=None, openapi_url=None)
    pages.include_router(health(running))
    doors = [
        *webhooks(running, telegram_doors(settings)),
        *twilio_webhooks(running, twilio_doors(settings), spool),
        *intake(Reception(running), today=running.today),
        *look(Viewing(running)),
        *batch(Counter(running)),
        *check(Checking(running)),
        *pictures(running),
    ]
    return Starlette(routes=[*doors, Mount("/", pages)], lifespan=lifespan)


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
    tasks = [asyncio.create_task(work, name="beside") for work in beside]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await running.stop()


def receiving(settings: Settings, running: Running, spool: Spool) -> list[polling.Receiving]:
    """What must be done, beside the web, for messages to come and go: poll, say where to post, keep content ready."""
    work: list[polling.Receiving] = [spool.run(partial(take_in, running)), *beside_sending(running)]
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
    address = webhook_address(settings, association)
    secret = channel.telegram_webhook_secret.get_secret_value()
    await polling.until_done(lambda: wire.set_up(address, secret, indonesian=INDONESIAN, english=ENGLISH))


def beside_sending(running: Running) -> list[polling.Receiving]:
    """What a process that sends must keep ready."""
    if not running.sends:
        return []
    wires = [channel for channel in running.channels.values() if isinstance(channel.wire, whatsapp.WhatsApp)]
    return [keep_contents_ready(running, channel) for channel in wires]


async def keep_contents_ready(running: Running, channel: Channel) -> None:
    """Know what Twilio keeps for us and how WhatsApp judges it, and make what is missing, now and every hour.

    Until it is there, choices go as numbers in the text, and whoever has not written for a day is not written to.
    """
    while True:
        try:
            await keep_contents(running, channel)
            await keep_templates(running, channel)
        except ProviderError as error:
            log.warning("Twilio does not show its content just now: %s", error.code)
            await asyncio.sleep(polling.PAUSE)
        except StorageDown:
            log.warning("the database does not answer; what content there is is looked up later")
            await asyncio.sleep(polling.PAUSE)
        else:
            await asyncio.sleep(REPAIR)


async def keep_contents(running: Running, channel: Channel) -> None:
    """The content in which WhatsApp shows choices. Raises `ProviderError`, `StorageDown`."""
    wire: whatsapp.WhatsApp = channel.wire
    database, account = running.database, channel.account
    known = wire.contents or await asyncio.to_thread(database.read, partial(contents.known, account=account))
    kept = await at_twilio.keep_contents(wire, known)
    remember = partial(
        at_twilio.remember_contents,
        association_id=channel.association_id,
        account=account,
        kept=kept,
        now=running.clock.now(),
    )
    await asyncio.to_thread(database.transact, remember)


async def keep_templates(running: Running, channel: Channel) -> None:
    """The templates with which WhatsApp lets us begin. Raises `ProviderError`, `StorageDown`."""
    wire: whatsapp.WhatsApp = channel.wire
    database, account = running.database, channel.account
    known = await asyncio.to_thread(database.read, partial(templates.known, account=account))
    judged = await wire.make_templates({name: row.sid for name, row in known.items()})
    remember = partial(
        at_twilio.remember_templates,
        association_id=channel.association_id,
        account=account,
        judged=judged,
        now=running.clock.now(),
    )
    await asyncio.to_thread(database.transact, remember)
    running.outbox.wake()
