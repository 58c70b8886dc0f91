"""An announcement to people who have not written for a day: a template for each, so many people a day (B14, C4)."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.clock import MovableClock
from bot.running import Running
from domain.month import Month
from storage.database import Database
from storage.queries import associations, costs, progress
from storage.queries.progress import Progress
from tests.conftest import sqlite_only
from tests.fakes.twilio_api import TwilioApi
from tests.faults.house import ACCOUNT as TELEGRAM
from tests.faults.house import until
from tests.faults.test_campaigns import NUMBERS, WORDS, announce, write
from tests.faults.test_whatsapp_templates import judge, morning
from tests.faults.whatsapp_house import TwilioDoor, bot_on_whatsapp, reopened

BEGINS = "Pengumuman dari Asosiasi untuk Bapak/Ibu. Isinya: "


@pytest.fixture(autouse=True)
def judging_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "REPAIR", 0.05)


def announced(bot: Running, twilio: TwilioApi, webhook: TwilioDoor, clock: MovableClock) -> str:
    """Everybody wrote more than a day ago; now there is an announcement for them."""
    judge(bot, twilio)
    write(bot, webhook, *NUMBERS)
    clock.move_to(morning(clock.now() + timedelta(hours=24)))
    return begun(bot)


def begun(bot: Running) -> str:
    """An announcement to everybody, on its way."""
    now = bot.clock.now()
    bot.database.transact(
        lambda db: associations.ensure_account(db, association_id="main", account=TELEGRAM, per_second=1000, now=now)
    )
    return bot.database.transact(lambda db: announce(db, now))


def standing(database: Database, campaign_id: str) -> Progress:
    return database.read(lambda db: progress.progress(db, campaign_id))


def copies(twilio: TwilioApi) -> list[int]:
    """How often each of them got it, as a template or as it is."""
    return [sum(WORDS in text for text in twilio.said_to(who)) for who in NUMBERS]


def test_everybody_gets_it_as_a_template_once_and_it_is_counted_as_promotion(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    campaign = announced(bot, twilio, webhook, clock)
    until(lambda: standing(bot.database, campaign).reached == len(NUMBERS))
    assert copies(twilio) == [1] * len(NUMBERS)
    assert twilio.messages_to(NUMBERS[0])[-1].text.startswith(BEGINS + WORDS)
    month = Month.of(clock.now().date())
    cost = bot.database.read(lambda db: costs.of_month(db, "main", month))
    assert cost.counted("marketing") == len(NUMBERS)


def test_a_template_that_is_paused_in_the_middle_stops_it_and_nobody_gets_it_twice(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B14: the rest waits, and goes on by itself; whoever writes meanwhile gets it at once."""
    judge(bot, twilio)
    write(bot, webhook, *NUMBERS)
    clock.move_to(morning(clock.now() + timedelta(hours=24)))
    twilio.refuse(400, 63041, path="Messages", to=NUMBERS[2], times=None)
    campaign = begun(bot)
    until(lambda: standing(bot.database, campaign).parked >= 1 and standing(bot.database, campaign).left == 0)
    held_up = [who for who, count in zip(NUMBERS, copies(twilio), strict=True) if not count]
    assert NUMBERS[2] in held_up
    twilio.faults.clear()
    webhook.says(NUMBERS[2], "1")
    until(lambda: copies(twilio)[2] == 1)
    clock.move_to(clock.now() + timedelta(hours=3, minutes=1))
    until(lambda: standing(bot.database, campaign).reached == len(NUMBERS))
    assert copies(twilio) == [1] * len(NUMBERS)


@sqlite_only
def test_a_small_limit_spreads_it_over_days(database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path):
    """C4: four a day; nobody twice, and in the order in which there is room."""
    twilio.account.people_per_day = 4
    with (
        reopened(database) as opened,
        bot_on_whatsapp(opened, twilio, clock, tmp_path, TWILIO_PEOPLE_PER_DAY="4") as (bot, webhook),
    ):
        campaign = announced(bot, twilio, webhook, clock)
        until(lambda: (standing(opened, campaign).reached, standing(opened, campaign).parked) == (4, 2))
        assert sum(copies(twilio)) == 4
        clock.move_to(clock.now() + timedelta(hours=23, minutes=50))
        bot.scheduler.tidy()
        assert standing(opened, campaign).parked == 2
        clock.move_to(morning(clock.now()))
        bot.scheduler.tidy()
        until(lambda: standing(opened, campaign).reached == len(NUMBERS))
        assert copies(twilio) == [1] * len(NUMBERS)
        assert all(message.fate is None for message in twilio.messages.values())
