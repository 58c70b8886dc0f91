"""What a member may pay at once: all her arrears, or the next 1, 3, 6 or 12 months; and what that costs."""

from collections.abc import Collection
from dataclasses import dataclass

from domain.dues import BPJS_PARTS, PARTS, PERIODS, Book, Open, Way, allocate
from domain.money import Rupiah
from domain.month import Month

ARREARS = "arrears"


@dataclass(frozen=True, slots=True)
class Due:
    """What months cost, what of that her credit pays, and what is left to be paid."""

    cost: Rupiah
    credit: Rupiah

    @property
    def amount(self) -> Rupiah:
        """What is to be paid."""
        return Rupiah(self.cost - self.credit)


@dataclass(frozen=True, slots=True)
class Offer:
    """Months that she may pay at once."""

    key: str  # ARREARS, or how many months
    months: tuple[Month, ...]
    due: Due


def offers(book: Book, current: Month, first: Month) -> list[Offer]:
    """What may be paid from `first` on, of months that wait for no officer; never something that costs nothing."""
    unpaid = [
        one.month for one in book.months if one.month >= first and one.total_owed and one.month not in book.pending
    ]
    arrears = [month for month in unpaid if month < current]
    runs = {ARREARS: arrears} if arrears else {}
    runs |= {str(count): unpaid[:count] for count in PERIODS if len(unpaid) >= count and unpaid[:count] != arrears}
    found = [Offer(key, tuple(months), due(book, months)) for key, months in runs.items()]
    return [one for one in found if one.due.amount > 0]


def due(book: Book, months: Collection[Month], way: Way = Way.TRANSFER) -> Due:
    """What is to be paid for these months now. Straight to BPJS: without the association's own fee and credit.

    Credit pays the oldest months first, those included that are not meant now.
    """
    parts = BPJS_PARTS if way is Way.BPJS else PARTS
    latest = max(months)
    owed = [part for one in book.months if one.month <= latest for part in one.open_parts if part.part in parts]
    ours = () if way is Way.BPJS else allocate(owed, max(book.credit, Rupiah(0))).paid
    theirs = allocate(less(owed, ours), max(book.ahead, Rupiah(0)), BPJS_PARTS).paid
    return Due(
        Rupiah(sum(one.amount for one in owed if one.month in months)),
        Rupiah(sum(one.amount for one in (*ours, *theirs) if one.month in months)),
    )


def less(owed: Collection[Open], paid: Collection[Open]) -> list[Open]:
    """What is left of what is owed."""
    gone = {(one.month, one.part): one.amount for one in paid}
    left = [Open(one.month, one.part, Rupiah(one.amount - gone.get((one.month, one.part), 0))) for one in owed]
    return [one for one in left if one.amount > 0]
