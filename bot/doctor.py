"""Is all well? What can be known before anybody notices, and what to do about it. Nothing here prints a secret."""

import asyncio
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from sqlalchemy import func, make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from bot.channels.errors import AccountRefused, ProviderError
from bot.first_run import asking, username, webhook_address
from bot.running import demand_way_on
from bot.settings import MAIN, ChannelSettings, Misconfigured, Settings, is_deaf_to, names_of, prefix_of, read_settings
from conversations.ours import repertoire
from conversations.repertoire import NoWayOn
from storage.database import Database, StorageDown, open_database
from storage.migrate import FromAnotherRelease, is_at_head
from storage.queries import associations, outbox, people, received, talks
from storage.sealed import KeyMissing, KeyRing, KeysUnreadable, NoKeys, SealBroken, keys, use_keys
from storage.tables import Message, Rate, Talk

LEAST_FREE = 500 * 1024 * 1024  # bytes
LATE = timedelta(minutes=10)  # how long a message may wait to be sent
FRESH = timedelta(hours=1)  # how long an error that Telegram reports counts as one of now
ALIKE = 0.85  # of 1: a name in `.env` that somebody meant to be a setting


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `todo` says what to do where it is not well."""

    name: str
    ok: bool
    says: str
    todo: str = ""


def well(name: str, says: str) -> Check:
    """Nothing to do."""
    return Check(name, True, says)


def wrong(name: str, says: str, todo: str) -> Check:
    """Something to do."""
    return Check(name, False, says, todo)


def examine(env: Path = Path(".env")) -> list[Check]:
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
        *asyncio.run(about_telegram(settings)),
    ]


# ── settings and keys ────────────────────────────────────────────────────────────────────────────────────────────


def about_settings(settings: Settings, env: Path) -> Iterator[Check]:
    """What is set can be used, is read, and is nobody else's to read."""
    source = env.name if env.is_file() else "the environment alone"
    yield well("settings", f"for {', '.join(settings.channels)}, from {source}")
    if not env.is_file():
        return
    if stat.S_IMODE(env.stat().st_mode) & 0o077:
        yield wrong("settings", f"others may read {env}, which holds secrets", f"chmod 600 {env}")
    known = names_of(settings.associations)
    for name in sorted({name.upper() for name in dotenv_values(env, interpolate=False)} - known):
        for meant in get_close_matches(name, known, n=1, cutoff=ALIKE):
            yield wrong("settings", f"nobody reads {name}", f"Is it meant to be {meant}?")


def about_keys(settings: Settings) -> Check:
    """The key ring can be used; from now on it is in use, or none is."""
    use_keys(None)
    try:
        ring = KeyRing.parse(settings.keys())
    except Misconfigured as error:
        return wrong("keys", str(error), "If there was one before, put it back; else run `jagalapak init`.")
    except KeysUnreadable as error:
        return wrong("keys", str(error), "Write SECRET_KEYS as id:base64 of 32 bytes, the newest first, with commas.")
    use_keys(ring)
    primary, *older = ring.kids
    return well("keys", f"{primary} seals" + (f", {', '.join(older)} still open" if older else ""))


# ── database and disk ────────────────────────────────────────────────────────────────────────────────────────────


def about_database(settings: Settings) -> list[Check]:
    """It answers, stands at head, and what lies in it can be opened and gone on with."""
    file = file_of(settings)
    if file and not file.exists():
        return [wrong("database", f"there is no {file} yet", "Run `jagalapak init`.")]
    with closing(open_database(settings.database_url)) as database:
        first = answers(database)
        return [first, *inside(database, settings)] if first.ok else [first]


def answers(database: Database) -> Check:
    """It can be read and written, and stands at head."""
    asked = "Is DATABASE_URL right, and is the database running?"
    try:
        at_head = is_at_head(database)
        database.transact(lambda db: None)
    except StorageDown as error:
        return wrong("database", f"it does not answer ({error})", asked)
    except FromAnotherRelease as error:
        return wrong("database", f"it belongs to a newer release ({error})", "Update JagaLapak.")
    except DatabaseError as error:
        return wrong("database", f"it is no database of ours ({type(error.orig).__name__})", asked)
    if not at_head:
        return wrong("database", "it is not at head", "Run `jagalapak migrate`.")
    return well("database", f"{database.dialect}, at head")


def inside(database: Database, settings: Settings) -> Iterator[Check]:
    """What lies in the database."""
    yield database.read(about_seals)
    yield about_talks(database)
    yield from database.read(lambda db: list(about_queues(db)))
    yield from database.read(lambda db: list(about_people(db, settings)))


def about_seals(db: Session) -> Check:
    """The keys open what was sealed."""
    try:
        opened = open_samples(db)
    except NoKeys:
        return wrong("sealed values", "nobody knows whether they open", "Mend the keys first.")
    except KeyMissing as error:
        return wrong(
            "sealed values", str(error), f"Put the old key {error.kid} back into SECRET_KEYS, behind the first."
        )
    except SealBroken:
        todo = "A key in SECRET_KEYS has the right name but is not the one that sealed: put the right one back."
        return wrong("sealed values", "they do not open", todo)
    return well("sealed values", "they open" if opened else "there are none yet")


def open_samples(db: Session) -> int:
    """Open the oldest and the newest talk and message; how many there were.

    Raises `NoKeys`, `KeyMissing`, `SealBroken`.
    """
    ring, opened = keys(), 0
    for first in (col(Talk.id), col(Talk.id).desc()):
        for talk in db.exec(select(Talk).where(col(Talk.standing_sealed) != "").order_by(first).limit(1)):
            ring.open(talk.standing_sealed, bound_to=talks.place_of(talk.address_id, talk.person_id))
            opened += 1
    for first in (col(Message.id), col(Message.id).desc()):
        for message in db.exec(select(Message).order_by(first).limit(1)):
            outbox.open_reply(message.reply_sealed, message.key)
            opened += 1
    return opened


def about_talks(database: Database) -> Check:
    """Wherever people stand in their talks, this release knows how to go on."""
    try:
        demand_way_on(database, repertoire)
    except NoWayOn as error:
        return wrong("talks", str(error), "Go back to the release before, or add the migration.")
    return well("talks", "everybody can go on from where she stands")


def about_queues(db: Session) -> Iterator[Check]:
    """What waits goes out, and through accounts that may send."""
    now = datetime.now(UTC)
    for rate in db.exec(select(Rate).order_by(col(Rate.account))):
        due = first_due(db, rate.account)
        if rate.halted:
            todo = "Mend what Telegram says of it here, then start `jagalapak serve` again."
            yield wrong("sending", f"nothing is sent through {rate.account}: {rate.halted}", todo)
        elif due and due < now - LATE:
            waits = f"a message waits for {rate.account} since {due:%d %b %H:%M} UTC"
            yield wrong("sending", waits, "Is `jagalapak serve` running?")
        else:
            yield well("sending", f"nothing waits too long for {rate.account}")
    waiting, dead = received.counts(db)
    yield well("receiving", f"{waiting} wait to be answered, {dead} were given up and handed to the officers")


def first_due(db: Session, account: str) -> datetime | None:
    """When the message that waits longest for an account wanted to go."""
    waiting = col(Message.status).in_(("queued", "retry_wait"))
    return db.exec(select(func.min(Message.due_at)).where(Message.account == account, waiting)).one()


def about_people(db: Session, settings: Settings) -> Iterator[Check]:
    """Every association has somebody who may give roles."""
    founded = {one.id for one in associations.everyone(db)}
    for code in settings.channels:
        if code not in founded:
            yield wrong("people", f"there is no association {code} yet", f"jagalapak association add {code} NAME")
        elif people.with_role(db, code, "admin"):
            admins, officers = (len(people.with_role(db, code, role)) for role in ("admin", "officer"))
            yield well("people", f"{code}: administrators {admins}, officers {officers}")
        elif not settings.admin_addresses:
            todo = f"Use the join code, or: jagalapak grant admin --address telegram:ID --association {code}"
            yield wrong("people", f"{code} has no administrator", todo)


def about_disk(settings: Settings) -> Check:
    """There is room for what comes."""
    file = file_of(settings) or Path(settings.data_dir)
    folder = next(parent for parent in file.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:,.1f} GiB free at {folder}"
    return well("disk", says) if free >= LEAST_FREE else wrong("disk", says, "Make room, or the database stops taking.")


def file_of(settings: Settings) -> Path | None:
    """The database's file, where it is one."""
    address = make_url(settings.database_url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def about_telegram(settings: Settings) -> list[Check]:
    """Every bot is who we think, and its updates come to us."""
    bots = {code: channel for code, channel in settings.channels.items() if channel.telegram_bot_token}
    if not bots:
        return [wrong("telegram", "no channel is configured", "Set TELEGRAM_BOT_TOKEN: `jagalapak init` asks for it.")]
    found = await asyncio.gather(*(about_bot(settings, code, channel) for code, channel in bots.items()))
    return [check for checks in found for check in checks]


async def about_bot(settings: Settings, code: str, channel: ChannelSettings) -> list[Check]:
    """One bot."""
    name = "telegram" if code == MAIN else f"telegram {code}"
    assert channel.telegram_bot_token is not None
    try:
        async with asking(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url) as wire:
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
