"""The database edge: what `transact` and `read` promise when all goes well, and when it does not."""

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlmodel import Session, col, select

from storage import database as edge
from storage.database import Database, Overtaken, Piece, SqliteDatabase, StorageDown, open_database
from storage.queries.associations import next_number
from storage.tables import Association, Person
from tests.conftest import postgres_only, sqlite_only

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
Work = Callable[[Session], Any]


def founding(name: str, *, notes: str = "") -> Work:
    """Work that founds one association."""

    def found(db: Session) -> str:
        db.add(Association(id=name, name=name, help_contact=notes, created_at=NOON))
        db.flush()
        return name

    return found


def founded(database: Database) -> list[str]:
    return database.read(lambda db: list(db.exec(select(Association.id).order_by(col(Association.id)))))


def seen_from_outside(database: Database) -> list[str]:
    """What somebody else sees who opens the same database."""
    other = open_database(address_of(database))
    try:
        return founded(other)
    finally:
        other.close()


def address_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def sharing_a_commit(database: SqliteDatabase, *works: Work) -> list[Any]:
    """What each piece of work returned or raised, when all of them waited for the same commit."""
    pieces = [Piece(work, Future()) for work in works]
    database.commit(pieces)
    return [piece.done.exception() or piece.done.result() for piece in pieces]


# When all goes well


def test_whoever_called_hears_back_after_the_commit_and_not_before(database):
    def found_and_look(db: Session) -> list[str]:
        founding("main")(db)
        return seen_from_outside(database)

    assert database.transact(found_and_look) == []
    assert seen_from_outside(database) == ["main"]


def test_twenty_writers_at_once_lose_nothing(database):
    database.transact(founding("main"))

    def write(_thread: int) -> list[int]:
        return [database.transact(lambda db: next_number(db, "main", "application/2026")) for _ in range(5)]

    with ThreadPoolExecutor(20) as threads:
        numbers = sorted(number for got in threads.map(write, range(20)) for number in got)
    assert numbers == list(range(1, 101))


def test_readers_see_the_last_commit_while_somebody_writes(database):
    writing, seen = threading.Event(), threading.Event()

    def write_slowly(db: Session) -> None:
        founding("main")(db)
        writing.set()
        seen.wait(5)

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(database.transact, write_slowly)
        writing.wait(5)
        assert founded(database) == []
        seen.set()
        writer.result()
    assert founded(database) == ["main"]


def test_a_reader_sees_one_state_however_long_she_looks(database):
    def look_twice(db: Session) -> list[int]:
        first = len(db.exec(select(Association.id)).all())
        database.transact(founding("main"))
        return [first, len(db.exec(select(Association.id)).all())]

    assert database.read(look_twice) == [0, 0]


def test_a_reader_leaves_nothing_behind(database):
    database.read(founding("main"))
    assert founded(database) == []


@sqlite_only
def test_sqlite_syncs_every_commit_and_minds_foreign_keys(database):
    def pragmas(db: Session) -> list[Any]:
        return [
            db.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        ]

    full = 2
    assert database.transact(pragmas) == ["wal", full, 1, 1]


@postgres_only
def test_postgresql_syncs_every_commit(database):
    assert database.transact(lambda db: db.connection().exec_driver_sql("SHOW synchronous_commit").scalar()) == "on"


# When the work itself fails


class Refused(Exception):
    """A rule of the domain says no."""


@pytest.mark.parametrize("refusal", [Refused("no"), Overtaken("changed in between"), StorageDown("elsewhere")])
def test_what_work_raises_comes_out_as_it_is_and_nothing_is_kept(database, refusal):
    def refuse(db: Session) -> None:
        founding("main")(db)
        raise refusal

    with pytest.raises(type(refusal)) as raised:
        database.transact(refuse)
    assert raised.value is refusal
    assert founded(database) == []


def test_a_row_that_breaks_a_rule_is_no_outage(database):
    def join_nowhere(db: Session) -> None:
        db.add(Person(association_id="nowhere", created_at=NOON))

    with pytest.raises(IntegrityError):
        database.transact(join_nowhere)


def test_work_that_goes_on_after_a_refused_row_is_not_told_that_it_was_kept(database):
    database.transact(founding("first"))

    def swallow(db: Session) -> None:
        founding("half")(db)
        with suppress(IntegrityError):
            founding("first")(db)

    with pytest.raises(PendingRollbackError):
        database.transact(swallow)
    assert founded(database) == ["first"]


@pytest.mark.parametrize("ask", ["transact", "read"])
def test_a_mistake_in_a_statement_is_no_outage(database, ask):
    with pytest.raises(DBAPIError):
        getattr(database, ask)(lambda db: db.connection().exec_driver_sql("SELECT 1 FROM nowhere"))


@sqlite_only
def test_one_piece_that_fails_does_not_harm_those_that_share_its_commit(database):
    def refuse(db: Session) -> None:
        founding("refused")(db)
        raise Refused

    def swallow(db: Session) -> None:
        with suppress(IntegrityError):
            founding("first")(db)

    told = sharing_a_commit(database, founding("first"), refuse, founding("first"), swallow, founding("last"))
    assert (told[0], told[-1]) == ("first", "last")
    assert [type(answer) for answer in told[1:-1]] == [Refused, IntegrityError, PendingRollbackError]
    assert founded(database) == ["first", "last"]


@sqlite_only
def test_work_may_not_wait_for_its_own_writer(database):
    with pytest.raises(RuntimeError):
        database.transact(lambda _db: database.transact(founding("main")))


# When the database fails


@contextmanager
def full_disk(database: SqliteDatabase) -> Iterator[None]:
    """The file may not grow by one more page."""

    def limit(pages: int) -> None:
        with database.writing.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    limit(1)  # as few as it has now
    yield
    limit(1 << 30)


@sqlite_only
def test_on_a_full_disk_nobody_is_told_that_his_work_was_kept(database):
    def swallow(db: Session) -> str:
        with suppress(Exception):
            founding("swallowed", notes="x" * 10_000)(db)
        return "kept"

    large = founding("large", notes="x" * 10_000)
    for works in ([founding("before"), large, founding("after")], [founding("before"), swallow, founding("after")]):
        with full_disk(database):
            told = sharing_a_commit(database, *works)
        kept = [answer for answer in told if not isinstance(answer, Exception)]
        assert all(isinstance(answer, StorageDown) for answer in told if answer not in kept)
        assert kept == founded(database) == []
    assert sharing_a_commit(database, founding("before"), large) == ["before", "large"]


@contextmanager
def no_room_to_commit(database: SqliteDatabase) -> Iterator[None]:
    """The log of commits may not grow, as when the disk fills up between the work and its commit."""
    log = Path(f"{database.engine.url.database}-wal")
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, most))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@sqlite_only
def test_when_the_commit_itself_fails_everybody_hears_of_it(database):
    database.transact(founding("main"))
    with no_room_to_commit(database):
        told = sharing_a_commit(database, founding("before"), founding("large", notes="x" * 100_000))
    assert [type(answer) for answer in told] == [StorageDown, StorageDown]
    assert founded(database) == ["main"]
    assert database.transact(founding("later")) == "later"


@sqlite_only
def test_a_locked_file_is_told_as_down_in_time_and_passes_later(database, monkeypatch):
    monkeypatch.setattr(edge, "BUSY_TIMEOUT", 50)
    with sqlite3.connect(database.engine.url.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StorageDown, match="SQLITE_BUSY"):
            database.transact(founding("main"))
        assert time.monotonic() - began < 1
        assert founded(database) == []  # looking needs no lock
    other.close()
    assert database.transact(founding("main")) == "main"


@sqlite_only
def test_a_new_file_that_another_process_is_preparing_is_waited_for(database, tmp_path):
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    new = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(new.read, lambda db: db.connection().exec_driver_sql("PRAGMA journal_mode").scalar())
        time.sleep(0.05)
        other.execute("COMMIT")
        assert waiting.result() == "wal"
    other.close()
    new.close()


def test_a_database_that_is_not_there_is_told_as_down(tmp_path):
    (tmp_path / "directory.db").mkdir()
    for url in (f"sqlite:///{tmp_path / 'directory.db'}", f"postgresql:///nowhere?host={tmp_path}"):
        database = open_database(url)
        for ask in (database.transact, database.read):
            with pytest.raises(StorageDown):
                ask(founding("main"))
        database.close()


@postgres_only
@pytest.mark.parametrize("ask", ["transact", "read"])
def test_a_lost_connection_is_told_as_down_and_the_next_one_is_fresh(database, ask):
    def hang_up(db: Session) -> None:
        db.connection().exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StorageDown):
        getattr(database, ask)(hang_up)
    assert database.transact(founding("main")) == "main"


@postgres_only
def test_a_restart_of_the_server_costs_one_try(database, postgres_server):
    database.transact(founding("before"))
    postgres_server.stop()
    with pytest.raises(StorageDown):
        database.transact(founding("during"))
    postgres_server.start()
    assert database.transact(founding("after")) == "after"
    assert founded(database) == ["after", "before"]


@postgres_only
def test_when_no_connection_becomes_free_it_is_told_as_down(database, monkeypatch):
    monkeypatch.setattr(edge, "POOL", 1)
    monkeypatch.setattr(edge, "POOL_TIMEOUT", 0.05)
    busy = open_database(address_of(database))
    with busy.reading() as one, busy.reading() as another:
        one.connection(), another.connection()
        with pytest.raises(StorageDown):
            busy.transact(founding("main"))
    assert busy.transact(founding("main")) == "main"
    busy.close()


@postgres_only
def test_a_deadlock_is_tried_again(database):
    database.transact(founding("ampenan"))
    database.transact(founding("bertais"))
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def rename(first: str, second: str) -> Work:
        def work(db: Session) -> None:
            tries.append(first)
            lock = text("UPDATE association SET name = name || '!' WHERE id = :id")
            db.connection().execute(lock, {"id": first})
            if len(tries) <= 2:
                both_hold_one.wait(5)
            db.connection().execute(lock, {"id": second})

        return work

    with ThreadPoolExecutor(2) as threads:
        for future in [
            threads.submit(database.transact, rename("ampenan", "bertais")),
            threads.submit(database.transact, rename("bertais", "ampenan")),
        ]:
            future.result()
    assert len(tries) == 3
    assert database.read(lambda db: db.exec(select(Association.name).order_by(col(Association.name))).all()) == [
        "ampenan!!",
        "bertais!!",
    ]


# When the process ends

DIES_IN_THE_MIDDLE = """
import os, signal, sys
from storage.database import open_database
from tests.storage.test_database import founding
database = open_database(sys.argv[1])
database.transact(founding("kept"))
def die(db):
    founding("lost")(db)
    os.kill(os.getpid(), signal.SIGKILL)
database.transact(die)
"""


def test_a_process_killed_in_the_middle_leaves_all_or_nothing(database):
    ended = subprocess.run([sys.executable, "-c", DIES_IN_THE_MIDDLE, address_of(database)], check=False, timeout=30)
    assert ended.returncode == -signal.SIGKILL
    assert founded(database) == ["kept"]
    assert database.transact(founding("after")) == "after"


@sqlite_only
def test_closing_finishes_the_work_at_hand_and_turns_away_what_comes_later(database):
    with ThreadPoolExecutor(8) as threads:
        told = [threads.submit(database.transact, founding(f"a{number}")) for number in range(8)]
        database.close()
        with pytest.raises(StorageDown, match="closed"):
            database.transact(founding("late"))
    kept = sorted(future.result() for future in told if not future.exception())
    assert kept == seen_from_outside(database)
