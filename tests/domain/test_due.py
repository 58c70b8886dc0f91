"""When a month's contribution falls due."""

from datetime import date

import pytest

from domain.due import due_day, holidays, is_working_day
from domain.month import Month


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2026-11", date(2026, 11, 16)),  # the 15th is a Sunday
        ("2026-12", date(2026, 12, 15)),
        ("2027-01", date(2027, 1, 15)),
        ("2027-02", date(2027, 2, 15)),
        ("2027-03", date(2027, 3, 15)),
    ],
)
def test_the_15th_or_the_next_working_day(month, day):
    assert due_day(Month.parse(month)) == day


def test_a_holiday_on_the_15th_moves_it_on():
    assert due_day(Month.parse("2027-01"), {date(2027, 1, 15)}) == date(2027, 1, 18)  # a Friday off, then the weekend


def test_collective_leave_does_not():
    assert due_day(Month.parse("2026-05")) == date(2026, 5, 15)


def test_holidays_in_a_row_move_it_on_and_on():
    off = {date(2027, 1, 15), date(2027, 1, 18), date(2027, 1, 19)}
    assert due_day(Month.parse("2027-01"), off) == date(2027, 1, 20)


def test_a_weekend_is_no_working_day_and_a_monday_is():
    assert not is_working_day(date(2026, 11, 14))
    assert not is_working_day(date(2026, 11, 15))
    assert is_working_day(date(2026, 11, 16))


def test_every_holiday_is_on_record_once():
    assert len(holidays()) == 17
    assert date(2026, 8, 17) in holidays()
