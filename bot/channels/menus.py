"""How WhatsApp offers choices: quick replies below the text, a list that opens, or the printed numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot.channels.fitting import shorten, units
from domain.message import Button, Reply

INTERACTIVE: Final = 1024  # units of a text with buttons (Twilio, quick-reply and list-picker)
QUICK: Final = 3  # buttons of a message within the window that nobody had to approve
QUICK_TITLE: Final = 20
LIST: Final = 10
LIST_TITLE: Final = 24
DESCRIPTION: Final = 72

Kind = Literal["quick", "list", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """One choice: what stands on it, what comes back, and its whole label below where the title was cut."""

    title: str
    data: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A text with its numbers printed, and the choices as WhatsApp shows them; none where `kind` is empty."""

    text: str
    kind: Kind = ""
    rows: tuple[Row, ...] = ()


def offer(reply: Reply) -> Offer:
    """How WhatsApp offers the choices of one reply, which has been fitted already.

    Three go as quick replies, as long as each says enough to be told apart. Up to ten go as a list, which shows the
    whole of a label that was cut. Numbers are printed in any case and answered too, so that they alone remain for a
    text too long for buttons (one message costs less than two), for more than ten choices, below a picture, and where
    two choices carry the same data, or one none. Only the keys of a reply that asks for her number may carry none.
    """
    text = reply.printed()
    if not _takes_buttons(reply, text):
        return Offer(text)
    choices = [Row(_label(button, number), button.data) for number, button in enumerate(reply.buttons, start=1)]
    if _fit_as_quick_replies(choices, numbered=reply.numbered):
        return Offer(text, "quick", tuple(replace(row, title=shorten(row.title, QUICK_TITLE)) for row in choices))
    return Offer(text, "list", tuple(map(_listed, choices)))


def _takes_buttons(reply: Reply, text: str) -> bool:
    data = [button.data for button in reply.buttons if button.data or not reply.asks_contact]
    told_apart = all(data) and len(set(data)) == len(data)
    has_room = bool(text.strip()) and units(text) <= INTERACTIVE and not reply.document
    return 0 < len(reply.buttons) <= LIST and told_apart and has_room


def _fit_as_quick_replies(choices: Sequence[Row], *, numbered: bool) -> bool:
    """Whether they are few, no two look the same, and what is cut stands in the text in full."""
    if len(choices) > QUICK:
        return False
    titles = {shorten(row.title, QUICK_TITLE) for row in choices}
    return len(titles) == len(choices) and (numbered or titles == {row.title for row in choices})


def _label(button: Button, number: int) -> str:
    """The label in one line; its number where nobody could see it."""
    label = " ".join(button.label.split())
    return label if any(sign.isprintable() and not sign.isspace() for sign in label) else str(number)


def _listed(row: Row) -> Row:
    title = shorten(row.title, LIST_TITLE)
    return replace(row, title=title, description="" if title == row.title else shorten(row.title, DESCRIPTION))
