"""Reminders on the days that are unlike others: where clocks change, and at the ends of months."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.reminders import plan_all, send_due
from bot.rounds import Rounds
from domain.month import Month
from storage.database import Database
from storage.queries import charges
from storage.tables import Association, Member, Message, Reminder
from tests.bot.test_reminders import agree, talk
from tests.storage.house import found, member
from tests.transcript import StoppedClock

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def in_berlin() -> Iterator[None]:
    """The server's own clock, which has a summer time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def owing(db: Session, name: str, until: date | None, *months: Month, regency: str = "5271") -> None:
    """A member who owes these months; `until`: the end of cover that BPJS told her."""
    hers = member(db, name, first=months[0])
    hers.protected_until, hers.regency = until, regency
    agree(db, hers)
    talk(db, hers)
    for month in months:
        charges.charge_month(db, "main", month, now=datetime.now(UTC))


@pytest.mark.usefixtures("in_berlin")
@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28)], ids=["an hour more", "an hour less"])
def test_everybody_has_her_own_morning_though_the_server_changes_its_clock(database: Database, day: date):
    """C10: eight o'clock comes to Jayapura, Mataram and Jakarta as on any other day, and once."""
    until = day + timedelta(days=7)

    def fill(db: Session) -> None:
        found(db)
        for name, regency in (("ani", "9471"), ("budi", "5271"), ("siti", "3171")):
            owing(db, name, until, Month.of(day), regency=regency)

    database.transact(fill)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    clock = StoppedClock(midnight - HALF_AN_HOUR * 3)
    rounds = Rounds(database, clock)
    while clock.moment < midnight + timedelta(hours=3):
        rounds.make()
        clock.moment += HALF_AN_HOUR
    rows = database.read(
        lambda db: db.exec(
            select(Member.name, Message.created_at, Reminder.send_at)
            .join(Reminder, col(Reminder.member_id) == col(Member.id))
            .join(Message, col(Message.id) == col(Reminder.message_id))
            .order_by(col(Message.created_at))
        ).all()
    )
    mornings = [midnight + timedelta(hours=hours) for hours in (-1, 0, 1)]
    assert rows == [(name, at, at) for name, at in zip(("Ani", "Budi", "Siti"), mornings, strict=True)]


def day_by_day(database: Database, first: date, last: date) -> list[tuple[str, str, date]]:
    """What the daily look at ten finds in all that time: the rule, the month, and the day."""
    day = first
    while day <= last:
        now = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        plan_all(database, now)
        send_due(database, now)
        day += timedelta(days=1)
    rows = select(Reminder).where(Reminder.status == "queued").order_by(col(Reminder.send_at))
    return [(row.rule, row.month, row.send_at.date()) for row in database.read(lambda db: db.exec(rows).all())]


def as_often_as_there_are_rules(db: Session) -> None:
    found(db)
    db.get_one(Association, "main").reminders_per_week = 9


@pytest.mark.parametrize("until", ["2028-02-29", "2027-02-28", "2027-01-31", "2027-04-30"])
def test_the_countdown_to_the_end_of_a_month_leaves_nothing_out(database: Database, until: str):
    """C12: each rule on its day, under the month in which cover ends, and once."""
    end = date.fromisoformat(until)

    def fill(db: Session) -> None:
        as_often_as_there_are_rules(db)
        owing(db, "siti", end, Month.of(end))

    database.transact(fill)
    rules = (("cover-14", -14), ("cover-7", -7), ("cover-3", -3), ("cover-1", -1), ("due+3", 3))
    expected = [(rule, until[:7], end + timedelta(days=days)) for rule, days in rules]
    assert day_by_day(database, end - timedelta(days=15), end + timedelta(days=5)) == expected


def test_through_a_leap_february_every_reminder_comes_once(database: Database):
    """C12: December's cover ends with the leap day, for BPJS told none, and February falls due meanwhile."""

    def fill(db: Session) -> None:
        as_often_as_there_are_rules(db)
        owing(db, "siti", None, Month(2027, 12), Month(2028, 2))

    database.transact(fill)
    assert day_by_day(database, date(2028, 1, 29), date(2028, 3, 2)) == [
        ("cover-30", "2027-12", date(2028, 1, 30)),
        ("due-5", "2028-02", date(2028, 2, 10)),
        ("due-1", "2028-02", date(2028, 2, 14)),
        ("cover-14", "2027-12", date(2028, 2, 15)),
        ("due+3", "2028-02", date(2028, 2, 18)),
        ("cover-7", "2027-12", date(2028, 2, 22)),
        ("due+10", "2028-02", date(2028, 2, 25)),
        ("cover-3", "2027-12", date(2028, 2, 26)),
        ("cover-1", "2027-12", date(2028, 2, 28)),
    ]
