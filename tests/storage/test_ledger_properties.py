"""Whatever happens, in whatever order, once or again: nothing is lost, nothing counted twice, nothing rewritten."""

import shutil
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
from random import Random
from typing import Any

import psycopg
import pytest
from beancount import loader
from sqlmodel import Session, SQLModel, col, select

from bot import beancount
from domain.dues import Terms, Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Funding, Programme, Sector
from domain.remittance import LineStatus
from storage.database import Database, Overtaken, open_database
from storage.queries import (
    associations,
    cash,
    charges,
    disputes,
    dues,
    hand_overs,
    ledger,
    ledger_check,
    payments,
    remittance_results,
    remittances,
    terms,
)
from storage.queries.remittances import NotPayable, Paying, SamePerson
from storage.tables import (
    Charge,
    Dispute,
    Entry,
    HandOver,
    Member,
    Payment,
    PaymentEvent,
    Posting,
    Receipt,
    Remittance,
)
from storage.tables import Terms as TermsRow
from tests.conftest import EMPTIED
from tests.storage.house import found, member, person
from tests.storage.paper import By, Hers, Paper, later

LIMIT = 150_000  # rupiah above which two people confirm
MOST = 4  # members

DEEDS_OF_ONE = 60
FROM = (Account.BANK, Account.BANK, Account.TILL)


class Refused(Exception):
    """The program refused it: nothing of it is kept."""


REFUSALS = (Overtaken, payments.OwnMoney, NotPayable, SamePerson)
KEPT: tuple[tuple[type[SQLModel], Any], ...] = (
    (Entry, Entry.number),
    (Posting, Posting.id),
    (Charge, Charge.id),
    (Receipt, Receipt.id),
    (TermsRow, TermsRow.id),
    (PaymentEvent, PaymentEvent.id),
)
"""What is only ever added to, and its order."""


class Season:
    """Members, officers, a collector, a treasurer and BPJS, doing what they do with money, in any order."""

    def __init__(self, database: Database, fee: int) -> None:
        self.database = database
        self.now = datetime(2026, 11, 22, 2, tzinfo=UTC)
        self.current = "2026-11"
        self.paper = Paper()
        self.history: dict[str, list[tuple[Any, ...]]] = {}
        self.again: Callable[[], Any] | None = None
        self.database.transact(self.found)
        for name, by in {"siti": By(), "budi": By(jht=True)}.items():
            self.join(by, 0, name)
        if fee:
            self.set_fee(fee, 0)

    def found(self, db: Session) -> None:
        found(db)
        associations.get(db, "main").second_above = LIMIT
        self.lalu, self.dewi, self.amat, self.sri = (person(db, name) for name in ("lalu", "dewi", "amat", "sri"))

    # ── what all deeds share ──

    def do(self, work: Callable[[Session], Any]) -> Any:
        """Do it and keep it, or have it refused as a whole: None."""
        self.now += timedelta(seconds=1)

        def guarded(db: Session) -> Any:
            try:
                return work(db)
            except REFUSALS as refusal:
                raise Refused from refusal

        with suppress(Refused):
            return self.database.transact(guarded)
        return None

    def one_of(self, kind: type[SQLModel], which: int, *conditions: Any) -> Any:
        """One of the rows for which this holds, its id; None where there is none."""
        rows = self.database.read(lambda db: db.exec(select(kind).where(*conditions)).all())  # type: ignore[arg-type]
        ids = sorted(row.id for row in rows)  # type: ignore[attr-defined]
        return ids[which % len(ids)] if ids else None

    def a_member(self, which: int) -> str:
        return sorted(self.paper.members)[which % len(self.paper.members)]

    def owing(self, account: Account) -> dict[str, dict[str, Counter[str]]]:
        """What lies in an account, by member, month and part: added up from bare postings."""
        found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for row in self.database.read(lambda db: db.exec(select(Posting)).all()):
            sign = (row.debit == account) - (row.credit == account)
            found[row.member_id or ""][row.month][row.part] += sign * row.amount
        return found

    # ── months, terms, fees ──

    def joins(self, by: By, ahead: int) -> None:
        if len(self.paper.members) < MOST:
            self.join(by, ahead, f"m{len(self.paper.members)}")

    def join(self, by: By, ahead: int, name: str) -> None:
        first = later(self.current, max(0, ahead))
        hers = self.do(lambda db: member(db, name, first=Month.parse(first), hers=as_terms(by), now=self.now).id)
        self.paper.members[hers] = Hers(first, [(first, by)])

    def a_month_passes(self) -> None:
        self.current = later(self.current, 1)
        year, month = map(int, self.current.split("-"))
        self.now = max(self.now, datetime(year, month, 1, 1, tzinfo=UTC))
        self.lapse()
        self.do(lambda db: charges.charge_month(db, "main", Month.parse(self.current), now=self.now))
        self.paper.charge(self.current)
        self.again = self.lapse

    def lapse(self) -> None:
        owes, to_bpjs = self.owing(Account.OWES), self.owing(Account.BPJS)
        under_way = self.under_way()
        gone = self.do(lambda db: charges.lapse(db, "main", Month.parse(self.current), now=self.now))
        for member_id in gone:
            unpaid = {
                month
                for month, parts in owes[member_id].items()
                if month and any(amount > 0 for part, amount in parts.items() if part != "FEE")
            }
            assert {later(self.current, -count) for count in range(1, 5)} <= unpaid | self.not_charged(member_id)
            with_us = {month for month in unpaid if any(amount < 0 for amount in to_bpjs[member_id][month].values())}
            up_to_now = {month for month in with_us if month <= self.current}
            self.paper.give_up(member_id, up_to_now - under_way[member_id], "lapsed")

    def not_charged(self, member_id: str) -> set[str]:
        hers = self.paper.members[member_id]
        months = {later(self.current, -count) for count in range(1, 5)}
        return {month for month in months if month >= hers.first and month not in hers.asked}

    def under_way(self) -> dict[str, set[str]]:
        """The months that are in a batch of which BPJS has not said that it has them."""
        found: dict[str, set[str]] = defaultdict(set)
        for member_id in self.paper.members:
            found[member_id] = self.database.read(lambda db, hers=member_id: dues.months_under_way(db, hers))
        return found

    def a_month_is_charged_again(self, ahead: int) -> None:
        month = later(self.current, min(0, ahead))
        self.do(lambda db: charges.charge_month(db, "main", Month.parse(month), now=self.now))
        self.paper.charge(month)

    def terms_change(self, which: int, by: By, ahead: int) -> None:
        member_id, month = self.a_member(which), later(self.current, ahead)

        def work(db: Session) -> int:
            hers = db.exec(select(Member).where(Member.id == member_id)).one()
            terms.add(db, hers, as_terms(by), from_month=Month.parse(month), now=self.now)
            return charges.reprice(db, hers, now=self.now, by=self.lalu, reason="changed")

        difference = self.do(work)
        self.paper.members[member_id].terms.append((month, by))
        assert difference == self.paper.reprice(member_id)
        self.again = lambda: self.reprice_all(0)

    def fee_changes(self, fee: int, ahead: int) -> None:
        self.set_fee(fee, ahead)
        self.reprice_all(None)
        self.again = lambda: self.reprice_all(0)

    def set_fee(self, fee: int, ahead: int) -> None:
        month = later(self.current, ahead)
        self.do(lambda db: terms.set_fee(db, "main", Rupiah(fee), from_month=Month.parse(month), now=self.now))
        self.paper.fees.append((month, fee))

    def reprice_all(self, expected: int | None) -> None:
        for member_id in sorted(self.paper.members):
            difference = self.do(lambda db, hers=member_id: reprice(db, hers, self.now))
            assert difference == self.paper.reprice(member_id)
            assert expected in (None, difference)

    def leaves(self, which: int) -> None:
        member_id = self.a_member(which)
        to_bpjs, under_way = self.owing(Account.BPJS), self.under_way()[member_id]

        def work(db: Session) -> None:
            hers = db.exec(select(Member).where(Member.id == member_id)).one()
            if hers.status == "left":
                raise Overtaken("she has left")
            hers.status = "left"
            db.flush()
            charges.stop_after(db, hers, Month.parse(self.current), now=self.now, by=self.lalu, reason="left")

        hers = self.paper.members[member_id]
        if hers.status != "left":
            self.do(work)
            after = {month for month in hers.asked if month > self.current and any(hers.asked[month].values())}
            kept = {
                month
                for month in after
                if set(hers.asked[month]) - {"FEE"}
                and not any(amount < 0 for part, amount in to_bpjs[member_id][month].items() if part != "FEE")
                and any(amount for part, amount in hers.asked[month].items() if part != "FEE")
            }
            self.paper.give_up(member_id, after - kept - under_way - hers.given_up, "left")

    def returns(self, which: int, ahead: int) -> None:
        """An officer takes her in again, from this month on or a later one."""
        member_id, first = self.a_member(which), later(self.current, max(0, ahead))
        asked = [Month.parse(first)] if first <= self.current else []

        def work(db: Session) -> bool:
            hers = db.exec(select(Member).where(Member.id == member_id)).one()
            if hers.status == "active":
                raise Overtaken("she is here")
            hers.status, hers.first_month = "active", first
            charges.charge_member(db, hers, asked, now=self.now)
            return True

        if self.do(work):
            hers = self.paper.members[member_id]
            hers.status, hers.first = "active", first
            self.paper.ask(member_id, list(map(str, asked)))

    # ── paid ──

    def months_of(self, db: Session, hers: Member, choice: str) -> list[Month]:
        current = Month.parse(self.current)
        book = dues.book_of(db, hers, self.now.date())
        unpaid = book.unpaid(current)
        start = {"next": book.next_unpaid() or current, "far": current + 3}.get(choice, current)
        found = {"arrears": unpaid, "one": unpaid[:1], "three": [start + count for count in range(3)]}
        return found.get(choice) or [start]

    def told(self, db: Session, hers: Member, choice: str, way: Way, amount: str) -> payments.Told:
        months = self.months_of(db, hers, choice)
        book = dues.with_months(db, hers, dues.book_of(db, hers, self.now.date()), months)
        expected = Rupiah(sum(one.total_owed for one in book.months if one.month in months))
        return payments.Told(way, tuple(months), expected, as_amount(amount, expected), self.now.date())

    def tells(self, which: int, choice: str, way: Way, amount: str) -> None:
        member_id = self.a_member(which)

        def work(db: Session) -> None:
            hers = db.exec(select(Member).where(Member.id == member_id)).one()
            told = self.told(db, hers, choice, way, amount)
            payments.submit(db, hers, told, payer_id=hers.person_id, by=hers.person_id, address_id=None, now=self.now)

        self.do(work)

    def confirms(self, which: int, amount: str, by_dewi: bool) -> None:
        payment_id = self.one_of(Payment, which, col(Payment.status).in_(payments.WAITING))
        if payment_id is None:
            return
        by = self.dewi if by_dewi else self.lalu

        def work(db: Session) -> tuple[str, int, str, list[str]] | None:
            payment = payments.lock(db, "main", payment_id)
            received = payment.received or as_amount(amount, Rupiah(payment.declared or payment.expected))
            if payments.confirm(db, payment, Rupiah(received), by=by, now=self.now) is None:
                return None
            return payment.member_id, payment.received or 0, payment.way, payment.months

        self.settled(self.do(work))
        self.again = lambda: self.settled(self.do(work)) if self.is_waiting(payment_id) else self.refused(work)

    def pays(self, which: int, choice: str, way: Way, amount: str, received: str) -> None:
        """She tells of it, and an officer finds it at once."""
        self.tells(which, choice, way, amount)
        self.confirms(-1, received, False)

    def is_waiting(self, payment_id: str) -> bool:
        payment = self.database.read(lambda db: payments.find(db, "main", payment_id))
        return payment is not None and payment.status in payments.WAITING

    def settled(self, done: tuple[str, int, str, list[str]] | None) -> None:
        if done is not None:
            member_id, amount, way, months = done
            self.paper.come_back(member_id, months)
            self.paper.ask(member_id, months)
            self.paper.pay(member_id, amount, way, "")

    def refused(self, work: Callable[[Session], Any]) -> None:
        assert self.do(work) is None

    def is_not_there(self, which: int, deed: str) -> None:
        payment_id = self.one_of(Payment, which, col(Payment.status).in_(payments.WAITING))
        if payment_id is None:
            return

        def work(db: Session) -> None:
            payment = payments.lock(db, "main", payment_id)
            if deed == "refuse":
                payments.refuse(db, payment, reason="nothing came", by=self.lalu, now=self.now)
            else:
                payments.withdraw(db, payment, by=payment.submitted_by, now=self.now)

        self.do(work)

    def cash_is_collected(self, which: list[int], choice: str, amount: str) -> None:
        members = sorted({self.a_member(one) for one in which})

        def work(db: Session) -> list[tuple[str, int, str, list[str]]]:
            taken = []
            for member_id in members:
                hers = db.exec(select(Member).where(Member.id == member_id)).one()
                told = self.told(db, hers, choice, Way.CASH, amount)
                taken.append(payments.Taken(hers, Rupiah(told.declared or 1), told.months, told.expected))
            _whole, made = payments.collect(db, taken, association_id="main", collector_id=self.amat, now=self.now)
            return [(one.member_id, one.received or 0, self.amat, one.months) for one, _receipt in made]

        for member_id, amount_taken, collector, months in self.do(work):
            self.paper.come_back(member_id, months)
            self.paper.ask(member_id, months)
            self.paper.pay(member_id, amount_taken, "cash", collector)

    # ── disputed, undone ──

    def disputes(self, which: int) -> None:
        payment_id = self.one_of(Payment, which, Payment.status == "confirmed")
        if payment_id is None:
            return

        def work(db: Session) -> None:
            payment = payments.lock(db, "main", payment_id)
            kind, by = disputes.Kind.NOT_ME, payment.payer_id
            disputes.dispute(db, "main", payment_id, kind, words="", by=by, address_id=None, now=self.now)

        self.do(work)

    def settles_a_dispute(self, which: int, is_so: bool) -> None:
        dispute_id = self.one_of(Dispute, which, Dispute.status == "open")
        if dispute_id is None:
            return

        def work(db: Session) -> Payment | None:
            settle = disputes.uphold if is_so else disputes.reverse
            row = settle(db, "main", dispute_id, reason="looked into", by=self.sri, now=self.now)
            return None if is_so else payments.find(db, "main", row.payment_id)

        self.undone(self.do(work))
        self.again = lambda: self.refused(work)

    def undoes(self, which: int) -> None:
        payment_id = self.one_of(Payment, which, col(Payment.status).in_(["confirmed", "disputed"]))
        if payment_id is None:
            return

        def work(db: Session) -> Payment:
            payment = payments.lock(db, "main", payment_id)
            payments.undo(db, payment, reason="bounced", by=self.dewi, now=self.now)
            return payment

        self.undone(self.do(work))
        self.again = lambda: self.refused(work)

    def undone(self, payment: Payment | None) -> None:
        if payment is not None:
            self.paper.pay(payment.member_id, -(payment.received or 0), payment.way, payment.collector_id or "")

    # ── handed on ──

    def offers_cash(self, share: int) -> None:
        def work(db: Session) -> None:
            amount = Rupiah(hand_overs.free(db, "main", self.amat) // share)
            hand_overs.offer(db, amount, association_id="main", collector_id=self.amat, address_id=None, now=self.now)

        self.do(work)

    def hands_over(self, difference: int) -> None:
        """All that is in her hands is counted at once."""
        self.offers_cash(1)
        self.cash_is_counted(-1, difference, True)

    def cash_is_counted(self, which: int, difference: int, kept: bool) -> None:
        offered = self.one_of(HandOver, which, HandOver.status == "offered")
        if offered is None:
            return

        def work(db: Session) -> tuple[int, int]:
            if not kept:
                hand_overs.withdraw(db, "main", offered, by=self.amat)
                return 0, 0
            row = hand_overs.lock(db, "main", offered)
            counted = Rupiah(max(0, row.declared + difference))
            hand_overs.count(db, "main", offered, counted, reason="recounted", by=self.sri, now=self.now)
            return row.declared, counted

        declared, counted = self.do(work)
        self.paper.cash[self.amat] -= declared
        self.paper.till += counted
        self.paper.difference += declared - counted
        self.again = lambda: self.refused(work)

    def brings_to_the_bank(self, share: int) -> None:
        def work(db: Session) -> int:
            amount = Rupiah(cash.till(db, "main") // share)
            if amount <= 0:
                raise Overtaken("there is nothing")
            cash.deposit(db, "main", amount, by=self.sri, now=self.now)
            return amount

        amount = self.do(work) or 0
        self.paper.till -= amount
        self.paper.bank += amount

    # ── to BPJS ──

    def composes_a_batch(self, some: bool) -> None:
        def work(db: Session) -> None:
            until = Month.parse(self.current) + 3
            ready = [(one.member_id, str(one.month)) for one in remittances.candidates(db, "main", until).ready]
            chosen = ready[:1] if some else ready
            remittances.compose(db, "main", chosen, until=until, by=self.sri, now=self.now)

        self.do(work)

    def pays_a_batch(self, which: int, more: int, source: Account) -> None:
        batch_id = self.one_of(Remittance, which, col(Remittance.status).in_(["composed", "coded"]))
        if batch_id is None:
            return

        def work(db: Session) -> tuple[str, int, dict[str, int]]:
            batch = remittances.lock(db, "main", batch_id)
            remittances.renew(db, batch, by=self.sri, now=self.now)
            lines: Counter[str] = Counter()
            for line, _member in remittances.lines_of(db, batch, (LineStatus.OPEN,)):
                lines[line.member_id] += line.amount
            paid = sum(lines.values()) + more
            facts = Paying(amount=Rupiah(paid), source=source, on=self.now.date(), reason="bill" * (more > 0))
            if not remittances.pay(db, batch, facts, by=self.sri, now=self.now):
                remittances.second(db, batch, by=self.dewi, now=self.now)
            return source, paid, lines

        self.remitted(self.do(work))
        self.again = lambda: self.refused(work)

    def remitted(self, done: tuple[str, int, dict[str, int]] | None) -> None:
        if done is not None:
            source, paid, lines = done
            if source == Account.TILL:
                self.paper.till -= paid
            else:
                self.paper.bank -= paid
            self.paper.difference += paid - sum(lines.values())
            for member_id, amount in lines.items():
                self.paper.members[member_id].remitted += amount

    def remits(self, more: int, source: Account) -> None:
        """All that is ready is paid at once."""
        self.composes_a_batch(False)
        self.pays_a_batch(-1, more, source)

    def cancels_a_batch(self, which: int) -> None:
        batch_id = self.one_of(Remittance, which, col(Remittance.status).in_(["composed", "coded"]))
        if batch_id is not None:
            self.do(
                lambda db: remittances.cancel(db, remittances.lock(db, "main", batch_id), by=self.sri, now=self.now)
            )

    def bpjs_answers(self, which: int, answers: list[bool], back: bool) -> None:
        batch_id = self.one_of(Remittance, which, Remittance.status == "paid")
        if batch_id is None:
            return

        def work(db: Session) -> dict[str, int]:
            batch = remittances.lock(db, "main", batch_id)
            lines = remittances.lines_of(db, batch, (LineStatus.OPEN,))
            for line, accepted in zip(lines, cycle(answers), strict=False):
                remittance_results.tell_by_hand(
                    db, batch, [line], accepted=accepted, reason="so", by=self.sri, now=self.now
                )
            failed = remittances.lines_of(db, batch, (LineStatus.FAILED,)) if back else []
            if failed:
                remittance_results.money_back(db, batch, failed, to=Account.TILL, by=self.sri, now=self.now)
            given: Counter[str] = Counter()
            for line, _member in failed:
                given[line.member_id] += line.amount
            return given

        for member_id, amount in (self.do(work) or {}).items():
            self.paper.members[member_id].remitted -= amount
            self.paper.till += amount

    # ── once more ──

    def the_same_again(self) -> None:
        """What was done last is told once more: it is refused, or changes nothing."""
        if self.again is not None:
            self.again()

    def an_event_is_told_twice(self) -> None:
        """No entry is written under a key that one has."""

        def work(db: Session) -> None:
            entry = db.exec(select(Entry).order_by(col(Entry.number).desc())).first()
            if entry is not None:
                with pytest.raises(ledger.AlreadyPosted):
                    movements = ledger.movements_of(db, "main", entry.number)
                    kind = entry.kind
                    ledger.post(db, movements, association_id="main", kind=kind, key=entry.key, now=self.now)  # type: ignore[arg-type]

        self.do(work)

    # ── what must hold after every deed ──

    def check(self, *, wholly: bool) -> None:
        if wholly:
            self.every_rule_holds()
        self.nothing_is_rewritten()
        self.the_ledger_says_what_the_paper_says()

    def the_journal_is_accepted(self) -> None:
        """By Beancount, with a balance of every account as our paper has it."""
        written = self.database.read(lambda db: "\n".join(beancount.journal(db, "main")))
        _entries, errors, _options = loader.load_string(written)
        assert errors == []
        for account, amount in {"Assets:Till": self.paper.till, "Assets:Bank": self.paper.bank}.items():
            assert amount == 0 or f"balance {account} {amount} IDR" in written

    def every_rule_holds(self) -> None:
        assert self.database.read(lambda db: ledger_check.broken(db, "main")) == []

    def nothing_is_rewritten(self) -> None:
        def look(db: Session) -> dict[str, list[tuple[Any, ...]]]:
            return {
                table.__name__: [tuple(row) for row in db.connection().execute(select(*table.__table__.c).order_by(by))]  # type: ignore[attr-defined]
                for table, by in KEPT
            }

        found = self.database.read(look)
        for table, rows in self.history.items():
            assert found[table][: len(rows)] == rows, table
        self.history = found

    def the_ledger_says_what_the_paper_says(self) -> None:
        owes, bpjs = self.owing(Account.OWES), self.owing(Account.BPJS)
        credit, ahead, fee = (self.owing(one) for one in (Account.CREDIT, Account.AHEAD, Account.FEE))
        charged = self.charged()
        for member_id, hers in self.paper.members.items():
            assert charged[member_id] == nonzero(hers.asked), member_id
            held = -total(credit[member_id]) - total(ahead[member_id])
            assert total(owes[member_id]) - held == hers.cost - hers.received
            assert -total(bpjs[member_id]) - total(ahead[member_id]) == (
                hers.cost_at_bpjs - hers.at_bpjs - hers.remitted
            ) - total(ahead[member_id])
            assert -total(fee[member_id]) == hers.cost - hers.cost_at_bpjs
        self.what_lies_ready_pays(owes, bpjs, credit, ahead)
        self.every_place()

    def charged(self) -> dict[str, dict[str, dict[str, int]]]:
        found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for row in self.database.read(lambda db: db.exec(select(Charge)).all()):
            found[row.member_id][row.month][row.part] += row.amount
        return {member_id: nonzero(found[member_id]) for member_id in self.paper.members}

    def what_lies_ready_pays(self, owes: Any, bpjs: Any, credit: Any, ahead: Any) -> None:
        """Nobody owes anything that what lies ready for her could pay."""
        for member_id in self.paper.members:
            open_months = total(
                {month: {p: max(0, a) for p, a in parts.items()} for month, parts in owes[member_id].items()}
            )
            missing = sum(
                min(max(0, amount), max(0, -bpjs[member_id][month][part]))
                for month, parts in owes[member_id].items()
                for part, amount in parts.items()
                if part != "FEE"
            )
            assert not (-total(credit[member_id]) > 0 and open_months > 0)
            self.no_month_stands_for_more_than_it_costs(member_id, owes[member_id], bpjs[member_id])
            assert not (-total(ahead[member_id]) > 0 and missing > 0)

    def no_month_stands_for_more_than_it_costs(self, member_id: str, owes: Any, bpjs: Any) -> None:
        """Unless the association paid BPJS for her with money that never came."""
        asked = self.paper.members[member_id].asked
        for month in {*owes, *bpjs} - {""}:
            for part in {*owes[month], *bpjs[month]}:
                cost, to_bpjs = asked.get(month, {}).get(part, 0), -bpjs[month][part]
                assert to_bpjs <= cost, (month, part)
                assert owes[month][part] <= cost or (to_bpjs <= 0 and part != "FEE"), (month, part)

    def every_place(self) -> None:
        def look(db: Session) -> dict[str, int]:
            places = (Account.TILL, Account.BANK, Account.DIFFERENCE)
            held = cash.in_hand(db, "main", self.amat)
            return {"cash": held, **{account.value: ledger.balance(db, "main", account) for account in places}}

        assert self.database.read(look) == {
            "cash": self.paper.cash[self.amat],
            "till": self.paper.till,
            "bank": self.paper.bank,
            "difference": self.paper.difference,
        }


def reprice(db: Session, member_id: str, now: datetime) -> int:
    hers = db.exec(select(Member).where(Member.id == member_id)).one()
    return charges.reprice(db, hers, now=now, reason="the fee changed")


def as_terms(by: By) -> Terms:
    programmes = tuple(one for one in Programme if by.jht or one is not Programme.JHT)
    return Terms(by.tier, programmes, Sector(by.sector), Funding.GOVERNMENT if by.government else Funding.SELF)


def as_amount(word: str, expected: int) -> Rupiah:
    amounts = {"less": expected // 2, "more": expected + 9_000, "much": LIMIT + 30_000, "coins": 700}
    return Rupiah(max(1, amounts.get(word, expected)))


def total(months: Any) -> int:
    return sum(sum(parts.values()) for parts in months.values())


def nonzero(months: Any) -> dict[str, dict[str, int]]:
    found = {month: {part: amount for part, amount in parts.items() if amount} for month, parts in months.items()}
    return {month: parts for month, parts in found.items() if parts}


# ── what may happen ──────────────────────────────────────────────────────────────────────────────────────────────


def some_terms(chance: Random) -> By:
    sector = chance.choice(["other", "transport"])
    return By(chance.choice([1, 1, 2, 3]), chance.random() < 0.4, sector, chance.random() < 0.15)


def which(chance: Random) -> int:
    return chance.choice([0, 0, 0, 1, 1, 2, 3])


def ahead(chance: Random) -> int:
    return chance.choice([-3, -2, -1, 0, 0, 1, 2])


def months(chance: Random) -> str:
    return chance.choice(["arrears", "arrears", "one", "three", "next", "far"])


def amount(chance: Random) -> str:
    return chance.choice(["exact"] * 8 + ["less", "more", "more", "much", "coins"])


def any_of(*words: Any) -> Callable[[Random], Any]:
    return lambda chance: chance.choice(words)


def several(what: Callable[[Random], Any], most: int) -> Callable[[Random], list[Any]]:
    return lambda chance: [what(chance) for _time in range(chance.randint(1, most))]


WAYS = any_of(Way.BPJS, Way.TRANSFER, Way.TRANSFER, Way.QRIS)
Choices = dict[str, Callable[[Random], Any]]
DEEDS: dict[str, tuple[int, Choices]] = {
    "joins": (1, {"by": some_terms, "ahead": ahead}),
    "a_month_passes": (6, {}),
    "a_month_is_charged_again": (1, {"ahead": ahead}),
    "terms_change": (6, {"which": which, "by": some_terms, "ahead": ahead}),
    "fee_changes": (2, {"fee": any_of(0, 1_000, 2_500), "ahead": ahead}),
    "leaves": (1, {"which": which}),
    "returns": (2, {"which": which, "ahead": ahead}),
    "pays": (9, {"which": which, "choice": months, "way": WAYS, "amount": amount, "received": amount}),
    "tells": (2, {"which": which, "choice": months, "way": WAYS, "amount": amount}),
    "confirms": (3, {"which": which, "amount": amount, "by_dewi": any_of(True, False)}),
    "is_not_there": (1, {"which": which, "deed": any_of("refuse", "withdraw")}),
    "cash_is_collected": (5, {"which": several(which, 3), "choice": months, "amount": amount}),
    "disputes": (1, {"which": which}),
    "settles_a_dispute": (1, {"which": which, "is_so": any_of(True, False)}),
    "undoes": (4, {"which": which}),
    "hands_over": (2, {"difference": any_of(0, 0, -500, 700)}),
    "offers_cash": (1, {"share": any_of(1, 2, 3)}),
    "cash_is_counted": (1, {"which": which, "difference": any_of(0, 0, -500, 700), "kept": any_of(True, True, False)}),
    "brings_to_the_bank": (2, {"share": any_of(1, 2)}),
    "remits": (3, {"more": any_of(0, 0, 0, 2_500, -1), "source": any_of(*FROM)}),
    "composes_a_batch": (2, {"some": any_of(True, False, False)}),
    "pays_a_batch": (2, {"which": which, "more": any_of(0, 0, 0, 2_500, -1), "source": any_of(*FROM)}),
    "cancels_a_batch": (1, {"which": which}),
    "bpjs_answers": (4, {"which": which, "answers": several(any_of(True, False), 4), "back": any_of(True, False)}),
    "the_same_again": (2, {}),
    "an_event_is_told_twice": (1, {}),
}
Deeds = list[tuple[str, dict[str, Any]]]


def drawn(chance: Random, count: int) -> Deeds:
    names = chance.choices(list(DEEDS), [often for often, _choices in DEEDS.values()], k=count)
    return [(name, {what: choose(chance) for what, choose in DEEDS[name][1].items()}) for name in names]


New = Callable[[], AbstractContextManager[Database]]


def trouble(new: New, fee: int, deeds: Deeds) -> tuple[int, str] | None:
    """After which of these deeds something does not hold, and what; None when all is well."""
    with new() as database:
        season = Season(database, fee)
        for place, (name, choices) in enumerate(deeds):
            try:
                getattr(season, name)(**choices)
                season.check(wholly=place % 4 == 0)
                if place == len(deeds) - 1:
                    season.every_rule_holds()
                    season.the_journal_is_accepted()
            except Exception as error:
                return place, "".join(traceback.format_exception(error)[-4:])
    return None


def shortest(new: New, fee: int, deeds: Deeds) -> Deeds:
    """Deeds that are needed for trouble, the others left out: half of them at once, then ever fewer."""
    size = len(deeds) // 2
    while size:
        place = len(deeds)
        while place > 0:
            fewer = [*deeds[: max(0, place - size)], *deeds[place:]]
            if found := trouble(new, fee, fewer):
                deeds = fewer[: found[0] + 1]
            place = min(place - size, len(deeds))
        size //= 2
    return deeds


def play(new: New, seed: int, count: int) -> None:
    chance = Random(seed)
    fee, deeds = chance.choice([0, 2_000]), drawn(chance, count)
    if found := trouble(new, fee, deeds):
        needed = shortest(new, fee, deeds[: found[0] + 1])
        _place, told = trouble(new, fee, needed) or found
        raise AssertionError("\n".join([told, f"seed {seed}, fee {fee}", *(f"{name} {what}" for name, what in needed)]))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_no_rupiah_is_lost_on_sqlite(tmp_path_factory, sqlite_template, seed):
    @contextmanager
    def new() -> Iterator[Database]:
        folder = tmp_path_factory.mktemp("season")
        with closing(open_database(f"sqlite:///{shutil.copy(sqlite_template, folder / 'jagalapak.db')}")) as database:
            yield database
        shutil.rmtree(folder)

    play(new, seed, DEEDS_OF_ONE)


@pytest.mark.parametrize("seed", range(100, 103))
def test_whatever_happens_no_rupiah_is_lost_on_postgresql(postgresql_url, seed):
    @contextmanager
    def new() -> Iterator[Database]:
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            connection.execute(EMPTIED)
        with closing(open_database(postgresql_url)) as database:
            yield database

    play(new, seed, DEEDS_OF_ONE // 2)
