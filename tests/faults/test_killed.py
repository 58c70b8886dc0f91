"""The bot dies at any moment and comes back: nothing is lost, nothing is done twice (reliability.md, A9, A10, B4–B6).

One `jagalapak serve` is led into every one of these moments at once, killed with signal 9, and started again.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from storage.database import Database, open_database
from storage.queries import outbox
from storage.sealed import KeyRing, use_keys
from storage.tables import Received
from tests.conftest import migrate
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TelegramApi, private_message
from tests.faults.house import (
    ACCOUNT,
    Program,
    let_pass,
    photo,
    queue,
    statuses,
    until,
    until_quiet,
)

ANSWERED, UNSURE, REMINDED, WITH_PHOTO, UNSENT, HALF_WAY = 41, 42, 43, 44, 45, 46  # six vendors, one in each moment
FOR_EVER = 3600.0


@dataclass
class Wreck:
    """What stood where when the process died, and what the one after it made of that."""

    api: TelegramApi
    database: Database
    before: "Scene" = field(init=False)  # when it died
    after: "Scene" = field(init=False)  # once the next process had nothing left to do
    later: "Scene" = field(init=False)  # two and a half minutes after that


@dataclass
class Scene:
    """How many messages of each vendor were kept, how those to her ended, and how many reached her phone."""

    heard: Counter[int]
    said: dict[int, list[str]]
    copies: dict[int, int]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def wreck(
    request: pytest.FixtureRequest, a_ring: KeyRing, ring_text: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wreck]:
    """Killed in six moments at once, and started again."""
    folder = tmp_path_factory.mktemp("wreck")
    use_keys(a_ring)
    url = empty_sqlite(folder) if request.param == "sqlite" else request.getfixturevalue("postgres_of_its_own")
    database = open_database(url)
    with TelegramApi(pace=0.01) as api, Program(folder, url, ring_text, api) as program:
        wreck = Wreck(api, database)
        program.start()
        lead_into(wreck)
        with in_mid_transaction(wreck):
            program.kill()
        wreck.before = look_at(wreck)
        mend(wreck)
        program.start()
        api.settle()
        until_quiet(database)
        wreck.after = look_at(wreck)
        let_pass(database, timedelta(seconds=150))
        until(lambda: statuses(database, UNSURE)[-1] == "accepted")
        until_quiet(database)
        wreck.later = look_at(wreck)
        yield wreck
    database.close()
    assert api.violations == []


def empty_sqlite(folder: Path) -> str:
    url = f"sqlite:///{folder / 'wreck.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def postgres_of_its_own(postgres_server) -> str:
    """A database beside the one that every test empties."""
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS wreck")
        connection.execute("CREATE DATABASE wreck")
    url = postgres_server.get_uri("wreck")
    migrate(url)
    return str(url)


# ── into the moments ─────────────────────────────────────────────────────────────────────────────────────────────


def lead_into(wreck: Wreck) -> None:
    """Every vendor but the last into her moment."""
    api, database = wreck.api, wreck.database
    for chat in (ANSWERED, UNSURE, REMINDED, UNSENT, HALF_WAY):
        api.says(chat, "halo")
    api.settle()
    until_quiet(database)

    for chat in (UNSURE, REMINDED):  # taken by Telegram, whose answer never comes
        api.stall(FOR_EVER, accepted=True, method="sendMessage", chat=str(chat))
    api.says(UNSURE, "1")
    queue(database, REMINDED, "Iuran bulan ini belum kami terima.", now=datetime.now(UTC))
    until(lambda: api.texts(str(UNSURE))[1:] and api.texts(str(REMINDED))[1:])

    api.put_file("card", sample_ktp("Contoh"))  # stored, and being fetched
    api.stall(FOR_EVER, accepted=True, method="getFile")
    api.deliver({"message": {**private_message(WITH_PHOTO), **photo("card")}})
    until(lambda: api.calls_of("getFile"))

    database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))  # committed, and not begun to be sent
    api.says(UNSENT, "1")
    until(lambda: statuses(database, UNSENT) == ["accepted", "queued"])


@contextmanager
def in_mid_transaction(wreck: Wreck) -> Iterator[None]:
    """The last vendor's turn is half written, and stays so until the block ends."""
    holding = hold_on_sqlite if wreck.database.dialect == "sqlite" else hold_on_postgres
    with holding(wreck.database, lambda: wreck.api.says(HALF_WAY, "1")):
        yield


@contextmanager
def hold_on_sqlite(database: Database, say: Callable[[], object]) -> Iterator[None]:
    """Storing her reply takes for ever: a trigger counts to a number that nobody lives to see."""
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e12) SELECT count(*) FROM n"
    trigger = f"CREATE TRIGGER for_ever AFTER INSERT ON message BEGIN {count}; END"
    database.transact(lambda db: db.connection().execute(text(trigger)))
    say()
    until(lambda: is_locked(database))
    yield
    until(lambda: not is_locked(database))
    database.transact(lambda db: db.connection().execute(text("DROP TRIGGER for_ever")))


def is_locked(database: Database) -> bool:
    """Another process is in the middle of a transaction, and stays there."""
    with closing(sqlite3.connect(database.engine.url.database or "", timeout=0.5, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


@contextmanager
def hold_on_postgres(database: Database, say: Callable[[], object]) -> Iterator[None]:
    """Storing her reply waits for somebody who has locked the table."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query ILIKE '%INSERT INTO message%' AND datname = 'wreck'"
    )
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as watching:
        other.execute("LOCK TABLE message IN SHARE MODE")
        say()
        until(lambda: watching.execute(waiting).fetchone() == (1,))
        yield
        other.rollback()
        until(lambda: watching.execute(waiting).fetchone() == (0,))


def look_at(wreck: Wreck) -> Scene:
    """What stands where."""
    everybody = range(ANSWERED, HALF_WAY + 1)
    heard = wreck.database.read(lambda db: Counter(int(sender) for sender in db.exec(select(Received.sender))))
    said = {chat: statuses(wreck.database, chat) for chat in everybody}
    return Scene(heard, said, {chat: len(wreck.api.texts(str(chat))) for chat in everybody})


def mend(wreck: Wreck) -> None:
    """Telegram answers again, and a lease's time goes by."""
    wreck.api.faults.clear()
    wreck.database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
    if wreck.database.dialect == "postgresql":  # another process might hold the leases: they have to run out
        let_pass(wreck.database, timedelta(seconds=95))


# ── what must hold ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_stored_and_not_processed_is_processed_once(wreck: Wreck):
    """A9: a photo was being fetched."""
    assert (wreck.before.heard[WITH_PHOTO], wreck.before.said[WITH_PHOTO]) == (1, [])
    assert (wreck.after.heard[WITH_PHOTO], wreck.after.said[WITH_PHOTO]) == (1, ["accepted"])
    assert wreck.later.copies[WITH_PHOTO] == 1


def test_of_a_transaction_everything_is_kept_or_nothing(wreck: Wreck):
    """A10: the message, the new place and the reply; and Telegram, which got no answer, brings the message again."""
    all_of_it, nothing = (2, 2), (1, 1)
    assert (wreck.before.heard[HALF_WAY], len(wreck.before.said[HALF_WAY])) in (all_of_it, nothing)
    assert (wreck.after.heard[HALF_WAY], wreck.after.said[HALF_WAY]) == (2, ["accepted", "accepted"])
    assert wreck.later.copies[HALF_WAY] == 2


def test_what_was_committed_and_not_begun_is_sent_once(wreck: Wreck):
    """B4: it died between the commit and the first byte on the wire."""
    assert wreck.before.said[UNSENT] == ["accepted", "queued"]
    assert wreck.after.said[UNSENT] == ["accepted", "accepted"]
    assert wreck.later.copies[UNSENT] == 2


def test_what_was_on_the_wire_is_uncertain(wreck: Wreck):
    """B5: it died before it knew the provider's id. Nobody repeats that blindly."""
    for chat in (UNSURE, REMINDED):
        assert wreck.before.said[chat] == ["accepted", "leased"]
        assert wreck.after.said[chat] == ["accepted", "uncertain"]
        assert wreck.after.copies[chat] == 2


def test_a_reply_that_was_on_the_wire_is_sent_once_more_when_she_stays_silent(wreck: Wreck):
    """B5: at least once."""
    assert (wreck.later.said[UNSURE], wreck.later.copies[UNSURE]) == (["accepted", "accepted"], 3)


def test_a_reminder_that_was_on_the_wire_is_never_sent_again(wreck: Wreck):
    """B5: at most once."""
    assert (wreck.later.said[REMINDED], wreck.later.copies[REMINDED]) == (["accepted", "uncertain"], 2)


def test_what_was_known_to_be_taken_is_not_sent_again(wreck: Wreck):
    """B6: it died after it had noted the provider's id."""
    for scene in (wreck.before, wreck.after, wreck.later):
        assert (scene.said[ANSWERED], scene.copies[ANSWERED]) == (["accepted"], 1)
