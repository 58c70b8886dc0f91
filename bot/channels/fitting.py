"""Fits a reply into what a channel can carry, before it is stored: one reply in, as many as it takes out."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

import regex

from domain.message import Abilities, Button, Reply

_GAP = regex.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
_WHOLE = regex.compile(r"(?:https?://|www\.)\S+|\X")  # a link, or a grapheme: what a reader calls one character
_GRAPHEME = regex.compile(r"\X")
_CODE_POINT = regex.compile(r"(?s:.)")
_SENTENCE_ENDS = (".", "!", "?", "…", ":")
_MORE = "…"


class DataTooLong(ValueError):
    """A button carries more than the channel takes, or nothing."""


class TextTooLong(ValueError):
    """A text that was not fitted reached the wire, or one with nothing in it."""


class TooManyButtons(ValueError):
    """More buttons than the channel shows, and no numbers to type instead."""


def units(text: str) -> int:
    """Length as providers count it: UTF-16 code units, so that most emoji are two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit(reply: Reply, abilities: Abilities) -> list[Reply]:
    """`reply` in as many parts as the channel needs, in order: the document on the first, the buttons on the last.

    Printed choices are kept together: a label too long for its button is shortened there and printed in full, and
    where there are more choices than buttons the numbers alone remain. A template stands for a whole reply, so that
    parts have none. Raises DataTooLong and TooManyButtons, which
    are faults of the conversation, never of what somebody typed.
    """
    _demand_data(reply, abilities)
    keys = _keys(reply, abilities)
    first_room = _first_room(reply, abilities)
    if first_room == 0:
        words = fit(replace(reply, document="", file=False), abilities) if reply.printed().strip() else []
        return [Reply("", document=reply.document, file=reply.file), *words]
    if keys == reply.buttons and units(reply.printed()) <= first_room:
        return [reply]
    *texts, last = _texts(reply, first_room, abilities.text)
    end = replace(reply, text=last, buttons=keys, numbered=False, document="", file=False)
    if texts:
        end = replace(end, template="", variables=())
    first, *others = [*(Reply(text) for text in texts), end]
    return [replace(first, document=reply.document, file=reply.file), *others]


def split(text: str, first_room: int, room: int) -> list[str]:
    """`text` in parts of at most `room` units, the first of `first_room`; at least one part.

    Cut between paragraphs, else lines, sentences, words; never inside a link, a grapheme or a surrogate pair. Only what
    is longer than a whole part is cut all the same: a link between graphemes, a grapheme between code points.
    """
    parts = []
    rest, this_room = text.strip(), first_room
    while units(rest) > this_room:
        part, rest = _cut(rest, this_room)
        if part.strip():
            parts.append(part)
            this_room = room
    return [*parts, rest] if rest.strip() or not parts else parts


def shorten(text: str, room: int) -> str:
    """`text` in at most `room` units, ending in "…" where something is missing."""
    if units(text) <= room:
        return text
    if text.isascii():
        return text[: max(room - units(_MORE), 0)].rstrip() + _MORE
    return text[: max(_ends(_GRAPHEME, text, room - units(_MORE)), default=0)].rstrip() + _MORE


def _demand_data(reply: Reply, abilities: Abilities) -> None:
    least = 0 if reply.asks_contact else 1  # keys that share a contact or are plain text carry nothing
    for button in reply.buttons:
        carried = len(button.data.encode())
        if not least <= carried <= abilities.data:
            raise DataTooLong(f"a button carries {carried} bytes, not {least} to {abilities.data}")


def _first_room(reply: Reply, abilities: Abilities) -> int:
    """Characters of the first part: a picture leaves less of them, a file perhaps none."""
    if not reply.document:
        return abilities.text
    of_file = abilities.file_caption if reply.file else None
    return abilities.caption if of_file is None else of_file


def _keys(reply: Reply, abilities: Abilities) -> tuple[Button, ...]:
    """The buttons as the channel shows them; none where it cannot show them all."""
    if len(reply.buttons) <= abilities.buttons:
        return tuple(replace(button, label=shorten(button.label, abilities.label)) for button in reply.buttons)
    if not reply.numbered:
        raise TooManyButtons(f"{len(reply.buttons)} buttons without numbers, where {abilities.buttons} fit")
    return ()


def _texts(reply: Reply, first_room: int, room: int) -> list[str]:
    """The text in parts, the printed choices whole on the last; choices longer than half a message are cut as text."""
    choices = reply.printed()[len(reply.text) :]
    if units(choices) > room // 2:
        return split(reply.printed(), first_room, room)
    *parts, last = split(reply.text, first_room, room)
    if units(last + choices) <= (room if parts else first_room):
        return [*parts, last + choices]
    gap = _best_gap(last, len(last))
    if gap and units(last[gap[1] :] + choices) <= room:
        return [*parts, last[: gap[0]], last[gap[1] :] + choices]
    return [*parts, last, choices.lstrip()]


def _cut(text: str, room: int) -> tuple[str, str]:
    """A beginning of `text` within `room` units that reads as a whole, and the rest without the gap between them."""
    windows = (max(_ends(whole, text, room), default=0) for whole in (_WHOLE, _GRAPHEME, _CODE_POINT))
    window = next(filter(None, windows), 1)
    start, end = _best_gap(text, window) or (window, window)
    return text[:start], text[end:]


def _best_gap(text: str, window: int) -> tuple[int, int] | None:
    """Where the white space lies at which to cut before `window`: the best of the later half, else the last."""
    upto = takewhile(lambda gap: gap.start() <= window, _GAP.finditer(text))
    gaps = [(gap.start(), gap.end()) for gap in upto if gap.start() and _stands_alone(text, gap.end())]
    late = [gap for gap in gaps if gap[0] >= window // 2]
    return max(late or gaps[-1:], key=lambda gap: (_rank(text, *gap), gap), default=None)


def _rank(text: str, start: int, end: int) -> int:
    """How good a gap is to cut at: between words, sentences, lines, paragraphs."""
    lines = text.count("\n", start, end)
    return min(lines, 2) + 1 if lines else int(text[:start].endswith(_SENTENCE_ENDS))


def _stands_alone(text: str, end: int) -> bool:
    """Whether the white space before `end` is no part of a grapheme, as under an accent that was typed on its own."""
    return next(_GRAPHEME.finditer(text, end - 1)).end() == end


def _ends(whole: "regex.Pattern[str]", text: str, room: int) -> Iterator[int]:
    """Where `text` may be cut within `room` units: after everything that is to stay whole."""
    used = 0
    for one in whole.finditer(text):
        used += units(one[0])
        if used > room:
            return
        yield one.end()
