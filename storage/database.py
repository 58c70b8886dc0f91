"""The database edge: one engine, one way to write (`transact`), one way to look (`read`).

SQLite takes one writer at a time, so all work goes through one thread, and the work that waits there shares
one commit, each piece in a savepoint of its own. PostgreSQL lets every caller write on a connection of its own.
Whoever called `transact` hears back only after the commit.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlmodel import Session

T = TypeVar("T")
Work = Callable[[Session], T]

SHARED_COMMIT = 64  # pieces of work that one commit may carry
BUSY_TIMEOUT = 5_000  # ms that SQLite waits for another process
POOL = 20  # connections to PostgreSQL
POOL_TIMEOUT = 10  # seconds that a caller waits for a free one
DEADLOCK_TRIES = 3
FRESH = {"populate_existing": True}  # a row that is locked is read anew: somebody may have changed it meanwhile
CONNECTION = "connection"  # where a session's `info` holds its connection, for statements that go past the session


class StorageDown(Exception):
    """The database does not answer or cannot take a write now: the same work may pass later."""


class Overtaken(Exception):
    """Somebody else changed the same facts in between: look again, then decide anew."""


def open_database(url: str) -> "Database":
    """Open the database at `url` (`sqlite:///path` or `postgresql://…`); nothing is created in it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return SqliteDatabase(url)
    return PostgresDatabase(address.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))


class Database:
    """What both databases do."""

    engine: Engine
    readers: Engine  # as `engine`; what it reads in one transaction is one state
    glancers: Engine  # as `engine`; every statement sees the latest commit, with nothing sent around it
    dialect: str

    def transact(self, work: Work[T]) -> T:
        """Do `work` in one transaction: all of it is kept, or nothing. Raises what `work` raises, or `StorageDown`."""
        raise NotImplementedError

    def read(self, work: Work[T]) -> T:
        """Look at one consistent state; nothing that `work` changes is kept."""
        with told_as_down(), self.reading() as session:
            return work(session)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to look with; rolled back at the end."""
        with (
            self.readers.connect() as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            session.info[CONNECTION] = connection
            yield session

    @contextmanager
    def glancing(self) -> Iterator[Session]:
        """A session to look with where each look may see a newer state: whatever follows from it is fenced."""
        with (
            self.glancers.connect() as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            session.info[CONNECTION] = connection
            yield session

    def close(self) -> None:
        """Finish the work at hand, then let go of every connection."""
        self.engine.dispose()


@contextmanager
def told_as_down() -> Iterator[None]:
    """Turn a driver's trouble with the database itself into `StorageDown`; a mistake in a statement stays one."""
    try:
        yield
    except NoneFree as error:
        raise StorageDown("no connection became free") from error
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
        if error.connection_invalidated or (isinstance(error, OperationalError) and name != "SQLITE_ERROR"):
            raise StorageDown(name) from error
        raise


class PostgresDatabase(Database):
    """Every caller's thread writes on a pooled connection; rows are fenced by what they say, not by locks in here."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.engine = create_engine(
            url,
            pool_size=POOL,
            max_overflow=POOL,
            pool_timeout=POOL_TIMEOUT,
            connect_args=PG_CONNECT,
            hide_parameters=True,
        )
        self.readers = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self.glancers = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def transact(self, work: Work[T]) -> T:
        """Do `work` in this thread; a deadlock is tried again."""
        for attempt in range(1, DEADLOCK_TRIES + 1):
            try:
                with told_as_down(), self.engine.begin() as connection:
                    return worked(connection, work)
            except StorageDown as error:
                if attempt == DEADLOCK_TRIES or str(error) not in {"DeadlockDetected", "SerializationFailure"}:
                    raise
        raise AssertionError("unreachable")


def worked(connection: Connection, work: Work[T]) -> T:
    """Do `work` within a connection's open transaction; if it went on after a refused row, `PendingRollbackError`."""
    with Session(connection, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
        session.info[CONNECTION] = connection
        result = work(session)
        if session.in_transaction():
            session.commit()  # of the session alone: it writes what is left and says whether all of it stands
    return result


PG_CONNECT: dict[str, Any] = {"options": "-c synchronous_commit=on -c timezone=UTC", "connect_timeout": 5}


@dataclass(slots=True)
class Piece:
    """Work that waits for the writer thread, and where its result goes."""

    work: Work[Any]
    done: "Future[Any]"


class SqliteDatabase(Database):
    """One file, one writer thread; readers look at the last commit without waiting."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        path = make_url(url).database
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(url, pool_size=POOL, max_overflow=-1, hide_parameters=True)
        event.listen(self.engine, "connect", prepare_sqlite)
        event.listen(self.engine, "begin", begin_deferred)
        self.readers = self.glancers = self.engine
        self.writing = create_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)
        event.listen(self.writing, "connect", prepare_sqlite)
        event.listen(self.writing, "connect", remember_much)
        event.listen(self.writing, "begin", begin_immediate)
        self.waiting: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self.writer = threading.Thread(target=self.write, name="writer", daemon=True)
        self.writer.start()

    def transact(self, work: Work[T]) -> T:
        """Hand `work` to the writer thread and wait for its commit."""
        if threading.current_thread() is self.writer:
            raise RuntimeError("work inside the writer thread must use the session that it was given")
        piece = Piece(work, Future())
        self.waiting.put(piece)
        if not self.writer.is_alive():
            self.turn_away()
        result: T = piece.done.result()
        return result

    def close(self) -> None:
        """Let the writer finish what waits, then close the file."""
        self.waiting.put(None)
        self.writer.join()
        self.turn_away()
        self.writing.dispose()
        self.engine.dispose()

    def turn_away(self) -> None:
        """Whoever still waits when the writer has gone hears that nothing was kept."""
        with suppress(queue.Empty):
            while True:
                if piece := self.waiting.get_nowait():
                    piece.done.set_exception(StorageDown("closed"))

    def write(self) -> None:
        """The writer thread: whatever waits shares one commit."""
        while (first := self.waiting.get()) is not None:
            batch, last = self.gather(first)
            self.commit(batch)
            if last:
                return

    def gather(self, first: Piece) -> tuple[list[Piece], bool]:
        """Everything that waits now, and whether it is the last."""
        batch = [first]
        while len(batch) < SHARED_COMMIT:
            try:
                piece = self.waiting.get_nowait()
            except queue.Empty:
                return batch, False
            if piece is None:
                return batch, True
            batch.append(piece)
        return batch, False

    def commit(self, batch: list[Piece]) -> None:
        """Do each piece in its savepoint, commit once, then tell each."""
        outcomes: list[tuple[Any, BaseException | None]]
        try:
            with told_as_down(), self.writing.begin() as connection:
                outcomes = [attempt(connection, piece.work) for piece in batch]
        except BaseException as error:
            outcomes = [(None, error)] * len(batch)
        for piece, (result, trouble) in zip(batch, outcomes, strict=True):
            if trouble is None:
                piece.done.set_result(result)
            else:
                piece.done.set_exception(trouble)


def attempt(connection: Connection, work: Work[T]) -> tuple[T | None, Exception | None]:
    """One piece of work in a savepoint: its result, or what it raised after its changes are undone.

    Raises `StorageDown` when not only this piece is undone: on a full disk SQLite may give up the whole transaction
    by itself, and all that follows would be kept piece by piece.
    """
    result, trouble = None, None
    driver: Any = connection.connection.driver_connection
    driver.execute("SAVEPOINT piece")
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    session.info[CONNECTION] = connection
    try:
        with told_as_down(), session:
            result = work(session)
            if session.in_transaction():
                session.commit()
    except Exception as error:
        result, trouble = None, error
    if not driver.in_transaction:
        raise StorageDown("the shared commit was undone") from trouble
    if trouble:
        driver.execute("ROLLBACK TO piece")
    driver.execute("RELEASE piece")
    return result, trouble


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Durable and strict: an acknowledged commit survives a power cut."""
    connection.isolation_level = None
    use_wal(connection)
    for pragma in (
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # or REPLACE would pass by the guards of rows that are only ever added
        f"busy_timeout={BUSY_TIMEOUT}",
        "temp_store=MEMORY",
        "cache_size=-1000",  # kB; there are many readers, and the operating system remembers for all of them
        "wal_autocheckpoint=8000",  # pages: 32 MB of log before it is copied into the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def remember_much(connection: Any, _record: Any) -> None:
    """The one writer keeps its pages at hand."""
    connection.execute("PRAGMA cache_size=-16000")


def use_wal(connection: Any) -> None:
    """Switch a new file to its write-ahead log; while another process does the same, SQLite refuses without waiting."""
    patience = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience:
                raise
            time.sleep(0.01)
        else:
            return


def begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: a lock upgraded later fails without waiting."""
    say_to_driver(connection, "BEGIN IMMEDIATE")


def begin_deferred(connection: Connection) -> None:
    """A reader's snapshot."""
    say_to_driver(connection, "BEGIN")


def say_to_driver(connection: Connection, words: str) -> None:
    """Straight to sqlite3; its errors are told as SQLAlchemy tells them."""
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(words)
    except sqlite3.Error as error:
        raise DBAPIError.instance(words, None, error, sqlite3.Error, dialect=connection.dialect) from error
