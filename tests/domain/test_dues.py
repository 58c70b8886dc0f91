"""What is owed, which month money pays, and how a sum for many is divided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dues import (
    BPJS_PARTS,
    FEE,
    PARTS,
    Allocation,
    Book,
    MonthDues,
    MonthState,
    Open,
    Terms,
    allocate,
    less,
    months_to_pay,
    priced,
    split,
    use_what_lies_ready,
)
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Funding, NoRate, Programme, Sector

NOVEMBER = Month(2026, 11)
DECEMBER, JANUARY = NOVEMBER + 1, NOVEMBER + 2
JKK_JKM = Terms(1, (Programme.JKK, Programme.JKM))

amounts = st.integers(0, 500_000).map(Rupiah)
some_months = st.integers(0, 5).map(lambda later: NOVEMBER + later)
some_parts = st.builds(Open, some_months, st.sampled_from(PARTS), st.integers(1, 60_000).map(Rupiah))
owed_parts = st.lists(some_parts, max_size=12, unique_by=lambda one: (one.month, one.part))


def total(parts: tuple[Open, ...] | list[Open]) -> int:
    return sum(one.amount for one in parts)


def dues(month: Month, cost: int = 8400, owed: int | None = None, *, charged: bool = True) -> MonthDues:
    return MonthDues(month, {"JKK": Rupiah(cost)}, {"JKK": Rupiah(cost if owed is None else owed)}, charged=charged)


# ── pricing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_is_priced_by_its_own_rules_and_dates():
    assert [(one.part, one.due) for one in priced(DECEMBER, JKK_JKM)] == [("JKK", 5000), ("JKM", 3400)]
    assert [(one.part, one.due) for one in priced(JANUARY, JKK_JKM)] == [("JKK", 10000), ("JKM", 6800)]
    on_the_road = Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)
    assert sum(one.due for one in priced(JANUARY, on_the_road)) == 8400


def test_whom_the_government_pays_owes_the_associations_fee_alone():
    paid = Terms(1, tuple(Programme), funding=Funding.GOVERNMENT)
    assert priced(DECEMBER, paid) == []
    assert [(one.part, one.due, one.rule) for one in priced(DECEMBER, paid, Rupiah(2000))] == [(FEE, 2000, FEE)]


def test_a_month_before_all_rates_has_no_price():
    with pytest.raises(NoRate):
        priced(Month(1990, 1), JKK_JKM)


def test_terms_are_read_as_they_are_stored():
    assert Terms.read(3, "JKK JKM JHT", "transport", "government") == Terms(
        3, tuple(Programme), Sector.TRANSPORT, Funding.GOVERNMENT
    )


# ── paying ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_money_pays_the_oldest_month_first_and_in_it_jkk_jkm_jht_fee():
    owed = [
        Open(DECEMBER, "JKK", Rupiah(5000)),
        Open(NOVEMBER, FEE, Rupiah(2000)),
        Open(NOVEMBER, "JKM", Rupiah(3400)),
        Open(NOVEMBER, "JKK", Rupiah(5000)),
    ]
    paid = allocate(owed, Rupiah(11_000))
    assert [(one.month, one.part, one.amount) for one in paid.paid] == [
        (NOVEMBER, "JKK", 5000),
        (NOVEMBER, "JKM", 3400),
        (NOVEMBER, FEE, 2000),
        (DECEMBER, "JKK", 600),
    ]
    assert paid.rest == 0


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_pays_nothing(amount: int):
    owed = [Open(DECEMBER, "JKK", Rupiah(5000))]
    assert allocate(owed, Rupiah(amount)) == Allocation((), Rupiah(amount))


def test_what_nobody_owes_is_left():
    assert allocate([], Rupiah(20_000)) == Allocation((), Rupiah(20_000))


@given(owed_parts, amounts, st.sets(st.sampled_from(PARTS)))
def test_no_rupiah_is_lost_and_no_part_is_paid_twice(owed: list[Open], amount: Rupiah, parts: set[str]):
    found = allocate(owed, amount, parts)
    assert total(found.paid) + found.rest == amount
    assert found.rest >= 0
    assert {one.part for one in found.paid} <= parts
    at_most = {(one.month, one.part): one.amount for one in owed}
    assert all(0 < one.amount <= at_most[one.month, one.part] for one in found.paid)
    payable = [one for one in owed if one.part in parts]
    assert total(found.paid) == min(amount, total(payable))
    assert total(less(owed, found.paid)) == total(owed) - total(found.paid)


@given(owed_parts, amounts)
def test_a_month_is_paid_before_a_later_one(owed: list[Open], amount: Rupiah):
    paid = allocate(owed, amount).paid
    rest = less(owed, paid)
    assert not (paid and rest) or paid[-1].month <= min(one.month for one in rest)


@given(owed_parts, amounts, amounts)
def test_paying_in_two_goes_is_like_paying_at_once(owed: list[Open], first: Rupiah, second: Rupiah):
    after_first = less(owed, allocate(owed, first).paid)
    rest_of_first = allocate(owed, first).rest
    twice = less(after_first, allocate(after_first, Rupiah(second + rest_of_first)).paid)
    assert sorted(twice, key=str) == sorted(less(owed, allocate(owed, Rupiah(first + second)).paid), key=str)


@given(owed_parts, amounts, amounts)
def test_her_credit_is_used_before_what_bpjs_holds_which_pays_no_fee(owed: list[Open], credit: Rupiah, ahead: Rupiah):
    ours, theirs = use_what_lies_ready(owed, credit, ahead)
    assert total(ours.paid) == min(credit, total(owed))
    assert FEE not in {one.part for one in theirs.paid}
    rest = less(owed, ours.paid)
    assert total(theirs.paid) == min(ahead, total([one for one in rest if one.part in BPJS_PARTS]))


# ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────


BOOK = Book(
    (
        dues(Month(2026, 9), owed=0),
        dues(Month(2026, 10), owed=400),
        dues(NOVEMBER),
        dues(DECEMBER, charged=False),
        dues(JANUARY, 16_800, 0),
    ),
    pending=frozenset({NOVEMBER}),
)


@pytest.mark.parametrize(
    ("month", "state"),
    [
        (Month(2026, 8), MonthState.NONE),
        (Month(2026, 9), MonthState.PAID),
        (Month(2026, 10), MonthState.PARTLY),
        (NOVEMBER, MonthState.PENDING),
        (DECEMBER, MonthState.LATER),
        (JANUARY, MonthState.PAID),
        (JANUARY + 1, MonthState.LATER),
    ],
)
def test_how_each_month_stands(month: Month, state: MonthState):
    assert BOOK.state(month, NOVEMBER) is state


def test_what_was_later_is_owed_once_its_month_has_come():
    assert BOOK.state(DECEMBER, DECEMBER) is MonthState.OWED


def test_a_paid_month_stays_paid_while_another_proof_for_it_is_checked():
    assert Book((dues(NOVEMBER, owed=0),), pending=frozenset({NOVEMBER})).state(NOVEMBER, NOVEMBER) is MonthState.PAID


def test_what_is_owed_and_since_when():
    assert BOOK.owed(NOVEMBER) == 8800
    assert BOOK.unpaid(DECEMBER) == [Month(2026, 10), NOVEMBER, DECEMBER]
    assert BOOK.arrears(NOVEMBER) == [Month(2026, 10)]
    assert BOOK.paid_until() == Month(2026, 9)
    assert BOOK.next_unpaid() == Month(2026, 10)


def test_credit_is_taken_off_the_oldest_months():
    book = Book((dues(NOVEMBER), dues(DECEMBER)), credit=Rupiah(10_000))
    assert book.owed(DECEMBER) == 6800
    assert [(one.month, one.amount) for one in book.left(DECEMBER)] == [(DECEMBER, 6800)]


def test_what_bpjs_holds_is_not_taken_off_the_fee():
    month = MonthDues(NOVEMBER, {"JKK": Rupiah(5000), FEE: Rupiah(2000)}, {"JKK": Rupiah(5000), FEE: Rupiah(2000)})
    assert Book((month,), ahead=Rupiah(20_000)).owed(NOVEMBER) == 2000


def test_an_empty_book_owes_nothing():
    book = Book(())
    assert (book.owed(NOVEMBER), book.unpaid(NOVEMBER), book.paid_until(), book.next_unpaid()) == (0, [], None, None)


book_months = st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 40_000)), max_size=8).map(
    lambda rows: tuple(dues(NOVEMBER + n, cost, min(cost, owed)) for n, (cost, owed) in enumerate(rows))
)


@given(book_months, amounts, amounts, st.integers(0, 9))
def test_a_book_owes_what_its_months_owe_less_what_lies_ready(
    months: tuple[MonthDues, ...], credit: Rupiah, ahead: Rupiah, later: int
):
    book, until = Book(months, credit, ahead), NOVEMBER + later
    raw = sum(one.total_owed for one in months if one.month <= until)
    assert book.owed(until) == max(0, raw - credit - ahead)
    assert {one.month for one in book.left(until)} <= set(book.unpaid(until))


@given(book_months)
def test_every_month_stands_somewhere(months: tuple[MonthDues, ...]):
    book = Book(months)
    for one in months:
        state = book.state(one.month, NOVEMBER + 3)
        assert (state is MonthState.PAID) == (one.total_owed == 0)
        assert (state is MonthState.PARTLY) == (0 < one.total_owed < one.total_cost)


# ── which months to pay ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_months_to_pay_begin_with_the_arrears_and_leave_out_what_is_paid():
    assert months_to_pay(BOOK, 3) == [Month(2026, 10), NOVEMBER, DECEMBER]
    assert months_to_pay(BOOK, 4) == [Month(2026, 10), NOVEMBER, DECEMBER, JANUARY + 1]


@given(book_months, st.integers(1, 12))
def test_as_many_months_as_asked_for_in_their_order_and_none_that_is_paid(months: tuple[MonthDues, ...], count: int):
    book = Book(months)
    found = months_to_pay(book, count)
    assert len(found) == (count if months else 0)
    assert found == sorted(set(found))
    assert all(one.total_owed > 0 for one in months if one.month in found)
    assert {one.month for one in months if one.total_owed > 0 and found and one.month <= found[-1]} <= set(found)


# ── a sum for many ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sum_is_divided_in_the_order_of_the_list_and_shows_who_is_short():
    found = split([("siti", Rupiah(8400)), ("budi", Rupiah(16_800)), ("ani", Rupiah(8400))], Rupiah(20_000))
    assert [(one.member, one.amount, one.short) for one in found.shares] == [
        ("siti", 8400, 0),
        ("budi", 11_600, 5200),
        ("ani", 0, 8400),
    ]
    assert (found.short, found.rest) == (13_600, 0)


def test_what_is_too_much_for_all_is_given_to_nobody():
    found = split([("siti", Rupiah(8400))], Rupiah(10_000))
    assert (found.shares[0].over, found.rest) == (0, 1600)


@given(st.lists(st.tuples(st.text(max_size=3), amounts), max_size=8), amounts)
def test_a_split_gives_away_what_there_is_and_no_more(owed: list[tuple[str, Rupiah]], amount: Rupiah):
    found = split(owed, amount)
    assert sum(share.amount for share in found.shares) + found.rest == amount
    assert all(0 <= share.amount <= share.owed for share in found.shares)
    assert [share.member for share in found.shares] == [member for member, _due in owed]
    assert found.short == max(0, sum(due for _member, due in owed) - amount)
    assert found.rest == max(0, amount - sum(due for _member, due in owed))
