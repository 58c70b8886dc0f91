"""Asking whoever sets up the bot, and what an answer must look like."""

import asyncio
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from zoneinfo import available_timezones

import typer
from rich.markup import escape

from bot.at_telegram import name_of_bot
from bot.channels import whatsapp
from bot.channels.errors import AccountRefused, MessageRefused, ProviderError
from bot.cli.console import told
from bot.first_run import Access
from bot.patience import asking
from bot.settings import (
    ACCOUNT_SID,
    ASSOCIATION,
    KEY_SID,
    NO_CODE,
    NOT_A_BOT,
    SECRET,
    SENDER,
    TOKEN,
    sender,
    shaped,
    url,
)
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
    """A token that Telegram knows, or cannot be asked about now; "" for no bot."""
    if not token.strip():
        return ""
    shaped(TOKEN, NOT_A_BOT, token.strip())
    try:
        asyncio.run(name_of_bot(token.strip(), api))
    except AccountRefused as error:
        raise ValueError("Telegram does not know this token; @BotFather shows the right one") from error
    except ProviderError as error:
        told.print(f"[yellow]Telegram could not be asked about the token ({escape(str(error))}); we go on.[/]")
    return token.strip()


def an_account(needed: bool, sid: str) -> str:
    """An account at Twilio; "" for no WhatsApp, unless that is all that is left."""
    if not sid.strip():
        if needed:
            raise ValueError(
                "there must be Telegram or WhatsApp; for Telegram, begin again and give a bot's token (--token)"
            )
        return ""
    return shaped(ACCOUNT_SID, "that is no account SID; Twilio's console shows one as AC and 32 digits", sid.strip())


def an_api_key(sid: str) -> str:
    """An API key's name."""
    return shaped(KEY_SID, "that is no API key; Twilio's console shows its SID as SK and 32 digits", sid.strip())


def a_secret(secret: str) -> str:
    """What Twilio gave us to keep."""
    return shaped(SECRET, "it has at least 16 letters and digits, without spaces", secret.strip())


def auth_tokens(tokens: str) -> str:
    """One auth token, or several with commas."""
    found = [token for token in tokens.split(",") if token.strip()]
    if not found:
        raise ValueError("it is empty")
    return ",".join(a_secret(token) for token in found)


def a_number(number: str) -> str:
    """The number that writes to vendors; spaces and dashes do not count."""
    plain = str(sender("".join(sign for sign in number if sign not in " -()")))
    return shaped(SENDER, "write the number with its country, as in +6281…", plain)


def known_to_twilio(access: Access, api: str) -> None:
    """Ask Twilio whether that opens the account; that it cannot be asked now is said. Raises `ValueError`."""
    try:
        asyncio.run(name_of_account(access, api))
    except (AccountRefused, MessageRefused) as error:
        raise ValueError("Twilio does not know this API key for this account; its console shows both") from error
    except ProviderError as error:
        told.print(f"[yellow]Twilio could not be asked about the API key ({escape(str(error))}); we go on.[/]")


async def name_of_account(access: Access, api: str) -> str:
    """What our account is called. Raises the kinds of `ProviderError`."""
    wire = whatsapp.WhatsApp(access.account_sid, access.key_sid, access.key_secret, access.number, api)
    async with asking(wire):
        return await wire.check()


def a_mode(text: str) -> str:
    """Webhook or polling."""
    if text.strip().lower() not in list(Mode):
        raise ValueError("it is webhook or polling")
    return text.strip().lower()


def an_address(troubles: Iterable[Callable[[str], str]], text: str) -> str:
    """Where every provider can post; each tells why it cannot."""
    address = url(text.strip())
    if not address:
        raise ValueError("it is empty")
    for trouble in filter(None, (tell(address) for tell in troubles)):
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
