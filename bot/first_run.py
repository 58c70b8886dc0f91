"""The first run: what goes into `.env`, the association, and its first administrator.

Everything here may be done again: what exists is left as it is.
"""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlmodel import Session, col, select

from bot.app import telegram_channels, whatsapp_channels
from bot.clock import Clock
from bot.running import DEFAULT_NAME, ensure_accounts
from bot.settings import MAIN, Settings
from conversations.roles import LASTS
from storage.queries import associations, audit, people
from storage.sealed import KeyRing
from storage.tables import Association, Message, Received, Talk

HEADER = """\
# Settings of JagaLapak, written by `jagalapak init`. They hold secrets: keep this file to yourself,
# and a copy of SECRET_KEYS in a safe place, for nothing else opens what the database holds.
# `.env.example` tells what else may stand here.
"""


# ── .env ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Access:
    """What opens a WhatsApp number at Twilio; all of it, or "" throughout."""

    account_sid: str = ""
    auth_token: str = field(default="", repr=False)
    key_sid: str = ""
    key_secret: str = field(default="", repr=False)
    number: str = field(default="", repr=False)

    def as_settings(self) -> dict[str, str]:
        """By the names of the settings."""
        return {
            "twilio_account_sid": self.account_sid,
            "twilio_auth_token": self.auth_token,
            "twilio_api_key_sid": self.key_sid,
            "twilio_api_key_secret": self.key_secret,
            "twilio_whatsapp_from": self.number,
        }


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever sets up the bot has given or answered; "" where it is not needed."""

    token: str = field(default="", repr=False)
    mode: str = ""
    public_url: str = ""
    whatsapp: Access = Access()

    def as_settings(self) -> dict[str, str]:
        """By the names of the settings."""
        return {
            "telegram_bot_token": self.token,
            "telegram_mode": self.mode,
            **self.whatsapp.as_settings(),
            "public_base_url": self.public_url,
        }


def known_to(settings: Settings) -> set[str]:
    """The names of the settings that are set already."""
    return settings.model_fields_set | settings.channels[MAIN].model_fields_set


def missing(settings: Settings, given: Given) -> dict[str, str]:
    """The settings that are not set yet, from what was given; keys and secrets are made."""
    known = known_to(settings)
    offered = given.as_settings()
    if given.token or settings.channels[MAIN].telegram_bot_token:
        offered["telegram_webhook_secret"] = secrets.token_urlsafe(32)
    offered["secret_keys"] = KeyRing.generate()
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
    channels = {**telegram_channels(settings), **whatsapp_channels(settings)}
    new = {account: channel for account, channel in channels.items() if account not in known}
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
