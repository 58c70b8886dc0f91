"""The simulation: a referee who sees every fault, and a program that makes none."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.simulation.people import Somebody
from bot.simulation.referee import Sent, at_work, judge, merged
from domain.month import Month
from domain.reminder import DEFAULTS, PER_WEEK
from storage.sealed import KeyRing, use_keys

DECEMBER = Month(2026, 12)
BEGIN, END = datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
RULES = {"due-5": 10, "due-1": 14, "due+3": 18, "due+10": 25}  # the day in December on which each opens


def siti() -> Somebody:
    return Somebody(0, "p", "m", "a", "1", "never", "5271", DECEMBER)


def at(day: int, hour: int = 9) -> datetime:
    """An hour of a day in Mataram."""
    return datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=8)


def all_of_december() -> list[Sent]:
    return [Sent(0, "2026-12", rule, at(day)) for rule, day in RULES.items()]


def found(somebody: Somebody, sent: list[Sent], downs=(), uncertain=frozenset()) -> dict[str, int]:
    ups = at_work(list(downs), BEGIN, END)
    verdict = judge([somebody], sent, set(uncertain), ups, rules=DEFAULTS, per_week=PER_WEEK, end=END)
    known = {name: value for name, value in vars(verdict).items() if name not in ("examples", "reminders")}
    return {name: value for name, value in known.items() if value}


def test_a_month_as_it_should_be():
    assert found(siti(), all_of_december()) == {}


def test_one_that_came_twice():
    assert found(siti(), [*all_of_december(), Sent(0, "2026-12", "due+10", at(26))]) == {"doubled": 1}


def test_one_that_never_came():
    assert found(siti(), all_of_december()[:2]) == {"lost": 2}


def test_one_that_came_after_she_had_paid():
    paid = siti()
    paid.paid[DECEMBER] = at(17)
    assert found(paid, all_of_december()) == {"after_payment": 2}


def test_one_at_night_and_one_during_the_friday_prayer():
    sent = all_of_december()
    sent[0] = Sent(0, "2026-12", "due-5", at(10, 20))
    sent[2] = Sent(0, "2026-12", "due+3", at(18, 12))
    assert found(siti(), sent) == {"in_quiet_hours": 2}


def test_one_that_she_did_not_want():
    tired = siti()
    tired.becomes("wants", value=False, at=at(16))
    assert found(tired, all_of_december()) == {"unwanted": 2}


def test_three_in_one_week():
    sent = [*all_of_december(), Sent(0, "2026-11", "due+20", at(11))]
    assert found(siti(), sent) == {"too_many": 1}


def test_nothing_is_lost_while_the_program_is_out_of_order_nor_when_nobody_knows():
    sent = [one for one in all_of_december() if one.rule != "due+3"]
    assert found(siti(), sent) == {"lost": 1}
    assert found(siti(), sent, downs=[(at(17), at(22, 7))]) == {}
    assert found(siti(), sent, uncertain={(0, "2026-12", "due+3")}) == {}


def test_outages_that_overlap_are_one():
    assert merged([(at(3), at(5)), (at(4), at(6)), (at(8), at(9))]) == [(at(3), at(6)), (at(8), at(9))]


def played(seed: int, ring: KeyRing) -> dict[str, Any]:
    """What two months of twenty-five members came to."""
    told = CliRunner().invoke(cli, ["simulate", "--months", "2", "--members", "25", "--seed", str(seed), "--json"])
    use_keys(ring)
    assert told.exit_code == 0, told.stdout
    return json.loads(told.stdout)


@pytest.mark.parametrize("seed", [1, 2])
def test_some_months_with_outages_and_faults(seed, a_ring):
    facts = played(seed, a_ring)
    assert facts["reminders"] > 10
    wrong = ("doubled", "after_payment", "in_quiet_hours", "unwanted", "too_many", "lost")
    assert {name: facts[name] for name in wrong} == dict.fromkeys(wrong, 0), facts["examples"]


def test_the_same_lots_give_the_same_years(a_ring):
    """So that what is found once can be played again."""
    once, again = ({**played(3, a_ring), "seconds": 0} for _time in range(2))
    assert once == again
