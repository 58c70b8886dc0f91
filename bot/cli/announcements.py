"""`jagalapak export campaign`: what became of an announcement, person by person."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from sqlmodel import Session

from bot.app import open_storage
from bot.campaign_sheets import rows_of, sheet_of
from bot.cli.console import Json, out, private, show_json
from bot.cli.sheets import Code, demand_association, format_of
from bot.settings import MAIN, read_settings
from bot.sheets import Cells
from storage.queries import associations, audit, campaigns


def export_campaign(
    number: Annotated[str, typer.Argument(help="The announcement, as in U-2026-0001.")],
    file: Annotated[Path, typer.Argument(help="Where to: a new file that ends in .xlsx or .csv.")],
    *,
    code: Code = MAIN,
    as_json: Json = False,
) -> None:
    """Write down for each person of an announcement what became of hers. It holds names: keep it safe."""
    form = format_of(file)
    if file.exists():
        raise typer.BadParameter(f"There is a file {file} already; name another one.", param_hint="FILE")
    with closing(open_storage(read_settings())) as database:
        rows = database.transact(lambda db: taken_out(db, code, number))
    with private(), file.open("xb") as opened:
        opened.write(sheet_of(rows, form))
    if as_json:
        show_json({"campaign": number.upper(), "file": str(file), "people": len(rows)})
        return
    out.print(f"{escape(str(file))} holds {len(rows)} {'person' if len(rows) == 1 else 'people'}.")


def taken_out(db: Session, code: str, number: str) -> list[Cells]:
    """Everybody in it; that it left the house leaves a trace. Raises `typer.BadParameter`."""
    demand_association(db, code)
    campaign = campaigns.find_by_number(db, code, number.strip().upper())
    if campaign is None:
        latest = [one.number for one in campaigns.latest(db, code, most=3)]
        there = f"; the latest are {', '.join(latest)}" if latest else ""
        raise typer.BadParameter(f"There is no announcement {number}{there}.", param_hint="NUMBER")
    rows = rows_of(db, campaign, ZoneInfo(associations.get(db, code).zone))
    audit.note(
        db,
        association_id=code,
        actor_id=None,
        action="exported_announcement",
        subject=f"campaign/{campaign.id}",
        now=datetime.now(UTC),
        facts={"people": len(rows), "to": "command line"},
    )
    return rows
