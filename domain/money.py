"""Money: whole rupiah, and nothing smaller."""

import re
from typing import NewType

from domain.text import plain

Rupiah = NewType("Rupiah", int)
"""An amount of money in whole rupiah."""

MOST = Rupiah(1_000_000_000)
"""No amount that somebody types to us is larger."""

_LONGEST = 40  # characters of an amount with its currency and "per bulan"
_UNITS = {"juta": 1_000_000, "jt": 1_000_000, "ribu": 1_000, "rb": 1_000, "k": 1_000}

_BEFORE = re.compile(r"^(?:rp|idr)[. ]*")
_AFTER = re.compile(r"(?: ?rupiah)?(?: ?(?:/|per|se) ?(?:bulan|bln))?[. ]*$")
_SE = re.compile(r"\bse(?=juta|ribu)")  # "sejuta" is one million
_RUN = re.compile(r"[0-9][0-9o.,]*")  # digits, and the letters that stand among them for a zero

_NO_ZERO_FIRST = r"(?!0 ?[0-9]|0[.,][0-9]{3})"  # that would be a phone number, or a slip
_WHOLE = re.compile(  # 1500000 · 1.500.000 · 1.500.000,00 · 1,500,000 · 1 500 000, with or without ",-"
    _NO_ZERO_FIRST
    + r"([0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?:,00)?|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]?-)?"
)
_IN_ONE_UNIT = re.compile(_NO_ZERO_FIRST + r"([0-9]+)(?:[.,]([0-9]{1,2}))? ?(juta|jt|ribu|rb|k)")  # 1,5 juta · 800rb
_IN_UNITS = re.compile(  # 1jt500rb · 16rb800; not "1jt500", which may mean two things
    _NO_ZERO_FIRST + r"(?:([0-9]+) ?(?:juta|jt) ?)?([0-9]{1,3}) ?(?:ribu|rb|k) ?([0-9]{3})?"
)


class NotAnAmount(ValueError):
    """No amount of rupiah is written like this."""


class AmountTooLarge(NotAnAmount):
    """More than `MOST`: a number of another kind, or a slip of the finger."""


def parse_rupiah(text: str) -> Rupiah:
    """The amount in `text` as people type it: "Rp1.500.000", "1,5 juta", "800rb", "16rb800", "sejuta per bulan".

    From 0 to `MOST`. What may be read in two ways ("1.500 ribu", "1jt500", "15,5") is no amount: better to ask again.
    """
    amount = _amount(_bare(text))
    if amount > MOST:
        raise AmountTooLarge(f"more than {MOST} rupiah")
    return Rupiah(amount)


def _bare(text: str) -> str:
    """`text` without its currency and its month."""
    typed = plain(text).casefold()
    if len(typed) > _LONGEST:
        raise NotAnAmount("too long for an amount")
    number = _AFTER.sub("", _BEFORE.sub("", typed))
    return _RUN.sub(lambda run: run[0].replace("o", "0"), _SE.sub("1", number))


def _amount(number: str) -> int:
    if found := _WHOLE.fullmatch(number):
        return int(re.sub(r"[., ]", "", found[1].removesuffix(",00")))
    if found := _IN_ONE_UNIT.fullmatch(number):
        hundredths = int(found[1] + (found[2] or "").ljust(2, "0"))
        return hundredths * _UNITS[found[3]] // 100
    if found := _IN_UNITS.fullmatch(number):
        millions, thousands, rest = (int(part or 0) for part in found.groups())
        return millions * 1_000_000 + thousands * 1_000 + rest
    raise NotAnAmount("not written like an amount of rupiah")
