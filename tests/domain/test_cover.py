"""What may be said about a member's cover, day by day; and when the next month is due."""

from datetime import date

import pytest

from domain.cover import Certainty, cover_of, has_lapsed, lapse_month, next_due
from domain.dues import FEE, Book, MonthDues
from domain.money import Rupiah
from domain.month import Month, months_from

NOVEMBER = Month(2026, 11)
DECEMBER, JANUARY = NOVEMBER + 1, NOVEMBER + 2


def month_of(month: Month, *, owed: int = 0, fee: int = 0, at_bpjs: bool = False, charged: bool = True) -> MonthDues:
    """A month of Rp8.400 and a fee of Rp2.000, of which this much is owed."""
    cost = {"JKK": Rupiah(5000), "JKM": Rupiah(3400), FEE: Rupiah(2000)}
    owes = {"JKK": Rupiah(min(owed, 5000)), "JKM": Rupiah(max(0, owed - 5000)), FEE: Rupiah(fee)}
    return MonthDues(month, cost, owes, charged=charged, at_bpjs=at_bpjs)


def at_bpjs(month: Month) -> MonthDues:
    return month_of(month, at_bpjs=True)


def paid_to_us(month: Month) -> MonthDues:
    return month_of(month)


def unpaid(month: Month) -> MonthDues:
    return month_of(month, owed=8400, fee=2000, charged=False)


def only_the_fee_unpaid(month: Month) -> MonthDues:
    return month_of(month, fee=2000, at_bpjs=True)


NOTHING = Book(())
NEW = Book((unpaid(DECEMBER),))
PAID = Book((at_bpjs(NOVEMBER), at_bpjs(DECEMBER)))
ON_ITS_WAY = Book((at_bpjs(NOVEMBER), paid_to_us(DECEMBER)))
OWING = Book((at_bpjs(NOVEMBER), unpaid(DECEMBER)))
BEHIND = Book((unpaid(NOVEMBER), unpaid(DECEMBER)))
WITHOUT_FEE = Book((only_the_fee_unpaid(NOVEMBER), only_the_fee_unpaid(DECEMBER)))
TOLD = date(2026, 12, 20)
DAYS = ("2026-12-01", "2026-12-15", "2026-12-16", "2026-12-20", "2026-12-21", "2026-12-31")


@pytest.mark.parametrize(
    ("book", "told", "by_day"),
    [
        pytest.param(NOTHING, None, ["not_yet"] * 6, id="nothing was ever due"),
        pytest.param(NEW, None, ["not_yet", "not_yet", "none", "none", "none", "none"], id="the first month"),
        pytest.param(PAID, None, ["paid"] * 6, id="BPJS has the money"),
        pytest.param(ON_ITS_WAY, None, ["under_way"] * 6, id="we have the money"),
        pytest.param(OWING, None, ["not_yet", "not_yet", "none", "none", "none", "none"], id="this month is open"),
        pytest.param(BEHIND, None, ["none"] * 6, id="in arrears"),
        pytest.param(WITHOUT_FEE, None, ["paid"] * 6, id="only our own fee is open"),
        pytest.param(BEHIND, TOLD, ["told"] * 4 + ["none"] * 2, id="BPJS told a day, and she owes"),
        pytest.param(PAID, TOLD, ["told"] * 4 + ["paid"] * 2, id="BPJS told a day, and has her money"),
        pytest.param(ON_ITS_WAY, TOLD, ["told"] * 4 + ["under_way"] * 2, id="BPJS told a day, the money is with us"),
    ],
)
def test_what_may_be_said_day_by_day(book: Book, told: date | None, by_day: list[str]):
    assert [cover_of(book, told, date.fromisoformat(day)).certainty for day in DAYS] == by_day


def test_when_the_fifteenth_is_a_day_off_the_month_may_be_paid_later():
    book = Book((at_bpjs(Month(2026, 10)), unpaid(NOVEMBER)))  # 15 November 2026 is a Sunday
    assert cover_of(book, None, date(2026, 11, 16)).certainty is Certainty.NOT_YET
    assert cover_of(book, None, date(2026, 11, 17)).certainty is Certainty.NONE


def test_a_day_that_bpjs_told_is_told_with_the_month_until_which_it_has_her_money():
    cover = cover_of(PAID, date(2027, 1, 15), date(2026, 12, 1))
    assert (cover.until, cover.paid_until) == (date(2027, 1, 15), DECEMBER)


def test_a_month_that_is_missing_at_bpjs_ends_what_is_said_of_the_later_ones():
    book = Book((at_bpjs(NOVEMBER), paid_to_us(DECEMBER), at_bpjs(JANUARY)))
    assert cover_of(book, None, date(2026, 12, 1)).paid_until == NOVEMBER


def test_whoever_owes_bpjs_nothing_is_told_nothing_of_it():
    fee = {FEE: Rupiah(2000)}
    book = Book((MonthDues(NOVEMBER, fee, fee), MonthDues(DECEMBER, fee, {FEE: Rupiah(0)})))
    assert cover_of(book, None, date(2026, 12, 20)).certainty is Certainty.NOT_YET


@pytest.mark.parametrize(
    ("book", "told", "due"),
    [
        pytest.param(NEW, None, date(2026, 12, 15), id="the due day of the first open month"),
        pytest.param(BEHIND, None, date(2026, 11, 16), id="in arrears it has passed"),
        pytest.param(PAID, None, date(2027, 1, 15), id="the first month that is not in the book yet"),
        pytest.param(PAID, date(2027, 1, 9), date(2027, 1, 9), id="BPJS told another day"),
        pytest.param(PAID, date(2026, 10, 9), date(2027, 1, 15), id="what BPJS told is long past"),
        pytest.param(NOTHING, None, None, id="an empty book knows of no month"),
    ],
)
def test_when_the_next_month_is_due(book: Book, told: date | None, due: date | None):
    assert next_due(book, told) == due


@pytest.mark.parametrize(("count", "lapsed"), [(0, False), (1, False), (3, False), (4, True), (6, True)])
def test_more_than_three_months_in_a_row_are_too_long(count: int, lapsed: bool):
    months = months_from(Month(2026, 8), count)
    book = Book(tuple(map(unpaid, months)))
    assert has_lapsed(book, Month(2026, 8) + count) is lapsed
    assert not has_lapsed(Book(tuple(map(only_the_fee_unpaid, months))), Month(2026, 8) + count)


def test_months_of_arrears_with_a_paid_one_between_them_are_not_in_a_row():
    months = (unpaid(Month(2026, 6)), at_bpjs(Month(2026, 7)), *map(unpaid, months_from(Month(2026, 8), 3)))
    assert not has_lapsed(Book(months), Month(2026, 11))


def test_with_which_month_arrears_are_too_long():
    for unpaid_since in months_from(Month(2026, 8), 6):
        last = lapse_month(unpaid_since)
        book = Book(tuple(map(unpaid, months_from(unpaid_since, 12))))
        assert has_lapsed(book, last)
        assert not has_lapsed(book, last - 1)
