"""Months are charged by themselves, each once, whatever the clock and the processes do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.charging import Charging
from domain.month import Month
from domain.rates import NoRate, Programme
from storage.database import Database
from storage.queries import associations, charges, outbox
from storage.tables import Association, Charge, Member, Message
from tests.storage.house import NOVEMBER, found, member

SYLVESTER = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # 23.59 in Mataram


def months(database: Database) -> list[str]:
    """What was charged, one line for each part and member."""
    return sorted(database.read(lambda db: db.exec(select(Charge.month)).all()))


@pytest.fixture
def siti(database: Database) -> Database:
    def fill(db):
        found(db)
        member(db, "siti", first=Month(2026, 12))

    database.transact(fill)
    return database


def test_a_month_begins_at_midnight_where_the_association_is(siti):
    charging = Charging(siti)
    charging.charge_due(SYLVESTER)
    assert set(months(siti)) == {"2026-12"}
    charging.charge_due(SYLVESTER + timedelta(minutes=1))
    assert set(months(siti)) == {"2026-12", "2027-01"}


def test_nothing_is_charged_twice_after_a_start_a_jump_or_by_two_at_once(siti):
    jumps = [SYLVESTER, SYLVESTER + timedelta(hours=1), SYLVESTER - timedelta(hours=1), SYLVESTER + timedelta(days=1)]
    for moment in jumps:
        Charging(siti).charge_due(moment)
    with ThreadPoolExecutor(2) as both:
        list(both.map(Charging(siti).charge_due, [SYLVESTER + timedelta(days=2)] * 2))
    assert len(months(siti)) == 4  # JKK and JKM of two months


def test_months_that_were_missed_are_charged_in_their_order(siti):
    charging = Charging(siti)
    charging.charge_due(SYLVESTER)
    charging.charge_due(SYLVESTER + timedelta(days=70))
    assert sorted(set(months(siti))) == ["2026-12", "2027-01", "2027-02", "2027-03"]


def test_whoever_owes_too_long_is_let_go_and_told_once(siti):
    charging = Charging(siti)
    for days in range(0, 160, 20):
        charging.charge_due(SYLVESTER + timedelta(days=days))
    assert siti.read(lambda db: db.exec(select(Member)).one()).status == "lapsed"
    rows = siti.read(lambda db: db.exec(select(Message).order_by(col(Message.id))).all())
    assert [outbox.open_reply(row.reply_sealed, row.key).text.split(",")[0] for row in rows] == [
        "Iuran sudah lebih dari 3 bulan belum dibayar"
    ]


def test_the_trouble_of_one_association_is_not_anothers(siti, monkeypatch):
    siti.transact(lambda db: associations.ensure(db, association_id="aaa", name="Asosiasi Lain", now=NOVEMBER) and None)
    real = charges.charge_month

    def charge(db, association_id, month, **more):
        if association_id == "aaa":
            raise NoRate(Programme.JKK, month)
        return real(db, association_id, month, **more)

    monkeypatch.setattr(charges, "charge_month", charge)
    Charging(siti).charge_due(SYLVESTER)
    assert set(months(siti)) == {"2026-12"}
    assert siti.read(lambda db: len(db.exec(select(Association)).all())) == 2
