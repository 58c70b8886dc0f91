"""A word with Telegram: what the bot is called there, and how updates come in."""

from bot.channels.telegram import Telegram
from bot.commands import ENGLISH, INDONESIAN
from bot.patience import asking
from bot.settings import MAIN, Settings


async def name_of_bot(token: str, api: str) -> str:
    """How people find the bot, without the @. Raises the kinds of `ProviderError`."""
    async with asking(Telegram(token, api)) as wire:
        return username(await wire.call("getMe"))


def username(shown: object) -> str:
    """The name in what Telegram says of a bot; "" when it says none."""
    name = shown.get("username") if isinstance(shown, dict) else None
    return name if isinstance(name, str) else ""


async def tell_telegram(settings: Settings) -> None:
    """Let updates come in the way that the settings ask for. Raises the kinds of `ProviderError`."""
    channel = settings.channels[MAIN]
    assert channel.telegram_bot_token is not None
    token = channel.telegram_bot_token.get_secret_value()
    async with asking(Telegram(token, channel.telegram_api_base_url)) as wire:
        if channel.telegram_mode == "polling":
            await wire.call("deleteWebhook")
            await wire.offer_commands(INDONESIAN, ENGLISH)
        else:
            assert channel.telegram_webhook_secret is not None
            secret = channel.telegram_webhook_secret.get_secret_value()
            await wire.set_up(webhook_address(settings, MAIN), secret, indonesian=INDONESIAN, english=ENGLISH)


def webhook_address(settings: Settings, association: str) -> str:
    """Where Telegram posts an association's updates."""
    return f"{settings.public_base_url}/webhooks/telegram/{association}"
