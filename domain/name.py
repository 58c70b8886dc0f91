"""Names of people as they stand on the KTP, and the free text that people write."""

import re
import unicodedata

from domain.text import visible

LONGEST = 80
"""Characters of the longest name that we take."""

_MARKS = frozenset(" .'’-,/")  # Ma'ruf · Abdul-Aziz · H. Ahmad, S.Pd. · Siti/Aminah
_PICTURES = {"So", "Sk", "Me", "Cn", "Co"}  # emoji and their parts, also those younger than this Python
_ADDRESS = re.compile(  # not "SE.ME", which are degrees
    r"https?|www\.|[\w-]{2,}\.(?:com|net|org|info|id|ly|link|xyz|site|shop|online)\b|\.(?:me|io)/", re.IGNORECASE
)
_FIRST_LETTERS = re.compile(r"(^|[ .,/-])(['’]?)(\w)")
_JOINING = re.compile(r"(?<= )(Bin|Binti|Alias)(?= )")

_NEWLINES = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


class NotAName(ValueError):
    """No person is called this on a KTP."""


class NameTooShort(NotAName):
    """Fewer than two letters."""


class NameTooLong(NotAName):
    """More characters than `LONGEST`."""


class NameHasDigits(NotAName):
    """A digit stands in it."""


class NameHasEmoji(NotAName):
    """A picture stands in it."""


class NameHasAddress(NotAName):
    """A web address stands in it."""


class NameHasSign(NotAName):
    """A sign stands in it that no name has."""


def clean_name(text: str) -> str:
    """The name in `text`: NFC, 2 to `LONGEST` characters, without what is invisible or hangs on either end.

    The case stays as typed, unless all of it is lower: "siti binti ahmad, s.pd" is "Siti binti Ahmad, S.Pd".
    """
    name = visible(text).lstrip(" .,/-").rstrip(" ,/-")
    _refuse_what_no_name_has(name)
    if sum(map(str.isalpha, name)) < 2:
        raise NameTooShort("a name has two letters or more")
    if len(name) > LONGEST:
        raise NameTooLong(f"a name has {LONGEST} characters at most")
    return _capitalised(name) if name.islower() else name


def clean_text(text: str, limit: int) -> str:
    """Free text as we keep it: NFC, at most `limit` characters, without controls, lone surrogates and direction marks.

    Lines stay lines. Joiners stay too, because emoji need them.
    """
    lines = _NEWLINES.sub("\n", text).replace("\t", " ")
    kept = "".join(char for char in lines if char == "\n" or not _harmful(char))
    bounded = kept.strip()[: 4 * limit]  # normalising a long run of accents takes its square in time
    return unicodedata.normalize("NFC", bounded)[:limit].rstrip()


def initials(name: str) -> str:
    """The first letter of each word of a name, as in "S. A."."""
    letters = (next(filter(str.isalpha, word), "") for word in name.split())
    return " ".join(f"{letter.upper()}." for letter in letters if letter)


def _refuse_what_no_name_has(name: str) -> None:
    if any(unicodedata.category(char).startswith("N") for char in name):
        raise NameHasDigits("a name has no digits")
    if any(unicodedata.category(char) in _PICTURES for char in name):
        raise NameHasEmoji("a name has no pictures")
    if _ADDRESS.search(name):
        raise NameHasAddress("a name has no web address")
    if not all(char in _MARKS or unicodedata.category(char)[0] in "LM" for char in name):
        raise NameHasSign("a name has only letters and " + "".join(sorted(_MARKS)).strip())


def _capitalised(name: str) -> str:
    capital = _FIRST_LETTERS.sub(lambda found: found[1] + found[2] + found[3].upper(), name)
    return _JOINING.sub(lambda found: found[0].lower(), capital)


def _harmful(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in _DIRECTIONS
