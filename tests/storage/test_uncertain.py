"""Messages of which nobody knows whether the provider took them."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.message import Reply
from storage.queries import associations, leases, outbox, talks, uncertain

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
ACCOUNT = "whatsapp/main"


@pytest.fixture
def siti(database):
    def work(db):
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOON)
        associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=1000, now=NOON)
        return talks.ensure_address(
            db, association_id="main", account=ACCOUNT, external_id="+6281200000001", now=NOON
        ).id

    return database.transact(work)


def try_one(database, address_id, key, now):
    """A message goes over the wire, and nobody hears how that ended."""

    def work(db):
        outbox.put(
            db, association_id="main", account=ACCOUNT, address_id=address_id, key=key, reply=Reply(key), now=now
        )
        (leased,) = leases.claim(db, ACCOUNT, by="sender", now=now, lease=timedelta(minutes=1), limit=9)
        outbox.settle(db, [outbox.Outcome(leased.id, leased.attempts, "uncertain")], by="sender", now=now)
        return leased.id

    return database.transact(work)


def test_of_two_in_a_row_the_first_was_taken_before_the_second_was_tried(database, siti):
    first = try_one(database, siti, "first", NOON)
    second = try_one(database, siti, "second", NOON + timedelta(seconds=40))
    later = NOON + timedelta(minutes=5)
    found = database.transact(lambda db: uncertain.doubtful(db, ACCOUNT, before=later))
    assert [(one.id, one.started_at, one.until) for one in found] == [
        (first, NOON, NOON + timedelta(seconds=40)),
        (second, NOON + timedelta(seconds=40), None),
    ]
