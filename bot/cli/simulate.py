"""`jagalapak simulate`: an association for months, with outages and faults, and what its reminders were worth."""

import logging
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.console import Json, out, show_json
from bot.simulation.years import Report
from bot.simulation.years import simulate as played
from storage.database import open_database
from storage.migrate import upgrade
from storage.sealed import KeyRing, use_keys

BROKEN = 1


def simulate(
    months: Annotated[int, typer.Option(min=1, max=60, help="How long.")] = 24,
    members: Annotated[int, typer.Option(min=1, max=100_000, help="How many members.")] = 8000,
    seed: Annotated[int, typer.Option(help="Which lots are drawn: the same ones give the same years.")] = 1,
    *,
    as_json: Json = False,
) -> None:
    """Play an association on a moved clock; exit code 1 when a reminder was doubled, late, unwanted or lost."""
    use_keys(KeyRing.parse(KeyRing.generate()))
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_database(f"sqlite:///{Path(folder) / 'years.db'}")) as db,
    ):
        upgrade(db)
        report = played(db, months=months, members=members, seed=seed)
    facts = as_facts(report, time.monotonic() - began)
    if as_json:
        show_json(facts)
    else:
        tell(facts)
    if any(facts[what] for what in WRONG):
        raise typer.Exit(BROKEN)


@contextmanager
def silence() -> Iterator[None]:
    """The troubles that are made on purpose are not told one by one."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        root.setLevel(before)


WRONG = ("doubled", "after_payment", "in_quiet_hours", "unwanted", "too_many", "lost")
MEANT = {
    "reminders": "reminders that arrived",
    "doubled": "of them twice",
    "after_payment": "after she had paid",
    "in_quiet_hours": "at an hour that is not decent",
    "unwanted": "although she wanted none",
    "too_many": "more than two within a week",
    "lost": "that should have come and did not",
    "uncertain": "that may have arrived: the provider did not say, and they are never sent again",
    "payments": "payments",
    "outages": "outages of the machine or the provider",
    "deaths": "times that the sender died in the middle of its work",
    "seconds": "seconds",
}


def as_facts(report: Report, seconds: float) -> dict[str, Any]:
    """A report, for programs."""
    verdict = asdict(report.verdict)
    examples = verdict.pop("examples")
    known = {name: value for name, value in asdict(report).items() if name != "verdict"}
    return {**known, **verdict, "seconds": round(seconds, 1), "examples": examples}


def tell(facts: dict[str, Any]) -> None:
    """One line for each."""
    out.print(f"{facts['members']} members, {facts['months']} months, seed {facts['seed']}\n")
    for name, meant in MEANT.items():
        mark = "[bold red]" if name in WRONG and facts[name] else "[bold]"
        out.print(f"{mark}{facts[name]:>10}[/]  {meant}")
    for example in facts["examples"]:
        out.print(f"            {example}", markup=False)
