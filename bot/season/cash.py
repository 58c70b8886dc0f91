"""Cash: collectors take it, hand it over, and it is counted; and what members say against it."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bot.arrivals import ASSOCIATION
from bot.season.season import Season
from domain.money import Rupiah
from storage.queries import cash, collections, disputes, hand_overs, members, payments
from storage.queries.disputes import Kind

ALL = 0
"""What a member owes, whatever that is."""


def collect(season: Season, collector: str, given: Mapping[str, int]) -> dict[str, str]:
    """Cash from these members in one go; the ids of their payments, by name."""

    def work(db: Session, now: datetime) -> dict[str, str]:
        found = [taken(db, season, name, amount, now) for name, amount in given.items()]
        who = season.persons[collector]
        _collection, made = payments.collect(db, found, association_id=ASSOCIATION, collector_id=who, now=now)
        return {name: payment.id for name, (payment, _receipt) in zip(given, made, strict=True)}

    return season.write(work)


def taken(db: Session, season: Season, name: str, amount: int, now: datetime) -> payments.Taken:
    """What one of them gives, and for which months that is meant."""
    member = season.member(db, name)
    (owed,) = collections.dues_of(db, [member], now.date())
    given = Rupiah(amount) or owed.amount
    months, expected = collections.reach(db, owed, given, now.date())
    return payments.Taken(member, given, months, expected)


def list_of(season: Season, collector: str) -> list[str]:
    """Whose cash a collector takes, by name."""
    who = season.persons[collector]
    return season.write(lambda db, _now: [one.name for one in collections.members_of(db, ASSOCIATION, who)])


def owing(season: Season, collector: str) -> list[str]:
    """Who of them owes something now."""
    who = season.persons[collector]

    def work(db: Session, now: datetime) -> list[str]:
        hers = collections.members_of(db, ASSOCIATION, who)
        found = collections.dues_of(db, hers, now.date())
        return [one.member.name for one in found if one.amount and not one.ahead and not one.pending]

    return season.write(work)


def offer(season: Season, collector: str, less: int = 0) -> str:
    """A collector brings what she has, or so much less; the hand-over's id."""

    def work(db: Session, now: datetime) -> str:
        who = season.persons[collector]
        amount = Rupiah(cash.in_hand(db, ASSOCIATION, who) - less)
        found = hand_overs.offer(db, amount, association_id=ASSOCIATION, collector_id=who, address_id=None, now=now)
        return found.id

    return season.write(work)


def take_back(season: Season, collector: str, hand_over_id: str) -> None:
    """A collector does not come after all."""
    who = season.persons[collector]
    season.write(lambda db, _now: hand_overs.withdraw(db, ASSOCIATION, hand_over_id, by=who))


def count(season: Season, treasurer: str, hand_over_id: str, differs: int = 0, reason: str = "") -> None:
    """A treasurer counts it: as much as was said, or so much more or less for a reason."""

    def work(db: Session, now: datetime) -> None:
        row = hand_overs.lock(db, ASSOCIATION, hand_over_id)
        counted, who = Rupiah(row.declared + differs), season.persons[treasurer]
        hand_overs.count(db, ASSOCIATION, hand_over_id, counted, reason=reason, by=who, now=now)

    season.write(work)


def deposit(season: Season, treasurer: str) -> None:
    """A treasurer brings the cash box to the bank."""

    def work(db: Session, now: datetime) -> None:
        cash.deposit(db, ASSOCIATION, cash.till(db, ASSOCIATION), by=season.persons[treasurer], now=now)

    season.write(work)


def dispute(season: Season, name: str, payment_id: str, kind: Kind, words: str) -> str:
    """A member says that it is not so; the dispute's id."""

    def work(db: Session, now: datetime) -> str:
        whose = members.get(db, ASSOCIATION, season.members[name]).person_id
        found = disputes.dispute(db, ASSOCIATION, payment_id, kind, words=words, by=whose, address_id=None, now=now)
        return found.id

    return season.write(work)


def uphold(season: Season, officer: str, dispute_id: str, reason: str) -> None:
    """An officer finds that the payment was right."""
    who = season.persons[officer]
    season.write(lambda db, now: disputes.uphold(db, ASSOCIATION, dispute_id, reason=reason, by=who, now=now))


def reverse(season: Season, officer: str, dispute_id: str, reason: str) -> None:
    """An officer finds that there was no such payment."""
    who = season.persons[officer]
    season.write(lambda db, now: disputes.reverse(db, ASSOCIATION, dispute_id, reason=reason, by=who, now=now))
