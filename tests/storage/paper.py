"""The money of a small association on paper: tallied from what happened, in plain Python, without a ledger.

It knows nothing of how the program keeps books. What the two say about every month and every place must be the same.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from domain.month import Month

BASES = {1: 1_000_000, 2: 1_200_000, 3: 1_400_000}
HALVED = {"other": ("2026-04", "2026-12"), "transport": ("2026-01", "2027-03")}


@dataclass(frozen=True)
class By:
    """By what a member is priced."""

    tier: int = 1
    jht: bool = False
    sector: str = "other"
    government: bool = False


def price(month: str, by: By, fee: int) -> dict[str, int]:
    """What a month costs, part by part: as domain.md §1 and §2 say it, not as the program does."""
    first, last = HALVED[by.sector]
    share = 2 if first <= month <= last else 1
    parts = {"JKK": BASES[by.tier] // 100 // share, "JKM": 6_800 // share}
    if by.jht:
        parts["JHT"] = BASES[by.tier] * 2 // 100
    parts = {} if by.government else parts
    return {**parts, "FEE": fee} if fee else parts


@dataclass
class Hers:
    """One member: by what she is priced, what was asked of her, and what she paid."""

    first: str
    terms: list[tuple[str, By]]
    status: str = "active"
    asked: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    given_up: set[str] = field(default_factory=set)
    received: int = 0
    at_bpjs: int = 0  # of what she paid: straight to BPJS
    remitted: int = 0

    def by(self, month: str) -> By | None:
        """Of several the latest month counts, then the latest word."""
        held = [(first, place, by) for place, (first, by) in enumerate(self.terms) if first <= month]
        return max(held, key=lambda one: one[:2])[2] if held else None

    @property
    def cost(self) -> int:
        return sum(sum(parts.values()) for parts in self.asked.values())

    @property
    def cost_at_bpjs(self) -> int:
        return sum(amount for parts in self.asked.values() for part, amount in parts.items() if part != "FEE")


@dataclass
class Paper:
    """All of them, and where the association's own money lies."""

    members: dict[str, Hers] = field(default_factory=dict)
    fees: list[tuple[str, int]] = field(default_factory=list)
    cash: Counter[str] = field(default_factory=Counter)
    till: int = 0
    bank: int = 0
    difference: int = 0

    def fee(self, month: str) -> int:
        held = [(first, place, fee) for place, (first, fee) in enumerate(self.fees) if first <= month]
        return max(held)[2] if held else 0

    def price(self, hers: Hers, month: str) -> dict[str, int]:
        by = hers.by(month)
        return price(month, by, self.fee(month)) if by else {}

    def charge(self, month: str, members: list[str] | None = None) -> None:
        """Each part of the month is asked of everybody once, whatever it turns out to cost later."""
        for member_id in self.members if members is None else members:
            hers = self.members[member_id]
            if hers.status == "active" and hers.first <= month:
                asked = hers.asked.get(month, {})
                wanted = {part: due for part, due in self.price(hers, month).items() if part not in asked}
                if wanted:
                    hers.asked[month].update(wanted)

    def ask(self, member_id: str, months: list[str]) -> None:
        """These months of one member; of one who came back, what was given up as well."""
        hers = self.members[member_id]
        for month in months:
            if month not in hers.asked:
                self.charge(month, [member_id])
        for month in sorted(hers.given_up):
            if hers.status == "active" and month >= hers.first:
                self.put(hers, month, self.price(hers, month))
                hers.given_up.discard(month)

    def reprice(self, member_id: str) -> int:
        """What is asked is what the months cost now; the difference."""
        hers = self.members[member_id]
        before = hers.cost
        for month in set(hers.asked) - hers.given_up:
            self.put(hers, month, self.price(hers, month))
        return hers.cost - before

    def put(self, hers: Hers, month: str, parts: dict[str, int]) -> None:
        """What was asked once is remembered, though it costs nothing now."""
        hers.asked[month] = {**dict.fromkeys(hers.asked[month], 0), **parts}

    def give_up(self, member_id: str, months: set[str], status: str) -> None:
        hers = self.members[member_id]
        for month in months:
            self.put(hers, month, {})
            hers.given_up.add(month)
        hers.status = status

    def pay(self, member_id: str, amount: int, way: str, collector: str) -> None:
        """An amount below zero undoes a payment."""
        hers = self.members[member_id]
        hers.received += amount
        if way == "bpjs":
            hers.at_bpjs += amount
        elif way == "cash":
            self.cash[collector] += amount
        else:
            self.bank += amount

    def come_back(self, member_id: str, months: list[str]) -> None:
        hers = self.members[member_id]
        if hers.status == "lapsed" and months:
            hers.status, hers.first = "active", min(months)


def later(month: str, count: int) -> str:
    return str(Month.parse(month) + count)
