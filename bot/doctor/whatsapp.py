"""WhatsApp: Twilio knows us, can reach us, and has the content in which choices are shown; what is missing is made."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from sqlmodel import Session, col, select

from bot.app import whatsapp_wire
from bot.at_twilio import (
    CONTENT_PATIENCE,
    is_deaf_to,
    keep_contents,
    remember_contents,
    remember_templates,
    standing_of,
    webhook_address,
)
from bot.channels.errors import AccountRefused, MessageRefused, ProviderError
from bot.channels.whatsapp import WhatsApp
from bot.doctor.check import Check, well, wrong
from bot.doctor.database import at_hand
from bot.patience import asking
from bot.settings import MAIN, ChannelSettings, Settings, prefix_of
from storage.database import Database
from storage.queries import contents, templates
from storage.tables import Received


async def about_whatsapp(settings: Settings) -> list[Check]:
    """Every number."""
    numbers = {code: channel for code, channel in settings.channels.items() if channel.has_whatsapp}
    found = await asyncio.gather(*(about_number(settings, code, channel) for code, channel in numbers.items()))
    return [check for checks in found for check in checks]


async def about_number(settings: Settings, code: str, channel: ChannelSettings) -> list[Check]:
    """One number."""
    name = "whatsapp" if code == MAIN else f"whatsapp {code}"
    with at_hand(settings) as database:
        return [
            *await about_account(name, settings, code, channel, database),
            about_tokens(f"{name} tokens", code, channel),
            about_webhook(f"{name} webhook", settings, code, channel, database),
            *about_nik(f"{name} NIK", settings),
        ]


async def about_account(
    name: str, settings: Settings, code: str, channel: ChannelSettings, database: Database | None
) -> list[Check]:
    """Twilio knows us, and keeps our content."""
    try:
        async with asking(whatsapp_wire(settings, code, channel)) as wire:
            called = await wire.check()
    except (AccountRefused, MessageRefused):
        names = [f"{prefix_of(code)}twilio_{part}".upper() for part in ("account_sid", "api_key_sid", "api_key_secret")]
        todo = f"Twilio's console shows and makes them; put them into {', '.join(names)}."
        return [wrong(name, "Twilio refuses the account or its API key", todo)]
    except ProviderError as error:
        return [wrong(name, f"Twilio cannot be reached ({error.code})", "Is this machine on the internet?")]
    content = await about_content(f"{name} content", code, whatsapp_wire(settings, code, channel), database)
    judged = await about_templates(f"{name} templates", code, whatsapp_wire(settings, code, channel), database)
    return [well(name, f"Twilio calls the account {called}"), content, judged]


async def about_content(name: str, code: str, wire: WhatsApp, database: Database | None) -> Check:
    """The buttons and lists are at Twilio; what is missing is made and remembered."""
    account = f"whatsapp/{code}"
    known = database.read(partial(contents.known, account=account)) if database else {}
    try:
        async with asking(wire, CONTENT_PATIENCE):
            kept = await keep_contents(wire, known)
    except ProviderError as error:
        todo = "Until it does, choices go as numbers in the text. Try again later; `jagalapak serve` does so by itself."
        return wrong(name, f"Twilio does not show or make it just now ({error.code})", todo)
    if database:
        database.transact(
            partial(remember_contents, association_id=code, account=account, kept=kept, now=datetime.now(UTC))
        )
    if kept.refused:
        todo = "Such choices go as numbers in the text. Twilio's console says more, under Content Template Builder."
        return wrong(name, f"Twilio does not take {', '.join(kept.refused)}", todo)
    if database and kept.put_right:
        return well(name, f"repaired: {', '.join(kept.put_right)}; all {len(kept.sids)} are at Twilio")
    return well(name, f"all {len(kept.sids)} are at Twilio")


async def about_templates(name: str, code: str, wire: WhatsApp, database: Database | None) -> Check:
    """What may be written to people who have not written for a day; what is missing is made and submitted."""
    account = f"whatsapp/{code}"
    known = database.read(partial(templates.known, account=account)) if database else {}
    try:
        async with asking(wire, CONTENT_PATIENCE):
            judged = await wire.make_templates({row.name: row.sid for row in known.values()})
    except ProviderError as error:
        todo = "Until it does, what is known of them counts. `jagalapak serve` asks again by itself."
        return wrong(name, f"Twilio does not tell how they stand just now ({error.code})", todo)
    keep = partial(remember_templates, association_id=code, account=account, judged=judged, now=datetime.now(UTC))
    if database:
        database.transact(keep)
        known = database.read(partial(templates.known, account=account))
    standing = standing_of(judged)
    refiled = [row.name for row in known.values() if templates.is_refiled(row)]
    if refiled:
        todo = 'Their messages wait. An administrator decides with the word "templat" whether they may cost more.'
        return wrong(name, f"WhatsApp files {', '.join(refiled)} as promotion; {standing}", todo)
    bad = [f"{one.name} {one.status} {one.reason}".strip() for one in judged if one.status in templates.UNUSABLE]
    if bad:
        todo = "Their messages wait until somebody writes. Twilio's console says more, under Content Template Builder."
        return wrong(name, f"WhatsApp does not take {', '.join(bad)}; {standing}", todo)
    return well(name, standing)


def about_tokens(name: str, code: str, channel: ChannelSettings) -> Check:
    """How many auth tokens open the webhook."""
    count = len(channel.twilio_auth_token)
    if count == 1:
        return well(name, "1 auth token opens the webhook")
    variable = f"{prefix_of(code)}twilio_auth_token".upper()
    return well(
        name, f"{count} auth tokens open the webhook; when the new one is primary, take the old from {variable}"
    )


def about_webhook(
    name: str, settings: Settings, code: str, channel: ChannelSettings, database: Database | None
) -> Check:
    """Twilio can reach us. Where it posts is set in its console, and an API key cannot read that reliably."""
    deaf = is_deaf_to(settings.public_base_url, channel.twilio_api_base_url)
    if deaf:
        return wrong(name, f"PUBLIC_BASE_URL cannot be used: {deaf}", "Put a proxy with a certificate before the bot.")
    came = database.read(partial(last_came, account=f"whatsapp/{code}")) if database else ""
    must = f"in Twilio's console, which we cannot read, must stand {webhook_address(settings, code)}"
    return well(name, f"{must} ({came or 'nothing came yet'})")


def last_came(db: Session, account: str) -> str:
    """When a message last came in; "" when none has."""
    newest = select(Received.received_at).where(Received.account == account).order_by(col(Received.id).desc()).limit(1)
    at = db.exec(newest).first()
    return f"last message {at:%d %b %H:%M} UTC" if at else ""


def about_nik(name: str, settings: Settings) -> list[Check]:
    """Whoever lets the chat ask for the NIK is told what that may cost."""
    if "whatsapp" not in settings.nik_in_chat:
        return []
    return [well(name, "the chat asks for it, against WhatsApp's policy on ID numbers: the number may be lost for it")]
