"""What a member may pay at once, and what it costs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dues import PARTS, Book, MonthDues, Way
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.offer import due, less, offers

NOVEMBER = Month(2026, 11)


def month(month: Month, owed: int = 8400, fee: int = 0, cost: int = 8400) -> MonthDues:
    """A month of which so much is owed."""
    owing = {"JKK": Rupiah(owed)} | ({"FEE": Rupiah(fee)} if fee else {})
    return MonthDues(month, {"JKK": Rupiah(cost)}, owing)


def book(*months: MonthDues, credit: int = 0, ahead: int = 0, pending: tuple[Month, ...] = ()) -> Book:
    return Book(months, Rupiah(credit), Rupiah(ahead), frozenset(pending))


def from_november(count: int, **more: int) -> Book:
    return book(*(month(one) for one in months_from(NOVEMBER, count)), **more)  # type: ignore[arg-type]


def prices(found: Book, first: Month = NOVEMBER) -> dict[str, int]:
    return {one.key: int(one.due.amount) for one in offers(found, NOVEMBER, first)}


def test_one_three_six_and_twelve_months_are_offered():
    assert prices(from_november(12)) == {"1": 8400, "3": 25200, "6": 50400, "12": 100800}


def test_no_more_months_than_there_are():
    assert prices(from_november(5)) == {"1": 8400, "3": 25200}


def test_arrears_are_offered_as_one_and_not_twice():
    late = book(*(month(one) for one in months_from(NOVEMBER - 3, 6)))
    assert prices(late, NOVEMBER - 3) == {"arrears": 25200, "1": 8400, "6": 50400}
    later = book(*(month(one) for one in months_from(NOVEMBER - 2, 6)))
    assert prices(later, NOVEMBER - 3) == {"arrears": 16800, "1": 8400, "3": 25200, "6": 50400}


def test_what_lies_before_the_first_month_is_not_asked_for():
    late = book(*(month(one) for one in months_from(NOVEMBER - 5, 6)))
    assert prices(late, first=NOVEMBER) == {"1": 8400}


def test_months_that_wait_for_an_officer_are_left_out():
    found = book(*(month(one) for one in months_from(NOVEMBER, 4)), pending=(NOVEMBER,))
    (one, three) = offers(found, NOVEMBER, NOVEMBER)
    assert one.months == (NOVEMBER + 1,)
    assert three.months == tuple(months_from(NOVEMBER + 1, 3))


def test_months_that_are_paid_are_left_out_and_partly_paid_ones_cost_the_rest():
    found = book(month(NOVEMBER, owed=0), month(NOVEMBER + 1, owed=400), month(NOVEMBER + 2), month(NOVEMBER + 3))
    assert prices(found) == {"1": 400, "3": 17200}


def test_what_costs_nothing_is_not_offered():
    assert prices(from_november(3, credit=8400)) == {"3": 16800}
    assert prices(from_november(3, credit=99999)) == {}
    assert prices(book()) == {}


def test_credit_pays_the_oldest_months_first_also_those_that_wait():
    waiting = book(*(month(one) for one in months_from(NOVEMBER, 4)), credit=9400, pending=(NOVEMBER,))
    assert due(waiting, [NOVEMBER + 1]).credit == 1000
    assert due(waiting, [NOVEMBER + 1]).amount == 7400


def test_bpjs_gets_neither_the_fee_nor_what_the_association_holds():
    found = book(month(NOVEMBER, fee=2000), credit=1000, ahead=400)
    assert due(found, [NOVEMBER]).amount == 9000
    assert due(found, [NOVEMBER], Way.BPJS).amount == 8000


def test_what_bpjs_holds_pays_no_fee():
    found = book(month(NOVEMBER, owed=400, fee=2000), ahead=5000)
    assert due(found, [NOVEMBER]).amount == 2000


amounts = st.integers(0, 50_000)


@pytest.mark.parametrize("way", list(Way))
@given(owed=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=14), credit=amounts, ahead=amounts)
def test_nothing_is_lost_and_nothing_taken_off_twice(way, owed, credit, ahead):
    months = [month(NOVEMBER + place, *parts) for place, parts in enumerate(owed)]
    found = book(*months, credit=credit, ahead=ahead)
    for count in range(1, len(months) + 1):
        one = due(found, [each.month for each in months[:count]], way)
        assert 0 <= one.credit <= min(one.cost, credit + ahead)
        assert one.amount + one.credit == one.cost
        if way is not Way.BPJS:
            assert one.cost == sum(each.total_owed for each in months[:count])


def test_less_leaves_what_is_not_paid():
    parts = month(NOVEMBER, fee=2000).open_parts
    assert less(parts, parts) == []
    assert less(parts, []) == parts
    assert {part.part for part in parts} <= set(PARTS)
