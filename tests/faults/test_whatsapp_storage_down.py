"""The database is away, and Twilio does not come again: what comes waits sealed on the disk (A11)."""

import logging
from pathlib import Path

import pytest

from bot import spool
from bot.running import Running
from storage import database as edge
from storage.database import open_database
from storage.sealed import KeyRing, use_keys
from tests.conftest import migrate, sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.twilio_api import SITI, TwilioApi, incoming_form, photo
from tests.faults.house import NIK, heard, until, until_quiet
from tests.faults.test_storage_down import away
from tests.faults.whatsapp_house import (
    RINA,
    WELCOME,
    TwilioDoor,
    WhatsAppProgram,
    deliveries,
    received_ids,
    statuses,
    step_of,
)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up after a tenth of a second, not after five."""
    monkeypatch.setattr(edge, "BUSY_TIMEOUT", 100)


def kept(folder: Path) -> list[Path]:
    """What lies on the disk, the oldest first."""
    return sorted((folder / "spool").iterdir()) if (folder / "spool").exists() else []


@pytest.mark.usefixtures("impatient")
def test_while_the_database_is_away_everything_is_kept_sealed_and_taken_in_afterwards_once_and_in_order(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, tmp_path: Path
):
    """A11: words, a NIK, a photo, a stranger, a repetition and a report; each 200, none readable on the disk."""
    webhook.says(SITI, *WELCOME, "daftar", "1")
    until_quiet(bot.database)
    before = len(received_ids(bot.database))
    forms = [
        incoming_form(SITI, NIK),
        incoming_form(SITI, "benar"),
        incoming_form(SITI, "Siti Contoh"),
        photo(twilio.store_media(sample_ktp("Siti"))),
        incoming_form(RINA, "halo"),
        incoming_form(SITI, "Mataram"),
    ]
    asked = twilio.messages_to(SITI)[-1]
    with away(bot.database):
        answers = [webhook.post(form) for form in [*forms, forms[2]]]
        assert [(answer.status_code, answer.text) for answer in answers] == [(200, "<Response/>")] * 7
        assert webhook.reports(asked, "delivered").status_code == 200
        files = kept(tmp_path)
        assert len(files) == 8
        for file in files:
            content = file.read_bytes() + file.name.encode()
            assert not any(word.encode() in content for word in (NIK, SITI[1:], RINA[1:], "Siti", "Mataram", asked.sid))
            assert file.stat().st_mode & 0o077 == 0 or file.parent.stat().st_mode & 0o077 == 0
    until(lambda: not kept(tmp_path))
    until_quiet(bot.database)
    hers = [form["MessageSid"] for form in forms if form["From"].endswith(SITI)]
    taken = received_ids(bot.database)[before:]
    assert [one for one in taken if one in hers] == hers
    assert sorted(taken) == sorted(form["MessageSid"] for form in forms)
    assert step_of(bot.database, SITI) == "ask_mother"
    assert step_of(bot.database, RINA) == "choose_language"
    assert (asked.sid, "delivered", "", True) in deliveries(bot.database)
    assert set(statuses(bot.database)) == {"accepted", "delivered"}


@pytest.mark.usefixtures("impatient")
def test_what_comes_while_something_of_hers_still_waits_on_the_disk_waits_behind_it(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A11: the database is back, and the file is not taken in yet; somebody else need not wait."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    monkeypatch.setattr(spool, "EVERY", 1.0)
    with away(bot.database):
        webhook.says(SITI, "1")
        assert len(kept(tmp_path)) == 1
    until(lambda: webhook.client.get("/readyz").status_code == 200)
    webhook.says(SITI, "setuju")
    webhook.says(RINA, "halo")
    assert step_of(bot.database, RINA) == "choose_language"
    until(lambda: not kept(tmp_path))
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_reminders"
    assert heard(bot.database) == {"done": 4}


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_with_the_disk_full_as_well_twilio_is_asked_to_come_again(
    bot: Running, webhook: TwilioDoor, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """A11, E1: no 200 for what is kept nowhere; with room again it is taken."""
    form = incoming_form(SITI, f"NIK saya {NIK}")
    (tmp_path / "spool").write_text("a file in the way: nothing can be written below it")
    with away(bot.database):
        answer = webhook.post(form)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        (tmp_path / "spool").unlink()
        assert webhook.post(form).status_code == 200
    until(lambda: heard(bot.database) == {"done": 1})
    until_quiet(bot.database)
    assert not any(word in caplog.text for word in (NIK, SITI[1:]))


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_of_a_file_that_found_no_room_no_half_is_left(
    bot: Running, webhook: TwilioDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """E1: the disk fills up while it is written."""

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with away(bot.database):
        with monkeypatch.context() as patch:
            patch.setattr(spool.os, "fsync", fail)
            assert webhook.says(SITI, "halo").status_code == 503
        assert kept(tmp_path) == []
    until(lambda: webhook.says(SITI, "halo").status_code == 200)


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_a_file_that_cannot_be_opened_is_set_aside_and_holds_up_nobody(
    bot: Running,
    webhook: TwilioDoor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """A11: damaged on the disk; a human is told, and the next message of hers works."""
    with away(bot.database), monkeypatch.context() as patch:
        patch.setattr(spool.Spool, "_files", lambda _self: [])  # nobody reads it before it is damaged
        webhook.says(SITI, "halo")
        (file,) = kept(tmp_path)
        file.write_text(file.read_text()[:-3] + "AAA")
    until(lambda: [file.suffix for file in kept(tmp_path)] == [".unreadable"])
    assert "cannot be opened" in caplog.text
    with monkeypatch.context() as patch:
        patch.setattr(spool, "EVERY", 60.0)
        webhook.says(SITI, "halo")
        assert heard(bot.database) == {"done": 1}


@sqlite_only
@pytest.mark.usefixtures("impatient")
def test_trouble_that_nobody_thought_of_keeps_the_message_too(
    bot: Running, webhook: TwilioDoor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A11: the turn cannot even be stored for later; it is taken in when that has passed."""
    take, troubles = bot.turns.take, iter([LookupError("odd")])

    def take_at_last(incoming):
        for trouble in troubles:
            raise trouble
        return take(incoming)

    monkeypatch.setattr(bot.turns, "take", take_at_last)
    with caplog.at_level(logging.ERROR):
        assert webhook.says(SITI, "halo").status_code == 200
    until(lambda: heard(bot.database) == {"done": 1})
    assert "kept on the disk" in caplog.text


def test_a_process_that_was_killed_meanwhile_takes_in_what_it_left_on_the_disk(
    a_ring: KeyRing, ring_text: str, twilio: TwilioApi, tmp_path: Path
):
    """A11, A9: kill -9 while the database is away; the next process takes it in, before what comes then."""
    use_keys(a_ring)
    url = f"sqlite:///{tmp_path / 'jagalapak.db'}"
    migrate(url)
    database = open_database(url)
    with WhatsAppProgram(tmp_path, url, ring_text, twilio) as program:
        program.start()
        webhook = TwilioDoor(program.url, twilio)
        webhook.says(SITI, "halo")
        until_quiet(database)
        with away(database):
            assert webhook.says(SITI, "1", "setuju").status_code == 200
            program.kill()
        assert len(kept(tmp_path)) == 2
        program.start()
        webhook.says(SITI, "ya")
        until(lambda: not kept(tmp_path))
        until_quiet(database)
        assert step_of(database, SITI) == "ask_announcements"
        assert heard(database) == {"done": 4}
        assert len(twilio.said_to(SITI)) == 4
        log = program.log.read_text()
    assert "kept on the disk" in log
    assert not any(word in log for word in (SITI[1:], "setuju"))
    database.close()
