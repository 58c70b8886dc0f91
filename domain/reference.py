"""The reference of a payment, as banks print it: made alike, so that two can be compared, and never a NIK."""

import re

from domain.nik import NIK_LIKE, Nik, NotANik
from domain.text import plain

LENGTH = (3, 40)
KEPT = 12  # digits of a run that is too long for a NIK
OF_A_NIK = 4  # of one that may be a NIK
LIKE_A_NIK = range(15, 18)  # digits: one may be missing, or one too many


class NotAReference(ValueError):
    """No reference of a payment looks like this."""


class NikNotReference(NotAReference):
    """It is a NIK: the payment number of a participant, but no reference."""


def parse_reference(text: str) -> str:
    """The reference in capitals and digits; of many digits in a row, of which some may be a NIK, only the end."""
    if _is_nik(text):
        raise NikNotReference
    cut = NIK_LIKE.sub(lambda run: _end_of(run[0]), plain(text))
    kept = "".join(sign for sign in cut.upper() if sign.isascii() and sign.isalnum())
    least, most = LENGTH
    if not least <= len(kept) <= most or not any(sign.isdigit() for sign in kept):
        raise NotAReference
    if NIK_LIKE.search(kept):  # what stood between the digits is gone
        return parse_reference(kept)
    return kept


def _is_nik(text: str) -> bool:
    try:
        Nik.parse(text)
    except NotANik:
        return False
    return True


def _end_of(run: str) -> str:
    digits = re.sub(r"\D", "", run)
    return digits[-OF_A_NIK:] if len(digits) in LIKE_A_NIK else digits[-KEPT:]
