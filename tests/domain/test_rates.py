"""Contributions by month.

expected_amounts.csv: totals of 1, 2, 3, 6 and 12 months from a first month, computed month by month from PP 44/2015
Lampiran II, PP 46/2015 and PP 50/2025. They are no official bills.
"""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Rupiah
from domain.month import Month, months_from
from domain.rates import (
    MANDATORY,
    Component,
    Funding,
    IncomeBelowZero,
    NoRate,
    Programme,
    Sector,
    Tier,
    _discounts,
    _rates,
    next_change,
    price,
    tier_for_income,
    tiers,
    total,
)

ALL = frozenset(Programme)
LOWEST = tiers()[0]
DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)
JKK, JKM, JHT = Programme


def expected_amounts() -> list[tuple[dict[str, str], int, int]]:
    with Path(__file__).with_name("expected_amounts.csv").open(encoding="utf-8", newline="") as table:
        return [(row, count, int(row[str(count)])) for row in csv.DictReader(table) for count in (1, 2, 3, 6, 12)]


def with_base(base: int) -> Tier:
    return next(tier for tier in tiers() if tier.base == base)


def due(month: Month, programmes=MANDATORY, sector=Sector.OTHER, funding=Funding.SELF, tier=LOWEST) -> int:
    return total(price(month, tier, programmes, sector, funding))


def test_every_expected_total_is_met():
    expected = expected_amounts()
    assert len(expected) == 1_120
    for row, count, amount in expected:
        programmes = ALL if row["programmes"] == "3" else MANDATORY
        sector, funding, tier = Sector(row["sector"]), Funding(row["funding"]), with_base(int(row["base"]))
        months = months_from(Month.parse(row["first_month"]), count)
        assert sum(due(month, programmes, sector, funding, tier) for month in months) == amount, (row, count)


def test_a_vendor_pays_8400_for_december_2026_and_16800_for_january_2027():
    assert (due(DECEMBER), due(JANUARY)) == (8_400, 16_800)
    assert (due(DECEMBER, ALL), due(JANUARY, ALL)) == (28_400, 36_800)


def test_each_component_names_the_rule_that_priced_it():
    assert price(DECEMBER, LOWEST, ALL, Sector.OTHER, Funding.SELF) == [
        Component(JKK, DECEMBER, full=Rupiah(10_000), due=Rupiah(5_000), rule="PP50-2025-NONTRANSPORT"),
        Component(JKM, DECEMBER, full=Rupiah(6_800), due=Rupiah(3_400), rule="PP50-2025-NONTRANSPORT"),
        Component(JHT, DECEMBER, full=Rupiah(20_000), due=Rupiah(20_000), rule="PP46-2015"),
    ]
    assert [part.rule for part in price(JANUARY, LOWEST, MANDATORY, Sector.OTHER, Funding.SELF)] == [
        "PP44-2015-LII",
        "PP44-2015-JKM",
    ]


def test_components_come_in_one_order_and_once():
    parts = price(DECEMBER, LOWEST, [JHT, JKM, JKK, JKM], Sector.OTHER, Funding.SELF)
    assert [part.programme for part in parts] == [JKK, JKM, JHT]


@pytest.mark.parametrize(
    ("sector", "first", "last"),
    [(Sector.OTHER, Month(2026, 4), Month(2026, 12)), (Sector.TRANSPORT, Month(2026, 1), Month(2027, 3))],
)
def test_the_discount_has_a_first_and_a_last_month(sector, first, last):
    assert [due(month, sector=sector) for month in (first - 1, first, last, last + 1)] == [16_800, 8_400, 8_400, 16_800]


def test_the_government_pays_in_full():
    assert due(DECEMBER, funding=Funding.GOVERNMENT) == 16_800
    assert due(DECEMBER, sector=Sector.TRANSPORT, funding=Funding.GOVERNMENT) == 16_800


def test_a_month_before_the_rates_on_record_is_refused_rather_than_guessed():
    with pytest.raises(NoRate) as refused:
        due(Month(2020, 8))
    assert (refused.value.programme, refused.value.month) == (JKK, Month(2020, 8))


def test_the_lowest_and_the_highest_tier_are_those_of_the_regulation():
    assert len(tiers()) == 33
    assert (due(JANUARY), due(JANUARY, ALL)) == (16_800, 36_800)
    assert (due(JANUARY, tier=tiers()[-1]), due(JANUARY, ALL, tier=tiers()[-1])) == (213_800, 627_800)


def test_tiers_follow_one_another_without_overlap():
    assert tiers()[0].income_min == 0
    assert tiers()[-1].income_max is None
    for lower, upper in pairwise(tiers()):
        assert upper.number == lower.number + 1
        assert lower.income_max is not None
        assert lower.income_min < lower.income_max < upper.income_min
        assert lower.base < upper.base


@pytest.mark.parametrize(
    ("income", "base"),
    [
        (0, 1_000_000),
        (1_099_000, 1_000_000),
        (1_099_001, 1_000_000),  # between the printed ranges
        (1_099_999, 1_000_000),
        (1_100_000, 1_200_000),
        (2_700_000, 2_950_000),
        (20_199_999, 19_700_000),
        (20_200_000, 20_700_000),
        (1_000_000_000, 20_700_000),
    ],
)
def test_the_tier_of_an_income_is_found_by_its_lower_bound(income, base):
    assert tier_for_income(Rupiah(income)).base == base


@given(st.integers(0, 30_000_000).map(Rupiah))
def test_every_income_has_one_tier(income):
    tier = tier_for_income(income)
    assert tier.income_min <= income
    assert all(income < higher.income_min for higher in tiers()[tier.number :])


def test_no_income_is_below_zero():
    with pytest.raises(IncomeBelowZero):
        tier_for_income(Rupiah(-1))


def test_no_rule_leaves_a_fraction_of_a_rupiah():
    for tier in tiers():
        for rate in _rates():
            full, rest = divmod(tier.base * rate.percent_of_base, 100)
            assert rest == 0
            shares = [rule.percent_due for rule in _discounts() if rate.programme in rule.programmes]
            assert all((full + rate.flat) * share % 100 == 0 for share in shares)


def test_no_two_rules_price_the_same_component():
    for month in months_from(Month(2024, 1), 72):
        for programme in Programme:
            assert sum(rate.programme is programme and month in rate.period for rate in _rates()) == 1
            for sector in Sector:
                found = [rule for rule in _discounts() if rule.sector is sector and month in rule.period]
                assert sum(programme in rule.programmes for rule in found) <= 1


@pytest.mark.parametrize(
    ("month", "sector", "funding", "programmes", "changes"),
    [
        (Month(2026, 3), Sector.OTHER, Funding.SELF, MANDATORY, Month(2026, 4)),
        (Month(2026, 11), Sector.OTHER, Funding.SELF, MANDATORY, JANUARY),
        (DECEMBER, Sector.OTHER, Funding.SELF, ALL, JANUARY),
        (DECEMBER, Sector.TRANSPORT, Funding.SELF, MANDATORY, Month(2027, 4)),
        (JANUARY, Sector.OTHER, Funding.SELF, MANDATORY, None),
        (DECEMBER, Sector.OTHER, Funding.GOVERNMENT, MANDATORY, None),
        (DECEMBER, Sector.OTHER, Funding.SELF, [JHT], None),
        (Month(2024, 1), Sector.OTHER, Funding.SELF, MANDATORY, None),  # 27 months ahead
    ],
)
def test_the_next_change_is_known_two_years_ahead(month, sector, funding, programmes, changes):
    assert next_change(month, LOWEST, programmes, sector, funding) == changes
