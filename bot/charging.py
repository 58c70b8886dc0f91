"""Charges the months by themselves: each association's, up to the one that it is there, each once.

What is charged stands in the database, so a second process, a late start or a clock that jumps charge nothing twice.
"""

import logging
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from conversations.lapse_news import tell_lapsed
from domain.month import Month, months_from
from domain.rates import NoRate
from storage.database import Database
from storage.queries import associations, charges, members
from storage.tables import Association

log = logging.getLogger(__name__)

MADE_UP_FOR = 5  # months before this one, after the program stood still


class Charging:
    """Remembers for which month each association was charged last, so that it is not asked again all the time."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.charged: dict[str, Month] = {}

    def charge_due(self, now: datetime) -> None:
        """Every association; the trouble of one does not stop the others."""
        for association in self.database.read(associations.everyone):
            current = Month.of(today_in(association, now))
            if self.charged.get(association.id) == current:
                continue
            try:
                self.charge(association, current, now)
            except NoRate as error:
                log.error("a month cannot be charged: %s", error, extra={"association": association.id})
            except Exception:
                log.exception("a month cannot be charged", extra={"association": association.id})
            else:
                self.charged[association.id] = current

    def charge(self, association: Association, current: Month, now: datetime) -> None:
        """The months up to this one in their order, each in a transaction of its own. Raises `NoRate`."""
        last = self.charged.get(association.id, current - MADE_UP_FOR - 1)
        first = min(max(last + 1, current - MADE_UP_FOR), current)
        for month in months_from(first, current - first + 1):
            self.database.transact(partial(charge_one, association_id=association.id, month=month, now=now))


def charge_one(db: Session, *, association_id: str, month: Month, now: datetime) -> None:
    """Whoever owes too long is let go first, and hears of it; all others are charged."""
    zone = ZoneInfo(associations.get(db, association_id).zone)
    for member_id in charges.lapse(db, association_id, month, now=now.astimezone(zone)):
        tell_lapsed(db, members.get(db, association_id, member_id), str(month), now=now)
    charges.charge_month(db, association_id, month, now=now)


def today_in(association: Association, now: datetime) -> date:
    """What day it is there."""
    return now.astimezone(ZoneInfo(association.zone)).date()
