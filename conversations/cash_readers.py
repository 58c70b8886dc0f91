"""Amounts of cash that somebody counts, as they are typed."""

from functools import partial

from conversations.steps import Reader, Unclear
from conversations.words import _, rupiah
from domain.money import NotAnAmount, Rupiah, parse_rupiah


def counted(text: str) -> Rupiah:
    """What was counted; nothing at all is an answer too."""
    try:
        return parse_rupiah(text)
    except NotAnAmount as error:
        raise Unclear(_("Ketik jumlah uangnya. Contoh: 16.800 atau 16rb800.")) from error


def at_most(most: Rupiah) -> Reader:
    """A reader of an amount that is there to be given: more than nothing, and no more than `most`."""
    return partial(given, most)


def given(most: Rupiah, text: str) -> Rupiah:
    """An amount up to `most`."""
    amount = counted(text)
    if amount == 0:
        raise Unclear(_("Jumlahnya harus lebih dari nol."))
    if amount > most:
        raise Unclear(_("Paling banyak {most}.").format(most=rupiah(most)))
    return amount
