"""What a month of cover costs: the contributions of self-employed members (BPU) to BPJS Ketenagakerjaan.

Rates and discounts are data with dates (rates.csv, tiers.csv, discounts.csv), because a month is priced by the rule of
that month, whenever it is paid. The official bill stays the truth; where it differs, record the difference.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from domain.money import Rupiah
from domain.month import Month, months_from
from domain.packaged import rows

_AHEAD = 24  # months within which `next_change` looks


class Programme(StrEnum):
    """What a member is insured in."""

    JKK = "JKK"  # work accident
    JKM = "JKM"  # death
    JHT = "JHT"  # old-age savings


MANDATORY = frozenset({Programme.JKK, Programme.JKM})
"""Every self-employed member has these two; JHT is her choice."""


class Sector(StrEnum):
    """Where she works, as far as discounts care (PP 50/2025 Art. 2-3)."""

    OTHER = "other"
    TRANSPORT = "transport"  # drivers and couriers, on a platform or not


class Funding(StrEnum):
    """Who pays her contribution."""

    SELF = "self"
    GOVERNMENT = "government"  # APBN or APBD, which get no discount (PP 50/2025)


class NoRate(LookupError):
    """No rate on record covers this month."""

    def __init__(self, programme: Programme, month: Month) -> None:
        super().__init__(f"no rate of {programme} is on record for {month}")
        self.programme = programme
        self.month = month


class IncomeBelowZero(ValueError):
    """Nobody earns less than nothing."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One of the 33 income brackets of PP 44/2015 Lampiran II."""

    number: int
    income_min: Rupiah  # a month
    income_max: Rupiah | None  # a month, as printed; None for the last tier
    base: Rupiah  # the income that contributions and benefits are computed on ("dasar penghasilan")


@dataclass(frozen=True, slots=True)
class Component:
    """What one programme costs in one month."""

    programme: Programme
    month: Month
    full: Rupiah  # without discount
    due: Rupiah
    rule: str  # that priced it, as in rates.csv or discounts.csv


@cache
def tiers() -> tuple[Tier, ...]:
    """All tiers, the lowest first."""
    return tuple(_tier(row) for row in rows("tiers.csv"))


def tier_for_income(amount: Rupiah) -> Tier:
    """The tier of a monthly income, by its lower bound: the printed ranges leave out amounts such as 1,099,500."""
    if amount < 0:
        raise IncomeBelowZero("an income is 0 or more")
    return max((tier for tier in tiers() if tier.income_min <= amount), key=lambda tier: tier.income_min)


def price(
    month: Month, tier: Tier, programmes: Collection[Programme], sector: Sector, funding: Funding
) -> list[Component]:
    """What `month` costs, one component a programme, in the order JKK, JKM, JHT.

    Raises `NoRate` for a month before the rates on record.
    """
    return [_component(programme, month, tier, sector, funding) for programme in Programme if programme in programmes]


def total(components: Collection[Component]) -> Rupiah:
    """What is due for all of them."""
    return Rupiah(sum(component.due for component in components))


def next_change(
    month: Month, tier: Tier, programmes: Collection[Programme], sector: Sector, funding: Funding
) -> Month | None:
    """The first month after `month`, of the next 24, that costs another amount than `month` does."""
    now = total(price(month, tier, programmes, sector, funding))
    later = months_from(month + 1, _AHEAD)
    return next((each for each in later if total(price(each, tier, programmes, sector, funding)) != now), None)


@dataclass(frozen=True, slots=True)
class _Period:
    """The months in which a rule holds, both ends included."""

    first: Month
    last: Month | None

    def __contains__(self, month: Month) -> bool:
        return self.first <= month and (self.last is None or month <= self.last)


@dataclass(frozen=True, slots=True)
class _Rate:
    """What a programme costs in full: a share of the base, or a flat amount."""

    rule: str
    programme: Programme
    period: _Period
    percent_of_base: int
    flat: Rupiah

    def full(self, base: Rupiah) -> Rupiah:
        return Rupiah(base * self.percent_of_base // 100 + self.flat)


@dataclass(frozen=True, slots=True)
class _Discount:
    """A share of the full rate that is due for a while, for some members and programmes."""

    rule: str
    sector: Sector
    funding: Funding
    period: _Period
    programmes: frozenset[Programme]
    percent_due: int

    def due(self, full: Rupiah) -> Rupiah:
        return Rupiah(full * self.percent_due // 100)


def _component(programme: Programme, month: Month, tier: Tier, sector: Sector, funding: Funding) -> Component:
    rate = _rate(programme, month)
    full = rate.full(tier.base)
    discount = _discount(programme, month, sector, funding)
    if discount is None:
        return Component(programme, month, full, due=full, rule=rate.rule)
    return Component(programme, month, full, due=discount.due(full), rule=discount.rule)


def _rate(programme: Programme, month: Month) -> _Rate:
    for rate in _rates():
        if rate.programme is programme and month in rate.period:
            return rate
    raise NoRate(programme, month)


def _discount(programme: Programme, month: Month, sector: Sector, funding: Funding) -> _Discount | None:
    for discount in _discounts():
        concerned = (discount.sector, discount.funding) == (sector, funding) and programme in discount.programmes
        if concerned and month in discount.period:
            return discount
    return None


@cache
def _rates() -> list[_Rate]:
    return [
        _Rate(
            rule=row["rule"],
            programme=Programme(row["programme"]),
            period=_period(row),
            percent_of_base=int(row["percent_of_base"]),
            flat=Rupiah(int(row["flat"])),
        )
        for row in rows("rates.csv")
    ]


@cache
def _discounts() -> list[_Discount]:
    return [
        _Discount(
            rule=row["rule"],
            sector=Sector(row["sector"]),
            funding=Funding(row["funding"]),
            period=_period(row),
            programmes=frozenset(map(Programme, row["programmes"].split(";"))),
            percent_due=int(row["percent_due"]),
        )
        for row in rows("discounts.csv")
    ]


def _tier(row: dict[str, str]) -> Tier:
    return Tier(
        number=int(row["number"]),
        income_min=Rupiah(int(row["income_min"])),
        income_max=Rupiah(int(row["income_max"])) if row["income_max"] else None,
        base=Rupiah(int(row["base"])),
    )


def _period(row: dict[str, str]) -> _Period:
    return _Period(Month.parse(row["first_month"]), Month.parse(row["last_month"]) if row["last_month"] else None)
