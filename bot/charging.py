"""Charges the months by themselves: each association's, up to the one that it is there, each once.

What is charged stands in the database, so a second process, a late start or a clock that jumps charge nothing twice.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from conversations.lapse_news import tell_lapsed
from domain.month import Month, months_from
from domain.rates import NoRate
from storage.database import Database, StorageDown
from storage.queries import associations, charges, members, terms
from storage.tables import Association

log = logging.getLogger(__name__)

OVERLAP = 100  # rows of terms: one that was written before another may be kept after it


@dataclass(frozen=True, slots=True)
class Done:
    """Up to which month an association was charged, and by which terms at the latest."""

    month: Month
    terms: int


class Charging:
    """Remembers what was charged last, so that it is not asked all the time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.done: dict[str, Done] = {}

    def charge_due(self, now: datetime) -> None:
        """Every association; the trouble of one does not stop the others. Raises `StorageDown`."""
        written = self.database.read(terms.last_written)
        for association in self.database.read(associations.everyone):
            current = Month.of(local(association, now).date())
            before = self.done.get(association.id)
            if before == Done(current, written):
                continue
            try:
                if before and before.month == current:
                    self.charge_changed(association, before.terms - OVERLAP, current, now)
                else:
                    self.charge(association, current, now)
            except StorageDown:
                raise
            except Exception:
                log.exception("a month cannot be charged", extra={"association": association.id})
            else:
                self.done[association.id] = Done(current, written)

    def charge(self, association: Association, current: Month, now: datetime) -> None:
        """The months up to this one that are not charged yet, in their order, each in a transaction of its own."""
        first = self.database.read(partial(charges.earliest, association_id=association.id)) or current
        for month in months_from(first, max(0, current - first + 1)):
            try:
                if month == current or self.database.read(partial(is_due, association_id=association.id, month=month)):
                    self.database.transact(
                        partial(charge_one, association_id=association.id, month=month, now=local(association, now))
                    )
            except NoRate as error:
                tell_trouble(association, error)

    def charge_changed(self, association: Association, since: int, current: Month, now: datetime) -> None:
        """Whoever joined or has other terms since then: what has become hers to pay up to this month."""
        changed = self.database.read(partial(terms.written_since, association_id=association.id, row=since))
        for member_id in changed:
            try:
                self.database.transact(
                    partial(charge_member, association_id=association.id, member_id=member_id, until=current, now=now)
                )
            except NoRate as error:
                tell_trouble(association, error)


def tell_trouble(association: Association, error: NoRate) -> None:
    """Once, for only another release can know more rates; the other months are charged."""
    log.error("a month cannot be charged: %s", error, extra={"association": association.id})


def is_due(db: Session, *, association_id: str, month: Month) -> bool:
    """True while somebody was not charged for that month. Raises `NoRate`."""
    return charges.is_due(db, association_id, month)


def charge_one(db: Session, *, association_id: str, month: Month, now: datetime) -> None:
    """Whoever owes too long is let go first, and hears of it; all others are charged. Raises `NoRate`."""
    for member_id in charges.lapse(db, association_id, month, now=now):
        tell_lapsed(db, members.get(db, association_id, member_id), str(month), now=now)
    charges.charge_month(db, association_id, month, now=now)


def charge_member(db: Session, *, association_id: str, member_id: str, until: Month, now: datetime) -> None:
    """One member's months, from her first on. Raises `NoRate`."""
    member = members.lock(db, association_id, member_id)
    if member.status == "active" and member.first_month:
        first = Month.parse(member.first_month)
        charges.charge_member(db, member, months_from(first, max(0, until - first + 1)), now=now)


def local(association: Association, now: datetime) -> datetime:
    """What time it is there."""
    return now.astimezone(ZoneInfo(association.zone))
