"""The scheduler's rounds: late, doubled, or with a clock that jumps, each reminder goes once."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rounds import Rounds
from storage.database import Database, StorageDown
from tests.bot.test_reminders import TENTH, everybody_owes_december, join, messages
from tests.transcript import StoppedClock

SEVEN = datetime(2026, 12, 9, 23, 55, tzinfo=UTC)  # 07.55 in Mataram


@pytest.fixture
def clock(database: Database) -> StoppedClock:
    database.transact(lambda db: everybody_owes_december(db, "siti", "budi") and None)
    return StoppedClock(TENTH)


def test_a_scheduler_that_was_down_over_eight_o_clock_makes_up_for_it(database, clock):
    """C7"""
    clock.moment = SEVEN
    Rounds(database, clock).make()
    assert messages(database) == []
    clock.moment = SEVEN + timedelta(minutes=25)  # another process, after the outage
    Rounds(database, clock).make()
    assert len(messages(database)) == 2


def test_two_schedulers_send_each_reminder_once(database, clock):
    """C8"""
    first, second = Rounds(database, clock), Rounds(database, clock)
    for _time in range(3):
        first.make()
        second.make()
        clock.moment += timedelta(minutes=11)
    assert len(messages(database)) == 2


def test_a_clock_that_jumps_a_day_ahead_and_an_hour_back_neither_doubles_nor_skips(database, clock):
    """C9"""
    rounds = Rounds(database, clock)
    for jump in (timedelta(0), timedelta(days=1), timedelta(hours=-1)):
        clock.moment += jump
        rounds.make()
    assert len(messages(database)) == 2
    database.transact(lambda db: join(db, "ani") and None)
    clock.moment += timedelta(minutes=11)
    rounds.make()
    assert len(messages(database)) == 3
    clock.moment += timedelta(hours=2)
    rounds.make()
    assert len(messages(database)) == 3


def test_a_database_that_does_not_answer_is_asked_again(database, clock, monkeypatch):
    rounds = Rounds(database, clock)
    with monkeypatch.context() as patch:
        patch.setattr(database, "read", lambda work: (_ for _ in ()).throw(StorageDown("away")))
        rounds.make()
    assert messages(database) == []
    rounds.make()
    assert len(messages(database)) == 2


def test_what_goes_out_wakes_the_sender(database, clock):
    woken = []
    Rounds(database, clock, lambda: woken.append(True)).make()
    assert woken == [True]
