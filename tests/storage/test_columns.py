"""Column types that the tables share, through both databases."""

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from storage import columns
from storage.columns import new_id
from storage.tables import Association, Invitation

LOMBOK = timezone(timedelta(hours=8))
LUNCH = datetime(2026, 12, 1, 12, 30, 15, 123456, tzinfo=LOMBOK)


def founded_at(moment: datetime) -> Association:
    return Association(id="main", name="Pedagang Udayana", created_at=moment)


def test_a_moment_comes_back_in_utc_to_the_microsecond(database):
    database.transact(lambda db: db.add(founded_at(LUNCH)))
    back = database.read(lambda db: db.exec(select(Association.created_at)).one())
    assert (back, back.utcoffset()) == (LUNCH, timedelta(0))


def test_moments_are_compared_as_moments_whatever_their_zone(database):
    database.transact(lambda db: db.add(founded_at(LUNCH)))
    for other, found in ((LUNCH.astimezone(UTC), 1), (LUNCH + timedelta(microseconds=1), 0)):
        after = select(Association).where(col(Association.created_at) >= other)
        assert len(database.read(lambda db, after=after: db.exec(after).all())) == found


def test_a_moment_without_a_zone_is_refused(database):
    with pytest.raises((StatementError, ValueError), match="a moment needs its zone"):
        database.transact(lambda db: db.add(founded_at(datetime(2026, 12, 1))))  # noqa: DTZ001 - that is the mistake


def test_a_moment_that_has_not_come_stays_none(database):
    unused = Invitation(association_id="main", role="officer", code_index="c", expires_at=LUNCH)
    database.transact(lambda db: (db.add(founded_at(LUNCH)), db.flush(), db.add(unused)))
    assert database.read(lambda db: db.exec(select(Invitation.used_at)).one()) is None


ODD = [
    "\u202ekanan ke kiri\u202c",
    "nol\u200blebar",
    "e\u0301",
    "👩🏽‍🌾🇮🇩",
    "ꦲꦏ꧀ꦱꦫ",
    "'); --",
    "%s {nama} :id",
    " \t\n",
    "x" * 10_000,
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_whatever_people_write_comes_back_as_it_was(database, odd):
    database.transact(lambda db: db.add(Association(id="main", name=odd, created_at=LUNCH)))
    assert database.read(lambda db: db.exec(select(Association.name)).one()) == odd
    assert database.read(lambda db: db.exec(select(Association.id).where(Association.name == odd)).one()) == "main"


def test_an_id_is_a_uuid_of_version_7_in_hexadecimal():
    made = new_id()
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert (uuid.UUID(made).version, uuid.UUID(made).variant) == (7, uuid.RFC_4122)


def test_ids_sort_by_the_time_they_were_made(monkeypatch):
    noon = 1_796_097_600_000  # milliseconds since 1970
    milliseconds = iter([noon, noon + 1, noon + 60_000, noon + 10**10])
    monkeypatch.setattr(columns, "time", SimpleNamespace(time_ns=lambda: next(milliseconds) * 1_000_000))
    made = [new_id() for _ in range(4)]
    assert made == sorted(made)
    assert uuid.UUID(made[0]).int >> 80 == noon


def test_ids_of_the_same_moment_differ():
    assert len({new_id() for _ in range(10_000)}) == 10_000
