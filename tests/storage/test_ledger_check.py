"""The check is content with what is right, and sees what is not."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from domain.dues import Terms, Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Programme, Sector
from storage.database import Database
from storage.queries import (
    associations,
    cash,
    charges,
    disputes,
    hand_overs,
    ledger_check,
    payments,
    remittance_results,
    remittances,
    terms,
)
from storage.queries.remittances import Paying
from storage.tables import Association, Payment, Posting, Remittance
from tests.storage.house import DECEMBER, JANUARY, NOVEMBER, WITH_JHT, found, member, pay, person

TODAY = NOVEMBER.date()
DRIVES = Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)


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
    _collection, made = payments.collect(db, taken, association_id="main", collector_id=amat, now=NOVEMBER)
    offered = hand_overs.offer(
        db, association_id="main", collector_id=amat, amount=Rupiah(20000), address_id=None, now=NOVEMBER
    )
    hand_overs.count(db, "main", offered.id, Rupiah(19500), reason="a coin was missing", by=sri, now=NOVEMBER)
    cash.deposit(db, "main", Rupiah(9000), by=sri, now=NOVEMBER)
    charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
    terms.add(db, siti, DRIVES, from_month=JANUARY, now=NOVEMBER)
    charges.reprice(db, siti, now=NOVEMBER, reason="she drives")
    remit(db, sri, till=False)
    disputes.dispute(
        db,
        "main",
        made[1][0].id,
        disputes.Kind.NOT_PAID,
        words="",
        by=ani.person_id,
        address_id=None,
        now=NOVEMBER,
    )


def remit(db: Session, treasurer: str, *, till: bool) -> Remittance:
    """A batch of all that is ready is paid; BPJS has one line, not another, and gives that one back."""
    ready = remittances.candidates(db, "main", JANUARY).ready
    chosen = [(one.member_id, str(one.month)) for one in ready]
    batch = remittances.compose(db, "main", chosen, until=JANUARY, by=treasurer, now=NOVEMBER)
    amount = Rupiah(remittances.counted(db, batch)[1] + 500)
    source = Account.TILL if till else Account.BANK
    paying = Paying(amount=amount, source=source, on=TODAY, reason="the bank's fee")
    assert remittances.pay(db, batch, paying, by=treasurer, now=NOVEMBER)
    first, second, *_others = remittances.lines_of(db, batch)
    remittance_results.tell_by_hand(db, batch, [first], accepted=True, by=treasurer, now=NOVEMBER)
    remittance_results.tell_by_hand(db, batch, [second], accepted=False, reason="no NIK", by=treasurer, now=NOVEMBER)
    remittance_results.money_back(db, batch, [second], to=Account.BANK, by=treasurer, now=NOVEMBER)
    return batch


def broken(database: Database) -> list[str]:
    """The rules that do not hold."""
    return sorted({one.rule for one in database.read(lambda db: ledger_check.broken(db, "main"))})


def test_nothing_is_wrong_with_what_happened_in_order(database: Database):
    database.transact(a_season)
    assert broken(database) == []
    assert database.read(lambda db: ledger_check.broken(db, "nobody")) == []


def test_an_association_in_which_nothing_happened_is_well(database: Database):
    database.transact(found)
    assert broken(database) == []


TAMPERED = {
    "UPDATE payment SET received = received + 1 WHERE status = 'confirmed'": {
        "a payment's money lies where it was paid",
        "each payment that somebody has seen has one receipt",
        "a collection is the sum of its payments",
        "cash in hands is what was taken less what was counted",
        "the bank holds what came less what went",
    },
    "UPDATE payment SET status = 'confirmed' WHERE status = 'reversed'": {
        "a payment is undone when its entry is",
        "the bank holds what came less what went",
    },
    "UPDATE payment SET status = 'refused', entry = NULL WHERE way = 'bpjs'": {
        "a payment that somebody has seen has one entry",
        "an entry of a payment belongs to a payment",
        "each payment that somebody has seen has one receipt",
    },
    "UPDATE payment SET way = 'qris' WHERE way = 'bpjs'": {
        "a payment's money lies where it was paid",
        "the bank holds what came less what went",
    },
    "UPDATE payment SET number = 'B-2026-0099' WHERE number = 'B-2026-0001'": {
        "the numbers of each payment have no gaps",
    },
    "UPDATE hand_over SET counted = counted + 100": {
        "cash that was counted has its entry",
        "the cash box holds what came less what went",
    },
    "UPDATE hand_over SET declared = declared + 100": {
        "cash that was counted has its entry",
        "cash in hands is what was taken less what was counted",
        "nobody holds less than nothing",
    },
    "UPDATE hand_over SET entry = NULL": {
        "an entry of a hand-over belongs to a hand-over",
        "cash that was counted has its entry",
    },
    "UPDATE counter SET value = value + 1 WHERE name LIKE 'receipt/%'": {"receipts are numbered without gaps"},
    "UPDATE counter SET value = value + 1 WHERE name LIKE 'payment/%'": {"the numbers of each payment have no gaps"},
    "UPDATE collection SET total = total - 1": {"a collection is the sum of its payments"},
    "UPDATE remittance SET paid = paid - 500": {
        "a batch that was paid has its entry",
        "the bank holds what came less what went",
    },
    "UPDATE remittance_line SET amount = amount + 1 WHERE status = 'open'": {
        "the lines of a batch are what its entry moves"
    },
    "UPDATE remittance_line SET status = 'failed' WHERE status = 'returned'": {"what BPJS gave back came back once"},
    "UPDATE member SET association_id = 'other' WHERE name = 'Budi'": {"nothing refers to another association"},
}


@pytest.mark.parametrize("change", TAMPERED)
def test_what_was_changed_behind_our_back_is_seen(database: Database, change: str):
    database.transact(a_season)
    database.transact(
        lambda db: associations.ensure(db, association_id="other", name="Asosiasi Lain", now=NOVEMBER) and None
    )
    database.transact(lambda db: db.connection().execute(text(change)))
    assert set(broken(database)) == TAMPERED[change]


GUARDED = {
    "UPDATE counter SET value = value + 1 WHERE name = 'entry'": "entries are numbered without gaps",
    "DELETE FROM counter WHERE name = 'entry'": "entries are numbered without gaps",
    "UPDATE posting SET amount = amount + 1 WHERE id = 1": "an entry tells what its postings move",
    "DELETE FROM posting WHERE id = 1": "an entry tells what its postings move",
    "UPDATE entry SET number = 999 WHERE number = 2": "a posting belongs to an entry",
    "UPDATE charge SET amount = amount + 1 WHERE id = 1": "what was charged is what was posted",
    "UPDATE charge SET month = '2026-11' WHERE id = 1": "what was charged is what was posted",
    "UPDATE charge SET revision = 7 WHERE id = 1": "the changes to a charge are counted from 0",
    "UPDATE charge SET amount = -amount WHERE id = 1": "a part of a month never costs less than nothing",
    "UPDATE posting SET amount = 999999 WHERE credit = 'owes'": "nobody owes less than nothing",
    "UPDATE posting SET amount = 999999 WHERE debit = 'credit'": "what lies ready for somebody is not below zero",
    "DELETE FROM receipt": "each payment that somebody has seen has one receipt",
    "UPDATE receipt SET credit = credit + 1": "a receipt tells what became of all its money",
    "UPDATE receipt SET number = number + 1 WHERE number = 5": "receipts are numbered without gaps",
    "UPDATE entry SET reverses = 1 WHERE reverses IS NOT NULL": "a reversal moves back exactly what it undoes",
    "UPDATE entry SET reverses = NULL": "an entry is undone once, by a later one",
}


@pytest.mark.parametrize("change", GUARDED)
def test_even_what_the_guards_forbid_would_be_seen(database: Database, change: str):
    database.transact(a_season)
    tamper(database, change)
    assert GUARDED[change] in broken(database)


def tamper(database: Database, change: str) -> None:
    """Change what the database guards, as somebody would who has the file, or is the database's owner."""
    if database.dialect == "postgresql":
        owner = f"SET LOCAL session_replication_role = replica; {change}"
        database.transact(lambda db: db.connection().exec_driver_sql(owner))
        return
    with closing(sqlite3.connect(str(database.engine.url.database))) as file:
        for table in ("posting", "charge", "receipt", "entry"):
            for kind in ("update", "delete"):
                file.execute(f"DROP TRIGGER {table}_no_{kind}")
        file.execute(change)
        file.commit()


def test_what_is_told_says_where_and_how_much(database: Database):
    database.transact(a_season)
    database.transact(lambda db: db.connection().execute(text("UPDATE payment SET received = 5 WHERE way = 'bpjs'")))
    found = {one.rule: one for one in database.read(lambda db: ledger_check.broken(db, "main"))}
    receipt = found["each payment that somebody has seen has one receipt"]
    assert receipt.subject == "payment B-2026-0002"
    assert receipt.says == "It is confirmed, of 5 rupiah, and has 1 receipts, of 20000 rupiah."


def test_of_many_findings_the_first_are_told_and_how_many_more_there_are():
    told = ledger_check.told("a rule", [(f"entry {number:02}", "so") for number in range(25)])
    assert [told[0].subject, told[-1].says, len(told)] == ["entry 00", "5 more like these.", 21]


def test_the_check_reads_and_changes_nothing(database: Database):
    database.transact(a_season)
    before = database.read(lambda db: [db.exec(select(table)).all() for table in (Association, Payment, Posting)])
    broken(database)
    assert before == database.read(
        lambda db: [db.exec(select(table)).all() for table in (Association, Payment, Posting)]
    )
