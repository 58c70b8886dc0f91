"""Other terms, leaving and coming back: what was charged is put right by further rows, and no rupiah is lost."""

import pytest
from sqlmodel import Session, select

from domain.dues import Terms, Way
from domain.ledger import Account, Kind
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Funding, Programme, Sector
from storage.database import Database
from storage.queries import charges, dues, ledger, payments, terms
from storage.tables import Entry, Member
from tests.storage.house import DECEMBER, JANUARY, JKK_JKM, NOVEMBER, WITH_JHT, found, member, pay, person

TODAY = NOVEMBER.date()
FEBRUARY = JANUARY + 1
WITH = {"programmes": tuple(Programme)}
DRIVER = {"sector": Sector.TRANSPORT}


def owed(db: Session, hers: Member) -> dict[str, int]:
    """What she owes, by month that was charged."""
    return {str(one.month): one.total_owed for one in dues.book_of(db, hers, TODAY).months if one.charged}


def paid(db: Session, hers: Member, amount: int, *months: Month, way: Way = Way.TRANSFER) -> None:
    payments.confirm(db, pay(db, hers, *months, way=way), Rupiah(amount), by=person(db, "officer"), now=NOVEMBER)


def write(db: Session, hers: Member, change: dict[str, object], first: Month) -> Rupiah:
    """Do what was previewed; the difference."""
    rows = terms.changed(db, hers.id, change, from_month=first)
    for month, wanted in rows.items():
        terms.add(db, hers, wanted, from_month=month, now=NOVEMBER)
    return charges.reprice(db, hers, now=NOVEMBER, first=first)


@pytest.mark.parametrize(
    ("change", "first", "amounts", "difference", "kept"),
    [
        pytest.param(WITH, DECEMBER, [(8400, 28400), (16800, 36800)], 40000, 0, id="more, from the first month on"),
        pytest.param(WITH, JANUARY, [(16800, 36800)], 20000, 0, id="more, from the second one on"),
        pytest.param(DRIVER, DECEMBER, [(16800, 8400)], -8400, 8400, id="less: what was paid is kept"),
        pytest.param({"funding": Funding.GOVERNMENT}, DECEMBER, [(8400, 0), (16800, 0)], -25200, 25200, id="nothing"),
        pytest.param({"tier": 1}, DECEMBER, [], 0, 0, id="what holds already"),
        pytest.param(WITH, FEBRUARY, [], 0, 0, id="months that are not charged yet"),
    ],
)
def test_a_preview_tells_what_then_happens(
    database: Database,
    change: dict[str, object],
    first: Month,
    amounts: list[tuple[int, int]],
    difference: int,
    kept: int,
):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        paid(db, siti, 25_200, DECEMBER, JANUARY)
        entries = len(db.exec(select(Entry)).all())
        preview = charges.preview(db, siti, terms.changed(db, siti.id, change, from_month=first))
        assert [(one.before, one.after) for one in preview.months] == amounts
        assert (preview.difference, preview.kept) == (difference, kept)
        assert len(db.exec(select(Entry)).all()) == entries
        assert write(db, siti, change, first) == difference
        assert ledger.held_for(db, "main", siti.id) == (kept, 0)
        assert sum(owed(db, siti).values()) == max(0, difference)
        assert write(db, siti, change, first) == 0

    database.transact(work)


def test_what_a_month_costs_then_is_told_although_it_is_not_charged_yet(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        terms.set_fee(db, "main", Rupiah(2000), from_month=JANUARY, now=NOVEMBER)
        for first, monthly in ((DECEMBER, 28_400), (JANUARY, 38_800)):
            rows = terms.changed(db, siti.id, WITH, from_month=first)
            assert charges.preview(db, siti, rows).monthly == monthly

    database.transact(work)


def test_a_change_from_an_earlier_month_on_holds_where_other_terms_begin_later(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 9))
        write(db, siti, DRIVER, JANUARY)
        rows = terms.changed(db, siti.id, WITH, from_month=Month(2026, 10))
        assert rows == {Month(2026, 10): WITH_JHT, JANUARY: Terms(1, tuple(Programme), Sector.TRANSPORT)}
        write(db, siti, WITH, Month(2026, 10))
        assert terms.at(db, siti.id, Month(2026, 9)) == JKK_JKM
        assert terms.at(db, siti.id, DECEMBER) == WITH_JHT
        assert terms.at(db, siti.id, FEBRUARY) == Terms(1, tuple(Programme), Sector.TRANSPORT)

    database.transact(work)


def test_a_change_begins_with_her_first_terms(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        assert terms.first_month(db, siti.id) == DECEMBER
        assert terms.changed(db, siti.id, WITH, from_month=Month(2026, 6)) == {DECEMBER: WITH_JHT}

    database.transact(work)


def test_terms_and_fees_over_many_months(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        terms.add(db, siti, WITH_JHT, from_month=JANUARY, now=NOVEMBER)
        terms.add(db, siti, JKK_JKM, from_month=JANUARY, now=NOVEMBER)
        terms.set_fee(db, "main", Rupiah(2000), from_month=JANUARY, now=NOVEMBER)
        terms.set_fee(db, "main", Rupiah(0), from_month=FEBRUARY, now=NOVEMBER)
        months = [Month(2026, 11), DECEMBER, JANUARY, FEBRUARY]
        over = terms.over(db, siti, months)
        assert over == {DECEMBER: (JKK_JKM, 0), JANUARY: (JKK_JKM, 2000), FEBRUARY: (JKK_JKM, 0)}
        assert {m: (terms.at(db, siti.id, m), terms.fee_at(db, "main", m)) for m in months[1:]} == over

    database.transact(work)


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────────


def leave(db: Session, hers: Member, last: Month) -> int:
    """She leaves; what was told to be kept."""
    kept = charges.kept_after(db, hers, last, TODAY)
    hers.status = "left"
    db.flush()
    charges.stop_after(db, hers, last, now=NOVEMBER, by=None, reason="left")
    return kept


def test_whoever_leaves_is_given_back_what_she_paid_for_later_months(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        paid(db, siti, 30_000, DECEMBER, JANUARY)
        assert leave(db, siti, DECEMBER) == 16_800
        assert ledger.held_for(db, "main", siti.id) == (16_800 + 4_800, 0)
        assert owed(db, siti) == {"2026-12": 0}
        assert charges.charge_month(db, "main", FEBRUARY, now=NOVEMBER) == 0
        assert charges.reprice(db, siti, now=NOVEMBER) == 0
        assert ledger.balance(db, "main", Account.BANK) == 30_000

    database.transact(work)


def test_money_that_bpjs_has_stays_there(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        paid(db, siti, 25_200, DECEMBER, JANUARY, way=Way.BPJS)
        assert leave(db, siti, Month(2026, 11)) == 0
        assert ledger.held_for(db, "main", siti.id) == (0, 0)
        assert dues.book_of(db, siti, TODAY).at_bpjs_until() == JANUARY

    database.transact(work)


def test_what_is_owed_for_months_before_she_left_is_still_owed(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        charges.charge_member(db, siti, [DECEMBER, JANUARY], now=NOVEMBER)
        assert leave(db, siti, DECEMBER) == 0
        assert owed(db, siti) == {"2026-12": 8400}

    database.transact(work)


# ── coming back ──────────────────────────────────────────────────────────────────────────────────────────────────


def come_back(db: Session, hers: Member, first: Month) -> None:
    hers.status, hers.first_month = "active", str(first)
    charges.charge_member(db, hers, [first], now=NOVEMBER)


def test_who_left_and_comes_back_is_charged_what_was_given_up_once_more(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = member(db, "siti")
        paid(db, siti, 8400 + 2 * 16_800, DECEMBER, JANUARY, FEBRUARY)
        leave(db, siti, DECEMBER)
        come_back(db, siti, JANUARY)
        assert owed(db, siti) == {"2026-12": 0, "2027-01": 0, "2027-02": 0}
        assert ledger.held_for(db, "main", siti.id) == (0, 0)
        come_back(db, siti, JANUARY)
        assert ledger.balance(db, "main", Account.OWES) == 0

    database.transact(work)


def lapsed(db: Session) -> Member:
    """A member who lapsed with October, for which she had been charged already."""
    siti = member(db, "siti", first=Month(2026, 6))
    for number in range(6, 11):
        charges.charge_month(db, "main", Month(2026, number), now=NOVEMBER)
    assert charges.lapse(db, "main", Month(2026, 10), now=NOVEMBER.replace(month=10)) == [siti.id]
    return siti


def test_old_arrears_stay_given_up_whatever_is_repriced(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = lapsed(db)
        assert charges.reprice(db, siti, now=NOVEMBER) == 0
        come_back(db, siti, Month(2026, 11))
        assert write(db, siti, WITH, Month(2026, 6)) == 20_000
        assert owed(db, siti) == {"2026-11": 28_400}

    database.transact(work)


def test_who_lapsed_and_pays_for_a_month_that_was_given_up_has_paid_for_it(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = lapsed(db)
        october = Month(2026, 10)
        paid(db, siti, 8400, october)
        assert (siti.status, siti.first_month) == ("active", "2026-10")
        assert owed(db, siti) == {"2026-10": 0}
        assert ledger.held_for(db, "main", siti.id) == (0, 0)
        kinds = db.exec(select(Entry.kind).order_by(Entry.number)).all()  # type: ignore[arg-type]
        assert kinds[-3:] == [Kind.LAPSE, Kind.CHARGE, Kind.PAYMENT]

    database.transact(work)


def test_who_pays_for_another_month_than_those_that_were_given_up(database: Database):
    def work(db: Session) -> None:
        found(db)
        siti = lapsed(db)
        paid(db, siti, 8400, DECEMBER)
        assert owed(db, siti) == {"2026-12": 0}

    database.transact(work)
