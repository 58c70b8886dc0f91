"""What is set up once: `migrate`, `association add`, `association list` and `grant`."""

from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session

from bot import first_run
from bot.app import open_storage
from bot.cli.asking import a_code, a_name, a_role, a_zone, demanded
from bot.cli.console import Json, out, private, show_json
from bot.settings import MAIN, prefix_of, read_settings
from conversations.words import rupiah
from domain.month import Month
from domain.text import visible
from storage.database import open_database
from storage.migrate import upgrade
from storage.queries import associations, audit, people, talks, terms


def migrate() -> None:
    """Bring the database to head."""
    with private(), closing(open_database(read_settings().database_url)) as database:
        upgrade(database)
    out.print("The database is at head.")


# ── associations ─────────────────────────────────────────────────────────────────────────────────────────────────


def add_association(
    code: Annotated[str, typer.Argument(help="A short word of small letters, digits and dashes, as in ntt.")],
    name: Annotated[str, typer.Argument(help="The name, as vendors know it.")],
    *,
    help_contact: Annotated[str | None, typer.Option(help="A human's number, told to whoever asks for help.")] = None,
    zone: Annotated[str | None, typer.Option(help="Its time zone, as in Asia/Makassar.")] = None,
) -> None:
    """Found an association, or rename the one of that code; what is not given stays as it is."""
    word = demanded("CODE", a_code, code)
    called = demanded("NAME", a_name, name)
    contact = None if help_contact is None else visible(help_contact)
    place = None if zone is None else demanded("--zone", a_zone, zone)

    def keep(db: Session) -> None:
        first_run.establish(db, code=word, name=called, help_contact=contact, zone=place, now=datetime.now(UTC))

    settings = read_settings()
    with closing(open_storage(settings)) as database:
        database.transact(keep)
    out.print(f"{escape(word)} is {escape(called)}. A bot that runs hears of it when it starts again.")
    if word not in settings.channels:
        named = ",".join([*settings.associations, word])
        token = f"{prefix_of(word)}telegram_bot_token".upper()
        out.print(f"To give it a bot, put ASSOCIATIONS={named} and {token} into .env.")


@dataclass(frozen=True, slots=True)
class Shown:
    """An association as the list shows it."""

    code: str
    name: str
    zone: str
    help_contact: str
    channels: list[str]
    administrators: int
    officers: int
    fee: int  # rupiah this month
    transfer_to: str
    qris: bool
    second_above: int  # rupiah above which two people confirm


def list_associations(*, as_json: Json = False) -> None:
    """List the associations with their channels and how many people work for them."""
    with closing(open_storage(read_settings())) as database:
        found = database.read(everyone)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    if not found:
        out.print("There is no association yet: jagalapak init founds the first.")
        return
    table = Table("Code", "Name", "Zone", "Help", "Channels", "Admins", "Officers", box=None)
    money = Table("Code", "Fee", "Transfer to", "QRIS", "Two confirm above", box=None)
    for one in found:
        numbers = (str(one.administrators), str(one.officers))
        table.add_row(one.code, escape(one.name), one.zone, escape(one.help_contact), ", ".join(one.channels), *numbers)
        qris = "yes" if one.qris else "no"
        money.add_row(one.code, rupiah(one.fee), escape(one.transfer_to) or "no", qris, rupiah(one.second_above))
    out.print(table, money, sep="\n")


def everyone(db: Session) -> list[Shown]:
    """Every association as the list shows it."""
    accounts = associations.accounts(db)
    return [
        Shown(
            code=one.id,
            name=one.name,
            zone=one.zone,
            help_contact=one.help_contact,
            channels=[account.channel for account in accounts if account.association_id == one.id],
            administrators=len(people.with_role(db, one.id, "admin")),
            officers=len(people.with_role(db, one.id, "officer")),
            fee=terms.fee_at(db, one.id, Month.of(datetime.now(ZoneInfo(one.zone)).date())),
            transfer_to=one.transfer_to,
            qris=bool(one.qris_document),
            second_above=one.second_above,
        )
        for one in associations.everyone(db)
    ]


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────


def grant(
    role: Annotated[str, typer.Argument(help=f"What she may do from now on: {', '.join(people.STAFF)}.")],
    *,
    address: Annotated[str, typer.Option(help="Where she writes from: channel and id, as in telegram:9001.")],
    code: Annotated[str, typer.Option("--association", help="The association's code.")] = MAIN,
) -> None:
    """Give somebody a role, also before she has ever written."""
    deed = demanded("ROLE", a_role, role)
    channel, external_id = demanded_address(address)
    settings = read_settings()

    def give(db: Session) -> bool:
        first_run.ensure_missing_accounts(db, settings)
        return granted(db, deed, code, account_of(db, code, channel), external_id)

    with closing(open_storage(settings)) as database:
        new = database.transact(give)
    out.print(
        f"{escape(address)} is {deed} of {escape(code)} now." if new else f"She is {deed} of {escape(code)} already."
    )


def demanded_address(address: str) -> tuple[str, str]:
    """Channel and id. Raises `typer.BadParameter`."""
    channel, _colon, external_id = address.partition(":")
    if not channel or not external_id:
        raise typer.BadParameter("Write it as telegram:9001.", param_hint="--address")
    if channel == "telegram" and not external_id.isdecimal():
        why = "Telegram knows people by a number, not by their @name; @userinfobot tells anybody hers."
        raise typer.BadParameter(why, param_hint="--address")
    return channel, external_id


def account_of(db: Session, code: str, channel: str) -> str:
    """The association's account on that channel. Raises `typer.BadParameter`."""
    codes = [one.id for one in associations.everyone(db)]
    if code not in codes:
        there = f"there are {', '.join(codes)}" if codes else "jagalapak init founds the first"
        raise typer.BadParameter(f"There is no association {code}; {there}.", param_hint="--association")
    hers = {account.channel: account.id for account in associations.accounts(db) if account.association_id == code}
    if channel not in hers:
        there = f"it has {', '.join(hers)}" if hers else "it has none yet"
        raise typer.BadParameter(f"{code} has no account on {channel}; {there}.", param_hint="--address")
    return hers[channel]


def granted(db: Session, role: str, code: str, account: str, external_id: str) -> bool:
    """Give the role and leave a trace; False when she holds it already."""
    now = datetime.now(UTC)
    address = talks.ensure_address(db, association_id=code, account=account, external_id=external_id, now=now)
    if role in people.roles_of(db, code, address.person_id):
        return False
    people.grant(db, association_id=code, person_id=address.person_id, role=role, by=None, now=now)
    audit.note(
        db,
        association_id=code,
        actor_id=None,
        action="granted",
        subject=f"person/{address.person_id}",
        now=now,
        facts={"role": role},
    )
    return True
