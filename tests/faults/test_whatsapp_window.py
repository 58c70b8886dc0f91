"""WhatsApp lets us write freely only so long after her last word: what comes later waits for her next one (B12)."""

from datetime import timedelta

import pytest

from bot.clock import MovableClock
from bot.running import Running, grant_at_start
from domain.message import Reply
from storage.queries import outbox
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults.house import until, until_quiet
from tests.faults.whatsapp_house import (
    ACCOUNT,
    RINA,
    TwilioDoor,
    address_of,
    messages,
    queue,
    statuses,
)

A_DAY = timedelta(hours=24)
OUTSIDE = 63016


@pytest.fixture
def known(bot: Running, webhook: TwilioDoor) -> Running:
    """Siti has written."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    return bot


def pass_by(bot: Running, clock: MovableClock, time_gone: timedelta) -> None:
    clock.move_to(clock.now() + time_gone)
    bot.scheduler.tidy()


def said(twilio: TwilioApi) -> list[str]:
    """What went over the wire to her after our first question, whatever became of it."""
    return [message.text for message in twilio.messages_to(SITI)][1:]


def test_outside_of_the_window_nothing_is_even_tried(
    known: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B12: parked until she writes; then sent once, in order, before the answer to what she wrote."""
    clock.move_to(clock.now() + timedelta(hours=23, minutes=51))
    for text in ("Satu.", "Dua."):
        queue(known.database, SITI, text, kind="notice", now=clock.now())
    until(lambda: statuses(known.database)[1:] == ["parked", "parked"])
    for _day in range(3):
        pass_by(known, clock, A_DAY)
    until_quiet(known.database)
    assert (statuses(known.database)[1:], said(twilio)) == (["parked", "parked"], [])
    webhook.says(SITI, "1")
    until_quiet(known.database)
    assert said(twilio)[:2] == ["Satu.", "Dua."]
    assert len(said(twilio)) == 3
    assert statuses(known.database) == ["accepted"] * 4


@sqlite_only
def test_within_the_window_it_goes_at_once(known: Running, twilio: TwilioApi, clock: MovableClock):
    """B12: ten minutes of the 24 hours are kept in reserve."""
    clock.move_to(clock.now() + timedelta(hours=23, minutes=49))
    queue(known.database, SITI, "Satu.", kind="notice", now=clock.now())
    until_quiet(known.database)
    assert said(twilio) == ["Satu."]


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a report"])
def test_what_whatsapp_says_is_outside_of_the_window_waits_for_her_word_and_makes_no_loop(
    known: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, later: bool
):
    """B12: our clock said otherwise; it is tried once, however much time goes by."""
    if later:
        twilio.window_closed(SITI)
    else:
        twilio.refuse(400, OUTSIDE, path="Messages", to=SITI, times=None)
    queue(known.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(known.database)[-1] == "parked")
    for pause in (timedelta(seconds=5), timedelta(hours=1), A_DAY, A_DAY):
        pass_by(known, clock, pause)
    until_quiet(known.database)
    assert (messages(known.database)[-1].attempts, len(said(twilio))) == (1, int(later))
    twilio.faults.clear()
    webhook.says(SITI, "1")
    until_quiet(known.database)
    assert [message.status for message in messages(known.database)] == ["accepted"] * 3
    assert said(twilio)[int(later) :][0] == "Satu."
    assert len(said(twilio)) == 2 + int(later)


def is_on_its_way(bot: Running) -> bool:
    """The last message goes over the wire now."""
    last = messages(bot.database)[-1]
    return last.status == "leased" and last.http_started_at is not None


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a report"])
def test_what_whatsapp_refused_before_she_wrote_and_told_us_after_it_goes_too(
    known: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, later: bool
):
    """B12: her next word was answered before we heard that it had failed; nothing waits for another one."""
    if not later:
        twilio.refuse(400, OUTSIDE, path="Messages", to=SITI)
        twilio.faults[0].seconds = 0.5
    queue(known.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(known.database)[-1] == "accepted" if later else is_on_its_way(known))
    webhook.says(SITI, "1")
    if later:
        webhook.reports(twilio.messages_to(SITI)[1], "failed", OUTSIDE)
    until(lambda: statuses(known.database) == ["accepted"] * 3)
    until_quiet(known.database)
    assert said(twilio).count("Satu.") == 1 + later


def test_a_photo_opens_the_window_as_well(known: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock):
    """B12: it is answered later than it came, by the inbox."""
    pass_by(known, clock, A_DAY)
    queue(known.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(known.database)[-1] == "parked")
    webhook.shows(SITI, sample_ktp("Siti"))
    until_quiet(known.database)
    assert said(twilio)[0] == "Satu."
    assert set(statuses(known.database)) == {"accepted"}


def test_what_waited_too_long_for_her_is_not_sent_late(
    known: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B19: a reminder of today, parked, has no use in a week."""
    pass_by(known, clock, A_DAY)
    address = address_of(known.database, SITI)

    def put(db) -> None:
        outbox.put(
            db,
            association_id="main",
            account=ACCOUNT,
            address_id=address.id,
            key="reminder",
            kind="bulk",
            reply=Reply("Hari ini jatuh tempo."),
            now=clock.now(),
            valid_until=clock.now() + timedelta(hours=12),
        )

    known.database.transact(put)
    until(lambda: statuses(known.database)[-1] == "parked")
    pass_by(known, clock, timedelta(hours=13))
    assert statuses(known.database)[-1] == "expired"
    webhook.says(SITI, "1")
    until_quiet(known.database)
    assert "Hari ini jatuh tempo." not in said(twilio)


@sqlite_only
def test_who_never_wrote_is_not_written_to(bot: Running, twilio: TwilioApi, clock: MovableClock):
    """B12: as an administrator whom the settings name, before her first word."""
    bot.database.transact(lambda db: grant_at_start(db, bot, [f"whatsapp:{RINA}"]))
    queue(bot.database, RINA, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(bot.database) == ["parked"])
    assert twilio.messages_to(RINA) == []
