"""When a message that nobody asked for may come: by day, not during the Friday prayer, not on the highest feasts.

No law says so: 08:00 to 19:30, the Friday pause from 11:45 to 13:30 and the silent days are a judgement (domain facts
§7), so an association may set its own hours. Answers to what somebody wrote are not concerned, nor are receipts.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from domain.packaged import rows

FRIDAY = 4
PRAYER = (time(11, 45), time(13, 30))
LONGEST_SILENCE = 30  # days within which a decent hour is looked for


@cache
def silent_days() -> frozenset[date]:
    """The feasts on record on which nothing is sent by itself; of a year that is not yet decreed none are known."""
    return frozenset(date.fromisoformat(row["date"]) for row in rows("holidays.csv") if row["silent"] == "yes")


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, by the clock of whoever gets the message."""

    opens: time = time(8)
    closes: time = time(19, 30)

    @classmethod
    def parse(cls, opens: str, closes: str) -> "Hours":
        """Written as "08:00" and "19:30". Raises `ValueError`, also where it opens after it closes."""
        hours = cls(time.fromisoformat(opens), time.fromisoformat(closes))
        if hours.opens >= hours.closes:
            raise ValueError("it opens before it closes")
        return hours


DECENT = Hours()


def is_decent(moment: datetime, zone: ZoneInfo, hours: Hours = DECENT) -> bool:
    """True when a message may come to somebody in that zone now."""
    local = moment.astimezone(zone)
    clock = local.time()
    prays = local.weekday() == FRIDAY and PRAYER[0] <= clock < PRAYER[1]
    return hours.opens <= clock < hours.closes and not prays and local.date() not in silent_days()


def next_decent(moment: datetime, zone: ZoneInfo, hours: Hours = DECENT) -> datetime:
    """That moment itself if it is a decent one, else the next that is."""
    if is_decent(moment, zone, hours):
        return moment
    local = moment.astimezone(zone)
    for day in (local.date() + timedelta(days=ahead) for ahead in range(LONGEST_SILENCE)):
        for clock in sorted({hours.opens, PRAYER[1]}):
            candidate = datetime.combine(day, clock, zone)
            if candidate > moment and is_decent(candidate, zone, hours):
                return candidate.astimezone(moment.tzinfo)
    raise ValueError("no decent hour within a month")


def last_decent(moment: datetime, zone: ZoneInfo, hours: Hours = DECENT) -> datetime:
    """When the hours of that day end."""
    return datetime.combine(moment.astimezone(zone).date(), hours.closes, zone).astimezone(moment.tzinfo)
