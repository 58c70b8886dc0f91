"""Which reminder somebody is owed: rules around the due day of a month, and around the end of her cover.

A rule opens some days before or after its day and stays open for a while: within that time a late one still helps,
after it nobody wants it any more. Of several that are open the latest counts, so that a stop of the program is made up
for by one message and not by all that were missed.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.due import due_day
from domain.month import Month


class Anchor(StrEnum):
    """The day around which a rule stands."""

    DUE = "due"  # the month's due day
    COVER = "cover"  # the day on which cover may end


@dataclass(frozen=True, slots=True)
class Rule:
    """One reminder: so many days before (below zero) or after the anchor, open for so many days."""

    name: str  # as in "due-3"; part of the key that makes a second one impossible
    anchor: Anchor
    days: int
    lasts: int  # days, the first included

    @classmethod
    def at(cls, anchor: Anchor, days: int, lasts: int) -> "Rule":
        """A rule named after its place."""
        return cls(f"{anchor}{days:+d}", anchor, days, lasts)

    @classmethod
    def named(cls, name: str) -> "Rule":
        """The rule of that name, as in "cover-14"; how long it was open is not told by it."""
        anchor, sign, days = re.split(r"([+-])", name)
        return cls(name, Anchor(anchor), int(sign + days), 1)

    def opens(self, anchor: date) -> date:
        """Its first day."""
        return anchor + timedelta(days=self.days)

    def closes(self, anchor: date) -> date:
        """The first day on which nobody wants it any more."""
        return self.opens(anchor) + timedelta(days=self.lasts)

    def anchors(self, today: date) -> tuple[date, date]:
        """The first and the last anchor for which it is open today."""
        last = today - timedelta(days=self.days)
        return last - timedelta(days=self.lasts - 1), last


DEFAULTS: tuple[Rule, ...] = (
    Rule.at(Anchor.DUE, -5, 4),
    Rule.at(Anchor.DUE, -1, 2),
    Rule.at(Anchor.DUE, 3, 4),
    Rule.at(Anchor.DUE, 10, 4),
    *(Rule.at(Anchor.COVER, -days, lasts) for days, lasts in ((30, 7), (14, 5), (7, 3), (3, 2), (1, 1))),
)
"""What an association has that set nothing else: four around the due day, five towards the end of cover."""

PER_WEEK = 2  # messages of this kind to one person, unless an association says otherwise

UNPAID_MONTHS = 3
"""Unpaid months in a row with which cover ends at the latest (domain facts §1.10; one source says earlier)."""


def open_rule(rules: Sequence[Rule], anchor: Anchor, day: date, today: date) -> Rule | None:
    """The rule that is open today for an anchor on that day: of several the one that opened last."""
    there = [rule for rule in rules if rule.anchor is anchor and rule.opens(day) <= today < rule.closes(day)]
    return max(there, key=lambda rule: rule.opens(day), default=None)


def is_last(rule: Rule, rules: Collection[Rule]) -> bool:
    """True when nothing of its kind comes after it."""
    return rule.days == max(other.days for other in rules if other.anchor is rule.anchor)


def months_due(rule: Rule, today: date) -> list[Month]:
    """The months for whose due day this rule is open today."""
    first, last = rule.anchors(today)
    return [month for month in _around(first, last) if first <= due_day(month) <= last]


def end_of_cover(oldest_unpaid: Month) -> date:
    """The day on which cover may end for somebody who owes since that month, where BPJS has told none."""
    after = oldest_unpaid + UNPAID_MONTHS
    return date(after.year, after.month, 1) - timedelta(days=1)


def months_ending(rule: Rule, today: date) -> list[Month]:
    """The oldest unpaid months for which this rule is open today."""
    first, last = rule.anchors(today)
    return [
        month - UNPAID_MONTHS + 1
        for month in _around(first, last)
        if first <= end_of_cover(month - UNPAID_MONTHS + 1) <= last
    ]


def _around(first: date, last: date) -> list[Month]:
    month, end = Month.of(first) - 1, Month.of(last) + 1
    found = []
    while month <= end:
        found.append(month)
        month = month + 1
    return found
