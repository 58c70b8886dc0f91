"""What goes to many never stands in the way of an answer, and keeps to the pace that one person may be written at."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from domain.message import Reply
from storage.database import Database
from storage.queries import associations, leases, outbox, people, talks
from storage.queries.leases import Pace
from storage.queries.outbox import Outcome
from storage.tables import Message, Talk

NOW = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
ACCOUNT = "whatsapp/main"
LEASE = timedelta(seconds=90)


@pytest.fixture
def siti(database: Database) -> str:
    """An address."""

    def found(db: Session) -> str:
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOW)
        associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=1000, now=NOW)
        return talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id="siti", now=NOW).id

    return database.transact(found)


def put(database: Database, address_id: str, key: str, kind: str, due_at: datetime = NOW) -> None:
    about = {"association_id": "main", "account": ACCOUNT, "address_id": address_id, "now": NOW}
    database.transact(lambda db: outbox.put(db, key=key, kind=kind, reply=Reply("Halo."), due_at=due_at, **about))


def claim(database: Database, now: datetime = NOW, pace: Pace | None = None) -> list[str]:
    """The keys of what a sender takes up."""
    return [
        message.key
        for message in database.transact(
            lambda db: leases.claim(db, ACCOUNT, by="a", now=now, lease=LEASE, limit=100, pace=pace)
        )
    ]


def ended(database: Database, key: str, status: str = "accepted") -> None:
    def settle(db: Session) -> None:
        row = db.exec(select(Message).where(Message.key == key)).one()
        outbox.settle(db, [Outcome(row.id or 0, row.attempts, status)], by="a", now=NOW)

    database.transact(settle)


@pytest.mark.parametrize("held", [timedelta(hours=10), timedelta(0)], ids=["held until the morning", "due"])
def test_an_answer_passes_a_reminder_that_was_queued_before_it(database: Database, siti: str, held: timedelta):
    """Held over night, it must not hold up what she asks in the evening."""
    put(database, siti, "reminder", "bulk", NOW + held)
    put(database, siti, "answer", "reply")
    assert claim(database) == ["answer"]
    assert claim(database) == []
    ended(database, "answer")
    assert claim(database, NOW + held) == ["reminder"]


def test_answers_keep_their_order(database: Database, siti: str):
    put(database, siti, "first", "reply", NOW + timedelta(minutes=1))
    put(database, siti, "second", "notice")
    assert claim(database) == []
    assert claim(database, NOW + timedelta(minutes=1)) == ["first"]


def test_an_announcement_passes_a_reminder_that_is_held(database: Database, siti: str):
    put(database, siti, "reminder", "bulk", NOW + timedelta(hours=10))
    put(database, siti, "announcement", "bulk")
    assert claim(database) == ["announcement"]


def test_what_goes_to_many_comes_one_after_the_other(database: Database, siti: str):
    put(database, siti, "first", "bulk")
    put(database, siti, "second", "bulk")
    assert claim(database) == ["first"]
    assert claim(database) == []
    ended(database, "first")
    assert claim(database) == ["second"]


def test_answers_to_everybody_go_before_what_goes_to_many(database: Database, siti: str):
    def others(db: Session) -> list[str]:
        return [
            talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=str(number), now=NOW).id
            for number in range(3)
        ]

    for number, address_id in enumerate(database.transact(others)):
        put(database, address_id, f"bulk {number}", "bulk", NOW - timedelta(hours=1))
    put(database, siti, "answer", "reply")
    assert claim(database)[0] == "answer"


def test_what_goes_to_many_keeps_to_the_pace_of_one_person(database: Database, siti: str):
    """B: about one message in six seconds, whatever kind it is."""
    pace = Pace(6.0, burst=0)
    put(database, siti, "first", "bulk")
    put(database, siti, "second", "bulk")
    assert claim(database, pace=pace) == ["first"]
    ended(database, "first")
    assert claim(database, NOW + timedelta(seconds=5), pace) == []
    assert claim(database, NOW + timedelta(seconds=7), pace) == ["second"]


def test_a_window_that_the_provider_found_closed_stays_so_until_she_writes(database: Database, siti: str):
    pace = Pace(0.0)

    def heard(db: Session) -> None:
        talk = db.exec(select(Talk).where(Talk.address_id == siti)).one()
        talk.heard_at, talk.turn = NOW - timedelta(minutes=5), 1

    def lease() -> datetime | None:
        put(database, siti, f"bulk {datetime.now(UTC)}", "bulk")
        (found,) = database.transact(
            lambda db: leases.claim(db, ACCOUNT, by="a", now=NOW, lease=LEASE, limit=1, pace=pace)
        )
        ended(database, found.key)
        return found.heard_at

    database.transact(heard)
    assert lease() == NOW - timedelta(minutes=5)
    database.transact(lambda db: people.close_address(db, siti, NOW - timedelta(minutes=1)))
    assert lease() is None
    database.transact(lambda db: people.close_address(db, siti, NOW - timedelta(minutes=9)))
    assert lease() == NOW - timedelta(minutes=5)
