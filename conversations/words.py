"""Value → text: the language somebody reads, and how money and dates look in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from domain.money import Rupiah
from domain.month import Month

SOURCE_LANGUAGE = "id"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}

spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE_LANGUAGE)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is said in `language`; in Indonesian where we do not know it."""
    before = spoken.set(language if language in LANGUAGES else SOURCE_LANGUAGE)
    try:
        yield
    finally:
        spoken.reset(before)


def _(sentence: str) -> str:
    """The sentence in the language spoken now; an untranslated sentence stays Indonesian."""
    language = spoken.get()
    if language == SOURCE_LANGUAGE or not sentence:  # gettext answers "" with the header of its catalogue
        return sentence
    return catalogue(language).gettext(sentence)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a sentence for the catalogue; it is translated where it is said."""
    return sentence


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations of one language, read from its .po file."""
    source = resources.files("conversations") / "locale" / language / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def rupiah(amount: Rupiah | int) -> str:
    """Whole rupiah, as in "Rp16.800"."""
    return f"Rp{amount:,}".replace(",", ".")


def long_date(day: date) -> str:
    """A day, as in "5 Mei 1987"."""
    return format_date(day, "d MMMM y", locale=spoken.get())


def month_name(month: Month) -> str:
    """A month, as in "Desember 2026"."""
    return format_date(date(month.year, month.month, 1), "MMMM y", locale=spoken.get())
