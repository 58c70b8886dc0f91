"""What is done again and again never looks through all that ever came and went (E7)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from storage.database import Database
from storage.queries import associations, outbox, parked, reaching, received, talks, uncertain

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
ACCOUNT = "telegram/main"
ROWS = 30_000
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
CAME = f"""
    INSERT INTO received
    (association_id, account, provider_id, sender, kind, status, album, incoming_sealed, attempts, trouble, received_at)
    {NUMBERS} SELECT 'main', '{ACCOUNT}', CAST(i AS TEXT), CAST(i % 999 AS TEXT), 'text', 'done', '', '', 0, '', :noon
    FROM n
"""
WENT = f"""
    INSERT INTO message
    (association_id, account, address_id, key, kind, status, reply_sealed, due_at, attempts, resends, lease_by, code,
     as_text, billed_as, created_at)
    {NUMBERS} SELECT 'main', '{ACCOUNT}', :siti, CAST(i AS TEXT), 'reply', 'accepted', '', :noon, 1, 0, '', '',
     CAST(0 AS BOOLEAN), '', :noon FROM n
"""


@pytest.fixture
def much(database: Database) -> Database:
    """Many messages came, were answered, and nothing waits."""

    def fill(db: Session) -> None:
        about = {"association_id": "main", "account": ACCOUNT}
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOON)
        associations.ensure_account(db, **about, per_second=1000, now=NOON)
        siti = talks.ensure_address(db, **about, external_id="42", now=NOON).id
        db.connection().execute(text(CAME), {"noon": NOON})
        db.connection().execute(text(WENT), {"noon": NOON, "siti": siti})
        db.connection().execute(text("ANALYZE"))

    database.transact(fill)
    return database


def again_and_again(db: Session) -> None:
    """The next message that waits, and what the scheduler tidies up every two seconds."""
    received.claim_waiting(db, NOON, lease=timedelta(minutes=1))
    outbox.recover(db, NOON)
    outbox.expire(db, NOON)
    uncertain.resend(db, NOON, after=timedelta(minutes=2))
    parked.release_heard(db, NOON)
    reaching.release(db, NOON)


def test_it_is_found_by_index(much: Database):
    """E7"""

    def plans(db: Session) -> list[str]:
        with noted(db) as statements:
            again_and_again(db)
        return [step for statement, values in statements for step in planned(db, statement, values)]

    found = much.transact(plans)
    assert any("received_waiting" in step for step in found)
    looked_through = r"SCAN (received|message)(?! USING)|Seq Scan on (received|message)"
    assert [step for step in found if re.search(looked_through, step)] == []


@contextmanager
def noted(db: Session) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        statements.append((statement, values))

    event.listen(db.connection(), "before_cursor_execute", note)
    yield statements
    event.remove(db.connection(), "before_cursor_execute", note)


def planned(db: Session, statement: str, values: Any) -> list[str]:
    """How the database goes about it; PostgreSQL once it has prepared it for whatever values may come."""
    if db.connection().dialect.name == "sqlite":
        return [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    names = list(values)
    general = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    driver: Any = db.connection().connection.driver_connection
    return [row[0] for row in driver.execute(f"EXPLAIN (GENERIC_PLAN) {general}", prepare=False)]
