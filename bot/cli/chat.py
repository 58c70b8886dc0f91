"""A talk with the bot in the terminal: `chat`."""

import asyncio
import importlib
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from sqlmodel import Session

from bot import demo as demonstration
from bot.arrivals import ARRIVING, ASSOCIATION
from bot.cast import BUDI, SITI
from bot.channels import terminal
from bot.channels.terminal import NotAMessage, Terminal
from bot.cli.console import log_to_stderr, out
from bot.clock import Clock
from bot.demo import NAME
from bot.running import Channel, Running, put_together
from domain.message import Address
from storage.queries import associations, outbox, people, received, talks

ACCOUNT = "terminal/main"
PATIENCE = 60  # seconds for an answer; a photo takes the longest
LOOK = 0.01  # seconds between looks whether all is answered
OPEN = {"queued", "leased", "retry_wait"}
HELP = """\
A number or words answer a question. What a finger does on a phone:
  [bold]/photo FILE[/]     send a photo
  [bold]/number 0812…[/]   share your phone number
  [bold]/sticker[/]        send a sticker
  [bold]/tap 1[/]          press a button
And here:
  [bold]/as officer[/]     be the officer from now on; [bold]/as vendor[/] is the way back
  [bold]/quit[/]           leave; nothing is kept
"""


class Who(StrEnum):
    """Whose phone the terminal is."""

    VENDOR = "vendor"
    OFFICER = "officer"


PHONES = {Who.VENDOR: SITI, Who.OFFICER: BUDI}


def chat(
    *, who: Annotated[Who, typer.Option("--as", help="Whose phone the terminal is; /as changes it later.")] = Who.VENDOR
) -> None:
    """Talk with the bot here, as a vendor or an officer of a fictional association; nothing is kept."""
    log_to_stderr("ERROR")
    with suppress(ImportError):
        importlib.import_module("readline")  # with it a line can be edited and called back
    with TemporaryDirectory(prefix="jagalapak-") as folder, asyncio.Runner() as loop:
        talk = Talk(Path(folder) / "chat.db", who)
        loop.run(talk.running.start())
        out.print(f"{escape(NAME)}. Say [bold]halo[/]; [bold]/help[/] tells what else.\n")
        try:
            while loop.run(talk.go_on(typed(talk.who))):
                pass
        except (EOFError, KeyboardInterrupt):
            out.print()
        finally:
            loop.run(talk.running.stop())


def typed(who: Who) -> str:
    """The next line. Raises `EOFError`, `KeyboardInterrupt`."""
    line = out.input(f"[bold green]{who}:[/] ")
    if not sys.stdin.isatty():
        out.print(escape(line))
    return line


class Talk:
    """Two phones on one terminal; the event loop runs only while a line is answered."""

    def __init__(self, path: Path, who: Who) -> None:
        self.who = who
        self.wire = Terminal(self.show)
        self.running = set_up(path, self.wire)

    async def go_on(self, line: str) -> bool:
        """Do what a line says; False when it is the last."""
        word, _space, rest = line.strip().partition(" ")
        if word == "/quit":
            return False
        if word == "/help":
            out.print(HELP)
        elif word == "/as":
            self.become(rest.strip())
        elif word:
            await self.say(line)
        return True

    def become(self, name: str) -> None:
        """Whoever types is somebody else from now on."""
        if name in list(Who):
            self.who = Who(name)
        else:
            out.print(f"[yellow]There are {' and '.join(Who)}, as in /as {Who.OFFICER}[/]")

    async def say(self, line: str) -> None:
        """Send a line, and wait for everything that is said because of it."""
        phone = PHONES[self.who]
        sender = Address(ACCOUNT, phone.external_id)
        buttons = self.wire.buttons.get(phone.external_id, ())
        try:
            incoming = terminal.read(line, sender, self.running.clock.now(), name=phone.name, buttons=buttons)
        except NotAMessage as error:
            out.print(f"[yellow]{escape(str(error))}[/]")
            return
        outcome = await self.running.take(incoming)
        if outcome.notice:
            self.show(phone.external_id, f"({outcome.notice})")
        await self.until_answered()

    async def until_answered(self) -> None:
        """Nothing waits to be answered or sent any more."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    if not await asyncio.to_thread(self.running.database.read, is_open):
                        return
                    await asyncio.sleep(LOOK)
        except TimeoutError:
            out.print("[yellow]No answer yet; it comes with what you say next.[/]")

    def show(self, to: str, text: str) -> None:
        """What the bot says to one of the phones."""
        whom = next(who for who, phone in PHONES.items() if phone.external_id == to)
        speaker = "bot" if whom is self.who else f"bot to {whom}"
        first, *rest = text.splitlines() or [""]
        out.print(f"[bold cyan]{speaker}:[/] {escape(first)}")
        for line in rest:
            out.print(escape(" " * (len(speaker) + 2) + line).rstrip())


def is_open(db: Session) -> bool:
    """True while something waits to be answered or sent."""
    waiting, _dead = received.counts(db)
    return waiting > 0 or any(status in OPEN for _account, _kind, status in outbox.counts(db))


def set_up(path: Path, wire: Terminal) -> Running:
    """The demonstration's association, its two phones on this terminal, its officer ready to work."""
    database = demonstration.empty_database(path)
    channel = Channel(ACCOUNT, ASSOCIATION, terminal.ABILITIES, wire, terminal.draw, shares_contact=True)
    clock = Clock()
    database.transact(lambda db: associations.ensure(db, association_id=ASSOCIATION, name=NAME, now=clock.now()))
    running = put_together(database, {ACCOUNT: channel}, clock=clock)
    officer = database.transact(lambda db: employ(db, clock))
    for words in ARRIVING:
        running.turns.take(terminal.read(words, Address(ACCOUNT, BUDI.external_id), clock.now(), name=BUDI.name))
    database.transact(lambda db: outbox.suppress(db, officer, "seeded", clock.now()))
    return running


def employ(db: Session, clock: Clock) -> str:
    """The officer may verify and grant roles; the id of her address."""
    now = clock.now()
    address = talks.ensure_address(
        db, association_id=ASSOCIATION, account=ACCOUNT, external_id=BUDI.external_id, now=now
    )
    for role in ("officer", "admin"):
        people.ensure_role(db, association_id=ASSOCIATION, person_id=address.person_id, role=role, now=now)
    return address.id
