"""Which reminder is open on which day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.due import due_day
from domain.month import Month, months_from
from domain.reminder import DEFAULTS, Anchor, Rule, end_of_cover, is_last, months_due, months_ending, open_rule

DUE = [rule for rule in DEFAULTS if rule.anchor is Anchor.DUE]
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        ("2026-12-09", None),
        ("2026-12-10", "due-5"),
        ("2026-12-13", "due-5"),
        ("2026-12-14", "due-1"),
        ("2026-12-15", "due-1"),
        ("2026-12-16", None),
        ("2026-12-18", "due+3"),
        ("2026-12-25", "due+10"),
        ("2026-12-29", None),
    ],
)
def test_around_the_due_day(day, rule):
    found = open_rule(DEFAULTS, Anchor.DUE, due_day(Month(2026, 12)), date.fromisoformat(day))
    assert (found.name if found else None) == rule


def test_of_several_that_are_open_the_one_that_opened_last_counts():
    rules = [Rule.at(Anchor.DUE, -5, 10), Rule.at(Anchor.DUE, -1, 10)]
    assert open_rule(rules, Anchor.DUE, date(2026, 12, 15), date(2026, 12, 13)) == rules[0]
    assert open_rule(rules, Anchor.DUE, date(2026, 12, 15), date(2026, 12, 14)) == rules[1]


@given(DAYS, st.sampled_from(DUE))
def test_a_rule_finds_every_month_whose_due_day_lies_right(today, rule):
    near = months_from(Month.of(today - timedelta(days=70)), 6)
    expected = [month for month in near if rule.opens(due_day(month)) <= today < rule.closes(due_day(month))]
    assert months_due(rule, today) == expected


@given(DAYS, st.sampled_from([rule for rule in DEFAULTS if rule.anchor is Anchor.COVER]))
def test_a_countdown_finds_every_month_with_which_cover_may_end(today, rule):
    near = months_from(Month.of(today) - 8, 12)
    expected = [month for month in near if rule.opens(end_of_cover(month)) <= today < rule.closes(end_of_cover(month))]
    assert months_ending(rule, today) == expected


def test_cover_may_end_with_the_third_unpaid_month():
    assert end_of_cover(Month(2026, 12)) == date(2027, 2, 28)
    assert end_of_cover(Month(2027, 12)) == date(2028, 2, 29)


@pytest.mark.parametrize("rule", DEFAULTS)
def test_a_rule_is_known_by_its_name(rule):
    known = Rule.named(rule.name)
    assert (known.anchor, known.days) == (rule.anchor, rule.days)


def test_the_last_rule_of_each_kind():
    assert [rule.name for rule in DEFAULTS if is_last(rule, DEFAULTS)] == ["due+10", "cover-1"]
