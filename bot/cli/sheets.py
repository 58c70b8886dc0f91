"""`jagalapak export remittance` and `jagalapak import bpjs-result`: the sheet that goes to BPJS, and its answer."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from sqlmodel import Session

from bot import bpjs_results, reconciliation
from bot.app import open_storage
from bot.bpjs_results import NAMES
from bot.cli.console import Json, out, private, show_json
from bot.reconciliation import DoesNotFit, Report
from bot.remittance_sheets import rows_of, sheet_of
from bot.settings import MAIN, read_settings
from bot.sheets import LARGEST, Format, NotASheet
from conversations.remittance_words import VERDICTS, outcome
from conversations.words import _, rupiah, speaking
from domain.remittance import RemittanceStatus as Status
from domain.remittance import Verdict
from storage.database import Overtaken
from storage.queries import associations, remittances
from storage.tables import Remittance

MOST_SHOWN = 50  # rows of one kind

Code = Annotated[str, typer.Option("--association", help="The association's code.")]


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def export_remittance(
    number: Annotated[str, typer.Argument(help="The batch, as in R-2026-0001.")],
    file: Annotated[Path, typer.Argument(help="Where to: a new file that ends in .xlsx or .csv.")],
    *,
    code: Code = MAIN,
    as_json: Json = False,
) -> None:
    """Write the sheet of a batch that goes to BPJS. It holds whole NIKs: keep it safe, and delete it afterwards."""
    form = format_of(file)
    if file.exists():
        raise typer.BadParameter(f"There is a file {file} already; name another one.", param_hint="FILE")

    def take_out(db: Session) -> tuple[bytes, int, int]:
        remittance = found(db, code, number)
        rows = rows_of(db, remittance)
        remittances.note(db, remittance, "exported", by=None, now=datetime.now(UTC), lines=len(rows), to="command line")
        return sheet_of(rows, form), len(rows), sum(row.amount for row in rows)

    with closing(open_storage(read_settings())) as database:
        content, lines, total = database.transact(take_out)
    with private(), file.open("xb") as opened:
        opened.write(content)
    if as_json:
        show_json({"remittance": number.upper(), "file": str(file), "lines": lines, "total": total})
        return
    out.print(f"{escape(str(file))} holds {counted(lines, 'line')}, {rupiah(total)} in all.")
    out.print("Whole NIKs stand in it: send it to BPJS alone, then delete it.")


def format_of(file: Path) -> Format:
    """The form that a file's name asks for. Raises `typer.BadParameter`."""
    try:
        return Format(file.suffix.removeprefix(".").lower())
    except ValueError:
        raise typer.BadParameter("Let its name end in .xlsx or .csv.", param_hint="FILE") from None


def found(db: Session, code: str, number: str) -> Remittance:
    """The batch of that number that was not cancelled. Raises `typer.BadParameter`."""
    demand_association(db, code)
    remittance = remittances.find_by_number(db, code, number.strip().upper())
    if remittance is None:
        latest = [one.number for one in remittances.standing_so(db, code, tuple(Status))[:3]]
        there = f"; the latest are {', '.join(latest)}" if latest else ""
        raise typer.BadParameter(f"There is no batch {number}{there}.", param_hint="NUMBER")
    if remittance.status == Status.CANCELLED:
        raise typer.BadParameter(f"{remittance.number} was cancelled.", param_hint="NUMBER")
    return remittance


def demand_association(db: Session, code: str) -> None:
    """There is such an association. Raises `typer.BadParameter`."""
    codes = [one.id for one in associations.everyone(db)]
    if code not in codes:
        there = f"there are {', '.join(codes)}" if codes else "jagalapak init founds the first"
        raise typer.BadParameter(f"There is no association {code}; {there}.", param_hint="--association")


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def import_results(
    file: Annotated[Path, typer.Argument(help="BPJS's answer: XLSX or CSV, a row for each member and month.")],
    *,
    number: Annotated[str, typer.Option("--remittance", help="The batch; else the one that its rows fit.")] = "",
    code: Code = MAIN,
    named: Annotated[
        str,
        typer.Option("--map", help=f"Other headings, as in nik=Identitas,status=Respon. Fields: {', '.join(NAMES)}."),
    ] = "",
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Take it in; else only tell what would happen.")
    ] = False,
    trust_dates: Annotated[
        bool, typer.Option("--trust-dates", help="BPJS itself says where protection ends earlier than we know.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take BPJS's answer in: line by line, each once, however often the same file comes. Without --apply nothing is."""
    columns = columns_named(named)
    content = content_of(file)
    with speaking("en"), closing(open_storage(read_settings())) as database:
        try:
            answer = bpjs_results.answer_in(content, columns)
            report = database.read(lambda db: looked(db, code, answer, number))
            if apply:
                chosen = report.remittance.number
                report = database.transact(lambda db: taken(db, code, answer, chosen, trust_dates=trust_dates))
        except NotASheet as trouble:
            raise typer.BadParameter(str(trouble), param_hint="FILE") from trouble
        except DoesNotFit as trouble:
            raise typer.BadParameter(str(trouble), param_hint="--remittance" if number else "FILE") from trouble
        except Overtaken as error:
            raise typer.BadParameter("Somebody changed this batch just now: try once more.") from error
        if as_json:
            show_json(as_facts(report, applied=apply))
        else:
            tell(report, applied=apply)


def looked(db: Session, code: str, answer: bpjs_results.Answer, number: str) -> Report:
    """What would happen; nothing of it does. Raises `DoesNotFit`, `typer.BadParameter`."""
    demand_association(db, code)
    return reconciliation.look(db, code, answer, number=number)


def taken(db: Session, code: str, answer: bpjs_results.Answer, number: str, *, trust_dates: bool) -> Report:
    """It happens. Raises `DoesNotFit`, `Overtaken`."""
    now = datetime.now(UTC).astimezone(ZoneInfo(associations.get(db, code).zone))
    return reconciliation.take(db, code, answer, number=number, by=None, now=now, trust_dates=trust_dates)


def columns_named(text: str) -> dict[str, str]:
    """Field → heading. Raises `typer.BadParameter`."""
    columns = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _equals, heading = (side.strip() for side in part.partition("="))
        if name not in NAMES or not heading:
            known = ", ".join(NAMES)
            raise typer.BadParameter(f"Write it as nik=NIK,status=Status; the fields are {known}.", param_hint="--map")
        columns[name] = heading
    return columns


def content_of(file: Path) -> bytes:
    """What stands in the file, no more than we read. Raises `OSError`."""
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def as_facts(report: Report, *, applied: bool) -> dict[str, Any]:
    """What came of an answer, for programs; no more of a NIK than its end."""
    return {
        "remittance": report.remittance.number,
        "status": report.remittance.status,
        "applied": applied,
        "counts": {verdict.value: number_of(report, verdict) for verdict in Verdict},
        "rows": [
            {
                "row": one.told.row,
                "nik_end": one.told.nik.last4,
                "month": one.line.month if one.line else str(one.told.month or ""),
                "verdict": one.verdict.value,
                "amount": one.line.amount if one.line else None,
                "told": one.told.amount,
                "reason": one.told.reason,
                "earlier_date": one.shortens,
            }
            for one in report.outcomes
        ],
        "troubles": [{"row": one.row, "reason": one.words} for one in report.answer.troubles],
        "under_way": list(report.answer.waiting),
        "left": report.left,
    }


def number_of(report: Report, verdict: Verdict) -> int:
    """How many rows mean this."""
    return sum(one.verdict is verdict for one in report.outcomes)


def tell(report: Report, *, applied: bool) -> None:
    """What would happen, or what did, row by row where somebody must look."""
    out.print(f"[bold]{report.remittance.number}[/]" + ("" if applied else ": what would happen"))
    for verdict in Verdict:
        rows = [one for one in report.outcomes if one.verdict is verdict]
        if not rows:
            continue
        out.print(f"{len(rows)} {escape(_(VERDICTS[verdict]))}")
        if verdict not in (Verdict.MATCHED, Verdict.KNOWN):
            show_rows([(one.told.row, outcome(one)) for one in rows])
    if report.more:
        out.print(f"{report.more} with a new card number or a later end of protection")
    if report.answer.waiting:
        out.print(f"{len(report.answer.waiting)} still under way at BPJS")
    if report.earlier:
        out.print(f"{len(report.earlier)} with an earlier end than we know; --trust-dates takes those days over")
    if report.answer.troubles:
        out.print(f"[yellow]{counted(len(report.answer.troubles), 'row')} cannot be read and would not count:[/]")
        show_rows([(one.row, one.words) for one in report.answer.troubles])
    out.print(f"{counted(report.left, 'line')} of the batch still without a result.")
    if not applied:
        out.print("Nothing is changed yet: --apply takes it in.")


def show_rows(rows: list[tuple[int, str]]) -> None:
    """Rows by their numbers, the first of many."""
    for number, words in rows[:MOST_SHOWN]:
        out.print(f"  row {number}: {escape(words)}")
    if len(rows) > MOST_SHOWN:
        out.print(f"  … and {len(rows) - MOST_SHOWN} more")


def counted(number: int, noun: str) -> str:
    """As in "1 line", "2 lines"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
