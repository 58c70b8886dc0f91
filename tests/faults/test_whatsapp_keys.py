"""Keys change while messages flow; and one that is taken away too early opens nothing, and loses nothing (F10)."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot import inbox, turn
from bot.clock import MovableClock
from bot.running import Running
from storage import database as edge
from storage.database import Database
from storage.sealed import KeyRing, use_keys
from storage.tables import Message, Received, Talk
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults.house import NIK, heard, until, until_quiet
from tests.faults.test_storage_down import away
from tests.faults.whatsapp_house import (
    RINA,
    UNTIL_KTP,
    WELCOME,
    TwilioDoor,
    held,
    link_in,
    messages,
    queue,
    statuses,
    step_of,
    tickets_of,
)

NEXT = KeyRing.generate()
PEOPLE = [f"+62812000001{number:02}" for number in range(12)]


@pytest.fixture
def rotated(ring_text: str) -> Callable[[], None]:
    """A new key stands in front of the old one from now on."""
    return lambda: use_keys(KeyRing.parse(f"{NEXT},{ring_text}"))


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again within moments, and an album is together soon."""
    monkeypatch.setattr(inbox, "LADDER", (0.02,) * 5)
    monkeypatch.setattr(turn, "ALBUM", timedelta(milliseconds=50))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up after a tenth of a second, not after five."""
    monkeypatch.setattr(edge, "BUSY_TIMEOUT", 100)


def kids(database: Database, column) -> list[str]:
    """Under which key each row is sealed, the oldest first."""
    rows = database.read(lambda db: list(db.exec(select(column).order_by(col(column.class_.id)))))
    return [sealed.split(".")[1] for sealed in rows if sealed]


def test_the_key_changes_while_messages_flow(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, ring_text: str, rotated: Callable[[], None]
):
    """Twelve people in mid-talk: no answer is lost; from then on everything is sealed under the new key."""

    def talk(who: str) -> list[int]:
        return [webhook.says(who, text).status_code for text in WELCOME]

    with ThreadPoolExecutor(6) as phones:
        talks = [phones.submit(talk, who) for who in PEOPLE]
        until(lambda: heard(bot.database)["done"] >= len(PEOPLE))
        rotated()
        assert [one.result() for one in talks] == [[200] * len(WELCOME)] * len(PEOPLE)
    until_quiet(bot.database)
    assert [len(twilio.said_to(who)) for who in PEOPLE] == [len(WELCOME)] * len(PEOPLE)
    old, new = (ring.partition(":")[0] for ring in (ring_text, NEXT))
    assert set(kids(bot.database, Message.reply_sealed)) == {old, new}
    webhook.says(SITI, "halo")
    for who in PEOPLE:
        webhook.says(who, "menu")
    until_quiet(bot.database)
    assert set(kids(bot.database, Talk.standing_sealed)) == {new}
    assert kids(bot.database, Received.incoming_sealed)[-len(PEOPLE) :] == [new] * len(PEOPLE)


def test_a_registration_begun_under_the_old_key_ends_under_the_new_one(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, rotated: Callable[[], None]
):
    """The link that was sent, the photo that was sealed, the answers given: all of it opens."""
    webhook.says(SITI, *WELCOME, "daftar", "1")
    until_quiet(bot.database)
    path = link_in(twilio.said_to(SITI)[-1])
    rotated()
    assert webhook.fills_in(path, NIK, sample_ktp("Siti")).status_code == 200
    webhook.says(SITI, "benar", *UNTIL_KTP, "1")
    until_quiet(bot.database)
    assert "Pendaftaran sudah terkirim" in twilio.said_to(SITI)[-1]


@pytest.mark.usefixtures("soon")
def test_with_the_old_key_taken_away_too_early_everything_waits_and_nothing_is_lost(
    bot: Running,
    webhook: TwilioDoor,
    twilio: TwilioApi,
    clock: MovableClock,
    ring_text: str,
    rotated: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
):
    """Her talk does not open: she is not taken for a stranger, not told nonsense, and answered when the key is back."""
    webhook.says(SITI, *WELCOME)
    until_quiet(bot.database)
    before = twilio.said_to(SITI)
    with held(bot):
        queue(bot.database, SITI, "Kabar baik.", kind="notice", now=clock.now())
        use_keys(KeyRing.parse(NEXT))
    with caplog.at_level(logging.ERROR):
        assert webhook.says(SITI, "daftar").status_code == 200
        webhook.shows(SITI, sample_ktp("Siti"))
        webhook.says(RINA, "halo")
        for more in range(1, 6):
            clock.move_to(clock.now() + timedelta(minutes=3))
            until(lambda tried=more: times_logged(caplog, "a message to be sent waits") > tried)
            until(lambda tried=more: times_logged(caplog, "a message waits") > tried)
    until(lambda: len(twilio.said_to(RINA)) == 1)  # whoever has nothing under the old key is served
    assert twilio.said_to(SITI) == before
    assert heard(bot.database) == {"done": len(WELCOME) + 1, "waiting": 2}
    assert (messages(bot.database, SITI)[-1].code, twilio.messages_to(SITI)[len(before) :]) == ("key_missing", [])
    old = ring_text.partition(":")[0]
    assert {getattr(record, "trouble", "") for record in caplog.records} >= {f"key {old} is not in the ring"}
    rotated()
    clock.move_to(clock.now() + timedelta(minutes=3))
    until_quiet(bot.database)
    assert twilio.said_to(SITI)[len(before)] == "Kabar baik."
    assert step_of(bot.database, SITI) == "choose_whom"
    assert set(statuses(bot.database)) == {"accepted"}
    assert heard(bot.database) == {"done": len(WELCOME) + 3}
    assert tickets_of(bot.database, "not_processed") == []


def times_logged(caplog: pytest.LogCaptureFixture, words: str) -> int:
    return sum(record.getMessage().startswith(words) for record in caplog.records)


@pytest.mark.usefixtures("soon")
def test_a_waiting_message_whose_own_key_is_missing_waits(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, rotated: Callable[[], None]
):
    """It was sealed under the old key, and its photo could not be fetched before that was taken away."""
    twilio.fail(503, accepted=False, path="/Media/", verb="GET", times=None)
    webhook.shows(SITI, sample_ktp("Siti"))
    until(lambda: twilio.refusals[503] >= 1)
    use_keys(KeyRing.parse(NEXT))
    twilio.faults.clear()
    for more in range(1, 4):
        clock.move_to(clock.now() + timedelta(minutes=3))
        webhook.shows(RINA, sample_ktp("Rina"))
        until(lambda so_many=more: len(twilio.said_to(RINA)) == so_many)  # hers waits for nothing
    assert heard(bot.database)["waiting"] == 1
    rotated()
    clock.move_to(clock.now() + timedelta(minutes=3))
    until_quiet(bot.database)
    assert heard(bot.database) == {"done": 4}
    assert len(twilio.said_to(SITI)) == 1


@pytest.mark.usefixtures("soon")
def test_twilios_copies_are_deleted_though_one_message_does_not_open(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, rotated: Callable[[], None]
):
    """The one whose key is missing holds up no other; and it is deleted when the key is back."""
    twilio.fail(503, accepted=False, path="/Media/", verb="DELETE", times=None)
    webhook.shows(SITI, sample_ktp("Siti"))
    until(lambda: twilio.refusals[503] >= 1)
    until_quiet(bot.database)
    use_keys(KeyRing.parse(NEXT))
    twilio.faults.clear()
    clock.move_to(clock.now() + timedelta(minutes=11))
    webhook.shows(RINA, sample_ktp("Rina"))
    until(lambda: len(twilio.deleted) == 1)
    rotated()
    clock.move_to(clock.now() + timedelta(minutes=11))
    until(lambda: len(twilio.deleted) == 2)


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_what_waits_on_the_disk_waits_for_its_key(
    bot: Running, webhook: TwilioDoor, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """It stays there under its name, for the next start with the key; others go on."""
    with away(bot.database):
        webhook.says(SITI, "halo")
        use_keys(KeyRing.parse(NEXT))
    until(lambda: "on the disk waits for its key" in caplog.text)
    webhook.says(RINA, "halo")
    until(lambda: heard(bot.database)["done"] == 1)
    assert [file.suffix for file in (tmp_path / "spool").iterdir()] == [".sealed"]
