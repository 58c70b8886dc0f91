"""`jagalapak costs`: what was sent within a month, and what that cost where the operator has told the prices."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from sqlmodel import Session

from bot.app import open_storage
from bot.cli.console import Json, out, show_json
from bot.cli.quote import month
from bot.settings import Settings, read_settings
from domain.cost import Billed, Estimate, Prices
from domain.month import Month
from storage.queries import associations, costs

NAMES = {Billed.NOTHING.value: "free of charge", Billed.SERVICE.value: "service (replies within 24 hours)"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What one association sent in a month."""

    association: str
    month: Month
    cost: Estimate


def costs_of(
    which: Annotated[
        Month | None, typer.Option("--month", parser=month, metavar="MONTH", help="Which: 2026-12. This one.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """What was sent in a month, inside and outside of people's 24 hours, and what it cost by your own prices."""
    settings = read_settings()
    with closing(open_storage(settings)) as database:
        found = database.read(lambda db: [sent(db, code, which, settings) for code in codes(db)])
    if as_json:
        show_json([as_facts(one) for one in found])
        return
    for one in found:
        out.print(table_of(one))
        out.print(in_total(one.cost) + "\n")


def codes(db: Session) -> list[str]:
    """Every association."""
    return [one.id for one in associations.everyone(db)]


def sent(db: Session, code: str, which: Month | None, settings: Settings) -> Sent:
    """One association's month, by the prices as they are set now."""
    zone = ZoneInfo(associations.get(db, code).zone)
    asked = which or Month.of(datetime.now(UTC).astimezone(zone).date())
    return Sent(code, asked, costs.of_month(db, code, asked, prices=prices_of(settings, code)))


def prices_of(settings: Settings, code: str) -> Mapping[str, Prices]:
    """By account, as the settings say now and not when `serve` began."""
    channel = settings.channels.get(code)
    return {f"whatsapp/{code}": channel.prices} if channel and channel.has_whatsapp else {}


def as_facts(found: Sent) -> dict[str, Any]:
    """A month, for programs; amounts as text, for they are no floating numbers."""
    cost = found.cost
    return {
        "association": found.association,
        "month": str(found.month),
        "messages": cost.messages,
        "free": cost.free,
        "unknown": cost.unknown,
        "amount": None if cost.amount is None else str(cost.amount),
        "currency": cost.currency or None,
        "parts": [
            {
                "account": part.account,
                "billed_as": part.billed,
                "messages": part.messages,
                "amount": None if part.amount is None else str(part.amount),
            }
            for part in cost.parts
        ],
    }


def table_of(found: Sent) -> Table:
    """A month, for people."""
    table = Table("Account", "Billed as", "Messages", "Cost", box=None, title=f"{found.association}, {found.month}")
    for part in found.cost.parts:
        cost = "not known" if part.amount is None else f"{part.currency} {part.amount:,.4f}" if part.currency else "0"
        table.add_row(part.account, NAMES.get(part.billed, part.billed), f"{part.messages:,}", cost)
    return table


def in_total(cost: Estimate) -> str:
    """The sum, and what is missing in it."""
    told = f"Messages: [bold]{cost.messages:,}[/]"
    if cost.amount is not None:
        told += f", cost: [bold]{cost.currency} {cost.amount:,.2f}[/]"
    if cost.unknown:
        told += f"; of {cost.unknown:,} the price is not known: set TWILIO_PRICES"
    return told + "."
