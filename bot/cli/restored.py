"""`jagalapak restored`: this database comes from a backup, and must not send again what went out since."""

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session

from bot.app import open_storage
from bot.cli.console import Json, out, show_json
from bot.restored import Doubted, make_safe
from bot.settings import read_settings
from storage.queries import associations, restored

OPTION = "--taken"


class OnlyLooked(Exception):
    """Undoes what was written to look at it."""

    def __init__(self, found: list[Doubted]) -> None:
        self.found = found


def restored_from(
    taken: Annotated[
        str,
        typer.Option(
            OPTION,
            metavar="MOMENT",
            help="When the backup was begun, by the association's clock: '2026-12-10 07:00'; or with an offset.",
        ),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would be; nothing is written.")] = False,
    as_json: Json = False,
) -> None:
    """Say that this database comes from a backup, before `serve`: nothing goes to many a second time."""
    now = datetime.now(UTC)
    with closing(open_storage(read_settings())) as database:
        moment = database.read(partial(demanded_moment, text=taken, now=now))
        newest = database.read(restored.newest)
        try:
            found = database.transact(partial(told, taken=moment, now=now, keep=not dry_run))
        except OnlyLooked as looked:
            found = looked.found
    if as_json:
        known = newest.isoformat() if newest else None
        facts = {"taken": moment.isoformat(), "newest": known, "kept": not dry_run}
        show_json({**facts, "associations": [asdict(one) for one in found]})
        return
    out.print(table_of(found))
    if newest:
        out.print(f"\nThe newest entry is of {shown(newest, moment.tzinfo)}, the backup of {shown(moment)}.")
    out.print("Nothing was written down." if dry_run else "Written down: `jagalapak serve` may start.")


def told(db: Session, *, taken: datetime, now: datetime, keep: bool) -> list[Doubted]:
    """What is doubted. Raises `OnlyLooked` where it is not to be kept."""
    found = make_safe(db, taken=taken, now=now)
    if not keep:
        raise OnlyLooked(found)
    return found


def table_of(found: list[Doubted]) -> Table:
    """How many of what."""
    columns = ("Association", "Reminders", "To many", "Replies", "Notices", "Announcements paused")
    table = Table(*columns, box=None)
    for one in found:
        name, *numbers = asdict(one).values()
        table.add_row(escape(name), *map(str, numbers))
    return table


# ── when it was taken ────────────────────────────────────────────────────────────────────────────────────────────────


def demanded_moment(db: Session, *, text: str, now: datetime) -> datetime:
    """The moment that is meant, if that can be. Raises `typer.BadParameter`."""
    zones = {one.zone for one in associations.everyone(db)}
    begun = restored.founded(db)
    if begun is None:
        raise typer.BadParameter("There is no association yet: nothing was ever sent.", param_hint=OPTION)
    moment = read_moment(text, zones)
    if moment > now:
        why = f"That lies ahead: it is {shown(now, moment.tzinfo)} now."
    elif moment < begun:
        why = f"That is older than all that is here: the first association began {shown(begun, moment.tzinfo)}."
    elif before := restored.told_at(db, moment):
        why = f"It was told so already, {shown(before, moment.tzinfo)}. To tell it anew, restore the backup once more."
    else:
        return moment
    raise typer.BadParameter(why, param_hint=OPTION)


def read_moment(text: str, zones: set[str]) -> datetime:
    """A moment as it is typed; without an offset by the only clock there is. Raises `typer.BadParameter`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        why = "Write it as 2026-12-10 07:00, or with its offset as 2026-12-10T07:00+08:00."
        raise typer.BadParameter(why, param_hint=OPTION) from error
    if moment.tzinfo is None and len(zones) > 1:
        why = f"The associations live by {len(zones)} clocks: add the offset, as in 2026-12-10T07:00+08:00."
        raise typer.BadParameter(why, param_hint=OPTION)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(*zones))


def shown(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment with its offset, by the clock of that zone."""
    return f"{moment.astimezone(zone) if zone else moment:%d %b %Y %H:%M %z}"
