"""The treasurer pays BPJS for many at once; BPJS answers line by line; every rupiah stays in one place."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from itertools import cycle
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, select

from domain.dues import FEE, Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from domain.remittance import LineStatus, Told, Verdict, Why
from storage.database import Database, Overtaken
from storage.queries import (
    applications,
    associations,
    audit,
    charges,
    dues,
    ledger,
    members,
    payments,
    remittance_results,
    remittances,
    terms,
)
from storage.queries.remittances import Paying
from storage.tables import Application, ApplicationEvent, Entry, Member, Posting, Remittance, RemittanceLine
from tests.conftest import postgres_only
from tests.storage.house import DECEMBER, JANUARY, NOVEMBER, WITH_JHT, found, member, pay, person

MOMENT = NOVEMBER
UNTIL = JANUARY


def paid(db: Session, name: str, *months: Month, way: Way = Way.TRANSFER, amount: int = 0, **hers: Any) -> Member:
    """A member who has paid these months, and an officer has seen it."""
    row = member(db, name, **hers)
    payment = pay(db, row, *months, way=way)
    payments.confirm(db, payment, Rupiah(amount or payment.expected), by=officer(db), now=MOMENT)
    return row


def officer(db: Session) -> str:
    return person(db, "lalu")


def treasurer(db: Session) -> str:
    return person(db, "sri")


def compose(db: Session, until: Month = UNTIL) -> Remittance:
    """A batch of all that is ready."""
    ready = remittances.candidates(db, "main", until).ready
    chosen = [(one.member_id, str(one.month)) for one in ready]
    return remittances.compose(db, "main", chosen, until=until, by=treasurer(db), now=MOMENT)


def pay_batch(db: Session, batch: Remittance, **other: Any) -> bool:
    """The batch is paid from the bank, to the rupiah, unless it is said otherwise."""
    facts = {"amount": remittances.counted(db, batch)[1], "source": Account.BANK, "on": MOMENT.date(), **other}
    return remittances.pay(db, batch, Paying(**facts), by=treasurer(db), now=MOMENT)


def told(row: Member, month: Month | None = DECEMBER, *, accepted: bool = True, **more: Any) -> Told:
    """What BPJS says of one of her months."""
    return Told(members.nik_of(row), accepted, month, **more)


def take(db: Session, batch: Remittance, *words: Told, **more: Any) -> list[str]:
    """BPJS's answer; what it meant."""
    outcomes = remittance_results.take(db, batch, words, by=treasurer(db), now=MOMENT, **more)
    return [str(outcome.verdict) for outcome in outcomes]


def stands(db: Session, batch: Remittance) -> list[str]:
    """How the lines of a batch stand."""
    return [line.status for line, _member in remittances.lines_of(db, batch)]


def left_out(db: Session, until: Month = UNTIL) -> list[tuple[str, str, str]]:
    """Who is left out, of which month, and why."""
    found = remittances.candidates(db, "main", until).left_out
    return [(one.of.name, str(one.of.month), str(one.why)) for one in found]


def balances(db: Session) -> dict[str, int]:
    """Where the money lies, and what is owed."""
    return {account.value: balance for account in Account if (balance := ledger.balance(db, "main", account))}


def adds_up(db: Session) -> None:
    """What the lines of every batch cost, and what was paid beyond, is what its entry moved; so is what came back."""
    for batch in db.exec(select(Remittance).where(Remittance.entry != None)):  # noqa: E711
        movements = ledger.movements_of(db, "main", batch.entry or 0)
        lines = [one for one, _member in remittances.lines_of(db, batch) if one.status != LineStatus.LEFT_OUT]
        parts = Counter((one.member, one.month) for one in movements for _rupiah in [0] if one.debit is Account.BPJS)
        assert set(parts) == {(line.member_id, line.month) for line in lines}
        for line in lines:
            of_line = [one.amount for one in movements if (one.member, one.month) == (line.member_id, line.month)]
            assert sum(of_line) == line.amount
        more = sum(one.amount for one in movements if one.debit is Account.DIFFERENCE)
        assert sum(line.amount for line in lines) + more == sum(one.amount for one in movements) == batch.paid
        back = db.exec(select(Entry.total).where(Entry.kind == "return", Entry.about == f"remittance/{batch.id}")).all()
        assert sorted(back) == sorted(line.amount for line in lines if line.status == LineStatus.RETURNED)
    for kept in db.exec(select(Posting.debit, Posting.credit).where(Posting.amount <= 0)):
        raise AssertionError(kept)


# ── what is ready ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_wholly_paid_and_lies_with_the_association_is_ready(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, budi = paid(db, "siti", DECEMBER, JANUARY), paid(db, "budi", DECEMBER, hers=WITH_JHT)
        ready = remittances.candidates(db, "main", UNTIL)
        assert [(one.member_id, str(one.month), one.amount) for one in ready.ready] == [
            (budi.id, "2026-12", 28400),
            (siti.id, "2026-12", 8400),
            (siti.id, "2027-01", 16800),
        ]
        assert ready.ready[0].parts == {"JKK": 5000, "JKM": 3400, "JHT": 20000}
        assert (ready.total, ready.bank, ready.till, ready.hands) == (53600, 53600, 0, 0)
        assert [one.amount for one in remittances.candidates(db, "main", DECEMBER).ready] == [28400, 8400]

    database.transact(work)


def test_every_month_that_is_left_out_says_why(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "ani", DECEMBER)
        in_batch = compose(db)
        member(db, "budi")
        charges.charge_month(db, "main", DECEMBER, now=MOMENT)
        paid(db, "cici", DECEMBER, amount=5000)
        paid(db, "dewi", DECEMBER, way=Way.BPJS)
        pending = member(db, "eka")
        pay(db, pending, DECEMBER)
        disputed = paid(db, "fitri", DECEMBER)
        payments.of_member(db, disputed.id)[0].status = "disputed"
        gone, lapsed = paid(db, "gita", DECEMBER), paid(db, "hana", DECEMBER)
        gone.status, lapsed.status = "left", "lapsed"
        db.flush()
        charges.charge_month(db, "main", DECEMBER, now=MOMENT)
        found_now = remittances.candidates(db, "main", DECEMBER)
        assert found_now.ready == ()
        assert [(one.of.name, str(one.why), one.missing, one.number) for one in found_now.left_out] == [
            ("Ani", Why.IN_BATCH, 0, in_batch.number),
            ("Budi", Why.OWES, 8400, ""),
            ("Cici", Why.PARTLY, 3400, ""),
            ("Dewi", Why.STRAIGHT, 0, ""),
            ("Eka", Why.PENDING, 8400, ""),
            ("Fitri", Why.DISPUTED, 0, ""),
            ("Gita", Why.LEFT, 0, ""),
            ("Hana", Why.LAPSED, 0, ""),
        ]
        pay_batch(db, in_batch)
        take(db, in_batch, told(remittances.lines_of(db, in_batch)[0][1]))
        assert left_out(db, DECEMBER)[0] == ("Ani", "2026-12", Why.AT_BPJS)
        assert ("Ani", "2026-12", Why.AT_BPJS) not in left_out(db, JANUARY)

    database.transact(work)


def test_the_associations_own_fee_is_not_waited_for_and_not_remitted(database: Database):
    def work(db: Session) -> None:
        found(db)
        terms.set_fee(db, "main", Rupiah(2000), from_month=DECEMBER, now=MOMENT)
        siti = paid(db, "siti", DECEMBER, amount=8400)
        assert dues.book_of(db, siti, date(2026, 12, 1)).month(DECEMBER).owed[FEE] == 2000  # type: ignore[union-attr]
        (ready,) = remittances.candidates(db, "main", UNTIL).ready
        assert (ready.amount, set(ready.parts)) == (8400, {"JKK", "JKM"})

    database.transact(work)


def test_cash_in_the_hands_of_collectors_is_told_and_cannot_be_paid(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, amat = member(db, "siti"), person(db, "amat")
        taken = [payments.Taken(siti, Rupiah(8400), (DECEMBER,), Rupiah(8400))]
        payments.collect(db, taken, association_id="main", collector_id=amat, now=MOMENT)
        ready = remittances.candidates(db, "main", UNTIL)
        assert (ready.total, ready.till, ready.bank, ready.hands) == (8400, 0, 0, 8400)
        batch = compose(db)
        for source in (Account.TILL, Account.BANK):
            with pytest.raises(remittances.NotThere):
                pay_batch(db, batch, source=source)

    database.transact(work)


def test_what_is_not_this_associations_is_neither_ready_nor_left_out(database: Database):
    def work(db: Session) -> None:
        found(db)
        associations.ensure(db, association_id="other", name="Lain", now=MOMENT)
        paid(db, "siti", DECEMBER)
        assert remittances.candidates(db, "other", UNTIL).ready == ()
        batch = compose(db)
        assert remittances.find(db, "other", batch.id) is None
        assert remittances.find_by_number(db, "other", batch.number) is None
        assert remittances.standing_so(db, "other") == []

    database.transact(work)


# ── composed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_numbered_within_the_year_and_holds_its_months(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        first = compose(db)
        assert (first.number, first.status) == ("R-2026-0001", "composed")
        with pytest.raises(remittances.NothingToPay):
            compose(db)
        paid(db, "budi", DECEMBER)
        assert compose(db).number == "R-2026-0002"
        assert [len(remittances.lines_of(db, one)) for one in remittances.standing_so(db, "main")] == [1, 1]

    database.transact(work)


def test_what_is_not_ready_any_more_is_not_composed(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER)
        payments.undo(db, payments.of_member(db, siti.id)[0], reason="bounced", by=officer(db), now=MOMENT)
        with pytest.raises(Overtaken):
            remittances.compose(db, "main", [(siti.id, "2026-12")], until=UNTIL, by=treasurer(db), now=MOMENT)

    database.transact(work)


def test_a_line_is_left_out_and_taken_back(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER)
        paid(db, "budi", DECEMBER)
        batch = compose(db)
        line = next(one for one, who in remittances.lines_of(db, batch) if who.id == siti.id)
        remittances.leave_out(db, batch, line, reason="later", by=treasurer(db), now=MOMENT)
        assert remittances.counted(db, batch) == (1, 8400)
        assert [one.member_id for one in remittances.candidates(db, "main", UNTIL).ready] == [siti.id]
        with pytest.raises(Overtaken):
            remittances.leave_out(db, batch, line, by=treasurer(db), now=MOMENT)
        other = compose(db)
        with pytest.raises(Overtaken):
            remittances.take_back(db, batch, line, by=treasurer(db), now=MOMENT)
        remittances.cancel(db, other, by=treasurer(db), now=MOMENT)
        remittances.take_back(db, batch, line, by=treasurer(db), now=MOMENT)
        assert remittances.counted(db, batch) == (2, 16800)

    database.transact(work)


def test_a_cancelled_batch_lets_go_of_its_months_and_is_not_paid_any_more(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        batch = compose(db)
        remittances.set_code(db, batch, "123456789", by=treasurer(db), now=MOMENT)
        remittances.cancel(db, batch, by=treasurer(db), now=MOMENT)
        assert len(remittances.candidates(db, "main", UNTIL).ready) == 1
        for deed in (pay_batch, compose_again):
            with pytest.raises(Overtaken):
                deed(db, batch)

    def compose_again(db: Session, batch: Remittance) -> None:
        remittances.set_code(db, batch, "1", by=treasurer(db), now=MOMENT)

    database.transact(work)


def test_codes_are_for_the_batch_or_for_single_lines(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        paid(db, "budi", DECEMBER)
        batch = compose(db)
        remittances.set_code(db, batch, "8800123456", by=treasurer(db), now=MOMENT)
        first, second = (line for line, _member in remittances.lines_of(db, batch))
        remittances.set_line_codes(db, batch, {first.id or 0: "77001"}, by=treasurer(db), now=MOMENT)
        assert (batch.status, batch.code, first.code, second.code) == ("coded", "8800123456", "77001", "")

    database.transact(work)


# ── paid ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_paid_batch_moves_each_part_of_each_line(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER)
        paid(db, "budi", DECEMBER, hers=WITH_JHT)
        batch = compose(db)
        assert pay_batch(db, batch, reference="TRX1")
        assert (batch.status, batch.paid, batch.paid_from, batch.reference) == ("paid", 36800, "bank", "TRX1")
        assert balances(db) == {}
        assert dues.book_of(db, siti, date(2026, 12, 1)).at_bpjs_until() is None  # BPJS has not said so yet
        assert remittances.parts_of(db, batch)[siti.id, "2026-12"] == {"JKK": 5000, "JKM": 3400}
        adds_up(db)
        with pytest.raises(Overtaken):
            pay_batch(db, batch)

    database.transact(work)


def test_more_than_the_lines_cost_is_a_difference_with_a_reason_and_less_is_refused(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER, amount=20000)
        batch = compose(db)
        with pytest.raises(remittances.TooLittle):
            pay_batch(db, batch, amount=Rupiah(8399))
        with pytest.raises(remittances.ReasonMissing):
            pay_batch(db, batch, amount=Rupiah(10900))
        with pytest.raises(remittances.NotThere):
            pay_batch(db, batch, amount=Rupiah(20001), reason="bill")
        assert pay_batch(db, batch, amount=Rupiah(10900), reason="the bill says so")
        assert balances(db) == {"bank": 9100, "credit": -11600, "difference": 2500}
        adds_up(db)

    database.transact(work)


def test_above_the_limit_a_second_one_must_say_the_same(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        associations.get(db, "main").second_above = 8399
        batch = compose(db)
        assert not pay_batch(db, batch)
        assert (batch.status, batch.entry, batch.paid) == ("proposed", None, 8400)
        with pytest.raises(remittances.SamePerson):
            remittances.second(db, batch, by=treasurer(db), now=MOMENT)
        with pytest.raises(Overtaken):
            pay_batch(db, batch)
        with pytest.raises(Overtaken):
            remittances.cancel(db, batch, by=treasurer(db), now=MOMENT)
        remittances.object_to(db, batch, by=officer(db), now=MOMENT)
        assert (batch.status, batch.paid, batch.proposed_by) == ("coded", None, None)
        assert not pay_batch(db, batch)
        remittances.second(db, batch, by=officer(db), now=MOMENT)
        assert (batch.status, batch.paid_by) == ("paid", officer(db))
        adds_up(db)

    database.transact(work)


def test_whoever_composed_may_be_the_second_when_another_was_the_first(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        associations.get(db, "main").second_above = 0
        batch = compose(db)
        facts = Paying(Rupiah(8400), Account.BANK, MOMENT.date())
        assert not remittances.pay(db, batch, facts, by=officer(db), now=MOMENT)
        remittances.second(db, batch, by=treasurer(db), now=MOMENT)
        assert batch.status == "paid"

    database.transact(work)


def test_a_line_that_changed_since_is_renewed_before_anything_is_paid(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti, budi = paid(db, "siti", DECEMBER), paid(db, "budi", DECEMBER)
        cici = paid(db, "cici", DECEMBER, hers=WITH_JHT)
        batch = compose(db)
        payments.undo(db, payments.of_member(db, siti.id)[0], reason="bounced", by=officer(db), now=MOMENT)
        terms.add(db, cici, terms.at(db, budi.id, DECEMBER), from_month=DECEMBER, now=MOMENT)  # type: ignore[arg-type]
        charges.reprice(db, cici, now=MOMENT)
        with pytest.raises(remittances.LinesChanged):
            pay_batch(db, batch)
        changes = {one.member.name: (one.owed, one.why, one.stays) for one in remittances.changes(db, batch)}
        assert changes == {"Siti": (8400, Why.OWES, False), "Cici": (8400, None, True)}
        remittances.renew(db, batch, by=treasurer(db), now=MOMENT)
        assert remittances.changes(db, batch) == []
        assert stands(db, batch) == ["open", "open", "left_out"]
        assert pay_batch(db, batch)
        assert batch.paid == 16800
        adds_up(db)

    database.transact(work)


def test_a_batch_without_lines_is_not_paid(database: Database):
    def work(db: Session) -> None:
        found(db)
        paid(db, "siti", DECEMBER)
        batch = compose(db)
        remittances.leave_out(db, batch, remittances.lines_of(db, batch)[0][0], by=treasurer(db), now=MOMENT)
        with pytest.raises(remittances.NothingToPay):
            pay_batch(db, batch, amount=Rupiah(8400))

    database.transact(work)


# ── what BPJS tells ──────────────────────────────────────────────────────────────────────────────────────────────


def a_paid_batch(db: Session) -> tuple[Remittance, Member, Member, Member]:
    """Siti, Budi and Cici in one batch that was paid, in this order."""
    found(db)
    hers = tuple(paid(db, name, DECEMBER) for name in ("ani", "budi", "cici"))
    batch = compose(db)
    assert pay_batch(db, batch)
    return (batch, *hers)


def test_each_line_is_settled_by_itself(database: Database):
    def work(db: Session) -> None:
        batch, ani, budi, cici = a_paid_batch(db)
        words = [told(ani), told(budi, amount=Rupiah(5000)), told(cici, accepted=False, reason="NIK tidak cocok")]
        assert take(db, batch, *words) == [Verdict.MATCHED, Verdict.UNMATCHED, Verdict.FAILED]
        assert stands(db, batch) == ["matched", "unmatched", "failed"]
        assert batch.status == "paid"
        assert dues.book_of(db, ani, date(2026, 12, 1)).at_bpjs_until() == DECEMBER
        assert dues.book_of(db, budi, date(2026, 12, 1)).at_bpjs_until() is None
        assert take(db, batch, *words) == [Verdict.KNOWN] * 3
        assert take(db, batch, told(ani, accepted=False)) == [Verdict.CONTRARY]
        assert take(db, batch, told(cici), told(budi, amount=Rupiah(8400))) == [Verdict.MATCHED] * 2
        assert batch.status == "closed"
        assert take(db, batch, told(cici), told(budi, accepted=False)) == [Verdict.KNOWN, Verdict.CONTRARY]
        adds_up(db)

    database.transact(work)


def test_what_fits_no_line_is_kept_once_with_no_more_than_the_end_of_the_nik(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        dewi = member(db, "dewi")
        words = [told(dewi), told(ani, JANUARY, amount=Rupiah(8400)), told(dewi)]
        for _again in range(2):
            assert take(db, batch, *words) == [Verdict.STRANGER] * 3
            kept = [tuple(stranger[name] for name in remittance_results.STRANGER) for stranger in batch.strangers]
            assert sorted(kept) == [
                (ani.nik_end, "2027-01", 8400, True),
                (dewi.nik_end, "2026-12", None, True),
                (dewi.nik_end, "2026-12", None, True),
            ]
            assert len(batch.strangers[0]) == 4
            db.flush()
            db.expire(batch)

    database.transact(work)


def test_two_rows_that_contradict_each_other_both_do_not_count(database: Database):
    def work(db: Session) -> None:
        batch, ani, budi, _cici = a_paid_batch(db)
        words = [told(ani), told(ani, accepted=False), told(budi), told(budi)]
        assert take(db, batch, *words) == [Verdict.UNCLEAR, Verdict.UNCLEAR, Verdict.MATCHED]
        assert stands(db, batch) == ["open", "matched", "open"]

    database.transact(work)


def test_a_word_without_a_month_is_about_all_of_hers_or_about_none(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER, JANUARY)
        batch = compose(db)
        pay_batch(db, batch)
        assert take(db, batch, told(siti, None, amount=Rupiah(8400))) == [Verdict.UNCLEAR]
        assert take(db, batch, told(siti, None, amount=Rupiah(25200))) == [Verdict.MATCHED] * 2
        assert batch.status == "closed"

    database.transact(work)


def test_before_it_is_paid_nothing_is_heard_of_it(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER)
        batch = compose(db)
        with pytest.raises(Overtaken):
            take(db, batch, told(siti))

    database.transact(work)


def test_money_that_came_back_makes_the_month_ready_again(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        first = remittances.lines_of(db, batch)[0]
        with pytest.raises(Overtaken):
            remittance_results.money_back(db, batch, [first], to=Account.TILL, by=treasurer(db), now=MOMENT)
        take(db, batch, told(ani, accepted=False, reason="NIK"))
        back = remittance_results.money_back(db, batch, [first], to=Account.TILL, by=treasurer(db), now=MOMENT)
        assert back == 8400
        assert balances(db) == {"till": 8400, "bpjs": -8400}
        with pytest.raises(Overtaken):
            remittance_results.money_back(db, batch, [first], to=Account.TILL, by=treasurer(db), now=MOMENT)
        assert take(db, batch, told(ani)) == [Verdict.CONTRARY]
        again = compose(db)
        assert [line.member_id for line, _member in remittances.lines_of(db, again)] == [ani.id]
        pay_batch(db, again, source=Account.TILL)
        assert take(db, again, told(ani)) == [Verdict.MATCHED]
        assert balances(db) == {}
        adds_up(db)

    database.transact(work)


def test_somebody_tells_by_hand_what_bpjs_said(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        first, second, third = remittances.lines_of(db, batch)
        facts = {"by": treasurer(db), "now": MOMENT}
        assert remittance_results.tell_by_hand(db, batch, [first], accepted=True, **facts) == [first]
        other = {"accepted": True, "amount": Rupiah(9000), **facts}
        assert remittance_results.tell_by_hand(db, batch, [second], **other) == []
        with pytest.raises(Overtaken):
            remittance_results.tell_by_hand(db, batch, [first, third], accepted=False, **facts)
        assert third[0].status == "open"
        with pytest.raises(Overtaken):
            remittance_results.accept(db, batch, third, reason="?", **facts)
        remittance_results.accept(db, batch, second, reason="the bill says so", **facts)
        assert (second[0].status, second[0].told, second[0].reason) == ("matched", 9000, "the bill says so")
        assert take(db, batch, told(second[1], amount=Rupiah(9000)), told(ani)) == [Verdict.KNOWN] * 2

    database.transact(work)


def test_what_a_month_costs_more_later_on_goes_into_another_batch(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        take(db, batch, told(ani))
        with_jht = terms.at(db, member(db, "dewi", hers=WITH_JHT).id, DECEMBER)
        terms.add(db, ani, with_jht, from_month=DECEMBER, now=MOMENT)  # type: ignore[arg-type]
        charges.reprice(db, ani, now=MOMENT)
        assert ("Ani", "2026-12", Why.PARTLY) in left_out(db)
        payments.confirm(db, pay(db, ani, DECEMBER), Rupiah(20000), by=officer(db), now=MOMENT)
        (ready,) = remittances.candidates(db, "main", UNTIL).ready
        assert (ready.member_id, ready.parts) == (ani.id, {"JHT": 20000})
        assert pay_batch(db, compose(db))
        adds_up(db)

    database.transact(work)


# ── cover follows ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_application_is_sent_with_the_payment_and_through_with_the_answer(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        hers = applications.find(db, "main", ani.application_id)
        assert hers and hers.status == "sent_to_bpjs"
        take(db, batch, told(ani))
        assert hers.status == "active"
        take(db, batch, told(ani))
        events = db.exec(select(ApplicationEvent).where(ApplicationEvent.application_id == hers.id)).all()
        assert [event.event for event in events] == ["send_to_bpjs", "activate"]
        others = {one.status for one in db.exec(select(Application).where(Application.id != hers.id))}
        assert others == {"sent_to_bpjs"}

    database.transact(work)


def test_bpjs_tells_until_when_and_an_earlier_day_only_when_it_says_so(database: Database):
    def work(db: Session) -> None:
        batch, ani, _budi, _cici = a_paid_batch(db)
        december, november = date(2026, 12, 31), date(2026, 11, 30)
        take(db, batch, told(ani, protected_until=december, kpj="12345678901"))
        assert (ani.protected_until, ani.kpj) == (december, "12345678901")
        take(db, batch, told(ani, protected_until=november, kpj="12345678901"))
        assert ani.protected_until == december
        take(db, batch, told(ani, protected_until=november), trust_dates=True)
        assert ani.protected_until == november
        rows = [
            row for row in db.exec(select(audit.Audit).order_by(audit.Audit.place)) if row.subject.startswith("member/")
        ]
        assert [(row.action, row.facts) for row in rows] == [
            ("shortened_protection", {"days": 31}),
        ]
        assert audit.first_break(db, "main") is None

    database.transact(work)


def test_a_sheet_is_known_by_the_batch_whose_lines_it_tells_of(database: Database):
    def work(db: Session) -> None:
        first, ani, budi, _cici = a_paid_batch(db)
        dewi = paid(db, "dewi", DECEMBER)
        second = compose(db)
        assert remittance_results.fitting(db, "main", [told(dewi)]) == []
        pay_batch(db, second)
        words = [told(ani), told(budi), told(dewi)]
        assert remittance_results.fitting(db, "main", words) == [(first, 2), (second, 1)]

    database.transact(work)


# ── two at once ──────────────────────────────────────────────────────────────────────────────────────────────────


def together(database: Database, *works: Callable[[Session], Any]) -> list[Any]:
    """Each in a thread of its own, begun at the same moment: what came of each, or what it raised."""
    begin, came = Barrier(len(works)), [None] * len(works)

    def do(place: int) -> None:
        begin.wait()
        try:
            came[place] = database.transact(works[place])
        except Exception as error:
            came[place] = error  # type: ignore[call-overload]

    threads = [Thread(target=do, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_of_two_treasurers_who_compose_at_once_one_gets_the_months(database: Database):
    def prepare(db: Session) -> None:
        found(db)
        treasurer(db)
        for name in ("ani", "budi"):
            paid(db, name, DECEMBER)

    def compose_chosen(db: Session) -> str:
        return remittances.compose(db, "main", chosen, until=UNTIL, by=treasurer(db), now=MOMENT).number

    database.transact(prepare)
    with database.reading() as db:
        chosen = [(one.member_id, str(one.month)) for one in remittances.candidates(db, "main", UNTIL).ready]
    came = together(database, compose_chosen, compose_chosen)
    assert sorted(type(one).__name__ for one in came) == ["Overtaken", "str"]
    with database.reading() as db:
        assert len(db.exec(select(RemittanceLine)).all()) == 2
        assert [batch.number for batch in db.exec(select(Remittance))] == ["R-2026-0001"]


def test_of_two_who_pay_at_once_one_is_too_late(database: Database):
    def prepare(db: Session) -> str:
        found(db)
        treasurer(db)
        paid(db, "ani", DECEMBER)
        return compose(db).id

    batch_id = database.transact(prepare)
    came = together(database, *[lambda db: pay_batch(db, remittances.lock(db, "main", batch_id))] * 2)
    assert sorted(str(type(one).__name__) for one in came) == ["Overtaken", "bool"]
    with database.reading() as db:
        assert ledger.balance(db, "main", Account.BANK) == 0
        adds_up(db)


@postgres_only
def test_two_batches_are_not_paid_from_the_same_money(database: Database):
    def prepare(db: Session) -> list[str]:
        found(db)
        treasurer(db)
        ids = []
        for name in ("ani", "budi"):
            paid(db, name, DECEMBER)
            ids.append(compose(db).id)
        spend = [ledger.Movement(Account.DIFFERENCE, Account.BANK, Rupiah(8000))]
        ledger.post(db, spend, association_id="main", kind=ledger.Kind.DEPOSIT, key="spent", now=MOMENT)  # type: ignore[attr-defined]
        return ids

    first, second = database.transact(prepare)
    came = together(
        database,
        lambda db: pay_batch(db, remittances.lock(db, "main", first)),
        lambda db: pay_batch(db, remittances.lock(db, "main", second)),
    )
    assert sorted(type(one).__name__ for one in came) == ["NotThere", "bool"]


def test_a_sheet_that_is_taken_in_twice_at_once_counts_once(database: Database):
    def prepare(db: Session) -> str:
        batch, *_hers = a_paid_batch(db)
        return batch.id

    def take_all(db: Session) -> list[str]:
        batch = remittances.lock(db, "main", batch_id)
        hers = [who for _line, who in remittances.lines_of(db, batch)]
        return take(db, batch, *map(told, hers), told(hers[0], JANUARY))

    batch_id = database.transact(prepare)
    came = together(database, take_all, take_all)
    assert sorted(map(sorted, came)) == [["known"] * 3 + ["stranger"], ["matched"] * 3 + ["stranger"]]
    with database.reading() as db:
        batch = remittances.find(db, "main", batch_id)
        assert batch and (batch.status, len(batch.strangers)) == ("closed", 1)


# ── any sequence ─────────────────────────────────────────────────────────────────────────────────────────────────

WHICH = st.integers(0, 99)


class Treasury(RuleBasedStateMachine):
    """Members pay, the treasurer remits, BPJS answers, money comes back, payments are undone: in any order."""

    database: Database

    @initialize()
    def begin(self) -> None:
        self.names = 0
        self.now = MOMENT
        self.database.transact(lambda db: (found(db), treasurer(db), officer(db)))

    def do(self, work: Callable[[Session], Any]) -> None:
        self.now += timedelta(seconds=1)

        def guarded(db: Session) -> None:
            try:
                work(db)
            except (
                Overtaken,
                remittances.NothingToPay,
                remittances.TooLittle,
                remittances.ReasonMissing,
                remittances.NotThere,
                remittances.LinesChanged,
                remittances.SamePerson,
            ) as refusal:
                raise Refused from refusal

        with suppress(Refused):
            self.database.transact(guarded)

    @rule(jht=st.booleans(), amount=st.sampled_from([0, 5000, 30000]), way=st.sampled_from([Way.TRANSFER, Way.BPJS]))
    def somebody_pays(self, jht: bool, amount: int, way: Way) -> None:
        self.names += 1
        name = f"m{self.names}"
        more = {"hers": WITH_JHT} if jht else {}
        self.do(lambda db: paid(db, name, DECEMBER, amount=amount, way=way, **more))

    @rule(which=WHICH)
    def undo(self, which: int) -> None:
        def work(db: Session) -> None:
            hers = [one for one in db.exec(select(Member)) if payments.of_member(db, one.id, status=["confirmed"])]
            if hers:
                one = hers[which % len(hers)]
                payment = payments.of_member(db, one.id, status=["confirmed"])[0]
                payments.undo(db, payment, reason="bounced", by=officer(db), now=self.now)

        self.do(work)

    @rule()
    def compose(self) -> None:
        self.do(compose)

    def batch(self, db: Session, which: int) -> Remittance:
        batches = list(db.exec(select(Remittance).order_by(Remittance.number)))
        if not batches:
            raise Overtaken("there is none")
        return batches[which % len(batches)]

    @rule(which=WHICH, deed=st.sampled_from(["leave_out", "take_back"]))
    def leave_out_or_take_back(self, which: int, deed: str) -> None:
        def work(db: Session) -> None:
            batch = self.batch(db, which)
            lines = remittances.lines_of(db, batch)
            getattr(remittances, deed)(db, batch, lines[which % len(lines)][0], by=treasurer(db), now=self.now)

        self.do(work)

    @rule(which=WHICH, more=st.sampled_from([-1, 0, 0, 0, 2500]), limit=st.sampled_from([0, 1_000_000]))
    def pay(self, which: int, more: int, limit: int) -> None:
        def work(db: Session) -> None:
            associations.get(db, "main").second_above = limit
            batch = self.batch(db, which)
            cost = remittances.counted(db, batch)[1]
            pay_batch(db, batch, amount=Rupiah(cost + more), reason="bill" * (more > 0))
            associations.get(db, "main").second_above = 1_000_000

        self.do(work)

    @rule(which=WHICH, deed=st.sampled_from(["second", "object_to", "cancel", "renew"]))
    def decide(self, which: int, deed: str) -> None:
        self.do(lambda db: getattr(remittances, deed)(db, self.batch(db, which), by=officer(db), now=self.now))

    @rule(
        which=WHICH, answers=st.lists(st.tuples(st.booleans(), st.sampled_from([None, 8400])), min_size=3, max_size=3)
    )
    def bpjs_answers(self, which: int, answers: list[tuple[bool, int | None]]) -> None:
        def work(db: Session) -> None:
            batch = self.batch(db, which)
            words = [
                told(who, accepted=accepted, amount=Rupiah(amount) if amount else None)
                for (_line, who), (accepted, amount) in zip(
                    remittances.lines_of(db, batch), cycle(answers), strict=False
                )
            ]
            take(db, batch, *words)

        self.do(work)

    @rule(which=WHICH)
    def money_comes_back(self, which: int) -> None:
        def work(db: Session) -> None:
            batch = self.batch(db, which)
            failed = remittances.lines_of(db, batch, (LineStatus.FAILED,))
            remittance_results.money_back(db, batch, failed, to=Account.TILL, by=treasurer(db), now=self.now)

        self.do(work)

    @invariant()
    def every_batch_adds_up(self) -> None:
        def look(db: Session) -> None:
            adds_up(db)
            held = db.exec(
                select(RemittanceLine.member_id, RemittanceLine.month).where(
                    RemittanceLine.status.in_(["open", "unmatched", "failed"])  # type: ignore[attr-defined]
                )
            ).all()
            assert len(held) == len(set(held))
            assert ledger.balance(db, "main", Account.BANK) >= 0 or self.names == 0 or self.undone(db)
            assert ledger.balance(db, "main", Account.TILL) >= 0

        self.database.read(look)

    def undone(self, db: Session) -> bool:
        """A payment that never was can leave less in the bank than was paid from it."""
        return db.exec(select(Entry.number).where(Entry.kind == "reversal")).first() is not None


class Refused(Exception):
    """The program refused it: nothing of it is kept."""


def test_after_any_sequence_the_lines_add_up_to_what_was_moved(tmp_path_factory, sqlite_template):
    import shutil

    from storage.database import open_database

    class OnAnewDatabase(Treasury):
        def __init__(self) -> None:
            super().__init__()
            folder = tmp_path_factory.mktemp("treasury")
            self.database = open_database(f"sqlite:///{shutil.copy(sqlite_template, folder / 'jagalapak.db')}")

        def teardown(self) -> None:
            self.database.close()

    often = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(OnAnewDatabase, settings=often)
