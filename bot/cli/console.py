"""What every command says, and how it says what went wrong: a kind word and an exit code, never a traceback."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DatabaseError

from bot.logs import hide_words, silence_wire_logs
from bot.settings import Misconfigured
from conversations.repertoire import NoWayOn
from storage.database import StorageDown
from storage.migrate import FromAnotherRelease

WRONG = 2  # what was typed, or set, cannot be used
DOWN = 3  # something that we need does not answer

out = Console(highlight=False, soft_wrap=True)
told = Console(highlight=False, soft_wrap=True, stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]


@contextmanager
def explained() -> Iterator[None]:
    """What is wrong and what to do, instead of a traceback."""
    try:
        yield
    except (Misconfigured, NoWayOn) as error:
        stop("This cannot go on", str(error), WRONG, error)
    except FromAnotherRelease as error:
        stop("The database belongs to a newer release", f"It stands at {error}: update JagaLapak first.", WRONG, error)
    except StorageDown as error:
        stop("The database does not answer", f"Is DATABASE_URL right, and is it running? ({error})", DOWN, error)
    except DatabaseError as error:
        fault = type(error.orig).__name__
        stop("That is no database of ours", f"Is DATABASE_URL right? ({fault})", WRONG, error)
    except BrokenPipeError:
        raise  # whoever reads has read enough
    except OSError as error:
        stop("That file cannot be used", f"{error.filename or 'a file'}: {error.strerror}", WRONG, error)


@contextmanager
def private() -> Iterator[None]:
    """Files that are made meanwhile are nobody else's to read: people's data will lie in them."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def stop(what: str, why: str, code: int, error: Exception) -> NoReturn:
    """Say what is wrong, and end with that exit code. Raises `typer.Exit`."""
    lines = escape(why).splitlines()
    told.print(f"[bold red]{what}.[/]", *lines, sep=" " if len(lines) == 1 else "\n  ")
    raise typer.Exit(code) from error


def show_json(value: Any) -> None:
    """A value for programs, on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def log_to_stderr(level: str) -> None:
    """Plain lines on standard error. Wires keep silent, for their lines hold tokens; errors say where, not what."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    hide_words()
    silence_wire_logs()
