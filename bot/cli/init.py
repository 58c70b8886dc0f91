"""The first run: `init` asks, writes `.env`, and founds the association."""

import asyncio
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlmodel import Session

from bot import first_run
from bot.app import open_storage, whatsapp_wire
from bot.at_telegram import name_of_bot, tell_telegram
from bot.at_twilio import (
    CONTENT_PATIENCE,
    keep_contents,
    remember_contents,
    remember_templates,
    standing_of,
    webhook_address,
)
from bot.channels.errors import AccountRefused, MessageRefused, ProviderError
from bot.cli.answers import ask_association, ask_settings
from bot.cli.asking import Asker, Mode
from bot.cli.console import WRONG, Json, out, private, show_json, told
from bot.first_run import Access, Given, Invited, known_to
from bot.patience import asking
from bot.settings import MAIN, Misconfigured, Settings, read_settings
from domain.text import visible
from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.queries import contents
from storage.tables import Association

ENV = Path(".env")


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Met:
    """How a provider was told about us."""

    name: str = ""  # what we are called there; "" when it could not be asked
    trouble: str = ""  # why it was not told; "" when it was
    refused: bool = False  # trouble that stays until somebody mends it
    templates: str = ""  # how they stand, as in "12 pending"

    def in_a_word(self, well: str) -> str:
        """For programs."""
        return well if not self.trouble else "refused" if self.refused else "unreached"


@dataclass(frozen=True, slots=True)
class Done:
    """What `init` has done."""

    written: list[str]  # names of settings
    association: Association
    settings: Settings
    telegram: Met | None  # None: no bot
    whatsapp: Met | None  # None: no number
    invited: Invited | None

    @property
    def refused(self) -> bool:
        """True when somebody must mend something."""
        return any(met.refused for met in (self.telegram, self.whatsapp) if met)


def init(
    *,
    token: Annotated[str, typer.Option(help="The bot's token, from @BotFather. Better typed when asked for.")] = "",
    mode: Annotated[Mode | None, typer.Option(help="webhook needs a public https address, polling needs none.")] = None,
    twilio_account_sid: Annotated[str, typer.Option(help="For WhatsApp: the account at Twilio, as AC….")] = "",
    twilio_auth_token: Annotated[str, typer.Option(help="Its auth token. Better typed when asked for.")] = "",
    twilio_api_key_sid: Annotated[str, typer.Option(help="An API key of the account, as SK….")] = "",
    twilio_api_key_secret: Annotated[str, typer.Option(help="Its secret. Better typed when asked for.")] = "",
    twilio_whatsapp_from: Annotated[str, typer.Option(help="The WhatsApp number that writes, as +6281….")] = "",
    public_url: Annotated[str, typer.Option(help="Where the world reaches this machine, as https://host.")] = "",
    association: Annotated[str, typer.Option(help="The association's name, as vendors know it.")] = "",
    help_contact: Annotated[str | None, typer.Option(help="A human's number, told to whoever asks for help.")] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing; what is missing is an error.")] = False,
    as_json: Json = False,
) -> None:
    """Set up everything: .env, the database, the association, Telegram, WhatsApp, and the first administrator's code.

    What is set already, in .env or in the environment, stays as it is; so it may be run again at any time, also to add
    the other channel. PostgreSQL: put DATABASE_URL into .env first.
    """
    access = Access(
        twilio_account_sid, twilio_auth_token, twilio_api_key_sid, twilio_api_key_secret, twilio_whatsapp_from
    )
    given = Given(token, mode or "", public_url, access)
    with private():
        done = set_up(Asker(interactive=not no_input), given, association, help_contact)
    if as_json:
        show_json(as_facts(done))
    else:
        tell(done)
    if done.refused:
        raise typer.Exit(WRONG)


def set_up(asker: Asker, given: Given, association: str, help_contact: str | None) -> Done:
    """Ask for what is missing, write it down, and do the rest."""
    settings = read_settings()
    existing = look(settings)
    answers = ask_settings(asker, settings, given)
    name, contact = (existing.name, None) if existing else ask_association(asker, association, help_contact)
    tell_ignored(settings, given, association, name)
    written = first_run.missing(settings, answers)
    if written:
        first_run.write_settings(ENV, written)
    return carry_out(read_settings(), list(written), name, contact)


def look(settings: Settings) -> Association | None:
    """The association if it has its name already. Raises `Misconfigured` when its keys are gone."""
    with closing(open_database(settings.database_url)) as database:
        upgrade(database)
        if settings.secret_keys is None and database.read(first_run.holds_sealed):
            raise Misconfigured(
                "SECRET_KEYS is not set, but the database holds what only the old keys open: put them back into .env"
            )
        return database.read(lambda db: first_run.founded(db, MAIN))


def carry_out(settings: Settings, written: list[str], name: str, contact: str | None) -> Done:
    """Found the association, invite the first administrator, and tell Telegram and Twilio."""
    now = datetime.now(UTC)

    def found(db: Session) -> tuple[Association, Invited | None]:
        existing = first_run.founded(db, MAIN)
        association = existing or first_run.establish(db, code=MAIN, name=name, help_contact=contact, now=now)
        first_run.ensure_missing_accounts(db, settings)
        return association, first_run.invite_admin(db, MAIN, now)

    channel = settings.channels[MAIN]
    with closing(open_storage(settings)) as database:
        association, invited = database.transact(found)
        telegram = asyncio.run(meet_telegram(settings)) if channel.telegram_bot_token else None
        whatsapp = asyncio.run(meet_twilio(settings, database)) if channel.has_whatsapp else None
    return Done(written, association, settings, telegram, whatsapp, invited)


async def meet_telegram(settings: Settings) -> Met:
    """Ask for the bot's name, and say where updates must go."""
    channel = settings.channels[MAIN]
    assert channel.telegram_bot_token is not None
    try:
        bot = await name_of_bot(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url)
    except ProviderError as error:
        return Met("", str(error), isinstance(error, AccountRefused))
    try:
        await tell_telegram(settings)
    except ProviderError as error:
        return Met(bot, str(error), isinstance(error, AccountRefused | MessageRefused))
    return Met(bot)


async def meet_twilio(settings: Settings, database: Database) -> Met:
    """Ask for the account's name, and have the content made in which choices are shown, and templates submitted."""
    account, channel = f"whatsapp/{MAIN}", settings.channels[MAIN]
    name = ""
    try:
        async with asking(whatsapp_wire(settings, MAIN, channel), CONTENT_PATIENCE) as wire:
            name = await wire.check()
            kept = await keep_contents(wire, database.read(partial(contents.known, account=account)))
            judged = await wire.make_templates({})
    except ProviderError as error:
        return Met(name, str(error), isinstance(error, AccountRefused | MessageRefused))

    def remember(db: Session) -> None:
        now = datetime.now(UTC)
        remember_contents(db, association_id=MAIN, account=account, kept=kept, now=now)
        remember_templates(db, association_id=MAIN, account=account, judged=judged, now=now)

    database.transact(remember)
    return Met(name, templates=standing_of(judged))


# ── what was done ────────────────────────────────────────────────────────────────────────────────────────────────


def as_facts(done: Done) -> dict[str, Any]:
    """What was done, for programs."""
    mode = done.settings.channels[MAIN].telegram_mode
    return {
        "written": done.written,
        "association": done.association.id,
        "name": done.association.name,
        "telegram": done.telegram.in_a_word(mode) if done.telegram else None,
        "bot": (done.telegram.name or None) if done.telegram else None,
        "whatsapp": done.whatsapp.in_a_word("ready") if done.whatsapp else None,
        "twilio_webhook": webhook_address(done.settings, MAIN) if done.whatsapp else None,
        "join_code": done.invited.code if done.invited else None,
        "valid_until": done.invited.until.isoformat(timespec="seconds") if done.invited else None,
    }


GOOD, BAD = "[green]✓[/]", "[red]✗[/]"


def tell(done: Done) -> None:
    """What was done, and what comes next."""
    if done.written:
        out.print(f"{GOOD} .env now holds {', '.join(done.written)}, and only you can read it")
    out.print(f"{GOOD} The database is ready")
    out.print(f"{GOOD} The association is {escape(done.association.name)}")
    if done.telegram:
        tell_of_telegram(done.telegram, done.settings.channels[MAIN].telegram_mode)
    if done.whatsapp:
        tell_of_whatsapp(done.whatsapp, done.settings)
    if done.invited:
        code = f"{done.invited.code[:4]} {done.invited.code[4:]}"
        where = escape(" or ".join(ways_in(done)))
        out.print(f"\nWithin a day, the first administrator types this to {where}:\n\n    [bold]gabung {code}[/]\n")
    else:
        out.print('\nThere is an administrator; she invites others with "peran".\n')
    out.print("Next: [bold]jagalapak serve[/]. Whether all is well, [bold]jagalapak doctor[/] tells.")


def tell_of_telegram(met: Met, mode: str) -> None:
    """Whether updates will come in."""
    ways = {Mode.WEBHOOK: "posts messages to our webhook", Mode.POLLING: "hands messages out when asked"}
    if not met.trouble:
        out.print(f"{GOOD} Telegram {ways[Mode(mode)]}")
    elif met.refused:
        out.print(f"{BAD} Telegram refuses: {escape(met.trouble)}. Mend .env, then run this again.")
    else:
        out.print(f"{BAD} Telegram could not be reached ({escape(met.trouble)}). `serve` tells it when it starts.")


def tell_of_whatsapp(met: Met, settings: Settings) -> None:
    """Whether messages can go out, and what must be entered for any to come in."""
    if not met.trouble:
        out.print(f"{GOOD} Twilio keeps the buttons and lists of the account {escape(met.name)}")
        out.print(f"{GOOD} WhatsApp judges our templates by itself, within a day or so: {escape(met.templates)}")
    elif met.refused:
        out.print(f"{BAD} Twilio refuses: {escape(met.trouble)}. Mend .env, then run this again.")
    else:
        out.print(f"{BAD} Twilio could not be reached ({escape(met.trouble)}). `serve` makes its buttons and lists.")
    out.print("\nEnter this in Twilio's console, at the WhatsApp sender, as the webhook for incoming messages (POST):")
    out.print(f"\n    [bold]{escape(webhook_address(settings, MAIN))}[/]")


def ways_in(done: Done) -> list[str]:
    """Where people write to us."""
    found = []
    if done.telegram:
        bot = done.telegram.name
        found.append(f"@{bot} (https://t.me/{bot})" if bot else "the bot")
    if done.whatsapp:
        number = done.settings.channels[MAIN].twilio_whatsapp_from or ""
        found.append(f"WhatsApp (https://wa.me/{number.removeprefix('+')})")
    return found


def tell_ignored(settings: Settings, given: Given, association: str, name: str) -> None:
    """What was given although it is set already."""
    known = known_to(settings)
    for field, value in given.as_settings().items():
        if value and field in known:
            told.print(f"[yellow]{field.upper()} is set already and stays as it is.[/]")
    if association and visible(association) != name:
        told.print("[yellow]The association has a name already;[/] jagalapak association add main NAME changes it.")
