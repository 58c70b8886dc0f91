"""Months are charged and paid; every rupiah is in one place, and what was written stays."""

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from domain.dues import FEE, Terms, Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Programme, Sector
from storage.database import Database, Overtaken
from storage.queries import associations, charges, dues, ledger, payments, receipts, terms
from storage.tables import Charge, Entry, Member, Person, Posting
from tests.conftest import postgres_only
from tests.storage.house import DECEMBER, JANUARY, NOVEMBER, WITH_JHT, found, member, pay, person

TODAY = NOVEMBER.date()


def owed(db: Session, hers: Member) -> dict[str, int]:
    """What she owes, by month."""
    return {str(one.month): one.total_owed for one in dues.book_of(db, hers, TODAY).months}


def test_a_month_is_charged_once_part_by_part_with_its_rule(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, budi = member(db, "siti"), member(db, "budi", hers=WITH_JHT)
        terms.set_fee(db, "main", Rupiah(2000), from_month=JANUARY, now=NOVEMBER)
        assert charges.charge_month(db, "main", DECEMBER, now=NOVEMBER) == 5
        assert charges.charge_month(db, "main", DECEMBER, now=NOVEMBER) == 0
        assert charges.charge_month(db, "main", JANUARY, now=NOVEMBER) == 7
        assert owed(db, siti) == {"2026-12": 8400, "2027-01": 18800}
        assert owed(db, budi) == {"2026-12": 28400, "2027-01": 38800}
        rules = db.exec(select(Charge.part, Charge.amount, Charge.rule).where(Charge.member_id == siti.id)).all()
        assert set(rules) == {
            ("JKK", 5000, "PP50-2025-NONTRANSPORT"),
            ("JKM", 3400, "PP50-2025-NONTRANSPORT"),
            ("JKK", 10000, "PP44-2015-LII"),
            ("JKM", 6800, "PP44-2015-JKM"),
            (FEE, 2000, FEE),
        }
        assert [entry.number for entry in db.exec(select(Entry).order_by(Entry.number))] == [1, 2]  # type: ignore[arg-type]

    database.transact(work)


def test_money_pays_the_oldest_month_and_what_is_left_pays_the_next_one_by_itself(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, officer = member(db, "siti"), person(db, "lalu")
        payment = pay(db, siti, DECEMBER, declared=20000)
        receipt = payments.confirm(db, payment, Rupiah(20000), by=officer, now=NOVEMBER)
        assert receipt and receipt.printed == "KW-2026-000001"
        assert (receipt.amount, receipt.credit) == (20000, 11600)
        assert ledger.held_for(db, "main", siti.id) == (11600, 0)
        charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
        assert owed(db, siti) == {"2026-12": 0, "2027-01": 5200}
        assert ledger.balance(db, "main", Account.BANK) == 20000

    database.transact(work)


def test_what_is_paid_straight_to_bpjs_never_pays_the_associations_fee(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, officer = member(db, "siti"), person(db, "lalu")
        terms.set_fee(db, "main", Rupiah(2000), from_month=DECEMBER, now=NOVEMBER)
        payment = pay(db, siti, DECEMBER, way=Way.BPJS)
        payments.confirm(db, payment, Rupiah(10400), by=officer, now=NOVEMBER)
        book = dues.book_of(db, siti, TODAY)
        assert book.month(DECEMBER).owed == {"JKK": 0, "JKM": 0, "FEE": 2000}  # type: ignore[union-attr]
        assert (book.ahead, book.credit) == (2000, 0)
        assert book.at_bpjs_until() == DECEMBER
        charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
        assert owed(db, siti)["2027-01"] == 16800

    database.transact(work)


def test_a_discount_that_comes_later_becomes_credit_where_the_money_lies(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, officer = member(db, "siti"), person(db, "lalu")
        payments.confirm(db, pay(db, siti, DECEMBER, JANUARY), Rupiah(25200), by=officer, now=NOVEMBER)
        assert charges.reprice(db, siti, now=NOVEMBER) == 0
        on_the_road = Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)
        terms.add(db, siti, on_the_road, from_month=JANUARY, now=NOVEMBER, reason="also a driver")
        assert charges.reprice(db, siti, now=NOVEMBER, reason="also a driver") == -8400
        assert ledger.held_for(db, "main", siti.id) == (8400, 0)
        assert owed(db, siti) == {"2026-12": 0, "2027-01": 0}
        charges.charge_month(db, "main", JANUARY + 1, now=NOVEMBER)
        assert owed(db, siti)["2027-02"] == 0

    database.transact(work)


def test_a_payment_that_never_was_is_undone_and_its_credit_taken_back(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, officer = member(db, "siti"), person(db, "lalu")
        payment = pay(db, siti, DECEMBER)
        payments.confirm(db, payment, Rupiah(20000), by=officer, now=NOVEMBER)
        charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
        payments.undo(db, payment, reason="another account", by=officer, now=NOVEMBER)
        assert owed(db, siti) == {"2026-12": 8400, "2027-01": 16800}
        assert ledger.held_for(db, "main", siti.id) == (0, 0)
        assert ledger.balance(db, "main", Account.BANK) == 0
        with pytest.raises(Overtaken):
            payments.undo(db, payment, reason="again", by=officer, now=NOVEMBER)

    database.transact(work)


def test_nobody_confirms_his_own_money_and_above_the_limit_two_have_seen_it(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, lalu, dewi = member(db, "siti"), person(db, "lalu"), person(db, "dewi")
        payment = pay(db, siti, DECEMBER)
        with pytest.raises(payments.OwnMoney):
            payments.confirm(db, payment, Rupiah(8400), by=siti.person_id, now=NOVEMBER)
        much = Rupiah(1_000_001)
        assert payments.confirm(db, payment, much, by=lalu, now=NOVEMBER) is None
        with pytest.raises(payments.OwnMoney):
            payments.confirm(db, payment, much, by=lalu, now=NOVEMBER)
        assert payments.oldest_waiting(db, "main", officer_id=lalu, now=NOVEMBER) is None
        assert payments.oldest_waiting(db, "main", officer_id=dewi, now=NOVEMBER) == payment
        assert payments.confirm(db, payment, much, by=dewi, now=NOVEMBER)
        assert receipts.of_payment(db, payment.id)

    database.transact(work)


def test_cash_is_in_the_collectors_hands_and_each_member_has_a_receipt(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, budi, amat = member(db, "siti"), member(db, "budi"), person(db, "amat")
        taken = [payments.Taken(one, Rupiah(8400), (DECEMBER,), Rupiah(8400)) for one in (siti, budi)]
        collection, made = payments.collect(db, taken, association_id="main", collector_id=amat, now=NOVEMBER)
        assert collection.number == "S-2026-0001"
        assert [receipt.printed for _payment, receipt in made] == ["KW-2026-000001", "KW-2026-000002"]
        assert ledger.balance(db, "main", Account.CASH, collector_id=amat) == 16800

    database.transact(work)


def test_more_than_three_months_in_arrears_are_not_asked_for_any_more(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 6))
        for month in (Month(2026, number) for number in range(6, 10)):
            charges.charge_month(db, "main", month, now=NOVEMBER)
        assert charges.lapse(db, "main", Month(2026, 9), now=NOVEMBER.replace(month=9)) == []
        assert charges.lapse(db, "main", Month(2026, 10), now=NOVEMBER.replace(month=10)) == [siti.id]
        assert siti.status == "lapsed"
        assert charges.charge_month(db, "main", Month(2026, 10), now=NOVEMBER) == 0
        assert owed(db, siti) == {}
        assert ledger.balance(db, "main", Account.OWES) == 0

    database.transact(work)


@pytest.mark.parametrize("table", ["entry", "posting", "charge", "terms", "fee", "receipt"])
@pytest.mark.parametrize("change", ["UPDATE {} SET association_id = 'x'", "DELETE FROM {}"])
def test_nothing_in_the_ledger_is_changed_or_removed(database: Database, table: str, change: str):
    def fill(db: Session) -> None:
        found(db)
        siti, officer = member(db, "siti"), person(db, "lalu")
        terms.set_fee(db, "main", Rupiah(2000), from_month=DECEMBER, now=NOVEMBER)
        payments.confirm(db, pay(db, siti, DECEMBER), Rupiah(10400), by=officer, now=NOVEMBER)

    database.transact(fill)
    with pytest.raises(DatabaseError, match="only ever added"):
        database.transact(lambda db: db.connection().exec_driver_sql(change.format(table)))


def entry_of(number: int, lines: int, total: int) -> Entry:
    return Entry(
        association_id="main", number=number, key=f"k{number}", kind="payment", lines=lines, total=total, at=NOVEMBER
    )


def posting_of(entry: int, amount: int = 100, debit: str = "till", credit: str = "bank", **facts: str) -> Posting:
    return Posting(association_id="main", entry=entry, debit=debit, credit=credit, amount=amount, **facts)


def charge_of(entry: int, member_id: str = "siti") -> Charge:
    facts = {"month": "2026-12", "part": "JKK", "revision": 0, "amount": 100, "full": 100, "rule": "none"}
    return Charge(association_id="main", member_id=member_id, entry=entry, **facts)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([posting_of(1), entry_of(1, 1, 99)], id="another total than its postings"),
        pytest.param([posting_of(1), entry_of(1, 2, 100)], id="another count than its postings"),
        pytest.param([entry_of(1, 1, 100)], id="no posting"),
        pytest.param([posting_of(1), entry_of(1, 1, 100), posting_of(1)], id="a posting after the entry"),
        pytest.param([posting_of(1)], id="a posting without an entry"),
        pytest.param([posting_of(1, amount=-5), entry_of(1, 1, -5)], id="less than nothing"),
        pytest.param([posting_of(1, credit="till"), entry_of(1, 1, 100)], id="from a place to itself"),
        pytest.param([posting_of(1, credit="pocket"), entry_of(1, 1, 100)], id="from nowhere"),
        pytest.param([posting_of(1, credit="cash"), entry_of(1, 1, 100)], id="cash in nobody's hands"),
        pytest.param([posting_of(1, credit="owes"), entry_of(1, 1, 100)], id="owed by nobody"),
        pytest.param([posting_of(1, credit="credit", member_id="eve"), entry_of(1, 1, 100)], id="whom nobody knows"),
        pytest.param([posting_of(1, credit="credit", member_id="wati"), entry_of(1, 1, 100)], id="of other members"),
        pytest.param([posting_of(1, debit="cash", collector_id="her"), entry_of(1, 1, 100)], id="in others' hands"),
        pytest.param([posting_of(1), entry_of(1, 1, 100), charge_of(2)], id="a charge without an entry"),
        pytest.param([posting_of(1), entry_of(1, 1, 100), charge_of(1, "wati")], id="a charge of other members"),
    ],
)
def test_the_database_refuses_what_is_out_of_balance(database: Database, rows: list[Entry | Posting | Charge]):
    def prepare(db: Session) -> None:
        found(db)
        member(db, "siti", id="siti")
        associations.ensure(db, association_id="other", name="Asosiasi Lain", now=NOVEMBER)
        elsewhere = member(db, "wati", id="wati")
        elsewhere.association_id = "other"
        db.add(Person(id="her", association_id="other", created_at=NOVEMBER))

    database.transact(prepare)

    def write(db: Session) -> None:
        associations.next_number(db, "main", "entry")
        for row in rows:
            db.add(type(row)(**row.model_dump(exclude={"id"})))
            db.flush()

    with pytest.raises(DatabaseError, match=r"(?i)constraint|closed|does not tell|violates|nobody|no such|left open"):
        database.transact(write)
    assert database.read(lambda db: db.exec(select(Entry)).all()) == []


@postgres_only
def test_on_postgresql_a_posting_belongs_to_the_entry_that_is_being_written(database: Database):
    database.transact(found)

    def too_far(db: Session) -> None:
        associations.next_number(db, "main", "entry")
        db.add(posting_of(2))
        db.flush()

    with pytest.raises(DatabaseError, match="not open"):
        database.transact(too_far)
    with pytest.raises(DatabaseError, match="left open"):
        database.transact(lambda db: associations.next_number(db, "main", "entry"))
