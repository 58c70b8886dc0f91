"""The command line: `jagalapak`."""

from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import ledger
from bot.cli.announcements import export_campaign
from bot.cli.asked import fee, pay
from bot.cli.chat import chat
from bot.cli.console import explained, out
from bot.cli.costs import costs_of
from bot.cli.init import init
from bot.cli.insight import doctor, flows
from bot.cli.quote import quote
from bot.cli.remind import remind
from bot.cli.restored import restored_from
from bot.cli.service import demo, serve
from bot.cli.setup import add_association, grant, list_associations, migrate
from bot.cli.sheets import export_remittance, import_results
from bot.cli.simulate import simulate

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
PANELS = {
    "Set up": (init, doctor, migrate, grant),
    "Run": (serve, remind),
    "Know": (quote, flows),
    "Try out": (demo, chat, simulate),
}
for panel, commands in PANELS.items():
    for command in commands:
        cli.command(rich_help_panel=panel)(explained()(command))
cli.command("costs", rich_help_panel="Know")(explained()(costs_of))
cli.command("restored", rich_help_panel="Run")(explained()(restored_from))
association = typer.Typer(
    no_args_is_help=True, help="Found, rename and list associations; what they ask, and where they are paid."
)
association.command("add")(explained()(add_association))
association.command("list")(explained()(list_associations))
association.command("fee")(explained()(fee))
association.command("pay")(explained()(pay))
cli.add_typer(association, name="association", rich_help_panel="Set up")
export = typer.Typer(no_args_is_help=True, help="Write sheets that leave the house; each leaves a trace.")
export.command("remittance")(explained()(export_remittance))
export.command("campaign")(explained()(export_campaign))
cli.add_typer(export, name="export", rich_help_panel="Run")
importing = typer.Typer(no_args_is_help=True, help="Take in what others answer; first only told, then done.")
importing.command("bpjs-result")(explained()(import_results))
cli.add_typer(importing, name="import", rich_help_panel="Run")


books = typer.Typer(no_args_is_help=True, help="Prove, export and reprice the ledger.")
books.command("check")(explained()(ledger.check))
books.command("export")(explained()(ledger.export))
books.command("reprice")(explained()(ledger.reprice))
cli.add_typer(books, name="ledger", rich_help_panel="Know")


def show_version(wanted: bool) -> None:
    """Show the version and stop."""
    if wanted:
        out.print(f"jagalapak {version('jagalapak')}")
        raise typer.Exit


@cli.callback()
def jagalapak(
    *,
    version_wanted: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """The chatbot with which street vendors get social security through their association."""


def main() -> None:
    """The entry point."""
    cli()
