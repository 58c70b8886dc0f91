"""`jagalapak remind`: the reminders that are owed on a day."""

from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session, col, select

from bot.app import open_storage
from bot.cli.console import Json, out, show_json
from bot.settings import read_settings
from storage.queries import associations, reminders
from storage.tables import Association, Member, Reminder

AT = time(9)  # in the association's zone: within everybody's decent hours


class OnlyLooked(Exception):
    """Undoes what was written to look at it."""

    def __init__(self, found: "list[Planned]") -> None:
        self.found = found


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder, as the list shows it; the member by the end of her NIK."""

    association: str
    member: str
    month: str
    rule: str
    send_at: str


def day(text: str) -> date:
    """A day as it is typed. Raises `typer.BadParameter`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("Write the day as 2026-12-10.") from error


def remind(
    on: Annotated[date, typer.Option(parser=day, metavar="DATE", help="As of that day: 2026-12-10.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the plan; nothing is written down.")] = False,
    code: Annotated[str, typer.Option("--association", help="Only this one.")] = "",
    as_json: Json = False,
) -> None:
    """Plan the reminders that are owed on a day; a running scheduler sends them, each once, at a decent hour."""
    with closing(open_storage(read_settings())) as database:
        known = database.read(associations.everyone)
        if code and code not in [one.id for one in known]:
            raise typer.BadParameter(f"There is no association {code}.", param_hint="--association")
        found: list[Planned] = []
        for association in known:
            if code in ("", association.id):
                try:
                    found += database.transact(partial(planned, association_id=association.id, on=on, keep=not dry_run))
                except OnlyLooked as looked:
                    found += looked.found
    if as_json:
        show_json({"on": on.isoformat(), "kept": not dry_run, "reminders": [asdict(one) for one in found]})
        return
    table = Table("Association", "Member", "Month", "Rule", "Goes", box=None)
    for one in found:
        table.add_row(escape(one.association), one.member, one.month, one.rule, one.send_at)
    out.print(table if found else "Nobody is owed a reminder.")
    out.print(f"\n{len(found)} in all; {'nothing was written down' if dry_run else 'written down'}.")


def planned(db: Session, *, association_id: str, on: date, keep: bool) -> list[Planned]:
    """What is new on that day. Raises `OnlyLooked` where it is not to be kept."""
    association = associations.get(db, association_id)
    last = db.exec(select(Reminder.id).order_by(col(Reminder.id).desc()).limit(1)).first() or 0
    reminders.plan(db, association, now=moment_of(association, on))
    found = [as_planned(association, member, row) for member, row in new_ones(db, association_id, last)]
    if not keep:
        raise OnlyLooked(found)
    return found


def moment_of(association: Association, on: date) -> datetime:
    """A moment of that day that is decent everywhere."""
    return datetime.combine(on, AT, ZoneInfo(association.zone)).astimezone(UTC)


def new_ones(db: Session, association_id: str, last: int) -> list[tuple[Member, Reminder]]:
    """What was written down after that row."""
    rows = select(Member, Reminder).join(Reminder, col(Reminder.member_id) == col(Member.id))
    new = rows.where(Reminder.association_id == association_id, col(Reminder.id) > last)
    return [(member, row) for member, row in db.exec(new.order_by(col(Reminder.id)))]


def as_planned(association: Association, member: Member, row: Reminder) -> Planned:
    """One line of the list."""
    goes = f"{row.send_at.astimezone(ZoneInfo(association.zone)):%d %b %H:%M}"
    return Planned(association.id, f"…{member.nik_end}", row.month, row.rule, goes)
