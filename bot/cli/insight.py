"""What tells how things are: `doctor` and `flows`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from bot import flows as drawing
from bot.cli.console import Json, out, show_json
from bot.doctor import Check, examine
from conversations.ours import repertoire

UNWELL = 1


def doctor(*, as_json: Json = False) -> None:
    """Check settings, keys, database, disk and channels, and say what to do; exit code 1 when something is wrong."""
    checks = examine()
    if as_json:
        show_json({"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]})
    else:
        tell(checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(UNWELL)


def tell(checks: list[Check]) -> None:
    """One line for each, what to do below it, and how many there are to mend."""
    wide = max(len(check.name) for check in checks)
    for check in checks:
        mark = "[green]✓[/]" if check.ok else "[red]✗[/]"
        out.print(f"{mark} {escape(check.name.ljust(wide))}  {escape(check.says)}")
        if check.todo:
            out.print(f"  {' ' * wide}  [bold]→ {escape(check.todo)}[/]")
    unwell = sum(not check.ok for check in checks)
    out.print("\nAll is well." if not unwell else f"\n{unwell} to mend.")


def flows(
    *,
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw them in Mermaid.")] = False,
    conversation: Annotated[
        str, typer.Option(help="Only this one; or a life: application, payment, remittance, campaign.")
    ] = "",
    write: Annotated[Path | None, typer.Option(help="Write the whole document there, as in docs/flows.md.")] = None,
    as_json: Json = False,
) -> None:
    """List the conversations, or draw them from their own code."""
    charts = {**drawing.drawn(), **drawing.lives()}
    if conversation and conversation not in charts:
        raise typer.BadParameter(
            f"There is none of that name; there are {', '.join(charts)}.", param_hint="--conversation"
        )
    if write:
        save(write)
        return
    chosen = [conversation] if conversation else list(charts)
    if as_json:
        show_json([as_facts(name, charts[name] if diagram else "") for name in chosen])
    elif diagram:
        out.print("\n\n".join(f"%% {name}\n{charts[name]}" for name in chosen), markup=False)
    else:
        out.print(table_of(chosen))


def save(path: Path) -> None:
    """Write the document. Raises `typer.BadParameter`."""
    try:
        path.write_text(drawing.document(), encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}.", param_hint="--write") from error
    out.print(f"{path} shows the conversations as they are now.")


def as_facts(name: str, chart: str) -> dict[str, object]:
    """A conversation, for programs."""
    found = repertoire.conversations.get(name)
    facts: dict[str, object] = drawing.facts(found) if found else {"name": name}
    return {**facts, "diagram": chart} if chart else facts


def table_of(names: list[str]) -> Table:
    """The conversations with what one wants to know first."""
    table = Table("Name", "Steps", "Chapters", "Version", "Only for", "Words", box=None)
    for facts in (drawing.facts(repertoire.conversations[name]) for name in names if name in repertoire.conversations):
        numbers = (str(facts[what]) for what in ("steps", "chapters", "version"))
        table.add_row(facts["name"], *numbers, ", ".join(facts["only_for"]), ", ".join(facts["words"]))
    return table
