"""Pictures that we draw ourselves, a receipt and the dues book: plain facts, in words that are already chosen.

They are stored sealed, and drawn when they are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from domain.dues import MonthState

Pair = tuple[str, str]
"""A label and its value, as in ("Untuk", "Desember 2026")."""


@dataclass(slots=True)
class Upload:
    """What a provider calls a file, once it has it; "" before."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or a file, ready to be shown or sent; a provider that has it already needs no more than its name."""

    content: bytes = field(repr=False)
    mime: str
    name: str = "foto.jpg"  # what it is called where it is kept, as in "KW-2026-000001.pdf"
    private: bool = True  # nobody shall pass it on; what we drew for her is hers
    upload: Upload = field(default_factory=Upload, compare=False)


class NoSuchPicture(ValueError):
    """What is stored is none of the pictures that we draw."""


@dataclass(frozen=True, slots=True)
class ReceiptPicture:
    """A receipt: who paid what for which months."""

    KIND: ClassVar[str] = "receipt"

    association: str
    title: str  # as in "Kwitansi"
    number: str  # as in "KW-2026-000001"
    lines: tuple[Pair, ...]
    total: Pair
    notes: tuple[str, ...] = ()
    check_url: str = ""  # where anybody can see whether it is genuine; "" where there is no such page
    check_words: str = ""  # as in "Periksa keaslian"
    voided: str = ""  # a word to stamp across, as in "DIBATALKAN"

    def as_json(self) -> dict[str, Any]:
        """The picture as it is stored until it is drawn."""
        return {
            "kind": self.KIND,
            "association": self.association,
            "title": self.title,
            "number": self.number,
            "lines": [list(line) for line in self.lines],
            "total": list(self.total),
            "notes": list(self.notes),
            "check_url": self.check_url,
            "check_words": self.check_words,
            "voided": self.voided,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ReceiptPicture":
        """The picture that `as_json` stored."""
        return cls(
            association=stored["association"],
            title=stored["title"],
            number=stored["number"],
            lines=tuple(map(_pair, stored["lines"])),
            total=_pair(stored["total"]),
            notes=tuple(stored.get("notes", ())),
            check_url=stored.get("check_url", ""),
            check_words=stored.get("check_words", ""),
            voided=stored.get("voided", ""),
        )


@dataclass(frozen=True, slots=True)
class BookMonth:
    """One month of the dues book, as in ("Des 2026", PAID, "Rp16.800", "lunas")."""

    label: str
    state: MonthState
    amount: str
    word: str


@dataclass(frozen=True, slots=True)
class BookPicture:
    """The dues book: twelve months at a glance, and what is owed."""

    KIND: ClassVar[str] = "book"

    association: str
    name: str  # the member's
    title: str  # as in "Buku iuran"
    as_of: str  # as in "per 22 November 2026"
    months: tuple[BookMonth, ...]  # twelve of them
    owed: Pair
    credit: Pair | None = None  # paid ahead of what is owed
    sentence: str = ""  # as in "Sudah lunas sampai Desember 2026."

    def as_json(self) -> dict[str, Any]:
        """The picture as it is stored until it is drawn."""
        return {
            "kind": self.KIND,
            "association": self.association,
            "name": self.name,
            "title": self.title,
            "as_of": self.as_of,
            "months": [[month.label, month.state.value, month.amount, month.word] for month in self.months],
            "owed": list(self.owed),
            "credit": list(self.credit) if self.credit else None,
            "sentence": self.sentence,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "BookPicture":
        """The picture that `as_json` stored."""
        months = ((label, MonthState(state), amount, word) for label, state, amount, word in stored["months"])
        return cls(
            association=stored["association"],
            name=stored["name"],
            title=stored["title"],
            as_of=stored["as_of"],
            months=tuple(BookMonth(*month) for month in months),
            owed=_pair(stored["owed"]),
            credit=_pair(stored["credit"]) if stored.get("credit") else None,
            sentence=stored.get("sentence", ""),
        )


def drawing_of(stored: Mapping[str, Any]) -> ReceiptPicture | BookPicture:
    """The picture that was stored, whichever it is. Raises `NoSuchPicture`."""
    match stored.get("kind"):
        case ReceiptPicture.KIND:
            return ReceiptPicture.from_json(stored)
        case BookPicture.KIND:
            return BookPicture.from_json(stored)
        case kind:
            raise NoSuchPicture(f"no picture is called {kind!r}")


def _pair(stored: Any) -> Pair:
    label, value = stored
    return label, value
