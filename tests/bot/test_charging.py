"""Months are charged by themselves, each once, whatever the clock and the processes do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.charging import Charging
from domain.month import Month
from domain.rates import Funding, NoRate, Programme
from storage.database import Database, StorageDown
from storage.queries import associations, charges, ledger_check, outbox, terms
from storage.tables import Association, Charge, Member, Message
from tests.storage.house import JKK_JKM, NOVEMBER, found, member

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
    """C8, C9"""
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


def test_a_program_that_stood_still_for_long_makes_up_for_every_month(siti):
    Charging(siti).charge_due(SYLVESTER)
    moment = datetime(2027, 9, 30, 15, 59, tzinfo=UTC)  # the last minute of a month of 30 days
    siti.transact(lambda db: member(db, "budi", first=Month(2027, 8)) and None)
    Charging(siti).charge_due(moment)
    charged = siti.read(
        lambda db: db.exec(select(Member.name, Charge.month).join(Charge, Charge.member_id == Member.id))
    )  # type: ignore[arg-type]
    found = {name: sorted({month for who, month in charged if who == name}) for name in ("Budi",)}
    assert found == {"Budi": ["2027-08", "2027-09"]}


def test_a_clock_that_goes_back_an_hour_at_the_turn_of_a_year_charges_nothing_twice(siti):
    """C9"""
    charging = Charging(siti)
    for minutes in (-1, 1, -59, 0, 2, -1440, 1441):
        charging.charge_due(SYLVESTER + timedelta(minutes=minutes))
    assert months(siti) == ["2026-12", "2026-12", "2027-01", "2027-01"]
    assert siti.read(lambda db: ledger_check.broken(db, "main")) == []


def test_february_and_the_months_of_30_days_have_their_last_minute(siti):
    """C12"""
    charging = Charging(siti)
    ends = [datetime(2027, 1, 31, 15, 59, tzinfo=UTC), datetime(2027, 2, 28, 15, 59, tzinfo=UTC)]
    for end in ends:
        charging.charge_due(end)
        before = set(months(siti))
        charging.charge_due(end + timedelta(minutes=1))
        assert len(set(months(siti)) - before) == 1


def test_whoever_joins_in_the_middle_of_a_month_is_charged_with_the_next_look(siti):
    charging = Charging(siti)
    charging.charge_due(SYLVESTER)
    siti.transact(lambda db: member(db, "budi", first=Month(2026, 12)) and None)
    charging.charge_due(SYLVESTER)
    assert months(siti) == ["2026-12"] * 4
    charging.charge_due(SYLVESTER)
    assert months(siti) == ["2026-12"] * 4


def test_whoever_pays_herself_from_now_on_is_charged_with_the_next_look(siti):
    def free(db: Session) -> None:
        hers = db.exec(select(Member)).one()
        terms.add(db, hers, replace(JKK_JKM, funding=Funding.GOVERNMENT), from_month=Month(2026, 12), now=NOVEMBER)

    def hers_to_pay(db: Session) -> None:
        terms.add(db, db.exec(select(Member)).one(), JKK_JKM, from_month=Month(2026, 12), now=NOVEMBER)

    siti.transact(free)
    charging = Charging(siti)
    charging.charge_due(SYLVESTER)
    assert months(siti) == []
    siti.transact(hers_to_pay)
    charging.charge_due(SYLVESTER)
    assert months(siti) == ["2026-12"] * 2


def test_a_month_before_the_rates_on_record_does_not_stop_the_others(siti, caplog):
    siti.transact(lambda db: member(db, "budi", first=Month(2023, 11)) and None)
    charging = Charging(siti)
    charging.charge_due(SYLVESTER)
    assert "2026-12" in months(siti)
    assert len(caplog.records) == 2  # November and December 2023
    charging.charge_due(SYLVESTER)
    assert len(caplog.records) == 2


def test_while_the_database_is_away_nothing_is_taken_for_done(siti, monkeypatch):
    def away(*_facts, **_more):
        raise StorageDown("away")

    charging = Charging(siti)
    with monkeypatch.context() as patch:
        patch.setattr(charges, "charge_month", away)
        with pytest.raises(StorageDown):
            charging.charge_due(SYLVESTER)
    charging.charge_due(SYLVESTER)
    assert set(months(siti)) == {"2026-12"}


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
