"""The letters that can be drawn: those of Windows-1252, which every reader of PDF has a font for."""

import unicodedata

from domain.text import visible

NOTHING = "–"  # in place of a text of which not one letter can be drawn

_KIN = str.maketrans(
    {
        "ʻ": "‘", "ʼ": "’", "ʾ": "’", "ʿ": "‘", "′": "’", "″": "”", "‐": "-", "‑": "-", "‒": "–", "―": "—", "−": "-",
        "⁄": "/", "∕": "/", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ł": "l", "Ł": "L", "ŋ": "ng", "Ŋ": "Ng",
    }
)  # fmt: skip


def inked(text: str) -> str:
    """`text` on one line in letters that can be drawn: an accent is lost sooner than its letter.

    Emoji and other scripts are left out; where nothing remains of something, a dash stands for it.
    """
    line = visible(text)
    drawn = " ".join("".join(map(_letter, line.translate(_KIN))).split())
    return drawn or (NOTHING if line else "")


def _letter(char: str) -> str:
    if _can_be_drawn(char):
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "".join(filter(_can_be_drawn, unicodedata.normalize("NFKD", char)))


def _can_be_drawn(char: str) -> bool:
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
