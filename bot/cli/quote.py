"""`jagalapak quote`: what is due, month by month and component by component."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from bot import rules
from bot.cli.console import Json, out, show_json
from conversations.words import month_name, rupiah, speaking
from domain.money import Rupiah
from domain.month import Month, NotAMonth
from domain.quote import Quote
from domain.quote import quote as quoted
from domain.rates import MANDATORY, Funding, NoRate, Programme, Sector, tier_for_income

MOST = 60  # months


def month(text: str) -> Month:
    """A month as it is typed. Raises `typer.BadParameter`."""
    try:
        return Month.parse(text)
    except NotAMonth as error:
        raise typer.BadParameter("Write the month as 2026-12.") from error


def quote(
    first: Annotated[
        Month | None, typer.Option("--from", parser=month, metavar="MONTH", help="The first month: 2026-12.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=MOST, help="How many months in a row.")] = 1,
    income: Annotated[int, typer.Option(min=0, help="Income a month, in rupiah.")] = 1_000_000,
    *,
    jht: Annotated[bool, typer.Option("--jht", help="With old-age savings (JHT).")] = False,
    sector: Annotated[Literal["other", "transport"], typer.Option(help="Where she works.")] = "other",
    funding: Annotated[Literal["self", "government"], typer.Option(help="Who pays.")] = "self",
    write_rules: Annotated[
        Path | None, typer.Option(help="Write down every rule instead, as in docs/rates.md.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What is due, by month and component, and in total; every component with the rule that prices it."""
    if write_rules:
        save(write_rules)
        return
    if first is None:
        raise typer.BadParameter("Say from which month, as in --from 2026-12.", param_hint="--from")
    programmes = MANDATORY | ({Programme.JHT} if jht else set())
    tier = tier_for_income(Rupiah(income))
    try:
        found = quoted(first, months, tier=tier, programmes=programmes, sector=Sector(sector), funding=Funding(funding))
    except NoRate as error:
        raise typer.BadParameter(f"N{str(error)[1:]}.", param_hint="--from") from error
    if as_json:
        show_json(as_facts(found))
    else:
        with speaking("en"):
            tell(found)


def save(path: Path) -> None:
    """Write the rules down. Raises `typer.BadParameter`."""
    try:
        path.write_text(rules.document(), encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}.", param_hint="--write-rules") from error
    out.print(f"{path} shows the rules as they are now.")


def as_facts(found: Quote) -> dict[str, Any]:
    """A quote, for programs."""
    return {
        "months": [
            {
                "month": str(month.month),
                "due_day": month.due_day.isoformat(),
                "components": [
                    {"programme": one.programme.value, "full": one.full, "due": one.due, "rule": one.rule}
                    for one in month.components
                ],
                "total": month.total,
            }
            for month in found.months
        ],
        "total": found.total,
        "changes_in": str(found.changes_in) if found.changes_in else None,
    }


def tell(found: Quote) -> None:
    """A table, the rules behind it, and what changes after it."""
    programmes = [one.programme.value for one in found.months[0].components]
    table = Table("Month", "Due", *programmes, "Total", box=None)
    for month in found.months:
        dues = (rupiah(one.due) for one in month.components)
        table.add_row(month_name(month.month), f"{month.due_day:%d %b %Y}", *dues, rupiah(month.total))
    out.print(table)
    out.print(f"\nTotal: [bold]{rupiah(found.total)}[/]")
    rules = dict.fromkeys(one.rule for month in found.months for one in month.components)
    out.print(f"Priced by {', '.join(rules)}; the official bill stays the truth.")
    if found.changes_in:
        out.print(f"Another amount from {month_name(found.changes_in)} on.")
