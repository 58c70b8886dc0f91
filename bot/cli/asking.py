"""Asking whoever sets up the bot, and what an answer must look like."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from zoneinfo import available_timezones

import typer
from rich.markup import escape

from bot import first_run
from bot.channels.errors import AccountRefused, ProviderError
from bot.cli.console import told
from bot.settings import ASSOCIATION, NO_CODE, NOT_A_BOT, TOKEN, is_deaf_to, shaped, url
from domain.text import visible
from storage.queries import people

LONGEST_NAME = 100


class Mode(StrEnum):
    """How messages come in."""

    WEBHOOK = "webhook"
    POLLING = "polling"


@dataclass(frozen=True, slots=True)
class Asker:
    """Takes what was given on the command line, else asks; unless nobody is there to answer."""

    interactive: bool

    def ask(
        self,
        option: str,
        question: str,
        check: Callable[[str], str],
        *,
        given: str = "",
        default: str | None = None,
        hide: bool = False,
    ) -> str:
        """An answer that passes the check (it raises `ValueError`). Raises `typer.BadParameter`."""
        if given:
            return demanded(option, check, given)
        while self.interactive:
            try:
                shown = bool(default)
                return check(typer.prompt(question, default=default, show_default=shown, hide_input=hide, err=True))
            except ValueError as error:
                told.print(f"[yellow]{escape(sentence(error))}[/]")
            except typer.Abort:
                if sys.stdin.isatty():
                    raise
                break  # nobody is there
        if default is None:
            raise typer.BadParameter("It is missing.", param_hint=option)
        return demanded(option, check, default)


def demanded(option: str, check: Callable[[str], str], value: str) -> str:
    """A value that passes the check. Raises `typer.BadParameter`."""
    try:
        return check(value)
    except ValueError as error:
        raise typer.BadParameter(sentence(error), param_hint=option) from None


def sentence(error: ValueError) -> str:
    """An advice as a sentence of its own."""
    advice = str(error)
    return advice[:1].upper() + advice[1:] + ("" if advice.endswith(("?", "…")) else ".")


# ── what an answer must look like; each raises `ValueError` ──────────────────────────────────────────────────────


def a_bot(api: str, token: str) -> str:
    """A token that Telegram knows, or cannot be asked about now."""
    shaped(TOKEN, NOT_A_BOT, token.strip())
    try:
        asyncio.run(first_run.name_of_bot(token.strip(), api))
    except AccountRefused as error:
        raise ValueError("Telegram does not know this token; @BotFather shows the right one") from error
    except ProviderError as error:
        told.print(f"[yellow]Telegram could not be asked about the token ({escape(str(error))}); we go on.[/]")
    return token.strip()


def a_mode(text: str) -> str:
    """Webhook or polling."""
    if text.strip().lower() not in list(Mode):
        raise ValueError("it is webhook or polling")
    return text.strip().lower()


def an_address(api: str, text: str) -> str:
    """Where Telegram can post."""
    address = url(text.strip())
    trouble = is_deaf_to(address, api) if address else "it is empty"
    if trouble:
        raise ValueError(trouble)
    return address


def a_name(text: str) -> str:
    """What an association is called, on one line."""
    name = visible(text)
    if not 2 <= len(name) <= LONGEST_NAME:
        raise ValueError(f"a name has 2 to {LONGEST_NAME} characters")
    return name


def a_code(text: str) -> str:
    """The short word for an association."""
    return shaped(ASSOCIATION, NO_CODE, text.strip().lower())


def a_role(text: str) -> str:
    """What somebody may do."""
    if text.lower() not in people.STAFF:
        raise ValueError(f"there is no role {text}; there are {', '.join(people.STAFF)}")
    return text.lower()


def a_zone(text: str) -> str:
    """A time zone by its name."""
    known = available_timezones()
    if text in known:
        return text
    near = get_close_matches(text, known, n=1)
    raise ValueError(f"there is no such time zone; did you mean {near[0]}?" if near else "there is no such time zone")
