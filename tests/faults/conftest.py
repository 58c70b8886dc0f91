"""The bot at work against the stand-in for Telegram, on each database."""

from collections.abc import Iterator

import pytest

from bot import inbox, outbox
from bot.clock import MovableClock
from bot.running import Running
from storage.database import Database
from storage.sealed import KeyRing
from tests.fakes.telegram_api import TelegramApi
from tests.faults.house import Door, bot_here


@pytest.fixture(scope="session")
def ring_text() -> str:
    """The key ring as the environment holds it, for processes that open the same database."""
    return KeyRing.generate()


@pytest.fixture(scope="session")
def a_ring(ring_text: str) -> KeyRing:
    return KeyRing.parse(ring_text)


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    """Telegram, for whom a second lasts ten milliseconds when it waits to post again."""
    with TelegramApi(pace=0.01) as api:
        yield api
    assert api.violations == []


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(autouse=True)
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test puts into the tables itself, waking nobody, is found within moments."""
    monkeypatch.setattr(outbox, "POLL", 0.03)
    monkeypatch.setattr(inbox, "POLL", 0.03)


@pytest.fixture
def at_work(database: Database, api: TelegramApi, clock: MovableClock) -> Iterator[tuple[Running, Door]]:
    with bot_here(database, api, clock) as found:
        yield found


@pytest.fixture
def running(at_work: tuple[Running, Door]) -> Running:
    """Turns, inbox, outbox, scheduler and webhooks, all at work."""
    return at_work[0]


@pytest.fixture
def door(at_work: tuple[Running, Door]) -> Door:
    """Where Telegram posts."""
    return at_work[1]
