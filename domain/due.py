"""When a month's contribution falls due."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

from domain.month import Month
from domain.packaged import rows

DAY = 15  # of the contribution month itself (PP 44/2015, for those who pay for themselves)
SATURDAY = 5
NATIONAL = "libur_nasional"


@cache
def holidays() -> frozenset[date]:
    """The public holidays on record; a year that is not yet decreed has none.

    Days of collective leave do not count: nobody has said that they move a due day, and without them it is no later.
    """
    return frozenset(date.fromisoformat(row["date"]) for row in rows("holidays.csv") if row["kind"] == NATIONAL)


def is_working_day(day: date, off: Collection[date] | None = None) -> bool:
    """True from Monday to Friday, unless it is a holiday; `off`: other holidays than those on record."""
    return day.weekday() < SATURDAY and day not in (holidays() if off is None else off)


def due_day(month: Month, off: Collection[date] | None = None) -> date:
    """The 15th of the contribution month; on a day off, the next working day."""
    day = date(month.year, month.month, DAY)
    while not is_working_day(day, off):
        day += timedelta(days=1)
    return day


def first_month(joined: date) -> Month:
    """The first month that somebody who joined on that day is to pay: the same one up to its due day, else the next."""
    month = Month.of(joined)
    return month if joined <= due_day(month) else month + 1
