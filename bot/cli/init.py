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
from bot.app import open_storage
from bot.channels.errors import AccountRefused, MessageRefused, ProviderError
from bot.cli.asking import Asker, Mode, a_bot, a_mode, a_name, an_address
from bot.cli.console import WRONG, Json, out, private, show_json, told
from bot.first_run import Given, Invited
from bot.settings import MAIN, Misconfigured, Settings, read_settings
from domain.text import visible
from storage.database import open_database
from storage.migrate import upgrade
from storage.tables import Association

ENV = Path(".env")


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Done:
    """What `init` has done."""

    written: list[str]  # names of settings
    association: Association
    mode: str
    bot: str  # its name at Telegram; "" when Telegram could not be asked
    trouble: str  # why Telegram was not told; "" when it was
    refused: bool  # trouble that stays until somebody mends it
    invited: Invited | None


def init(
    *,
    token: Annotated[str, typer.Option(help="The bot's token, from @BotFather. Better typed when asked for.")] = "",
    mode: Annotated[Mode | None, typer.Option(help="webhook needs a public https address, polling needs none.")] = None,
    public_url: Annotated[str, typer.Option(help="Where Telegram reaches this machine, as https://host.")] = "",
    association: Annotated[str, typer.Option(help="The association's name, as vendors know it.")] = "",
    help_contact: Annotated[str | None, typer.Option(help="A human's number, told to whoever asks for help.")] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing; what is missing is an error.")] = False,
    as_json: Json = False,
) -> None:
    """Set up everything: .env, the database, the association, Telegram, and the first administrator's code.

    What is set already, in .env or in the environment, stays as it is; so it may be run again at any time.
    PostgreSQL: put DATABASE_URL into .env first.
    """
    given = Given(token, mode or "", public_url)
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
    """Found the association, tell Telegram, and invite the first administrator."""
    bot, trouble, refused = asyncio.run(announce(settings))
    now = datetime.now(UTC)

    def found(db: Session) -> tuple[Association, Invited | None]:
        existing = first_run.founded(db, MAIN)
        association = existing or first_run.establish(db, code=MAIN, name=name, help_contact=contact, now=now)
        first_run.ensure_missing_accounts(db, settings)
        return association, first_run.invite_admin(db, MAIN, now)

    with closing(open_storage(settings)) as database:
        association, invited = database.transact(found)
    return Done(written, association, settings.channels[MAIN].telegram_mode, bot, trouble, refused, invited)


async def announce(settings: Settings) -> tuple[str, str, bool]:
    """The bot's name; why Telegram was not told where to send updates, and whether that stays so."""
    channel = settings.channels[MAIN]
    assert channel.telegram_bot_token is not None
    try:
        bot = await first_run.name_of_bot(channel.telegram_bot_token.get_secret_value(), channel.telegram_api_base_url)
    except ProviderError as error:
        return "", str(error), isinstance(error, AccountRefused)
    try:
        await first_run.tell_telegram(settings)
    except ProviderError as error:
        return bot, str(error), isinstance(error, AccountRefused | MessageRefused)
    return bot, "", False


def as_facts(done: Done) -> dict[str, Any]:
    """What was done, for programs."""
    return {
        "written": done.written,
        "association": done.association.id,
        "name": done.association.name,
        "telegram": done.mode if not done.trouble else "refused" if done.refused else "unreached",
        "bot": done.bot or None,
        "join_code": done.invited.code if done.invited else None,
        "valid_until": done.invited.until.isoformat(timespec="seconds") if done.invited else None,
    }


def tell(done: Done) -> None:
    """What was done, and what comes next."""
    good, bad = "[green]✓[/]", "[red]✗[/]"
    if done.written:
        out.print(f"{good} .env now holds {', '.join(done.written)}, and only you can read it")
    out.print(f"{good} The database is ready")
    out.print(f"{good} The association is {escape(done.association.name)}")
    if not done.trouble:
        ways = {Mode.WEBHOOK: "posts messages to our webhook", Mode.POLLING: "hands messages out when asked"}
        out.print(f"{good} Telegram {ways[Mode(done.mode)]}")
    elif done.refused:
        out.print(f"{bad} Telegram refuses: {escape(done.trouble)}. Mend .env, then run this again.")
    else:
        out.print(f"{bad} Telegram could not be reached ({escape(done.trouble)}). `serve` tells it when it starts.")
    bot = f"@{done.bot} (https://t.me/{done.bot})" if done.bot else "the bot"
    if done.invited:
        code = f"{done.invited.code[:4]} {done.invited.code[4:]}"
        out.print(
            f"\nWithin a day, the first administrator types this to {escape(bot)}:\n\n    [bold]gabung {code}[/]\n"
        )
    else:
        out.print('\nThere is an administrator; she invites others with "peran".\n')
    out.print("Next: [bold]jagalapak serve[/]. Whether all is well, [bold]jagalapak doctor[/] tells.")


def tell_ignored(settings: Settings, given: Given, association: str, name: str) -> None:
    """What was given although it is set already."""
    known = settings.model_fields_set | settings.channels[MAIN].model_fields_set
    offered = {"telegram_bot_token": given.token, "telegram_mode": given.mode, "public_base_url": given.public_url}
    for field, value in offered.items():
        if value and field in known:
            told.print(f"[yellow]{field.upper()} is set already and stays as it is.[/]")
    if association and visible(association) != name:
        told.print("[yellow]The association has a name already;[/] jagalapak association add main NAME changes it.")


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_settings(asker: Asker, settings: Settings, given: Given) -> Given:
    """What is not set yet. Raises `typer.BadParameter`."""
    channel = settings.channels[MAIN]
    api = channel.telegram_api_base_url
    token = mode = public_url = ""
    if channel.telegram_bot_token is None:
        question = "The bot's token, from @BotFather (typing stays invisible)"
        token = asker.ask("--token", question, partial(a_bot, api), given=given.token, hide=True)
    if "telegram_mode" not in channel.model_fields_set:
        question = "How do messages come in: webhook (needs a public https address) or polling?"
        default = Mode.WEBHOOK if given.public_url or settings.public_base_url else Mode.POLLING
        mode = asker.ask("--mode", question, a_mode, given=given.mode, default=default.value)
    if (mode or channel.telegram_mode) == Mode.WEBHOOK and not settings.public_base_url:
        question = "Where does Telegram reach this machine (https://…)?"
        public_url = asker.ask("--public-url", question, partial(an_address, api), given=given.public_url)
    return Given(token, mode, public_url)


def ask_association(asker: Asker, name: str, help_contact: str | None) -> tuple[str, str]:
    """What the association is called, and whom to call for help. Raises `typer.BadParameter`."""
    called = asker.ask("--association", "The association's name, as vendors know it", a_name, given=name)
    question = "A human's number for whoever asks for help (empty: none)"
    contact = help_contact if help_contact is not None else asker.ask("--help-contact", question, visible, default="")
    return called, visible(contact)
