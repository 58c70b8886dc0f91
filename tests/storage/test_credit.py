"""What lies ready for a member pays by itself, and is taken back when it never was hers, whatever became of it."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from domain.dues import FEE, Terms, Way
from domain.ledger import Account, NothingMoved
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Funding, Programme, Sector
from storage.database import Database
from storage.queries import charges, dues, ledger, ledger_check, payments, remittance_results, remittances, terms
from storage.queries.remittances import Paying
from storage.tables import Member, Payment, Remittance
from tests.storage.house import DECEMBER, JANUARY, JKK_JKM, NOVEMBER, found, member, pay, person

TODAY = NOVEMBER.date()
FEBRUARY = JANUARY + 1
DRIVES = Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)  # half price until March 2027


def owed(db: Session, hers: Member) -> dict[str, int]:
    """What she owes, by month; nothing in months that are paid."""
    found = {str(one.month): one.total_owed for one in dues.book_of(db, hers, TODAY).months}
    return {month: int(amount) for month, amount in found.items() if amount}


def held(db: Session, hers: Member) -> tuple[int, int]:
    return ledger.held_for(db, "main", hers.id)


def paid(db: Session, hers: Member, *months: Month, amount: int = 0, way: Way = Way.TRANSFER) -> Payment:
    """She has paid, and an officer has seen it."""
    payment = pay(db, hers, *months, way=way)
    payments.confirm(db, payment, Rupiah(amount or payment.expected), by=person(db, "lalu"), now=NOVEMBER)
    return payment


def undo(db: Session, payment: Payment) -> None:
    payments.undo(db, payment, reason="bounced", by=person(db, "dewi"), now=NOVEMBER)


def drive(db: Session, hers: Member, from_month: Month = JANUARY) -> int:
    """From that month on she is a driver, and pays half."""
    terms.add(db, hers, DRIVES, from_month=from_month, now=NOVEMBER)
    return charges.reprice(db, hers, now=NOVEMBER, reason="she drives")


def remit(db: Session) -> Remittance:
    """All that is ready is paid to BPJS from the bank."""
    ready = remittances.candidates(db, "main", FEBRUARY).ready
    chosen = [(one.member_id, str(one.month)) for one in ready]
    batch = remittances.compose(db, "main", chosen, until=FEBRUARY, by=person(db, "sri"), now=NOVEMBER)
    paying = Paying(amount=Rupiah(sum(one.amount for one in ready)), source=Account.BANK, on=TODAY)
    assert remittances.pay(db, batch, paying, by=person(db, "sri"), now=NOVEMBER)
    return batch


def is_well(db: Session) -> None:
    db.flush()
    assert ledger_check.broken(db, "main") == []


def test_a_payment_is_undone_after_its_month_became_cheaper(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        payment = paid(db, siti, JANUARY)
        assert drive(db, siti) == -8400
        assert held(db, siti) == (8400, 0)
        undo(db, payment)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 8400}, (0, 0))
        is_well(db)

    database.transact(work)


def test_what_a_cheaper_month_left_over_has_paid_the_next_one_when_it_is_undone(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        payment = paid(db, siti, JANUARY)
        drive(db, siti)
        charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER)
        assert (owed(db, siti), held(db, siti)) == ({}, (0, 0))
        undo(db, payment)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 8400, "2027-02": 8400}, (0, 0))
        is_well(db)

    database.transact(work)


def test_credit_that_paid_several_months_is_taken_back_from_the_newest(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        first, second = paid(db, siti, DECEMBER, amount=25_200), paid(db, siti, JANUARY, amount=10_000)
        charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER)
        assert owed(db, siti) == {"2027-02": 6800}
        undo(db, second)
        assert owed(db, siti) == {"2027-02": 16_800}
        undo(db, first)
        assert owed(db, siti) == {"2026-12": 8400, "2027-01": 16_800, "2027-02": 16_800}
        assert held(db, siti) == (0, 0)
        is_well(db)

    database.transact(work)


def test_a_payment_straight_to_bpjs_is_undone_after_its_surplus_paid_the_next_month(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        payment = paid(db, siti, JANUARY, way=Way.BPJS)
        drive(db, siti)
        assert held(db, siti) == (0, 8400)
        charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER)
        assert dues.book_of(db, siti, TODAY).at_bpjs_until() == FEBRUARY
        undo(db, payment)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 8400, "2027-02": 8400}, (0, 0))
        assert ledger.balance(db, "main", Account.BPJS) == -16_800
        is_well(db)

    database.transact(work)


def test_what_bpjs_gets_for_a_month_that_it_has_is_kept_for_the_next_one(database: Database):
    """The association paid BPJS for her with money that never came: she owes it to the association."""

    def work(db: Session) -> None:
        found(db)
        siti, budi = member(db, "siti"), member(db, "budi")
        payment, _other = paid(db, siti, DECEMBER), paid(db, budi, DECEMBER)
        remit(db)
        undo(db, payment)
        assert owed(db, siti) == {"2026-12": 8400}
        paid(db, siti, DECEMBER, way=Way.BPJS)
        assert (owed(db, siti), held(db, siti)) == ({"2026-12": 8400}, (0, 8400))
        charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
        assert owed(db, siti) == {"2026-12": 8400, "2027-01": 8400}
        paid(db, siti, DECEMBER)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 8400}, (0, 0))
        assert ledger.balance(db, "main", Account.BANK) == 8400 - 8400 + 8400 - 8400
        is_well(db)

    database.transact(work)


def test_a_month_that_was_remitted_becomes_cheaper_and_its_payment_is_undone(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, budi = member(db, "siti", first=JANUARY), member(db, "budi", first=JANUARY)
        payment, _other = paid(db, siti, JANUARY), paid(db, budi, JANUARY)
        remit(db)
        drive(db, siti)
        assert held(db, siti) == (0, 8400)
        undo(db, payment)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 16_800}, (0, 8400))
        charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 16_800}, (0, 0))
        is_well(db)

    database.transact(work)


def test_bpjs_gives_back_a_month_that_became_cheaper_meanwhile(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        paid(db, siti, JANUARY)
        batch = remit(db)
        drive(db, siti)
        charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER)
        assert held(db, siti) == (0, 0)
        sri, lines = person(db, "sri"), remittances.lines_of(db, batch)
        remittance_results.tell_by_hand(db, batch, lines, accepted=False, reason="no NIK", by=sri, now=NOVEMBER)
        remittance_results.money_back(db, batch, lines, to=Account.BANK, by=sri, now=NOVEMBER)
        assert (owed(db, siti), held(db, siti)) == ({}, (0, 0))
        ready = remittances.candidates(db, "main", FEBRUARY).ready
        assert [(str(one.month), one.amount) for one in ready] == [("2027-01", 8400), ("2027-02", 8400)]
        assert ledger.balance(db, "main", Account.BPJS) == -16_800
        is_well(db)

    database.transact(work)


def test_whoever_pays_what_another_paid_meanwhile_has_it_for_her_other_months(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        waits, first = pay(db, siti, DECEMBER), pay(db, siti, DECEMBER)
        charges.charge_month(db, "main", DECEMBER, now=NOVEMBER)
        charges.charge_month(db, "main", JANUARY, now=NOVEMBER)
        for payment in (first, waits):
            receipt = payments.confirm(db, payment, Rupiah(8400), by=person(db, "lalu"), now=NOVEMBER)
        assert receipt and (receipt.paid, receipt.credit) == ([], 8400)
        assert (owed(db, siti), held(db, siti)) == ({"2027-01": 8400}, (0, 0))
        is_well(db)

    database.transact(work)


def test_a_month_that_turned_out_to_cost_nothing_leaves_the_whole_payment_ready(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        payment = pay(db, siti, DECEMBER)
        charges.charge_month(db, "main", DECEMBER, now=NOVEMBER)
        terms.add(db, siti, replace(JKK_JKM, funding=Funding.GOVERNMENT), from_month=DECEMBER, now=NOVEMBER)
        assert charges.reprice(db, siti, now=NOVEMBER) == -8400
        payments.confirm(db, payment, Rupiah(8400), by=person(db, "lalu"), now=NOVEMBER)
        assert (owed(db, siti), held(db, siti)) == ({}, (8400, 0))
        is_well(db)

    database.transact(work)


@pytest.mark.parametrize(("amount", "left", "ready"), [(5_000, 3_400, 0), (9_000, 0, 600), (16_800, 0, 8_400)])
def test_a_month_that_is_partly_paid_becomes_cheaper(database: Database, amount: int, left: int, ready: int):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        paid(db, siti, JANUARY, amount=amount)
        drive(db, siti)
        assert (sum(owed(db, siti).values()), held(db, siti)) == (left, (ready, 0))
        is_well(db)

    database.transact(work)


def test_a_month_that_is_partly_paid_straight_becomes_cheaper(database: Database):
    """She paid JKK in full and some of JKM; what is too much of JKK pays what is missing of JKM, at BPJS."""

    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=JANUARY)
        paid(db, siti, JANUARY, amount=11_000, way=Way.BPJS)
        drive(db, siti)
        assert (owed(db, siti), held(db, siti)) == ({}, (0, 2600))
        assert dues.book_of(db, siti, TODAY).at_bpjs_until() == JANUARY
        is_well(db)

    database.transact(work)


def test_what_she_paid_of_a_month_that_is_given_up_is_kept_for_her(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 6))
        terms.set_fee(db, "main", Rupiah(2000), from_month=Month(2026, 6), now=NOVEMBER)
        for number in range(6, 10):
            charges.charge_month(db, "main", Month(2026, number), now=NOVEMBER)
        paid(db, siti, Month(2026, 6), amount=5_000)
        now = NOVEMBER.replace(month=10, day=1)
        assert charges.lapse(db, "main", Month(2026, 10), now=now) == [siti.id]
        assert (owed(db, siti), held(db, siti)) == ({}, (5_000, 0))
        assert charges.reprice(db, siti, now=NOVEMBER) == 0
        paid(db, siti, DECEMBER, amount=5_400)
        assert (siti.status, siti.first_month) == ("active", "2026-12")
        assert (owed(db, siti), held(db, siti)) == ({}, (0, 0))
        is_well(db)

    database.transact(work)


def test_the_fee_of_a_month_that_bpjs_has_is_still_owed_when_others_are_given_up(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 5))
        terms.set_fee(db, "main", Rupiah(2000), from_month=Month(2026, 5), now=NOVEMBER)
        charges.charge_month(db, "main", Month(2026, 5), now=NOVEMBER)
        paid(db, siti, Month(2026, 5), way=Way.BPJS, amount=8400)
        for number in range(6, 10):
            charges.charge_month(db, "main", Month(2026, number), now=NOVEMBER)
        assert charges.lapse(db, "main", Month(2026, 10), now=NOVEMBER.replace(month=10)) == [siti.id]
        assert dues.book_of(db, siti, TODAY).month(Month(2026, 5)).owed[FEE] == 2000  # type: ignore[union-attr]
        assert (owed(db, siti), held(db, siti)) == ({"2026-05": 2000}, (0, 0))
        is_well(db)

    database.transact(work)


def test_a_gap_that_was_paid_does_not_hide_four_months_in_a_row(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 4))
        paid_month = Month(2026, 5)
        payment = paid(db, siti, Month(2026, 4))
        paid(db, siti, paid_month)
        for number in range(6, 10):
            charges.charge_month(db, "main", Month(2026, number), now=NOVEMBER)
        undo(db, payment)
        assert charges.lapse(db, "main", Month(2026, 10), now=NOVEMBER.replace(month=10)) == [siti.id]
        is_well(db)

    database.transact(work)


def test_nothing_is_confirmed_as_nothing(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        with pytest.raises(NothingMoved):
            paid(db, siti, DECEMBER, amount=-1)

    with pytest.raises(NothingMoved):
        database.transact(lambda db: ledger.post(db, [], association_id="main", kind="payment", key="x", now=NOVEMBER))  # type: ignore[arg-type]
    database.transact(work)
