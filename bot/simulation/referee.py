"""Says what was right, from what the provider took and what people did; it asks the program nothing.

It goes through every member, month and rule with the dates alone, so that a mistake of the planner is not made twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.simulation.people import ZONE, Somebody
from domain.decent_hours import is_decent
from domain.due import due_day
from domain.month import Month
from domain.reminder import Anchor, Rule, is_last, open_rule

WEEK = timedelta(days=7)
Key = tuple[int, str, str]  # member's number, month, rule


@dataclass(frozen=True, slots=True)
class Sent:
    """One reminder as the provider took it."""

    number: int
    month: str
    rule: str
    at: datetime


@dataclass
class Verdict:
    """What was found; everything but `reminders` should be zero."""

    reminders: int = 0
    doubled: int = 0
    after_payment: int = 0
    in_quiet_hours: int = 0
    unwanted: int = 0  # after she had said that she wants none, or promised a day
    too_many: int = 0  # in one week
    lost: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, what: str, about: object) -> None:
        """One more, with a few examples to look at."""
        setattr(self, what, getattr(self, what) + 1)
        if len(self.examples) < 20:
            self.examples.append(f"{what}: {about}")


def judge(
    everybody: Sequence[Somebody],
    sent: Iterable[Sent],
    uncertain: set[Key],
    ups: Sequence[tuple[datetime, datetime]],
    *,
    rules: Sequence[Rule],
    per_week: int,
    end: datetime,
) -> Verdict:
    """Everything that was sent, and what should have been. `ups`: when the whole program was at work."""
    verdict = Verdict()
    by_member: dict[int, list[Sent]] = defaultdict(list)
    for one in sorted(sent, key=lambda one: one.at):
        by_member[one.number].append(one)
    for somebody in everybody:
        hers = by_member[somebody.number]
        look_at_sent(verdict, somebody, hers, rules=rules, per_week=per_week)
        look_for_lost(verdict, somebody, hers, uncertain, ups, rules=rules, per_week=per_week, end=end)
    return verdict


def look_at_sent(
    verdict: Verdict, somebody: Somebody, hers: Sequence[Sent], *, rules: Sequence[Rule], per_week: int
) -> None:
    """What came, came once, in time, by day and wanted."""
    verdict.reminders += len(hers)
    for key, count in Counter((one.month, one.rule) for one in hers).items():
        if count > 1:
            verdict.note("doubled", (somebody.number, *key))
    for one in hers:
        if not is_decent(one.at, somebody.zone):
            verdict.note("in_quiet_hours", one)
        paid_at = somebody.paid.get(Month.parse(one.month))
        if paid_at and paid_at <= one.at:
            verdict.note("after_payment", one)
        if not state_at(somebody, "wants", one.at) or state_at(somebody, "resting", one.at):
            verdict.note("unwanted", one)
    always = {rule.name for rule in rules if rule.anchor is Anchor.COVER and is_last(rule, rules)}
    counted = [one for one in hers if one.rule not in always]
    for first, later in zip(counted, counted[per_week:], strict=False):
        if later.at - first.at < WEEK - timedelta(days=1):
            verdict.note("too_many", later)


def look_for_lost(
    verdict: Verdict,
    somebody: Somebody,
    hers: Sequence[Sent],
    uncertain: set[Key],
    ups: Sequence[tuple[datetime, datetime]],
    *,
    rules: Sequence[Rule],
    per_week: int,
    end: datetime,
) -> None:
    """A window in which she owed all the time, wanted it and could be reached, while the program was at work."""
    month = somebody.first
    due = [rule for rule in rules if rule.anchor is Anchor.DUE]
    while (day := due_day(month)) < end.date():
        for rule, first, last in spans(due, day):
            key = (somebody.number, str(month), rule.name)
            if last >= end.date() or key in uncertain:
                continue
            came = any((one.month, one.rule) == key[1:] for one in hers)
            if not came and was_owed(somebody, month, first, last, ups) and not was_full(hers, first, last, per_week):
                verdict.note("lost", key)
        month = month + 1


def spans(rules: Sequence[Rule], anchor: date) -> list[tuple[Rule, date, date]]:
    """For each rule the days on which it is the one that counts."""
    first, last = min(r.opens(anchor) for r in rules), max(r.closes(anchor) for r in rules)
    days: Mapping[Rule, list[date]] = defaultdict(list)
    for day in (first + timedelta(days=ahead) for ahead in range((last - first).days)):
        if rule := open_rule(rules, Anchor.DUE, anchor, day):
            days[rule].append(day)
    return [(rule, found[0], found[-1]) for rule, found in days.items()]


def was_owed(
    somebody: Somebody, month: Month, first: date, last: date, ups: Sequence[tuple[datetime, datetime]]
) -> bool:
    """True when nothing spoke against it from the first moment of these days to the last."""
    begins = datetime.combine(first, time(), ZONE)
    ends = datetime.combine(last + timedelta(days=1), time(), ZONE)
    paid = somebody.paid.get(month)
    changed = any(begins - timedelta(days=1) <= at <= ends for at, _what, _value in somebody.changes)
    steady = all(state_at(somebody, what, begins) for what in ("wants", "reachable", "active"))
    resting = state_at(somebody, "resting", begins)
    return (
        steady
        and not resting
        and not changed
        and (paid is None or paid > ends)
        and a_long_time(ups, begins, ends, somebody.zone)
    )


def state_at(somebody: Somebody, what: str, at: datetime) -> bool:
    """How she stood at that moment, what changed in it included; before her first change as the opposite of it."""
    known = [(moment, value) for moment, name, value in somebody.changes if name == what]
    before = [value for moment, value in known if moment <= at]
    if before:
        return before[-1]
    return not known[0][1] if known else what != "resting"


def a_long_time(ups: Sequence[tuple[datetime, datetime]], begins: datetime, ends: datetime, zone: ZoneInfo) -> bool:
    """True when the program was at work for three decent hours in a row within that time."""
    for up, down in ups:
        moment = max(up, begins)
        while moment + timedelta(hours=3) <= min(down, ends):
            hours = (moment + timedelta(hours=ahead) for ahead in range(4))
            if all(is_decent(hour, zone) for hour in hours):
                return True
            moment += timedelta(hours=1)
    return False


def was_full(hers: Sequence[Sent], first: date, last: date, per_week: int) -> bool:
    """True when she had got as many within a week of these days as she may get."""
    begins = datetime.combine(first, time(), ZONE) - WEEK
    ends = datetime.combine(last + timedelta(days=1), time(), ZONE)
    near = [one for one in hers if begins <= one.at <= ends]
    return len(near) >= per_week


def at_work(
    downs: Sequence[tuple[datetime, datetime]], begins: datetime, ends: datetime
) -> list[tuple[datetime, datetime]]:
    """The times between the outages."""
    edges = [(begins, begins), *sorted(downs), (ends, ends)]
    return [(left[1], right[0]) for left, right in pairwise(merged(edges)) if left[1] < right[0]]


def merged(spans_of_time: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Overlapping times as one."""
    found: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(spans_of_time):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found
