"""The terminal: verify, read, draw, send. One line is one message; what a finger does on a phone begins with a slash.

The words for whoever sits before it are English, for it is a tool of those who build and run the bot.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Final
from uuid import uuid4

from bot.channels.errors import Gone, TooBig
from bot.channels.fitting import units
from domain.message import Abilities, Address, Attachment, Button, Incoming, Kind, ProviderId, Reply, SharedContact
from domain.picture import Picture

ABILITIES: Final = Abilities(text=4096, caption=1024, buttons=12, label=64, rate=1000.0)
"""Those of Telegram, so that a talk reads alike; nobody throttles a terminal."""

SLASHED: Final = re.compile(r"/(?P<word>tap|photo|number|sticker)(?:\s+(?P<rest>.*))?")
CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # but for the end of a line


class NotAMessage(ValueError):
    """No phone could send that; the text says what to type instead."""


# --- verify: could a phone have sent it? ------------------------------------------------------------------------------


def verify(line: str) -> bool:
    """Whether a line is a message: something stands in it, and no more than fits. Whoever types here is at home."""
    return 0 < units(line.strip()) <= ABILITIES.text


# --- read: a line → Incoming ------------------------------------------------------------------------------------------


def read(line: str, sender: Address, now: datetime, *, name: str = "", buttons: Sequence[Button] = ()) -> Incoming:
    """What a line sends: `/tap 2`, `/photo FILE`, `/number 0812…`, `/sticker`, and everything else as it is typed.

    `buttons` are those that `/tap` counts, the last ones shown to the sender. Raises NotAMessage.
    """
    if not verify(line):
        raise NotAMessage(f"A message has 1 to {ABILITIES.text:,} characters.")
    slashed = SLASHED.fullmatch(line.strip())
    word, rest = (slashed["word"], (slashed["rest"] or "").strip()) if slashed else ("", "")
    facts = READERS[word](rest, buttons) if word else {"kind": Kind.TEXT, "text": CONTROLS.sub("", line.strip())}
    return Incoming(
        sender=sender, provider_id=ProviderId(f"line:{uuid4().hex}"), sent_at=now, profile_name=name, **facts
    )


def _tap(rest: str, buttons: Sequence[Button]) -> dict[str, object]:
    if not rest.isdecimal() or not 1 <= int(rest) <= len(buttons):
        raise NotAMessage(f"There are {len(buttons)} buttons: /tap 1" if buttons else "There is no button to tap.")
    return {"kind": Kind.TAP, "tap": buttons[int(rest) - 1].data}


def _photo(rest: str, _buttons: Sequence[Button]) -> dict[str, object]:
    path = Path(rest).expanduser()
    if not rest or not path.is_file():
        raise NotAMessage("Name a file that is there: /photo ktp.jpg")
    attachment = Attachment(str(path), guess_type(path.name)[0] or "", path.stat().st_size, path.name)
    return {"kind": Kind.PHOTO, "attachments": (attachment,)}


def _number(rest: str, _buttons: Sequence[Button]) -> dict[str, object]:
    if not rest:
        raise NotAMessage("Whose number? /number 081200000001")
    return {"kind": Kind.CONTACT, "contact": SharedContact(rest, own=True)}


def _sticker(_rest: str, _buttons: Sequence[Button]) -> dict[str, object]:
    return {"kind": Kind.STICKER}


READERS: Final[dict[str, Callable[[str, Sequence[Button]], dict[str, object]]]] = {
    "tap": _tap,
    "photo": _photo,
    "number": _number,
    "sticker": _sticker,
}


# --- draw: Reply → what is shown --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn:
    """The text as it is shown, and the buttons that may be tapped."""

    text: str
    buttons: tuple[Button, ...] = ()
    file: bool = False  # a file goes with it, whose name only the file itself tells


def draw(reply: Reply) -> Drawn:
    """The reply with its choices by number; below it, in brackets, what only a phone would show."""
    lines = [reply.printed()]
    if reply.document and not reply.file:
        lines.insert(0, "[a photo]")
    if reply.asks_contact:
        share, *others = reply.buttons
        lines = [reply.text, f"[{share.label}: /number 081200000001]", *(f"[{button.label}]" for button in others)]
    elif not reply.numbered:
        lines += [f"[{button.label}: /tap {number}]" for number, button in enumerate(reply.buttons, start=1)]
    text = CONTROLS.sub("", "\n".join(lines))
    return Drawn(text, () if reply.asks_contact else reply.buttons, bool(reply.document) and reply.file)


# --- send: shown to whoever sits here ---------------------------------------------------------------------------------


class Terminal:
    """The wire; `show` gets the recipient's id and the text. Remembers the buttons that each has before her."""

    def __init__(self, show: Callable[[str, str], None]) -> None:
        self.show = show
        self.buttons: dict[str, tuple[Button, ...]] = {}

    async def send(self, to: str, drawn: Drawn, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Show a drawn reply; a terminal shows no `picture`, and of a file its name."""
        named = f"[file {CONTROLS.sub('', picture.name)}]\n" if drawn.file and picture else ""
        self.show(to, named + drawn.text)
        self.buttons[to] = drawn.buttons
        return ProviderId(uuid4().hex)

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """The bytes of a file of this machine. Raises Gone, or TooBig beyond `limit` bytes."""
        try:
            content = await asyncio.to_thread(Path(attachment.id).read_bytes)
        except OSError as error:
            raise Gone("gone") from error
        if len(content) > limit:
            raise TooBig("too_big")
        return content
