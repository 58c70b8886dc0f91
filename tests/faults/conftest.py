"""The bot at work against the stand-in for Telegram, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import copies, inbox, outbox, spool
from bot.clock import MovableClock
from bot.running import Running
from storage.database import Database
from storage.sealed import KeyRing
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import TwilioApi
from tests.faults.house import Door, bot_here
from tests.faults.whatsapp_house import TwilioDoor, bot_on_whatsapp


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
    monkeypatch.setattr(outbox, "ASK_EVERY", 0.03)
    monkeypatch.setattr(copies, "EVERY", 0.03)
    monkeypatch.setattr(spool, "EVERY", 0.03)


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


# ── on WhatsApp ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def twilio() -> Iterator[TwilioApi]:
    """Twilio, and WhatsApp behind it; for whom a second lasts ten milliseconds when it waits for a webhook."""
    with TwilioApi(pace=0.01) as api:
        yield api
    assert api.violations == []


@pytest.fixture
def number(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
) -> Iterator[tuple[Running, TwilioDoor]]:
    with bot_on_whatsapp(database, twilio, clock, tmp_path) as found:
        yield found


@pytest.fixture
def bot(number: tuple[Running, TwilioDoor]) -> Running:
    """Everything at work behind a WhatsApp number."""
    return number[0]


@pytest.fixture
def webhook(number: tuple[Running, TwilioDoor]) -> TwilioDoor:
    """Where Twilio posts."""
    return number[1]
