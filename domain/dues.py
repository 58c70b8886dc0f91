"""What a member owes, month by month and part by part; and which month an amount of money pays."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.money import Rupiah
from domain.month import Month
from domain.rates import Funding, Programme, Sector, price, tiers

NOTHING = Rupiah(0)
FEE = "FEE"
BPJS_PARTS = tuple(programme.value for programme in Programme)
PARTS = (*BPJS_PARTS, FEE)
"""In the order in which money pays them."""

PERIODS = (1, 3, 6, 12)
"""Months that BPJS takes at once (domain facts §1.8)."""

PAYABLE = 3
"""Months in arrears that may still be paid; with more the membership ends (PP 44/2015 by way of BPJS's Perdir 22/2022;
the sources disagree by a month, so it is told as a possibility, never as a fact)."""


class Way(StrEnum):
    """How money reaches BPJS or the association."""

    BPJS = "bpjs"  # straight to BPJS, with her NIK as the payment number
    TRANSFER = "transfer"  # to the association's account
    QRIS = "qris"  # the same, by the association's QR code
    CASH = "cash"  # to a collector


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a member's months are priced, from a month on."""

    tier: int  # domain/tiers.csv
    programmes: tuple[Programme, ...]
    sector: Sector = Sector.OTHER
    funding: Funding = Funding.SELF

    @classmethod
    def read(cls, tier: int, programmes: str, sector: str, funding: str) -> "Terms":
        """As stored: programmes as in "JKK JKM"."""
        return cls(tier, tuple(map(Programme, programmes.split())), Sector(sector), Funding(funding))


@dataclass(frozen=True, slots=True)
class Priced:
    """What one part of one month costs, and the rule that says so."""

    month: Month
    part: str
    full: Rupiah
    due: Rupiah
    rule: str


OWN_FEE = "FEE"
"""The rule of the association's own fee; its dates are the association's."""


def priced(month: Month, terms: Terms, fee: Rupiah = NOTHING) -> list[Priced]:
    """What `month` costs, part by part. Raises `NoRate`.

    Where the government pays her contribution she owes BPJS nothing; only the association's fee is hers.
    """
    found: list[Priced] = []
    if terms.funding is Funding.SELF:
        components = price(month, tiers()[terms.tier - 1], terms.programmes, terms.sector, terms.funding)
        found = [Priced(month, one.programme.value, one.full, one.due, one.rule) for one in components]
    if fee:
        found.append(Priced(month, FEE, fee, fee, OWN_FEE))
    return found


@dataclass(frozen=True, slots=True)
class Open:
    """What is still owed for one part of one month."""

    month: Month
    part: str
    amount: Rupiah


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which parts an amount pays, and what is left of it."""

    paid: tuple[Open, ...]
    rest: Rupiah


def allocate(owed: Iterable[Open], amount: Rupiah, parts: Collection[str] = PARTS) -> Allocation:
    """Pay the oldest month first, and within it JKK, JKM, JHT, fee; only `parts` are paid."""
    paid: list[Open] = []
    rest = amount
    for one in sorted(owed, key=lambda one: (one.month, PARTS.index(one.part))):
        share = Rupiah(min(one.amount, rest))
        if one.part in parts and share > 0:
            paid.append(Open(one.month, one.part, share))
            rest = Rupiah(rest - share)
    return Allocation(tuple(paid), rest)


def use_what_lies_ready(owed: Sequence[Open], credit: Rupiah, ahead: Rupiah) -> tuple[Allocation, Allocation]:
    """What her credit pays of this, and then what BPJS holds for her, which pays no fee."""
    ours = allocate(owed, Rupiah(max(0, credit)))
    theirs = allocate(less(owed, ours.paid), Rupiah(max(0, ahead)), BPJS_PARTS)
    return ours, theirs


def less(owed: Iterable[Open], paid: Iterable[Open]) -> list[Open]:
    """What is still owed after this was paid."""
    shares = {(one.month, one.part): one.amount for one in paid}
    rest = [Open(one.month, one.part, Rupiah(one.amount - shares.get((one.month, one.part), 0))) for one in owed]
    return [one for one in rest if one.amount > 0]


class MonthState(StrEnum):
    """How a month of the dues book stands."""

    PAID = "paid"
    PARTLY = "partly"
    PENDING = "pending"  # a proof is being checked
    OWED = "owed"
    LATER = "later"  # not due yet
    NONE = "none"  # not asked for: before she joined, or lapsed


@dataclass(frozen=True, slots=True)
class MonthDues:
    """One month of one member: what it costs, and what of that is still owed, part by part."""

    month: Month
    cost: dict[str, Rupiah] = field(default_factory=dict)
    owed: dict[str, Rupiah] = field(default_factory=dict)
    charged: bool = True  # False: priced by the rules of today, not yet in the ledger
    at_bpjs: bool = False  # BPJS has the money for it, as far as we know

    @property
    def total_cost(self) -> Rupiah:
        """What the month costs."""
        return Rupiah(sum(self.cost.values()))

    @property
    def total_owed(self) -> Rupiah:
        """What is still owed for it."""
        return self.owed_for(PARTS)

    def owed_for(self, parts: Collection[str]) -> Rupiah:
        """What is still owed for some of its parts."""
        return Rupiah(sum(amount for part, amount in self.owed.items() if part in parts))

    @property
    def open_parts(self) -> list[Open]:
        """What is still owed, part by part."""
        return [Open(self.month, part, amount) for part, amount in self.owed.items() if amount > 0]


@dataclass(frozen=True, slots=True)
class Book:
    """A member's dues as of today: the months, oldest first, and what lies ready for the next ones."""

    months: tuple[MonthDues, ...]
    credit: Rupiah = NOTHING  # held by the association
    ahead: Rupiah = NOTHING  # held by BPJS
    pending: frozenset[Month] = frozenset()  # a proof for these is being checked

    def month(self, month: Month) -> MonthDues | None:
        """One month."""
        return next((one for one in self.months if one.month == month), None)

    def owed(self, until: Month) -> Rupiah:
        """What is owed up to and including `until`, her credit taken off."""
        return Rupiah(sum(one.amount for one in self.left(until)))

    def left(self, until: Month) -> list[Open]:
        """What is owed up to and including `until`, once what lies ready for her has paid the oldest months."""
        owed = [part for one in self.months if one.month <= until for part in one.open_parts]
        ours, theirs = use_what_lies_ready(owed, self.credit, self.ahead)
        return less(less(owed, ours.paid), theirs.paid)

    def unpaid(self, until: Month, parts: Collection[str] = PARTS) -> list[Month]:
        """The months up to and including `until` of which something is owed, the oldest first."""
        return [one.month for one in self.months if one.month <= until and one.owed_for(parts) > 0]

    def arrears(self, current: Month, parts: Collection[str] = PARTS) -> list[Month]:
        """The months before the current one of which something is owed."""
        return self.unpaid(current - 1, parts)

    def paid_until(self, parts: Collection[str] = PARTS) -> Month | None:
        """The last month of the unbroken run from the first one on of which nothing is owed any more."""
        last = None
        for one in self.months_with(parts):
            if one.owed_for(parts) > 0 or not one.charged:
                break
            last = one.month
        return last

    def at_bpjs_until(self) -> Month | None:
        """The last month of the unbroken run for which BPJS has the money, as far as we know."""
        last = None
        for one in self.months_with(BPJS_PARTS):
            if not one.at_bpjs:
                break
            last = one.month
        return last

    def months_with(self, parts: Collection[str]) -> list[MonthDues]:
        """The months of which some of these parts cost something."""
        return [one for one in self.months if any(part in parts for part in one.cost)]

    def next_unpaid(self) -> Month | None:
        """The first month of which something is owed, or the first that is not in the book yet."""
        unpaid = next((one.month for one in self.months if one.total_owed > 0), None)
        return unpaid or (self.months[-1].month + 1 if self.months else None)

    def state(self, month: Month, current: Month) -> MonthState:
        """How one month stands."""
        found = self.month(month)
        if found is None:
            return MonthState.LATER if month > current else MonthState.NONE
        if found.charged and found.total_owed == 0:
            return MonthState.PAID
        if month in self.pending:
            return MonthState.PENDING
        if found.charged and 0 < found.total_owed < found.total_cost:
            return MonthState.PARTLY
        return MonthState.OWED if month <= current else MonthState.LATER


def months_to_pay(book: Book, count: int) -> list[Month]:
    """The next `count` months of which something is owed, arrears first."""
    first = book.next_unpaid()
    if first is None:
        return []
    found: list[Month] = []
    month = first
    while len(found) < count:
        dues = book.month(month)
        if dues is None or dues.total_owed > 0:
            found.append(month)
        month = month + 1
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """What one member gets of a sum that was paid for many."""

    member: str
    owed: Rupiah
    amount: Rupiah

    @property
    def short(self) -> Rupiah:
        """What is missing."""
        return Rupiah(max(0, self.owed - self.amount))

    @property
    def over(self) -> Rupiah:
        """What is too much, and becomes her credit."""
        return Rupiah(max(0, self.amount - self.owed))


@dataclass(frozen=True, slots=True)
class Split:
    """How a sum is divided; `rest` is what nobody owes: it is never given away silently."""

    shares: tuple[Share, ...]
    rest: Rupiah

    @property
    def short(self) -> Rupiah:
        """What is missing for all of them together."""
        return Rupiah(sum(share.short for share in self.shares))


def split(owed: Sequence[tuple[str, Rupiah]], amount: Rupiah) -> Split:
    """Give each what she owes, in the order of the list, until nothing is left. `owed`: (member, rupiah)."""
    rest, shares = amount, []
    for member, due in owed:
        share = Rupiah(min(due, rest))
        shares.append(Share(member, due, share))
        rest = Rupiah(rest - share)
    return Split(tuple(shares), rest)
