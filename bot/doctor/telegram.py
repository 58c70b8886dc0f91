"""Telegram: every bot is who we think, and its updates come to us."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.at_telegram import username, webhook_address
from bot.channels.errors import AccountRefused, ProviderError
from bot.channels.telegram import Telegram
from bot.doctor.check import Check, well, wrong
from bot.patience import asking
from bot.settings import MAIN, ChannelSettings, Settings, is_deaf_to, prefix_of

FRESH = timedelta(hours=1)  # how long an error that Telegram reports counts as one of now


async def about_telegram(settings: Settings) -> list[Check]:
    """Every bot."""
    bots = {code: channel for code, channel in settings.channels.items() if channel.telegram_bot_token}
    found = await asyncio.gather(*(about_bot(settings, code, channel) for code, channel in bots.items()))
    return [check for checks in found for check in checks]


async def about_bot(settings: Settings, code: str, channel: ChannelSettings) -> list[Check]:
    """One bot."""
    name = "telegram" if code == MAIN else f"telegram {code}"
    assert channel.telegram_bot_token is not None
    try:
        token = channel.telegram_bot_token.get_secret_value()
        async with asking(Telegram(token, channel.telegram_api_base_url)) as wire:
            bot = username(await wire.call("getMe"))
            info = await wire.call("getWebhookInfo")
    except AccountRefused:
        variable = f"{prefix_of(code)}telegram_bot_token".upper()
        return [wrong(name, "Telegram refuses the token", f"@BotFather shows the right one; put it into {variable}.")]
    except ProviderError as error:
        return [wrong(name, f"Telegram cannot be reached ({error.code})", "Is this machine on the internet?")]
    return [well(name, f"@{bot}"), about_updates(f"{name} updates", settings, code, channel, info)]


def about_updates(name: str, settings: Settings, code: str, channel: ChannelSettings, info: Any) -> Check:
    """Updates come in the way that the settings ask for."""
    facts: Mapping[str, Any] = info if isinstance(info, Mapping) else {}
    posted_to, pending = str(facts.get("url", "")), facts.get("pending_update_count", 0)
    if channel.telegram_mode == "polling":
        if posted_to:
            return wrong(
                name, "a webhook is set, so polling gets nothing", "`jagalapak serve` removes it when it starts."
            )
        return well(name, f"polling, {pending} wait at Telegram")
    trouble = webhook_trouble(settings, code, channel, posted_to)
    if trouble:
        return wrong(name, *trouble)
    error = last_error(facts, datetime.now(UTC))
    if error and pending:
        return wrong(
            name, f"{pending} wait at Telegram; {error}", "Is `jagalapak serve` running, and reachable from outside?"
        )
    return well(name, f"webhook, {pending} wait at Telegram")


def webhook_trouble(settings: Settings, code: str, channel: ChannelSettings, posted_to: str) -> tuple[str, str] | None:
    """Why no update can come, and what to do."""
    if channel.telegram_webhook_secret is None:
        variable = f"{prefix_of(code)}telegram_webhook_secret".upper()
        return f"{variable} is not set", "`jagalapak init` makes one for the first association; any 32 letters do."
    if not settings.public_base_url:
        return "PUBLIC_BASE_URL is not set", "Set it to https://host, or TELEGRAM_MODE to polling."
    deaf = is_deaf_to(settings.public_base_url, channel.telegram_api_base_url)
    if deaf:
        return f"PUBLIC_BASE_URL cannot be used: {deaf}", "Put a proxy with a certificate before the bot, or poll."
    if posted_to != webhook_address(settings, code):
        where = posted_to or "nowhere"
        return f"Telegram posts to {where}", "`jagalapak serve` registers the webhook when it starts."
    return None


def last_error(facts: Mapping[str, Any], now: datetime) -> str:
    """What went wrong when Telegram last posted; "" when that is long ago."""
    at, said = facts.get("last_error_date"), facts.get("last_error_message")
    if not isinstance(at, int) or now - datetime.fromtimestamp(at, UTC) > FRESH:
        return ""
    return f"at {datetime.fromtimestamp(at, UTC):%H:%M} UTC it heard: {said}"
