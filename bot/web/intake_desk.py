"""What the intake page needs of the house: what a link asks for, and what becomes of a form."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LinkState(StrEnum):
    """How it stands with a link."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    PASSED = "passed"  # its question is answered by now, or somebody else speaks there
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"  # too many attempts: wait


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks for, while it is good."""

    association: str  # its name
    who: str  # how she is called, may be ""
    nik: bool  # asks for the NIK
    photo: bool  # asks for a photo of the KTP
    photo_needed: bool  # it cannot be left out
    channel: str  # "whatsapp" | "telegram": where the talk goes on
    language: str  # "id" | "en"
    back: str  # a link back to the chat ("https://wa.me/62…"), may be ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a form: taken, or why not."""

    state: LinkState  # GOOD with an error: try again; USED: it was taken just now or before
    taken: bool = False
    nik_error: str = ""  # a kind sentence in her language
    photo_error: str = ""


class Desk(Protocol):
    """What the page needs of the house; each call raises StorageDown when the database does not answer."""

    async def see(self, token: str) -> tuple[LinkState, Asked | None]:
        """How it stands with a link, and what it asks for; changes nothing."""
        ...

    async def send(self, token: str, nik: str, photo: bytes | None) -> Sent:
        """Check the form and take it, once; `nik` is as she typed it, `photo` as her phone sent it."""
        ...
