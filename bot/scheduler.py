"""Ticks. APScheduler is only the clock: what is due stands in the database, so a late or doubled tick harms nothing."""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlmodel import Session

from bot import campaigns
from bot.clock import Clock
from bot.rounds import Rounds
from storage.database import Database, StorageDown
from storage.queries import links, outbox, parked, reaching, uncertain

log = logging.getLogger(__name__)

TIDY = 2  # seconds between looks for what dead senders left behind
ROUNDS = 5  # seconds between looks for what is owed
ANNOUNCE = 2  # seconds between looks at announcements


class Scheduler:
    """One scheduler process; a second one beside it changes nothing."""

    def __init__(self, database: Database, clock: Clock, *, asked: Collection[str] = ()) -> None:
        """`asked`: the accounts whose provider can be asked what it took."""
        self.database = database
        self.clock = clock
        self.asked = asked
        self.rounds = Rounds(database, clock)
        self.ticking = AsyncIOScheduler()
        self.minding: asyncio.TimerHandle | None = None
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it takes a tick cut off at the end for an error

    def start(self) -> None:
        """Tick from now on. Called in the event loop."""
        rules = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self.ticking.add_job(self.tidy, IntervalTrigger(seconds=TIDY), **rules)
        self.ticking.add_job(self.rounds.make, IntervalTrigger(seconds=ROUNDS), **rules)
        at_once = {"next_run_time": datetime.now(UTC)}  # what a dead process left half done goes on
        self.ticking.add_job(self.announce, IntervalTrigger(seconds=ANNOUNCE), **rules, **at_once)
        self.ticking.start()
        self.mind_the_clock()

    def mind_the_clock(self) -> None:
        """Tick on where the machine's clock was set back: what is to come next would lie far ahead of it."""
        now = datetime.now(UTC)
        for job in self.ticking.get_jobs():
            if job.next_run_time > now + timedelta(seconds=2 * ROUNDS):
                log.warning("the clock was set back; the ticks go on")
                job.modify(next_run_time=now)
        self.minding = asyncio.get_running_loop().call_later(ROUNDS, self.mind_the_clock)

    def stop(self) -> None:
        """Tick no more."""
        if self.minding:
            self.minding.cancel()
        if self.ticking.running:
            self.ticking.shutdown(wait=False)

    def tidy(self) -> None:
        """Take over what dead senders left, and send uncertain replies once more. Runs in a thread of its own."""
        try:
            self.database.transact(self.tidy_up)
        except StorageDown:
            log.warning("the database does not answer; the next tick will do it")
        except Exception:
            log.exception("a tick failed; the next one tries again")

    def announce(self) -> None:
        """Lead announcements on."""
        try:
            campaigns.tick(self.database, self.clock)
        except StorageDown:
            log.warning("the database does not answer; announcements wait for the next tick")
        except Exception:
            log.exception("announcements do not go on; the next tick tries again")

    def tidy_up(self, db: Session) -> None:
        """One look."""
        now = self.clock.now()
        outbox.recover(db, now)
        uncertain.resend(db, now, after=uncertain.RESEND_AFTER, asked=self.asked)
        outbox.expire(db, now)
        parked.release_heard(db, now)
        reaching.release(db, now)
        links.forget_stray_photos(db, now)
