"""What people type and paste, without what nobody can see."""

import unicodedata

_CONTROLS = {"Cc", "Cf", "Cs"}  # controls; zero-width, direction and BOM; lone surrogates
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # drawn as nothing, yet not called controls
_VARIATION_SELECTORS = frozenset(map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))


def visible(text: str) -> str:
    """`text` in NFC on one line: every run of white space is one space, whatever has no ink is gone."""
    spaced = (" " if char.isspace() else char for char in text)
    inked = "".join(char for char in spaced if not _unseen(char))
    return unicodedata.normalize("NFC", " ".join(inked.split()))


def plain(text: str) -> str:
    """`visible` text with the digits of every script as 0-9 and every dash as "-", to read numbers from."""
    return "".join(map(_plain_char, visible(text)))


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _CONTROLS or char in _BLANKS or char in _VARIATION_SELECTORS


def _plain_char(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "-" if unicodedata.category(char) == "Pd" or char == "\N{MINUS SIGN}" else char
