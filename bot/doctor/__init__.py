"""Is all well? What can be known before anybody notices, and what to do about it. Nothing here prints a secret."""

import asyncio
from pathlib import Path

from bot.doctor.check import Check, wrong
from bot.doctor.database import about_database
from bot.doctor.disk import about_disk, about_spool
from bot.doctor.settings import about_keys, about_settings
from bot.doctor.telegram import about_telegram
from bot.doctor.whatsapp import about_whatsapp
from bot.settings import Misconfigured, Settings, read_settings

__all__ = ["Check", "examine"]

ENV = Path(".env")


def examine(env: Path = ENV) -> list[Check]:
    """Everything, in the order in which it is best mended."""
    try:
        settings = read_settings()
    except Misconfigured as error:
        return [wrong("settings", fault, "Mend it in .env or in the environment.") for fault in str(error).splitlines()]
    return [
        *about_settings(settings, env),
        about_keys(settings),
        *about_database(settings),
        about_disk(settings),
        *about_spool(settings),
        *asyncio.run(about_channels(settings)),
    ]


async def about_channels(settings: Settings) -> list[Check]:
    """Every bot and every number; there is at least one."""
    telegram, whatsapp = await asyncio.gather(about_telegram(settings), about_whatsapp(settings))
    if not telegram and not whatsapp:
        todo = "Set TELEGRAM_BOT_TOKEN, or the five of TWILIO_…: `jagalapak init` asks for them."
        return [wrong("channels", "no channel is configured", todo)]
    return [*telegram, *whatsapp]
