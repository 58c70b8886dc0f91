"""A sender stalls, as under SIGSTOP, longer than its lease; somebody else takes over, and it goes on (B21)."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import MovableClock
from bot.outbox import LEASE, Gathered, Outbox
from bot.running import Channel, Running
from storage.database import Database
from storage.queries import leases, outbox, uncertain
from storage.queries.outbox import Outcome
from tests.fakes.telegram_api import TelegramApi
from tests.faults.house import ACCOUNT, SITI, Door, bot_here, messages, queue, statuses, until, until_quiet

A_MOMENT = timedelta(seconds=1)
OTHERS = "777"  # the id under which the provider took it from the other sender
Place = tuple[type, str]
NOTED: Place = (Gathered, "add")  # where it is noted that it goes over the wire now, if that was not done at the lease
LED: Place = (Outbox, "way_of")  # where it is noted already
WIRE: Place = (Channel, "send")


class Gate:
    """The first who comes by stands there until it is opened; all others pass."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    async def pass_by(self) -> None:
        if not self.reached.is_set():
            self.reached.set()
            await asyncio.to_thread(self.opened.wait, 30)


@contextmanager
def stalled(running: Running, place: Place, say: Callable[[], object], *, after: bool = False) -> Iterator[None]:
    """The sender stands before that place, or behind it, with what is said now; at the end it has gone on."""
    gate, (owner, name) = Gate(), place
    real: Any = getattr(owner, name)

    async def stalling(*facts: Any, **more: Any) -> Any:
        if not after:
            await gate.pass_by()
        try:
            return await real(*facts, **more)
        finally:
            if after:
                await gate.pass_by()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, stalling)
        say()
        until(gate.reached.is_set)
        yield
        gate.opened.set()
        until(lambda: not running.outbox.in_hand)


def run_out(running: Running, clock: MovableClock) -> None:
    """Its lease is over, and so is the time for which one waits where nobody knows whether it went."""
    for time_gone in (LEASE, uncertain.RESEND_AFTER):
        clock.move_to(clock.now() + time_gone + A_MOMENT)
        running.scheduler.tidy()


def another_sends(running: Running, clock: MovableClock) -> None:
    """Another process takes it up, and it is taken."""
    running.outbox.stopping = True
    until(running.tasks[0].done)
    run_out(running, clock)
    now = clock.now()

    def work(db: Any) -> None:
        (found,) = leases.claim(db, ACCOUNT, by="another", now=now, lease=LEASE, limit=9)
        outbox.settle(db, [Outcome(found.id, found.attempts, "accepted", provider_id=OTHERS)], by="another", now=now)

    running.database.transact(work)


def result(database: Database) -> tuple[str, str | None, int]:
    """How the last message ended, under which id, and with which attempt."""
    last = messages(database)[-1]
    return last.status, last.provider_id, last.attempts


@pytest.mark.parametrize(("place", "rate"), [(NOTED, 10.0), (LED, 1000.0)], ids=["not noted", "noted"])
def test_what_another_has_sent_meanwhile_is_not_sent(
    database: Database, api: TelegramApi, clock: MovableClock, place: Place, rate: float
):
    """B21: stalled between the lease and the wire."""
    with bot_here(database, api, clock, rate=rate) as (running, door):
        with stalled(running, place, lambda: door.says(SITI, "halo")):
            another_sends(running, clock)
        assert (result(database), api.texts()) == (("accepted", OTHERS, 2), [])


@pytest.mark.parametrize("ended", ["taken", "lost", "refused"])
def test_what_another_found_out_meanwhile_stands(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock, ended: str
):
    """B21: stalled while the request was on the wire, however that ended."""
    if ended == "lost":
        api.drop(accepted=True, method="sendMessage")
    elif ended == "refused":
        api.refuse(400, "Bad Request: message is too odd", method="sendMessage")
    with stalled(running, WIRE, lambda: door.says(SITI, "halo"), after=True):
        another_sends(running, clock)
    assert (result(running.database), len(api.texts())) == (("accepted", OTHERS, 2), ended != "refused")


def test_what_it_sent_itself_after_all_is_not_sent_twice(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B21: one attempt stalls, and a later one of the same sender does not."""
    with stalled(running, LED, lambda: door.says(SITI, "halo")):
        run_out(running, clock)
        until(lambda: statuses(running.database) == ["accepted"])
        sent = result(running.database)
    assert (result(running.database), len(api.texts())) == (sent, 1)


@pytest.mark.parametrize("tidied", [False, True])
def test_what_nobody_has_sent_meanwhile_goes_once(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock, tidied: bool
):
    """B21: it knows that it sent nothing, so that even an announcement of which nobody else knew goes out."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    with stalled(running, LED, lambda: queue(running.database, SITI, "Besok libur.", now=clock.now())):
        clock.move_to(clock.now() + LEASE + A_MOMENT)
        if tidied:
            running.scheduler.tidy()
            assert statuses(running.database) == ["accepted", "uncertain"]
    until_quiet(running.database)
    assert (statuses(running.database), api.texts()[1:]) == (["accepted"] * 2, ["Besok libur."])


def test_what_is_on_the_wire_when_the_clock_jumps_a_day_ahead_counts_once(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """C9: its lease seems long over, and then its answer comes."""
    with stalled(running, WIRE, lambda: door.says(SITI, "halo"), after=True):
        clock.move_to(clock.now() + timedelta(days=1))
        running.scheduler.tidy()
        assert statuses(running.database) == ["uncertain"]
    clock.move_to(clock.now() + uncertain.RESEND_AFTER + A_MOMENT)
    running.scheduler.tidy()
    until_quiet(running.database)
    assert (statuses(running.database), len(api.texts())) == (["accepted"], 1)
