"""Day by day through the years: people pay, providers and machines fail, and the real program does its work."""

import asyncio
import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from operator import attrgetter

from sqlalchemy import func, insert
from sqlalchemy import select as asking
from sqlmodel import Session, col, update

from bot.clock import Clock
from bot.consequences import Consequences
from bot.outbox import Outbox
from bot.reminders import plan_all, send_due
from bot.running import Channel
from bot.simulation.people import ACCOUNT, ASSOCIATION, ZONE, Somebody, born, her_consent, settle_in
from bot.simulation.provider import Died, Provider
from bot.simulation.referee import Key, Sent, Verdict, at_work, judge
from domain.ledger import Account, Kind, Movement
from domain.message import Abilities
from domain.money import Rupiah
from domain.month import Month
from domain.reminder import DEFAULTS, PER_WEEK
from storage.database import Database
from storage.queries import charges, ledger, outbox, people, reminders
from storage.queries.ledger import debited
from storage.tables import Consent, Member, Message, Posting, Reminder, Talk

FIRST = Month(2026, 12)
ABILITIES = Abilities(text=4096, caption=1024, buttons=12, label=64, rate=1_000_000)
HOURS = range(6, 22)  # of the day, in the association's zone: before it, after it and all through it
PLANS_EVERY = 3  # hours
OUTAGES = {"machine": (0.03, 30), "provider": (0.02, 12)}  # how likely a day, and how many hours at most


class MovedClock(Clock):
    """Stands where it was put."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.moment


@dataclass(order=True)
class Event:
    """Something that somebody will do."""

    at: datetime
    order: int
    number: int = field(compare=False)
    what: str = field(compare=False)
    month: Month | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it."""

    months: int
    members: int
    seed: int
    verdict: Verdict
    uncertain: int
    payments: int
    outages: int
    deaths: int


class Years:
    """One association, played from its first day to its last."""

    def __init__(self, database: Database, *, months: int, members: int, seed: int) -> None:
        self.database = database
        self.months, self.seed = months, seed
        self.chance = random.Random(seed)  # noqa: S311 - lots, no secrets
        self.begins = morning(date(FIRST.year, FIRST.month, 1))
        last = FIRST + months
        self.ends = morning(date(last.year, last.month, 1))
        self.clock = MovedClock(self.begins)
        self.provider = Provider(self.clock, seed)
        self.everybody = born(members, FIRST, self.chance)
        self.by_member = {one.member_id: one for one in self.everybody}
        self.by_id = {one.external_id: one for one in self.everybody}
        self.events: list[Event] = []
        self.order = count()
        self.downs = {name: self.outages(*facts) for name, facts in OUTAGES.items()}
        self.charged: Month | None = None
        self.heard = 0  # how many of the provider's messages people have read
        self.payments = self.deaths = 0
        self.outbox = self.a_sender()

    def outages(self, likely: float, most: int) -> list[tuple[datetime, datetime]]:
        """When it will be out of order."""
        days = (self.ends - self.begins).days
        found = []
        for day in range(days):
            if self.chance.random() < likely:
                at = self.begins + timedelta(days=day, hours=self.chance.randrange(24))
                found.append((at, at + timedelta(hours=self.chance.randint(1, most))))
        return found

    def a_sender(self) -> Outbox:
        """A fresh process."""
        channel = Channel(ACCOUNT, ASSOCIATION, ABILITIES, self.provider, lambda reply: reply)
        consequences = Consequences({}, {ACCOUNT: ABILITIES}, {})
        return Outbox(self.database, self.clock, {ACCOUNT: channel}, consequences, alone=True)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def play(self) -> Report:
        """Every day of it."""
        self.database.transact(lambda db: settle_in(db, self.everybody, self.begins))
        day = self.begins.astimezone(ZONE).date()
        while morning(day) < self.ends:
            if day.day == 1:
                self.plan_lives(Month.of(day))
            for hour in HOURS:
                minutes = self.chance.randrange(60)
                self.clock.moment = morning(day) + timedelta(hours=hour, minutes=minutes)
                if self.chance.random() < 0.002:
                    self.clock.moment -= timedelta(hours=1)  # somebody set the machine's clock
                await self.an_hour(hour)
            day += timedelta(days=1)
        return self.report()

    async def an_hour(self, hour: int) -> None:
        """People do what they do; the program works, if it is at work."""
        now = self.clock.now()
        self.live(now)
        self.provider.out_of_order = is_within(self.downs["provider"], now)
        if is_within(self.downs["machine"], now):
            return
        self.charge(Month.of(now.astimezone(ZONE).date()))
        if hour % PLANS_EVERY == 2 or is_within(self.downs["machine"], now - timedelta(hours=2)):
            plan_all(self.database, now)
        send_due(self.database, now)
        await self.drain()
        self.read_news()

    async def drain(self) -> None:
        """Send what is due; what has to wait a moment gets it."""
        for _round in range(4):
            while leased := await self.outbox.claim(ACCOUNT):
                ends = await asyncio.gather(*map(self.outbox.deliver, leased), return_exceptions=True)
                if any(isinstance(end, Died) for end in ends):
                    self.deaths += 1
                    self.outbox = self.a_sender()
                    await self.outbox.take_over()
            self.clock.moment += timedelta(seconds=5)
        self.database.transact(partial(outbox.expire, now=self.clock.now()))

    def charge(self, month: Month) -> None:
        """The months up to this one, each once; whoever owes too long is let go first."""
        while self.charged is None or self.charged < month:
            this = FIRST if self.charged is None else self.charged + 1
            now = self.clock.now()
            gone = self.database.transact(partial(charges.lapse, association_id=ASSOCIATION, current=this, now=now))
            for member_id in gone:
                self.by_member[member_id].becomes("active", value=False, at=now)
            self.database.transact(partial(charges.charge_month, association_id=ASSOCIATION, month=this, now=now))
            self.charged = this

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────

    def plan_lives(self, month: Month) -> None:
        """What everybody will do about this month by herself, and what else happens to a few."""
        first = morning(date(month.year, month.month, 1))
        for one in self.everybody:
            if one.active and one.first <= month:
                if one.habit == "prompt":
                    self.will(one, "pay", first + self.days(0, 14), month)
                elif one.habit == "late":
                    self.will(one, "pay", first + self.days(20, 90), month)
                self.something_else(one, first)

    def something_else(self, one: Somebody, first: datetime) -> None:
        """Now and then somebody wants no more reminders, or blocks us, and comes back later."""
        for what, back, likely in (("opt_out", "opt_in", 0.01), ("block", "unblock", 0.005)):
            if self.chance.random() < likely:
                at = first + self.days(0, 28)
                self.will(one, what, at)
                self.will(one, back, at + self.days(5, 60))

    def days(self, least: int, most: int) -> timedelta:
        """Some time in between."""
        return timedelta(hours=self.chance.uniform(least * 24, most * 24))

    def will(self, one: Somebody, what: str, at: datetime, month: Month | None = None) -> None:
        """She will do that then."""
        heapq.heappush(self.events, Event(at, next(self.order), one.number, what, month))

    def live(self, now: datetime) -> None:
        """Everything that people have done by now; their payments together."""
        paying: list[tuple[Somebody, Month]] = []
        while self.events and self.events[0].at <= now:
            event = heapq.heappop(self.events)
            one = self.everybody[event.number]
            if event.what == "pay" and event.month:
                paying.append((one, event.month))
            else:
                self.database.transact(partial(DEEDS[event.what], one=one, years=self, now=now))
        if paying:
            self.database.transact(partial(self.pay, paying=paying, now=now))

    def pay(self, db: Session, *, paying: Iterable[tuple[Somebody, Month]], now: datetime) -> None:
        """They pay what they owe up to that month, into the association's bank."""
        until = {one.member_id: str(month) for one, month in paying}
        movements: list[Movement] = []
        for member_id, month, part, amount in owed_by(db, list(until)):
            if month <= until[member_id]:
                whose = {"member": member_id, "month": month, "part": part}
                movements.append(Movement(Account.BANK, Account.OWES, Rupiah(amount), **whose))
                self.by_member[member_id].paid.setdefault(Month.parse(month), now)
        if not movements:
            return
        self.payments += len({movement.member for movement in movements})
        key = f"simulated:{now.isoformat()}:{next(self.order)}"
        ledger.post(db, movements, association_id=ASSOCIATION, kind=Kind.PAYMENT, key=key, now=now)
        for member_id in sorted({movement.member for movement in movements}):
            if self.chance.random() < 0.5:  # else the last look before sending must see it
                reminders.cancel_paid(db, db.get_one(Member, member_id), now)

    def read_news(self) -> None:
        """Whoever was reminded pays soon, promises a day, or does nothing."""
        fresh, self.heard = self.provider.took[self.heard :], len(self.provider.took)
        for took in sorted(fresh, key=attrgetter("message_id")):
            one = self.by_id[took.to]
            month = Month.of(took.at.astimezone(ZONE).date())
            if self.chance.random() < 0.04:
                self.will(one, "promise", took.at + timedelta(hours=1))
            if one.habit == "reminded" and self.chance.random() < 0.7:
                self.will(one, "pay", took.at + self.days(0, 4), month)

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

    def report(self) -> Report:
        """What the referee says."""
        sent, uncertain = self.database.read(self.what_was_sent)
        machine, provider = self.downs["machine"], self.downs["provider"]
        verdict = judge(
            self.everybody,
            sent,
            uncertain,
            at_work([*machine, *provider], self.begins, self.ends),
            rules=DEFAULTS,
            per_week=PER_WEEK,
            end=self.ends,
        )
        return Report(
            months=self.months,
            members=len(self.everybody),
            seed=self.seed,
            verdict=verdict,
            uncertain=len(uncertain),
            payments=self.payments,
            outages=len(machine) + len(provider),
            deaths=self.deaths,
        )

    def what_was_sent(self, db: Session) -> tuple[list[Sent], set[Key]]:
        """What the provider took, by member, month and rule; and what may have arrived, and nobody knows."""
        keys: dict[int, Key] = {}
        uncertain: set[Key] = set()
        asked = asking(
            col(Reminder.message_id),
            col(Reminder.member_id),
            col(Reminder.month),
            col(Reminder.rule),
            col(Message.status),
        ).join(Message, col(Message.id) == col(Reminder.message_id))
        for message_id, member_id, month, rule, status in db.connection().execute(asked):
            assert message_id is not None
            keys[message_id] = (self.by_member[member_id].number, month, rule)
            if status == "uncertain":
                uncertain.add(keys[message_id])
        return [Sent(*keys[took.message_id], took.at) for took in self.provider.took], uncertain


def owed_by(db: Session, members: list[str]) -> Iterable[tuple[str, str, str, int]]:
    """What these members owe, by month and part."""
    owed = func.sum(debited(Account.OWES))
    asked = (
        asking(col(Posting.member_id), col(Posting.month), col(Posting.part), owed)
        .where(col(Posting.member_id).in_(members), col(Posting.month) != "")
        .group_by(col(Posting.member_id), col(Posting.month), col(Posting.part))
        .having(owed > 0)
    )
    for member_id, month, part, amount in db.connection().execute(asked).all():
        yield str(member_id), month, part, int(amount)


def opt_out(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """She wants no more reminders."""
    one.becomes("wants", value=False, at=now)
    db.connection().execute(insert(Consent), [her_consent(one, now).model_dump(exclude_none=True)])
    reminders.cancel(db, one.member_id, "opted_out", now)


def opt_in(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """She wants them again."""
    one.becomes("wants", value=True, at=now)
    db.connection().execute(insert(Consent), [her_consent(one, now).model_dump(exclude_none=True)])


def block(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """She blocks us; the provider knows, and tells us when we try."""
    one.becomes("reachable", value=False, at=now)
    years.provider.blocked.add(one.external_id)


def unblock(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """She writes again."""
    one.becomes("reachable", value=True, at=now)
    years.provider.blocked.discard(one.external_id)
    people.mark_address(db, one.address_id, "open")
    db.connection().execute(update(Talk).where(col(Talk.person_id) == one.person_id).values(heard_at=now))


def promise(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """She names a day, and mostly keeps it."""
    member = db.get_one(Member, one.member_id)
    pay_on = (now + timedelta(days=years.chance.randint(1, 7))).astimezone(ZONE).date()
    reminders.promise(db, member, pay_on, now=now)
    one.becomes("resting", value=True, at=now)
    one.promised_until = pay_on
    years.will(one, "wake", morning(pay_on + timedelta(days=1)))
    if years.chance.random() < 0.7:
        years.will(one, "pay", morning(pay_on) + timedelta(hours=years.chance.randrange(8, 20)), Month.of(pay_on))


def wake(db: Session, *, one: Somebody, years: Years, now: datetime) -> None:
    """The day that she named has passed."""
    if one.promised_until and one.promised_until < now.astimezone(ZONE).date():
        one.becomes("resting", value=False, at=now)


DEEDS = {
    "opt_out": opt_out,
    "opt_in": opt_in,
    "block": block,
    "unblock": unblock,
    "promise": promise,
    "wake": wake,
}


def morning(day: date) -> datetime:
    """Midnight of a day in the association's zone, in UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def is_within(spans: list[tuple[datetime, datetime]], moment: datetime) -> bool:
    """True when one of them is under way."""
    return any(begins <= moment < ends for begins, ends in spans)


def simulate(database: Database, *, months: int, members: int, seed: int) -> Report:
    """Play, and say what came of it."""
    return asyncio.run(Years(database, months=months, members=members, seed=seed).play())
