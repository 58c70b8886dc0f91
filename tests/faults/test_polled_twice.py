"""Only one may receive a bot's updates: whoever is in the way of that is told at once, and the bot goes on (E6)."""

import logging

import pytest

from bot import polling
from bot.channels.telegram import Telegram
from bot.clock import MovableClock
from storage.database import Database
from tests.conftest import sqlite_only
from tests.fakes.telegram_api import TOKEN, WEBHOOK_STANDS, TelegramApi
from tests.faults.house import SITI, bot_here, until

IN_THE_WAY = "another process polls telegram/main, or a webhook is set: only one may receive its updates"
pytestmark = sqlite_only


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "PAUSE", 0.05)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.ERROR, "bot.polling")
    return caplog


def test_a_webhook_that_was_left_is_taken_away_at_the_start(
    database: Database, api: TelegramApi, clock: MovableClock, told: pytest.LogCaptureFixture
):
    """E6"""
    api.bot().webhook = {"url": "https://old.example.org/hook"}
    with bot_here(database, api, clock, mode="polling"):
        until(lambda: api.bot().poller)
        api.says(SITI, "halo")
        until(lambda: api.texts(str(SITI)))
    assert told.messages == []


def test_a_webhook_that_is_set_again_is_told_and_once_it_is_gone_updates_come(
    database: Database, api: TelegramApi, clock: MovableClock, told: pytest.LogCaptureFixture
):
    """E6"""
    api.refuse(409, WEBHOOK_STANDS, method="getUpdates", times=3)
    with bot_here(database, api, clock, mode="polling"):
        api.says(SITI, "halo")
        until(lambda: api.texts(str(SITI)))
    assert told.messages == [IN_THE_WAY] * 3


async def test_a_second_poller_is_told_and_nothing_is_answered_twice(
    database: Database, api: TelegramApi, clock: MovableClock, told: pytest.LogCaptureFixture
):
    """E6"""
    other = Telegram(TOKEN, api.base_url)
    with bot_here(database, api, clock, mode="polling"):
        until(lambda: api.bot().poller)
        assert await other.updates(seconds=0) == []
        until(lambda: IN_THE_WAY in told.text)
        api.says(SITI, "halo")
        until(lambda: api.texts(str(SITI)))
    await other.close()
    assert len(api.texts(str(SITI))) == 1
