"""What a run of months costs."""

import csv
from pathlib import Path

import pytest

from domain.money import Rupiah
from domain.month import Month
from domain.quote import quote
from domain.rates import MANDATORY, Funding, NoRate, Programme, Sector, tier_for_income, tiers

EXPECTED = list(csv.DictReader((Path(__file__).parent / "expected_amounts.csv").open()))
LOWEST = tier_for_income(Rupiah(1_000_000))


def of(first: str, count: int, *, jht: bool = False):
    programmes = MANDATORY | ({Programme.JHT} if jht else set())
    facts = {"tier": LOWEST, "programmes": programmes, "sector": Sector.OTHER, "funding": Funding.SELF}
    return quote(Month.parse(first), count, **facts)


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: "-".join(list(row.values())[:5]))
def test_every_expected_total(row):
    tier = next(tier for tier in tiers() if tier.base == int(row["base"]))
    programmes = MANDATORY | ({Programme.JHT} if row["programmes"] == "3" else set())
    whose = {"sector": Sector(row["sector"]), "funding": Funding(row["funding"])}
    first = Month.parse(row["first_month"])
    for count in (1, 2, 3, 6, 12):
        assert quote(first, count, tier=tier, programmes=programmes, **whose).total == int(row[str(count)])


def test_each_month_has_its_own_rate_and_rule():
    found = of("2026-12", 2)
    assert [month.total for month in found.months] == [8_400, 16_800]
    assert [component.rule for component in found.months[0].components] == ["PP50-2025-NONTRANSPORT"] * 2
    assert [component.rule for component in found.months[1].components] == ["PP44-2015-LII", "PP44-2015-JKM"]


def test_months_of_one_amount_are_told_together():
    runs = [(str(month.month), month.total, count) for month, count in of("2026-11", 4).rates]
    assert runs == [("2026-11", 8_400, 2), ("2027-01", 16_800, 2)]


def test_what_changes_after_them_is_told():
    assert str(of("2026-11", 1).changes_in) == "2027-01"
    assert of("2027-01", 12).changes_in is None


def test_a_month_before_the_rates_on_record_is_refused():
    with pytest.raises(NoRate):
        of("2023-12", 1)
