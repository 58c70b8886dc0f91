"""The check is content with what is right, and sees what is not."""

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from domain.dues import Way
from domain.money import Rupiah
from domain.month import Month
from storage.database import Database
from storage.queries import charges, hand_overs, ledger_check, payments
from storage.tables import Member, Payment
from tests.storage.house import DECEMBER, JANUARY, NOVEMBER, WITH_JHT, found, member, pay, person


def a_season(db: Session) -> None:
    """A little of everything."""
    found(db)
    siti, budi, ani = member(db, "siti"), member(db, "budi", hers=WITH_JHT), member(db, "ani", first=Month(2026, 10))
    lalu, amat, sri = person(db, "lalu"), person(db, "amat"), person(db, "sri")
    charges.charge_month(db, "main", DECEMBER, now=NOVEMBER)
    payments.confirm(db, pay(db, siti, DECEMBER, JANUARY), Rupiah(30000), by=lalu, now=NOVEMBER)
    payments.confirm(db, pay(db, budi, DECEMBER, way=Way.BPJS), Rupiah(20000), by=lalu, now=NOVEMBER)
    payments.refuse(db, pay(db, ani, DECEMBER), reason="nothing came", by=lalu, now=NOVEMBER)
    undone = pay(db, ani, DECEMBER)
    payments.confirm(db, undone, Rupiah(50000), by=lalu, now=NOVEMBER)
    payments.undo(db, undone, reason="another account", by=lalu, now=NOVEMBER)
    taken = [payments.Taken(one, Rupiah(10000), (DECEMBER,), Rupiah(8400)) for one in (siti, ani)]
    payments.collect(db, taken, association_id="main", collector_id=amat, now=NOVEMBER)
    offered = hand_overs.offer(
        db, association_id="main", collector_id=amat, amount=Rupiah(20000), address_id=None, now=NOVEMBER
    )
    hand_overs.count(db, "main", offered.id, Rupiah(19500), reason="a coin was missing", by=sri, now=NOVEMBER)
    charges.charge_month(db, "main", JANUARY, now=NOVEMBER)


def broken(database: Database) -> list[str]:
    """The rules that do not hold."""
    return sorted({one.rule for one in database.read(lambda db: ledger_check.broken(db, "main"))})


def test_nothing_is_wrong_with_what_happened_in_order(database):
    database.transact(a_season)
    assert broken(database) == []
    assert database.read(lambda db: ledger_check.broken(db, "nobody")) == []


TAMPERED = {
    "UPDATE payment SET received = received + 1 WHERE status = 'confirmed'": {
        "a confirmed payment is in the ledger with what was received, where its way leads",
        "every confirmed payment has one receipt over what was received",
        "a collection is the sum of its payments",
        "a collector holds what she took, less what she handed over",
    },
    "UPDATE payment SET status = 'confirmed' WHERE status = 'reversed'": {
        "a payment is undone exactly when it is reversed"
    },
    "UPDATE hand_over SET counted = counted + 100": {"a hand-over brought into the cash box what was counted"},
    "UPDATE hand_over SET declared = declared + 100": {"a collector holds what she took, less what she handed over"},
    "UPDATE counter SET value = value + 1 WHERE name LIKE 'receipt/%'": {
        "receipts are numbered without gaps within the year, as they are counted"
    },
    "UPDATE counter SET value = value + 1 WHERE name LIKE 'payment/%'": {
        "payments are numbered without gaps, as they are counted"
    },
    "UPDATE collection SET total = total - 1": {"a collection is the sum of its payments"},
}


@pytest.mark.parametrize("change", TAMPERED)
def test_what_was_changed_behind_our_back_is_seen(database, change):
    database.transact(a_season)
    database.transact(lambda db: db.connection().execute(text(change)))
    assert set(broken(database)) == TAMPERED[change]


GUARDED = {
    "UPDATE counter SET value = value + 1 WHERE name = 'entry'": (
        "entries are numbered without gaps, as they are counted"
    ),
    "UPDATE posting SET amount = amount + 1 WHERE id = 1": "an entry tells what its postings move",
    "DELETE FROM posting WHERE id = 1": "an entry tells what its postings move",
    "UPDATE charge SET amount = amount + 1 WHERE id = 1": "what was charged is what the entry of the charge moved",
    "DELETE FROM receipt": "every confirmed payment has one receipt over what was received",
    "UPDATE entry SET reverses = 1 WHERE reverses IS NOT NULL": "a reversal moves back exactly what was moved",
}


@pytest.mark.parametrize("change", GUARDED)
def test_even_what_the_guards_forbid_would_be_seen(database, change):
    database.transact(a_season)

    def tamper(db: Session) -> None:
        if database.dialect == "postgresql":
            db.connection().execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for table in ("posting", "charge", "receipt", "entry"):
                for kind in ("update", "delete"):
                    db.connection().execute(text(f"DROP TRIGGER {table}_no_{kind}"))
        db.connection().execute(text(change))

    database.transact(tamper)
    assert GUARDED[change] in broken(database)
    assert database.read(lambda db: (db.exec(select(Member)).all(), db.exec(select(Payment)).all()))
