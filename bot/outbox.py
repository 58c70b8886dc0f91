"""Sends what the turns have queued: leases, slots, one attempt, and an honest word about how it ended.

Nothing goes over the wire before the database knows that it will, so a sender that dies leaves no doubt about what
it may have sent. An attempt ends in one of three ways: taken, surely not taken (tried again), or uncertain.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from sqlmodel import Session

from bot import metrics, window
from bot.channels.errors import AccountRefused, Conflict, EnoughPeople, ProviderError, SendError
from bot.clock import Clock
from bot.consequences import Consequences, as_undelivered, outcome_of
from bot.uploads import Uploads
from bot.window import Outside, Way
from domain.message import Abilities, ProviderId, Reply, Report
from domain.picture import Picture
from storage.database import Database, StorageDown
from storage.queries import bulk, deliveries, leases, outbox, reminders, uncertain
from storage.queries.bulk import Verdict
from storage.queries.leases import Leased, Pace
from storage.queries.outbox import Outcome
from storage.queries.uncertain import Doubtful
from storage.sealed import KeyMissing, SealBroken

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE = timedelta(seconds=90)  # longer than any attempt may take
AT_ONCE = 100  # messages of one account in one sender's hands
POLL = 0.5  # seconds between looks when nobody wakes us
ASK_AFTER = timedelta(seconds=30)  # how long a report may take before the provider is asked what it took
ASK_EVERY = 5.0  # seconds
WHY = {"opted_out": "suppressed", "late": "expired"}  # how a bulk message ends that is not wanted; else cancelled
MAY_HAVE_COME = ("accepted", "uncertain")
NOTHING = Reply("")  # to carry along
LONG_AGO = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
STEP = timedelta(seconds=2)  # by which a clock may go back without harm
KEYLESS = timedelta(minutes=1)  # between looks whether the key of a message is back


class Sending(Protocol):
    """What the outbox needs of a channel."""

    @property
    def abilities(self) -> Abilities:
        """What it can carry, and how fast."""

    @property
    def uploads(self) -> bool:
        """Whether pictures go over the wire with the message."""

    @property
    def answers_for(self) -> bool:
        """Whether the provider can be asked what it took."""

    def drawn(self, reply: Reply, *, as_text: bool, template: str = "") -> Any:
        """The reply as the provider wants it; its words alone where it refused more; that template in its place."""

    async def send(self, to: str, drawn: Any, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Hand it over. `reference` comes back with the provider's reports. Raises `SendError`."""

    async def edit(self, to: str, sent: ProviderId, drawn: Any) -> ProviderId:
        """Change a message that was sent before, where the channel can. Raises `SendError`."""

    async def look_up(self, to: str, since: datetime, until: datetime | None) -> list[Report]:
        """What the provider took for somebody in that time. Raises `ProviderError`."""


class Outbox:
    """One sender process; any number of them share the table."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, Sending],
        consequences: Consequences,
        *,
        alone: bool,
    ) -> None:
        self.database = database
        self.clock = clock
        self.channels = channels
        self.consequences = consequences
        self.alone = alone  # no other process sends: whatever is leased at the start was left by a dead one
        self.uploads = Uploads(database, clock)
        self.name = secrets.token_hex(8)
        self.wakers = {account: asyncio.Event() for account in channels}
        self.beginning: Gathered[Leased, bool] = Gathered(self.begin_all)
        self.ending: Gathered[Outcome, None] = Gathered(self.end_all)
        self.looking: Gathered[Leased, Verdict] = Gathered(self.look_all)
        self.leading: Gathered[Outside, Way] = Gathered(self.lead_all)
        self.in_hand: set[asyncio.Task[None]] = set()
        self.paused = dict.fromkeys(channels, LONG_AGO)
        self.looked = dict.fromkeys(channels, LONG_AGO)  # for what is due
        self.stopping = False

    def wake(self) -> None:
        """Something was queued. Called from the event loop's own thread."""
        for waker in self.wakers.values():
            waker.set()

    async def run(self) -> None:
        """Send until `stop`."""
        await self.take_over()
        async with asyncio.TaskGroup() as tasks:
            for account, channel in self.channels.items():
                tasks.create_task(self.drain(account))
                if channel.answers_for:
                    tasks.create_task(self.clear_up(account))

    async def take_over(self) -> None:
        """What a dead sender had in hand, as soon as the database answers; nothing where others may be sending."""
        while self.alone and not self.stopping:
            try:
                await self.in_transaction(lambda db: outbox.recover(db, self.clock.now(), of=self.name))
            except StorageDown:
                log.warning("the database does not answer; the outbox waits")
                await asyncio.sleep(POLL)
            else:
                return

    async def stop(self) -> None:
        """Claim nothing more, and finish what is in hand."""
        self.stopping = True
        self.wake()
        if self.in_hand:
            await asyncio.wait(self.in_hand, timeout=20)

    async def drain(self, account: str) -> None:
        """Send one account's messages as they fall due."""
        while not self.stopping:
            try:
                leased = await self.claim(account)
            except StorageDown:
                log.warning("the database does not answer; the outbox waits")
                await asyncio.sleep(POLL)
                continue
            except Exception:
                log.exception("what is due cannot be read")
                await asyncio.sleep(POLL)
                continue
            for message in leased:
                task = asyncio.create_task(self.deliver(message))
                self.in_hand.add(task)
                task.add_done_callback(self.in_hand.discard)
            if not leased:
                await self.rest(account)

    async def claim(self, account: str) -> list[Leased]:
        """The next messages, as many as there is room for."""
        waker = self.wakers[account]
        waker.clear()
        room = AT_ONCE - len(self.in_hand)
        if room <= 0:
            return []

        pace = pace_of(self.channels[account].abilities)

        def work(db: Session) -> tuple[datetime, list[Leased]]:
            now, before = self.clock.now(), self.looked[account]
            if now < before - STEP:
                log.warning("the clock was set back; what was due by it is due by now")
                leases.set_back(db, account, before=before, now=now)
            return now, leases.claim(db, account, by=self.name, now=now, lease=LEASE, limit=room, pace=pace)

        self.looked[account], leased = await self.in_transaction(work)
        return leased

    async def rest(self, account: str) -> None:
        """Wait until somebody wakes us, or a while."""
        try:
            await asyncio.wait_for(self.wakers[account].wait(), POLL)
        except TimeoutError:
            return

    async def deliver(self, message: Leased) -> None:
        """One attempt, from its slot to its outcome."""
        try:
            wait = (message.slot - self.clock.now()).total_seconds()
            if wait > 0:
                await asyncio.sleep(wait)
            if self.must_wait(message) or not (message.begun or await self.beginning.add(message)):
                await self.in_transaction(lambda db: outbox.release(db, [(message.id, message.attempts)], by=self.name))
                return
            outcome = await self.attempt(message)
            metrics.sent.labels(message.account, message.kind, outcome.status).inc()
            await self.note(outcome)
        except StorageDown:
            log.warning("the database does not answer; the lease will tell")  # started: uncertain; not: queued again
        except Exception:
            log.exception("an attempt to send broke off")
        finally:
            self.wakers[message.account].set()  # her next message may be waiting for this one

    def must_wait(self, message: Leased) -> bool:
        """True when its slot was taken back: we stop, or the provider asked the whole account to wait."""
        return not message.begun and (self.stopping or self.clock.now() < self.paused[message.account])

    async def note(self, outcome: Outcome) -> None:
        """Write down how an attempt ended, as soon as the database answers: what is known must not become uncertain."""
        while True:
            try:
                await self.ending.add(outcome)
            except StorageDown:
                if self.stopping:
                    raise
                await asyncio.sleep(POLL)
            else:
                return

    async def attempt(self, message: Leased) -> Outcome:
        """Hand one message over; how it ended."""
        channel = self.channels[message.account]
        if message.kind == "bulk" and not (said := await self.last_look(message)).sends:
            return unsent(message, said)
        try:
            reply = message.reply()
            way = await self.way_of(message, reply)
            if not way.goes:
                return window.as_outcome(message, way)
            message = replace(message, billed_as=way.billed_as)
            drawn = channel.drawn(reply, as_text=message.as_text, template=way.sid)
            async with self.uploads.lent(message, reply if channel.uploads and not way.sid else NOTHING) as picture:
                if self.clock.now() >= message.until:
                    return held_up(message, self.clock.now())
                provider_id = await self.hand_over(message, reply, drawn, picture)
        except SendError as error:
            metrics.send_errors.labels(message.account, error.code).inc()
            return await self.refused(message, error)
        except KeyMissing as error:  # nothing went over the wire: it waits until the key is back
            log.error("a message to be sent waits for its key", extra={"trouble": str(error)})
            due_at = self.clock.now() + KEYLESS
            return Outcome(message.id, message.attempts, "retry_wait", code="key_missing", due_at=due_at)
        except SealBroken:
            log.error("a message to be sent cannot be opened")
            return Outcome(message.id, message.attempts, "failed", code="not_opened")
        if way.billed_as:
            metrics.billable.labels(message.account, way.billed_as).inc()
        return Outcome(message.id, message.attempts, "accepted", provider_id=provider_id, billed_as=message.billed_as)

    async def way_of(self, message: Leased, reply: Reply) -> Way:
        """Freely, as a template, or not now."""
        abilities, now = self.channels[message.account].abilities, self.clock.now()
        return window.goes_freely(message, abilities, now) or await self.leading.add(
            Outside(message, reply, window.is_open(message, abilities, now))
        )

    async def last_look(self, message: Leased) -> Verdict:
        """Whether what goes to many is still wanted by this one, and whether it may come now."""
        return await self.looking.add(message)

    async def look_all(self, messages: list[Leased]) -> list[Verdict]:
        """The same for several."""
        now = self.clock.now()
        by_association: dict[str, list[int]] = defaultdict(list)
        for message in messages:
            by_association[message.association_id].append(message.id)

        def look(db: Session) -> dict[int, Verdict]:
            found: dict[int, Verdict] = {}
            for association_id, ids in by_association.items():
                found |= bulk.verdicts(db, association_id, ids, now)
            return found

        found = await asyncio.to_thread(self.database.read, look)
        return [found[message.id] for message in messages]

    async def hand_over(self, message: Leased, reply: Reply, drawn: Any, picture: Picture | None) -> ProviderId:
        """Over the wire: as a new message, or in the place of the one that it replaces. Raises `SendError`."""
        channel = self.channels[message.account]
        if reply.replaces and channel.abilities.edits:
            look = partial(deliveries.taken_as, address_id=message.address_id, key=reply.replaces)
            if earlier := await asyncio.to_thread(self.database.read, look):
                return await channel.edit(message.external_id, earlier, drawn)
        return await channel.send(message.external_id, drawn, picture, reference=f"{message.id}.{message.attempts}")

    async def refused(self, message: Leased, error: SendError) -> Outcome:
        """The provider did not take it, or we cannot know: what follows."""
        now = self.clock.now()
        undelivered = as_undelivered(message)
        if isinstance(error, AccountRefused | Conflict):
            self.paused[message.account] = datetime.max.replace(tzinfo=UTC)  # until somebody mends it and starts anew
        asked = getattr(error, "retry_after", None)
        if asked and not (isinstance(error, EnoughPeople) and undelivered.was_template):
            self.paused[message.account] = max(self.paused[message.account], now + timedelta(seconds=asked))
        await self.in_transaction(lambda db: self.consequences.apply(db, error, undelivered, now))
        return outcome_of(error, undelivered, now)

    async def clear_up(self, account: str) -> None:
        """Ask the provider about what stayed uncertain."""
        while not self.stopping:
            await asyncio.sleep(ASK_EVERY)
            doubtful = partial(uncertain.doubtful, account=account, before=self.clock.now() - ASK_AFTER)
            try:
                for message in await self.in_transaction(doubtful):
                    await self.ask_about(account, message)
            except StorageDown:
                log.warning("the database does not answer; what is uncertain stays so for now")
            except ProviderError as error:
                log.warning("the provider does not say what it took just now: %s", error.code)
            except Exception:
                log.exception("what is uncertain cannot be cleared up")

    async def ask_about(self, account: str, message: Doubtful) -> None:
        """One message: taken after all, or unknown there. Raises `ProviderError`, `StorageDown`."""
        taken = await self.channels[account].look_up(message.external_id, message.started_at, message.until)

        def work(db: Session) -> None:
            ours = uncertain.known_ids(db, account, [report.provider_id for report in taken])
            nobodys = [report for report in taken if report.provider_id not in ours]
            if not nobodys:
                uncertain.not_found(db, message.id)
                return
            report = replace(nobodys[-1], reference=f"{message.id}.{message.attempts}")
            self.consequences.take_report(db, report, association_id=message.association_id, now=self.clock.now())

        await self.in_transaction(work)

    async def begin_all(self, messages: list[Leased]) -> list[bool]:
        """Note that these go over the wire now; whether each is still ours."""

        def work(db: Session) -> set[int]:
            leased = [(message.id, message.attempts) for message in messages]
            return outbox.begin_sending(db, leased, by=self.name, now=self.clock.now())

        ours = await self.in_transaction(work)
        return [message.id in ours for message in messages]

    async def lead_all(self, outside: list[Outside]) -> list[Way]:
        """How messages go to people who have not written for too long."""
        return await self.in_transaction(lambda db: window.ways(db, outside, by=self.name, now=self.clock.now()))

    async def end_all(self, outcomes: list[Outcome]) -> list[None]:
        """Write down how these attempts ended."""
        await self.in_transaction(partial(self.write_down, outcomes=outcomes))
        return [None] * len(outcomes)

    def write_down(self, db: Session, outcomes: list[Outcome]) -> None:
        """How attempts ended, and for the record those that did not succeed."""
        now = self.clock.now()
        outbox.settle(db, outcomes, by=self.name, now=now)
        deliveries.note_attempts(db, outcomes, now)
        tried_again = [one.id for one in outcomes if one.attempts > 1 and one.status in MAY_HAVE_COME]
        if tried_again:
            reminders.came(db, tried_again, now)

    async def in_transaction(self, work: Callable[[Session], T]) -> T:
        """Storage is synchronous; the event loop is not kept waiting."""
        return await asyncio.to_thread(self.database.transact, work)


def unsent(message: Leased, said: Verdict) -> Outcome:
    """It did not go out: not now, or not any more."""
    if said.until:
        return Outcome(message.id, message.attempts, "retry_wait", code="held", due_at=said.until, counted=False)
    return Outcome(message.id, message.attempts, WHY.get(said.reason, "cancelled"), code=said.reason, counted=False)


def held_up(message: Leased, now: datetime) -> Outcome:
    """Its lease ran out before it went: whoever has it by now sends it, or else it is tried again."""
    return Outcome(message.id, message.attempts, "retry_wait", due_at=now, counted=False)


def pace_of(abilities: Abilities) -> Pace | None:
    """How fast one person may get messages; None where nobody counts that, nor when she last wrote."""
    counts = abilities.pair_seconds or abilities.window
    return Pace(abilities.pair_seconds, abilities.pair_burst) if counts else None


I = TypeVar("I")  # noqa: E741
R = TypeVar("R")


def asked_for(batch: list[tuple[I, asyncio.Future[R]]]) -> list[asyncio.Future[R]]:
    """The results that somebody still waits for."""
    return [future for _item, future in batch if not future.done()]


class Gathered(Generic[I, R]):
    """Calls that come while one is under way are made together: one transaction for all of them."""

    def __init__(self, together: Callable[[list[I]], Awaitable[list[R]]]) -> None:
        self.together = together
        self.waiting: list[tuple[I, asyncio.Future[R]]] = []
        self.busy = False

    async def add(self, item: I) -> R:
        """The result for this item."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self.waiting.append((item, future))
        if not self.busy:
            self.busy = True
            try:
                await self.work_off()
            finally:
                self.busy = False
        return await future

    async def work_off(self) -> None:
        """Until nothing waits."""
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                results = await self.together([item for item, _future in batch])
            except Exception as error:
                for future in asked_for(batch):
                    future.set_exception(error)
                continue
            except BaseException:  # whoever worked off for all was broken off; the others need not wait for ever
                for future in asked_for([*batch, *self.waiting]):
                    future.cancel()
                self.waiting = []
                raise
            for (_item, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
