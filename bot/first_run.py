"""The first run: what goes into `.env`, the association, its first administrator, and a word with Telegram.

Everything here may be done again: what exists is left as it is.
"""

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlmodel import Session, col, select

from bot.app import telegram_channels
from bot.channels.errors import NotSent
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.commands import ENGLISH, INDONESIAN
from bot.running import DEFAULT_NAME, ensure_accounts
from bot.settings import MAIN, Settings
from conversations.roles import LASTS
from storage.queries import associations, audit, people
from storage.sealed import KeyRing
from storage.tables import Association, Message, Received, Talk

PATIENCE = 15  # seconds for everything that Telegram is asked at once
HEADER = """\
# Settings of JagaLapak, written by `jagalapak init`. They hold secrets: keep this file to yourself,
# and a copy of SECRET_KEYS in a safe place, for nothing else opens what the database holds.
# `.env.example` tells what else may stand here.
"""


# ── .env ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever sets up the bot has given or answered; "" where it is not needed."""

    token: str = field(default="", repr=False)
    mode: str = ""
    public_url: str = ""


def missing(settings: Settings, given: Given) -> dict[str, str]:
    """The settings that are not set yet, from what was given; keys and secrets are made."""
    channel = settings.channels[MAIN]
    known = settings.model_fields_set | channel.model_fields_set
    offered = {
        "telegram_bot_token": given.token,
        "telegram_mode": given.mode,
        "telegram_webhook_secret": secrets.token_urlsafe(32),
        "public_base_url": given.public_url,
        "secret_keys": KeyRing.generate(),
    }
    return {name.upper(): value for name, value in offered.items() if value and name not in known}


def write_settings(path: Path, values: Mapping[str, str]) -> None:
    """Add settings to the file at `path`, whole or not at all, and let only its owner read it."""
    file = path.resolve()  # a link stays a link
    text = file.read_text(encoding="utf-8") if file.exists() else HEADER
    with NamedTemporaryFile("w", dir=file.parent, prefix=".env-", delete=False, encoding="utf-8") as new:
        try:
            new.write(with_settings(text, values))
            new.flush()
            os.fsync(new.fileno())
            keep_owner(file, new.fileno())
            Path(new.name).replace(file)
        except BaseException:
            Path(new.name).unlink()
            raise


def with_settings(text: str, values: Mapping[str, str]) -> str:
    """The text of an `.env` with these settings: in the place of empty ones of their name, else at the end."""
    for name, value in values.items():
        line = f"{name}={value}"
        empty = re.compile(rf"^(?:export[ \t]+)?{name}[ \t]*=[ \t]*(?:''|\"\")?[ \t]*(?:#.*)?$", re.M | re.I)
        if empty.search(text):
            text = empty.sub(line, text)
        else:
            text = f"{text}\n" if text and not text.endswith("\n") else text
            text += f"{line}\n"
    return text


def keep_owner(old: Path, new: int) -> None:
    """An administrator who mends the file of a service does not take it away from it."""
    if old.exists():
        with suppress(PermissionError):
            os.fchown(new, old.stat().st_uid, old.stat().st_gid)


# ── the association and its people ───────────────────────────────────────────────────────────────────────────────


def holds_sealed(db: Session) -> bool:
    """True when something lies here that only its own keys open."""
    first = [select(col(table.id)).limit(1) for table in (Received, Message)]
    talks = select(col(Talk.id)).where(col(Talk.standing_sealed) != "").limit(1)
    return any(db.exec(found).first() is not None for found in [*first, talks])


def founded(db: Session, code: str) -> Association | None:
    """The association of that code, if somebody has named it."""
    association = db.get(Association, code)
    return association if association and association.name != DEFAULT_NAME else None


def establish(
    db: Session, *, code: str, name: str, help_contact: str | None, zone: str | None = None, now: datetime
) -> Association:
    """The association, founded or renamed; what is None stays as it is."""
    association = associations.ensure(db, association_id=code, name=name, now=now)
    association.name = name
    association.help_contact = association.help_contact if help_contact is None else help_contact
    association.zone = zone or association.zone
    db.flush()
    audit.note(db, association_id=code, actor_id=None, action="established", subject=f"association/{code}", now=now)
    return association


def ensure_missing_accounts(db: Session, settings: Settings) -> None:
    """Every channel account of the settings stands in the database; those that stood there are not touched."""
    known = {account.id for account in associations.accounts(db)}
    new = {account: channel for account, channel in telegram_channels(settings).items() if account not in known}
    ensure_accounts(db, new, Clock())


@dataclass(frozen=True, slots=True)
class Invited:
    """The first administrator's code, and until when it is good."""

    code: str = field(repr=False)
    until: datetime


def invite_admin(db: Session, association_id: str, now: datetime) -> Invited | None:
    """A code for the first administrator; None when there is one, who invites the others."""
    if people.with_role(db, association_id, "admin"):
        return None
    invited = Invited(f"{secrets.randbelow(10**8):08}", now + LASTS)
    people.invite(db, association_id=association_id, role="admin", code=invited.code, by=None, expires_at=invited.until)
    audit.note(
        db,
        association_id=association_id,
        actor_id=None,
        action="invited",
        subject=f"association/{association_id}",
        now=now,
        facts={"role": "admin"},
    )
    return invited


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def asking(token: str, api: str) -> AsyncIterator[Telegram]:
    """A short talk with Telegram. Raises the kinds of `ProviderError`."""
    wire = Telegram(token, api)
    try:
        async with asyncio.timeout(PATIENCE):
            yield wire
    except TimeoutError:
        raise NotSent("timeout") from None
    finally:
        await wire.close()


async def name_of_bot(token: str, api: str) -> str:
    """How people find the bot, without the @. Raises the kinds of `ProviderError`."""
    async with asking(token, api) as wire:
        return username(await wire.call("getMe"))


def username(shown: object) -> str:
    """The name in what Telegram says of a bot; "" when it says none."""
    name = shown.get("username") if isinstance(shown, dict) else None
    return name if isinstance(name, str) else ""


async def tell_telegram(settings: Settings) -> None:
    """Let updates come in the way that the settings ask for. Raises the kinds of `ProviderError`."""
    channel = settings.channels[MAIN]
    assert channel.telegram_bot_token is not None
    async with asking(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url) as wire:
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
