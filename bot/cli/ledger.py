"""`jagalapak ledger`: proofs, the journal, and what a changed rule means for months that are charged."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.markup import escape
from sqlmodel import Session, col, select

from bot import beancount
from bot.app import open_storage
from bot.cli.console import Json, out, show_json, told
from bot.cli.quote import month
from bot.settings import read_settings
from conversations.words import rupiah
from domain.month import Month
from domain.rates import NoRate
from storage.database import FRESH, Database
from storage.queries import associations, audit, charges, ledger_check
from storage.queries.ledger_check import Broken
from storage.tables import Member

BROKEN = 1
TODO = (
    "Confirm no payments meanwhile, keep a copy of the database as it is now, and export the journal: "
    "entries are never changed by us, so look for who else wrote to the database, or restore a backup beside it."
)
AT_ONCE = 200  # members repriced in one transaction

Association = Annotated[str, typer.Option("--association", help="Only this one; without it every one.")]


def check(*, association: Association = "", as_json: Json = False) -> None:
    """Prove that every rupiah is in exactly one place; exit code 1 when it is not."""
    with closing(open_storage(read_settings())) as database:
        codes = demanded(database, association)
        found = {code: database.read(partial(ledger_check.broken, association_id=code)) for code in codes}
    faults = sum(map(len, found.values()))
    if as_json:
        broken = {code: [asdict(one) for one in ones] for code, ones in found.items()}
        show_json({"ok": not faults, "rules": len(ledger_check.NAMES), "broken": broken})
    else:
        for code, ones in found.items():
            tell(code, ones)
        out.print(f"{len(ledger_check.NAMES)} rules, {faults} faults." if faults else "Every rupiah is in its place.")
        if faults:
            out.print(f"[bold]→ {TODO}[/]")
    if faults:
        raise typer.Exit(BROKEN)


def tell(code: str, found: list[Broken]) -> None:
    """Each rule of an association that does not hold, and below it where, and what is found there."""
    for rule in dict.fromkeys(one.rule for one in found):
        out.print(f"[red]✗[/] {escape(code)}: it does not hold that {rule}")
        for one in found:
            if one.rule == rule:
                out.print(f"    {escape(one.subject)}: {escape(one.says)}")


def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; without it, to the screen.")] = None,
    *,
    association: Annotated[str, typer.Option("--association", help="The association's code.")] = "main",
) -> None:
    """Write the journal in Beancount's syntax; no name and no NIK is in it."""
    with closing(open_storage(read_settings())) as database:
        demanded(database, association)
        with opened(file) as target, database.reading() as db:
            lines = write(db, association, target)
        database.transact(partial(note, association_id=association))
    if file:
        told.print(
            f"{escape(str(file))} holds {lines} lines; `bean-check {escape(str(file))}` looks at them once more."
        )


@contextmanager
def opened(file: Path | None) -> Iterator[TextIO]:
    """The file, whole or not at all; or the screen."""
    if file is None:
        yield sys.stdout
        return
    new = file.with_name(f"{file.name}.partial")
    with new.open("w", encoding="utf-8") as target:
        yield target
    new.replace(file)


def write(db: Session, association_id: str, target: TextIO) -> int:
    """Line by line; how many."""
    count = 0
    for line in beancount.journal(db, association_id):
        target.write(line + "\n")
        count += 1
    return count


def note(db: Session, *, association_id: str) -> None:
    """An export leaves a trace."""
    audit.note(
        db,
        association_id=association_id,
        actor_id=None,
        action="exported_ledger",
        subject=f"association/{association_id}",
        now=datetime.now(UTC),
    )


def reprice(
    first: Annotated[
        Month | None, typer.Option("--from", parser=month, metavar="MONTH", help="From that month on: 2026-12.")
    ] = None,
    *,
    association: Association = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would be.")] = False,
    as_json: Json = False,
) -> None:
    """Charge the differences after a rule changed; what was written stays, what was paid too much becomes credit."""
    with closing(open_storage(read_settings())) as database:
        changed: dict[str, int] = {}
        for code in demanded(database, association):
            for ids in batches(database, code):
                try:
                    changed |= differences(database, ids, first, keep=not dry_run)
                except NoRate as error:
                    raise typer.BadParameter(f"N{str(error)[1:]}.", param_hint="--from") from error
    total = sum(changed.values())
    if as_json:
        show_json({"members": len(changed), "total": total, "kept": not dry_run})
        return
    out.print(f"{len(changed)} members, {rupiah(total)} in all; {'nothing was written' if dry_run else 'written'}.")


def batches(database: Database, association_id: str) -> Iterator[list[str]]:
    """The ids of every member, some at a time."""
    last = ""
    while True:
        found = database.read(partial(after, association_id=association_id, last=last))
        if not found:
            return
        yield found
        last = found[-1]


def after(db: Session, *, association_id: str, last: str) -> list[str]:
    """The next ids."""
    rows = select(Member.id).where(Member.association_id == association_id, col(Member.id) > last)
    return list(db.exec(rows.order_by(col(Member.id)).limit(AT_ONCE)))


class OnlyLooked(Exception):
    """Undoes what was written to look at it."""


def differences(database: Database, ids: list[str], first: Month | None, *, keep: bool) -> dict[str, int]:
    """The differences for these members, by member, written unless they are only looked at. Raises `NoRate`."""
    found: dict[str, int] = {}

    def work(db: Session) -> None:
        found.clear()
        hers = select(Member).where(col(Member.id).in_(ids)).order_by(col(Member.id))
        for member in db.exec(hers.with_for_update(), execution_options=FRESH).all():
            difference = charges.reprice(db, member, now=datetime.now(UTC), reason="the rules changed", first=first)
            if difference:
                found[member.id] = difference
        if not keep:
            raise OnlyLooked

    with suppress(OnlyLooked):
        database.transact(work)
    return found


def demanded(database: Database, association: str) -> list[str]:
    """The codes of the association, or of all. Raises `typer.BadParameter`."""
    codes = [one.id for one in database.read(associations.everyone)]
    if association and association not in codes:
        there = f"there are {', '.join(codes)}" if codes else "jagalapak init founds the first"
        raise typer.BadParameter(f"There is no association {association}; {there}.", param_hint="--association")
    return [association] if association else codes
