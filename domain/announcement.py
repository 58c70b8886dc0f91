"""The words of an announcement, without what a provider or a phone would take for something else."""

import re

from domain.name import clean_text

LONGEST = 1_500  # characters; with what we put around them they still fit into one message of every channel
_OPENING, _CLOSING = re.compile(r"\{+"), re.compile(r"\}+")
_SPACES = re.compile(r"[^\S\n]+")  # of every width: four in a row are refused in a template
_NO_WIDTH = re.compile("[\u200b\u2060\u00ad]")
_EMPTY_LINES = re.compile(r"\n{3,}")
_ENDS = "com|net|org|info|id|ly|link|xyz|site|shop|online|me|io"
_LINK = re.compile(rf"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:{_ENDS})\b\S*", re.IGNORECASE)


def tame(words: str, longest: int = 4 * LONGEST) -> str:
    """The same words: no braces, which fill templates, no odd spaces, no more than one empty line, nothing unseen."""
    kept = _CLOSING.sub(")", _OPENING.sub("(", clean_text(_NO_WIDTH.sub("", words), longest)))
    lines = (_SPACES.sub(" ", line).strip() for line in kept.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def links_in(words: str) -> list[str]:
    """The web addresses in it, as they are typed."""
    return [found[0].rstrip(".,;:!?)") for found in _LINK.finditer(words)]
