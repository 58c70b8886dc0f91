"""Several people move money at the same moment: each rupiah moves once, and whoever came too late is told so."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, col, select

from domain.dues import Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from storage.database import Database, Overtaken
from storage.queries import cash, charges, dues, hand_overs, ledger, ledger_check, payments, remittances
from storage.queries.remittances import NotPayable, Paying
from storage.tables import Charge, Entry, HandOver, Member, Payment, Receipt, Remittance
from tests.storage.house import DECEMBER, JANUARY, NOVEMBER, WITH_JHT, found, member, pay, person

TODAY = NOVEMBER.date()
MEANT = (Overtaken, NotPayable, payments.OwnMoney)


def at_once(database: Database, *works: Callable[[Session], Any]) -> list[Any]:
    """What each of them came to, done in threads that start together; who came too late has his refusal."""
    start = Barrier(len(works))

    def one(work: Callable[[Session], Any]) -> Any:
        start.wait()
        try:
            return database.transact(work)
        except MEANT as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(one, works))


def is_well(database: Database) -> None:
    assert database.read(lambda db: ledger_check.broken(db, "main")) == []


def confirming(payment_id: str, received: int, by: str) -> Callable[[Session], Receipt | None]:
    def work(db: Session) -> Receipt | None:
        return payments.confirm(db, payments.lock(db, "main", payment_id), Rupiah(received), by=by, now=NOVEMBER)

    return work


def undoing(payment_id: str, by: str) -> Callable[[Session], None]:
    return lambda db: payments.undo(db, payments.lock(db, "main", payment_id), reason="bounced", by=by, now=NOVEMBER)


def collecting(members: Iterable[str], amount: int, by: str) -> Callable[[Session], None]:
    ids = list(members)

    def work(db: Session) -> None:
        rows = [db.exec(select(Member).where(Member.id == one)).one() for one in ids]
        taken = [payments.Taken(one, Rupiah(amount), (DECEMBER,), Rupiah(amount)) for one in rows]
        payments.collect(db, taken, association_id="main", collector_id=by, now=NOVEMBER)

    return work


def charging(month: Month) -> Callable[[Session], int]:
    return partial(charges.charge_month, association_id="main", month=month, now=NOVEMBER)


def owed(database: Database, member_id: str) -> int:
    def look(db: Session) -> int:
        hers = db.exec(select(Member).where(Member.id == member_id)).one()
        return sum(one.total_owed for one in dues.book_of(db, hers, TODAY).months)

    return database.read(look)


class House:
    """Two members and those who work for them; ids only."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.transact(self.fill)

    def fill(self, db: Session) -> None:
        found(db)
        self.siti, self.budi = member(db, "siti").id, member(db, "budi", hers=WITH_JHT).id
        self.lalu, self.dewi, self.amat, self.sri = (person(db, one) for one in ("lalu", "dewi", "amat", "sri"))

    def told(self, member_id: str, *months: Month, way: Way = Way.TRANSFER) -> str:
        def work(db: Session) -> str:
            hers = db.exec(select(Member).where(Member.id == member_id)).one()
            return pay(db, hers, *(months or (DECEMBER,)), way=way).id

        return self.database.transact(work)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def test_two_payments_of_one_member_are_confirmed_by_two_officers(database: Database, house: House):
    first, second = house.told(house.siti), house.told(house.siti, way=Way.BPJS)
    done = at_once(database, confirming(first, 8400, house.lalu), confirming(second, 8400, house.dewi))
    assert sorted(receipt.number for receipt in done) == [1, 2]
    is_well(database)
    assert owed(database, house.siti) == 0
    held = database.read(lambda db: ledger.held_for(db, "main", house.siti))
    assert sum(held) == 8400


def test_one_payment_is_confirmed_by_two_officers(database: Database, house: House):
    payment = house.told(house.siti)
    done = at_once(database, confirming(payment, 8400, house.lalu), confirming(payment, 8400, house.dewi))
    assert sorted(type(one).__name__ for one in done) == ["Overtaken", "Receipt"]
    is_well(database)


def test_a_month_is_charged_by_two_processes_while_somebody_pays_it(database: Database, house: House):
    payment = house.told(house.siti, DECEMBER, JANUARY)
    credit = house.told(house.budi)
    database.transact(confirming(credit, 40_000, house.lalu))
    at_once(database, charging(JANUARY), charging(JANUARY), charging(DECEMBER), confirming(payment, 25_200, house.lalu))
    is_well(database)
    rows = database.read(lambda db: db.exec(select(Charge)).all())
    assert len({(row.member_id, row.month, row.part) for row in rows}) == len(rows) == 10
    assert (owed(database, house.siti), owed(database, house.budi)) == (0, 28_400 + 36_800 - 40_000)


def test_credit_pays_a_new_month_while_its_payment_is_undone(database: Database, house: House):
    payment = house.told(house.siti)
    database.transact(confirming(payment, 20_000, house.lalu))
    at_once(database, charging(JANUARY), undoing(payment, house.dewi))
    is_well(database)
    assert owed(database, house.siti) == 8_400 + 16_800
    assert database.read(lambda db: ledger.held_for(db, "main", house.siti)) == (0, 0)


def test_cash_is_taken_for_a_month_that_is_just_confirmed(database: Database, house: House):
    payment = house.told(house.siti)
    both = [house.siti, house.budi]
    at_once(
        database,
        confirming(payment, 8_400, house.lalu),
        collecting(both, 8_400, house.amat),
        collecting(both[::-1], 8_400, house.amat),
    )
    is_well(database)
    assert owed(database, house.siti) == 0
    assert database.read(lambda db: ledger.held_for(db, "main", house.siti)) == (16_800, 0)
    assert owed(database, house.budi) == 28_400 - 16_800


def test_receipts_are_numbered_without_gaps_though_all_come_at_once(database: Database, house: House):
    ids = [house.told(house.siti if number % 2 else house.budi) for number in range(8)]
    refused = house.told(house.siti)
    works = [confirming(one, 1_000 + place, house.lalu) for place, one in enumerate(ids)]
    own = database.read(lambda db: db.exec(select(Member.person_id).where(Member.id == house.siti)).one())
    done = at_once(database, *works, confirming(refused, 500, own))
    assert isinstance(done[-1], payments.OwnMoney)
    numbers = database.read(lambda db: db.exec(select(Receipt.number).order_by(col(Receipt.number))).all())
    assert list(numbers) == [1, 2, 3, 4, 5, 6, 7, 8]
    is_well(database)


def test_an_offer_is_counted_by_two_treasurers(database: Database, house: House):
    database.transact(collecting([house.siti, house.budi], 8_400, house.amat))

    def offer(db: Session) -> str:
        facts = {"association_id": "main", "collector_id": house.amat, "address_id": None, "now": NOVEMBER}
        return hand_overs.offer(db, Rupiah(10_000), **facts).id

    offers = at_once(database, offer, offer)
    assert sorted(type(one).__name__ for one in offers) == ["Overtaken", "str"]
    [offered] = database.read(lambda db: db.exec(select(HandOver.id)).all())

    def count(db: Session, by: str) -> HandOver:
        return hand_overs.count(db, "main", offered, Rupiah(10_000), reason="", by=by, now=NOVEMBER)

    done = at_once(database, partial(count, by=house.sri), partial(count, by=house.dewi))
    assert sorted(type(one).__name__ for one in done) == ["HandOver", "Overtaken"]
    is_well(database)

    def deposit(db: Session) -> int:
        return cash.deposit(db, "main", Rupiah(7_000), by=house.sri, now=NOVEMBER)

    done = at_once(database, deposit, deposit)
    assert sorted(type(one).__name__ for one in done) == ["Overtaken", "int"]
    is_well(database)


def test_a_batch_is_paid_by_two_treasurers_while_a_payment_in_it_is_undone(database: Database, house: House):
    first, second = house.told(house.siti), house.told(house.budi)
    database.transact(confirming(first, 8_400, house.lalu))
    database.transact(confirming(second, 28_400, house.lalu))

    def compose(db: Session) -> str:
        chosen = [(one.member_id, str(one.month)) for one in remittances.candidates(db, "main", DECEMBER).ready]
        return remittances.compose(db, "main", chosen, until=DECEMBER, by=house.sri, now=NOVEMBER).id

    done = at_once(database, compose, compose)
    assert sorted(isinstance(one, str) for one in done) == [False, True]
    [batch_id] = database.read(lambda db: db.exec(select(Remittance.id)).all())

    def pay_it(db: Session) -> bool:
        batch = remittances.lock(db, "main", batch_id)
        paying = Paying(amount=Rupiah(36_800), source=Account.BANK, on=TODAY)
        return remittances.pay(db, batch, paying, by=house.sri, now=NOVEMBER)

    at_once(database, pay_it, pay_it, undoing(first, house.dewi))
    is_well(database)
    entries = database.read(lambda db: db.exec(select(Entry).where(Entry.kind == "remittance")).all())
    assert len(entries) <= 1
    assert database.read(lambda db: ledger.balance(db, "main", Account.BANK)) in (28_400, -8_400)


def test_everybody_is_let_go_while_one_of_them_pays(database: Database, house: House):
    def late(db: Session) -> None:
        for hers in db.exec(select(Member)).all():
            hers.first_month = "2026-07"
            for row in [charges.terms.at(db, hers.id, DECEMBER)]:
                charges.terms.add(db, hers, row, from_month=Month(2026, 7), now=NOVEMBER)  # type: ignore[arg-type]

    database.transact(late)
    months = [Month(2026, number) for number in range(7, 12)]
    for month in months[:4]:
        database.transact(charging(month))

    def let_go(db: Session) -> list[str]:
        return charges.lapse(db, "main", Month(2026, 11), now=NOVEMBER)

    at_once(database, let_go, let_go, collecting([house.siti], 60_000, house.amat), charging(Month(2026, 11)))
    is_well(database)
    status = database.read(lambda db: dict(db.exec(select(Member.id, Member.status)).all()))
    assert status == {house.siti: "active", house.budi: "lapsed"}
    assert database.read(lambda db: db.exec(select(Payment.status)).all()) == ["confirmed"]
