"""How long a member is covered, as far as that can be said: derived from dates, never stored by hand.

What BPJS tells of a member's protection wins over everything. Without it only facts are told: until which month BPJS
has her money. In arrears nothing is promised at all: whether cover goes on then is disputed (domain facts §1.10). What
is owed to the association alone, its fee, is no matter of BPJS's.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.due import due_day
from domain.dues import BPJS_PARTS, PAYABLE, Book
from domain.month import Month, months_from


class Certainty(StrEnum):
    """What may be said about her cover."""

    TOLD = "told"  # BPJS told a date, and it has not passed
    PAID = "paid"  # BPJS has the money for this month; no date is known
    UNDER_WAY = "under_way"  # she has paid, and the money is on its way to BPJS
    NOT_YET = "not_yet"  # nothing was due yet
    NONE = "none"  # something is owed that was due: nothing can be promised


@dataclass(frozen=True, slots=True)
class Cover:
    """What may be said, and until when."""

    certainty: Certainty
    until: date | None = None  # as BPJS told it
    paid_until: Month | None = None  # BPJS has the money until this month


def cover_of(book: Book, protected_until: date | None, today: date) -> Cover:
    """What may be said about a member's cover today."""
    current = Month.of(today)
    paid = book.at_bpjs_until()
    if protected_until and protected_until >= today:
        return Cover(Certainty.TOLD, protected_until, paid)
    if book.arrears(current, BPJS_PARTS) or (book.unpaid(current, BPJS_PARTS) and today > due_day(current)):
        return Cover(Certainty.NONE, paid_until=paid)
    if paid and paid >= current:
        return Cover(Certainty.PAID, paid_until=paid)
    settled = book.paid_until(BPJS_PARTS)
    if settled and settled >= current:
        return Cover(Certainty.UNDER_WAY, paid_until=paid)
    return Cover(Certainty.NOT_YET, paid_until=paid)


def next_due(book: Book, protected_until: date | None) -> date | None:
    """The day on which the next month is to be paid."""
    month = book.next_unpaid()
    return None if month is None else due_of(month, protected_until)


def due_of(month: Month, protected_until: date | None) -> date:
    """The day on which the first open month is to be paid: BPJS's own where it told one, else the month's due day."""
    if protected_until and Month.of(protected_until) + 1 >= month:
        return protected_until
    return due_day(month)


def lapse_month(unpaid: Month) -> Month:
    """The month with which somebody who owes since `unpaid` has been in arrears for too long."""
    return unpaid + PAYABLE + 1


def has_lapsed(book: Book, current: Month) -> bool:
    """True when more consecutive months before the current one are unpaid than may still be paid."""
    return set(months_from(current - (PAYABLE + 1), PAYABLE + 1)) <= set(book.arrears(current, BPJS_PARTS))
