"""What the scheduler does again and again: charge the months, plan what is owed, and send what is planned.

Everything here may run twice, late, or in two processes at once: what is due stands in the database under unique keys.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.charging import Charging
from bot.clock import Clock
from bot.reminders import plan_all, send_due
from storage.database import Database, StorageDown

log = logging.getLogger(__name__)

PLANS_EVERY = timedelta(minutes=10)  # by the clock that people see, so that a moved one is noticed at once


class Rounds:
    """One scheduler's rounds."""

    def __init__(self, database: Database, clock: Clock, sent: Callable[[], None] = lambda: None) -> None:
        """`sent`: called when messages were queued; in whatever thread the round is made."""
        self.database = database
        self.clock = clock
        self.sent = sent
        self.charging = Charging(database)
        self.planned = 0  # the span of time for which it was planned last

    def make(self) -> None:
        """One round; its troubles are logged, and the next round tries again."""
        try:
            now = self.clock.now()
            self.charging.charge_due(now)
            span = int(now.timestamp() // PLANS_EVERY.total_seconds())
            if span != self.planned:
                plan_all(self.database, now)
                self.planned = span
            if send_due(self.database, now):
                self.sent()
        except StorageDown:
            log.warning("the database does not answer; the next round will do it")
        except Exception:
            log.exception("a round failed; the next one tries again")
