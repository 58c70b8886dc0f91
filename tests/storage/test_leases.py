"""What goes out next is found by index, however much waits and however many people there are; one sender has it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.dialects import sqlite
from sqlmodel import select

from domain.message import Reply
from storage.queries import associations, leases, outbox, talks
from storage.queries.leases import Pace, answers, leasing, to_many
from storage.tables import Message
from tests.conftest import postgres_only, sqlite_only

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
ACCOUNT = "telegram/main"
LEASE = timedelta(seconds=90)


@sqlite_only
@pytest.mark.parametrize("paced", [False, True])
@pytest.mark.parametrize(("which", "index"), [(answers, "message_answers"), (to_many, "message_to_many")])
def test_neither_everybody_nor_everything_is_looked_through(database, which, index, paced):
    statement = leasing(which(), skip_locked=False, paced=paced).compile(dialect=sqlite.dialect())
    values = tuple("1" for _name in statement.positiontup)

    def plan(db):
        return [row[3] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    steps = database.read(plan)
    assert any(f"USING INDEX {index} (account=?" in step for step in steps), steps
    assert [step for step in steps if step.startswith("SCAN") and step != "SCAN first"] == []


@postgres_only
@pytest.mark.parametrize("pace", [None, Pace(1.0, burst=3)])
def test_no_more_than_asked_for_where_the_database_knows_of_none_yet(database, pace):
    """An announcement has just filled the outbox; PostgreSQL counted its rows before."""

    def count_people(db):
        about = {"association_id": "main", "account": ACCOUNT}
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOON)
        associations.ensure_account(db, **about, per_second=30, now=NOON)
        named = [talks.ensure_address(db, **about, external_id=str(one), now=NOON).id for one in range(300)]
        db.flush()
        db.connection().exec_driver_sql("ANALYZE")
        return named

    def fill(db):
        for one in known:
            facts = {"association_id": "main", "account": ACCOUNT, "address_id": one, "kind": "bulk", "key": one}
            outbox.put(db, **facts, reply=Reply("Besok libur."), now=NOON)

    known = database.transact(count_people)
    database.transact(fill)
    facts = {"by": "x", "now": NOON, "lease": LEASE, "limit": 10, "pace": pace}
    taken = database.transact(lambda db: leases.claim(db, ACCOUNT, **facts))
    assert [one.address_id for one in taken] == known[:10]


@pytest.mark.parametrize("name", ["another", "the same"])
def test_a_lease_that_ran_out_counts_for_nothing(database, name):
    """B21: whoever stalled neither begins, gives back nor bills what is leased anew, be it by that very sender."""

    def put(db):
        about = {"association_id": "main", "account": ACCOUNT}
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOON)
        associations.ensure_account(db, **about, per_second=1, now=NOON)  # so slow that what is leased is not begun
        siti = talks.ensure_address(db, **about, external_id="42", now=NOON)
        outbox.put(db, **about, address_id=siti.id, key="halo", reply=Reply("Halo."), now=NOON)

    def lease(db, by, now):
        outbox.recover(db, now)
        (found,) = leases.claim(db, ACCOUNT, by=by, now=now, lease=LEASE, limit=9)
        assert not found.begun
        return [(found.id, found.attempts)]

    database.transact(put)
    first = database.transact(lambda db: lease(db, "the same", NOON))
    later = NOON + LEASE
    assert database.transact(lambda db: outbox.begin_sending(db, first, by="the same", now=later)) == set()
    second = database.transact(lambda db: lease(db, name, later))
    assert database.transact(lambda db: outbox.begin_sending(db, first, by="the same", now=later)) == set()
    database.transact(lambda db: outbox.release(db, first, by="the same"))
    database.transact(lambda db: outbox.bill(db, *first[0], "marketing"))
    row = database.read(lambda db: db.exec(select(Message)).one())
    assert (row.status, row.attempts, row.billed_as) == ("leased", 2, "")
    assert database.transact(lambda db: outbox.begin_sending(db, second, by=name, now=later)) == {second[0][0]}
