from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.month import Month, NotAMonth, months_from

DECEMBER = Month(2026, 12)

months = st.dates(date(1000, 1, 1), date(9000, 1, 1)).map(Month.of)
steps = st.integers(-5000, 5000)


def test_a_month_is_written_as_it_is_read():
    assert Month.parse("2026-12") == DECEMBER
    assert str(DECEMBER) == "2026-12"
    assert str(Month(987, 1)) == "0987-01"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "0000-01",
        "2026-1",
        "26-12",
        "2026/12",
        "2026-12-01",
        "2026-12\n",
        "２０２６-12",
    ],
)
def test_anything_else_is_not_a_month(text):
    with pytest.raises(NotAMonth):
        Month.parse(text)


def test_a_day_lies_in_its_month():
    assert Month.of(date(2026, 12, 31)) == DECEMBER


def test_after_december_comes_january():
    assert Month(2027, 1) == DECEMBER + 1
    assert Month(2027, 1) - 1 == DECEMBER


def test_months_are_in_order():
    assert Month(2026, 12) < Month(2027, 1)
    assert max(Month(2026, 2), Month(2025, 11)) == Month(2026, 2)


def test_months_from_runs_on_over_the_year():
    assert list(map(str, months_from(Month(2026, 11), 3))) == ["2026-11", "2026-12", "2027-01"]
    assert months_from(DECEMBER, 0) == []


def test_there_is_no_month_before_the_first_or_after_the_last():
    with pytest.raises(NotAMonth):
        Month(1, 1) - 1
    with pytest.raises(NotAMonth):
        Month(9999, 12) + 1


@given(months)
def test_every_month_reads_what_it_writes(month):
    assert Month.parse(str(month)) == month


@given(months, steps)
def test_going_and_coming_back_ends_where_it_began(month, step):
    assert (month + step) - step == month
    assert (month + step) - month == step


@given(months, months)
def test_the_difference_leads_from_one_month_to_the_other(one, other):
    assert one + (other - one) == other
    assert (one < other) == (other - one > 0) == (str(one) < str(other))
