"""Charging months, and what they turn out to cost later on: by statements over whole sets of members."""

import functools
import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnClause,
    ColumnElement,
    Insert,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    values,
)
from sqlalchemy import column as sql_column
from sqlalchemy import select as asking
from sqlalchemy.orm import aliased
from sqlalchemy.types import BigInteger, String
from sqlmodel import Session, col, select

from domain.cover import has_lapsed
from domain.dues import BPJS_PARTS, FEE, PARTS, PAYABLE, priced
from domain.dues import Terms as Priced
from domain.ledger import Account, Kind, Movement, moved
from domain.money import Rupiah
from domain.month import Month
from domain.rates import MANDATORY, Funding, Programme, Sector, tiers
from storage.columns import new_id
from storage.database import FRESH
from storage.queries import credit, dues, ledger, terms
from storage.queries.associations import give_back, next_number
from storage.queries.ledger import debited
from storage.tables import Charge, Member, Posting, Terms

CHOICES = (" ".join(p for p in Programme if p in MANDATORY), " ".join(Programme))


def charge_month(
    db: Session, association_id: str, month: Month, *, now: datetime, members: Collection[str] | None = None
) -> int:
    """Charge whoever is to pay this month and was not charged yet, of `members` or of all; how many parts that were.

    What lies ready for them pays at once. Raises `NoRate` for a month before the rates on record.
    """
    ledger.hold(db, association_id)
    before = db.connection().execute(asking(func.coalesce(func.max(col(Charge.id)), 0))).scalar_one()
    entry = next_number(db, association_id, "entry")
    db.connection().execute(charging(db, association_id, month, entry, members))
    ours = and_(col(Charge.id) > before, col(Charge.association_id) == association_id, col(Charge.entry) == entry)
    db.connection().execute(insert(Posting).from_select(POSTED, posted(ours)))
    lines, total = written(db, association_id, entry)
    if not lines:
        give_back(db, association_id, "entry")
        return 0
    ledger.close(
        db,
        association_id=association_id,
        number=entry,
        kind=Kind.CHARGE,
        key=f"charge:{month}:{entry}",
        about=f"month/{month}",
        lines=lines,
        total=total,
        now=now,
    )
    for member_id in credit.holding(db, association_id, members):
        credit.apply(db, association_id, member_id, now=now)
    return lines


GIVEN_UP = (Kind.LAPSE.value, Kind.LEAVE.value)
CHARGED = ("association_id", "member_id", "month", "part", "revision", "amount", "full", "rule", "entry")
POSTED = ("association_id", "entry", "debit", "credit", "amount", "member_id", "month", "part")


def charging(db: Session, association_id: str, month: Month, entry: int, members: Collection[str] | None) -> Insert:
    """The statement that charges. Whoever else charges waits for the number of his entry, and then finds it done."""
    hers = to_charge(db, association_id, month, entry, members).order_by(col(Member.id))
    return insert(Charge).from_select(CHARGED, hers)


def is_due(db: Session, association_id: str, month: Month) -> bool:
    """True while somebody is to pay this month and was not charged for all of it. Raises `NoRate`."""
    return db.connection().execute(to_charge(db, association_id, month, 0, None).limit(1)).first() is not None


def earliest(db: Session, association_id: str) -> Month | None:
    """The first month that any of those who are members now is to pay."""
    first = select(func.min(Member.first_month)).where(
        Member.association_id == association_id, Member.status == "active", Member.first_month != ""
    )
    found = db.exec(first).one()
    return Month.parse(found) if found else None


def to_charge(
    db: Session, association_id: str, month: Month, entry: int, members: Collection[str] | None
) -> Select[tuple[Any, ...]]:
    """What is to be charged: each part of the month that was never charged to whoever is to pay it."""
    price = price_list(month, terms.fee_at(db, association_id, month))
    hers = (
        asking(
            literal(association_id),
            col(Member.id),
            literal(str(month)),
            price.c.part,
            literal(0),
            price.c.due,
            price.c.full,
            price.c.rule,
            literal(entry, BigInteger),
        )
        .select_from(Member)
        .join(Terms, and_(col(Terms.member_id) == col(Member.id), latest(str(month))))
        .join(price, price.c.terms == in_one(Terms.tier, Terms.programmes, Terms.sector, Terms.funding))
        .where(
            col(Member.association_id) == association_id,
            col(Member.status) == "active",
            col(Member.first_month) != "",
            col(Member.first_month) <= str(month),
            ~exists().where(
                col(Charge.member_id) == col(Member.id),
                col(Charge.month) == str(month),
                col(Charge.part) == price.c.part,
            ),
        )
    )
    return hers if members is None else hers.where(col(Member.id).in_(members))


def latest(month: str) -> ColumnElement[bool]:
    """The terms that hold in a month: none of a later month up to then, and none that was written later for it."""
    later = aliased(Terms)
    return and_(
        col(Terms.from_month) <= month,
        ~exists().where(
            col(later.member_id) == col(Terms.member_id),
            col(later.from_month) <= month,
            or_(
                col(later.from_month) > col(Terms.from_month),
                and_(col(later.from_month) == col(Terms.from_month), col(later.id) > col(Terms.id)),
            ),
        ),
    )


def price_list(month: Month, fee: Rupiah) -> CTE:
    """Every price of a month as a table that a statement can join: what each part costs under all terms.

    The terms are one column: the databases know well how often one matches, and badly how often four do.
    """
    rows = [
        (f"{tier.number}/{programmes}/{sector}/{funding}", one.part, one.full, one.due, one.rule)
        for tier, programmes, sector, funding in itertools.product(tiers(), CHOICES, Sector, Funding)
        for one in priced(month, Priced.read(tier.number, programmes, sector, funding), fee)
        if one.due > 0
    ]
    columns: list[ColumnClause[Any]] = [
        *(sql_column(name, String) for name in ("terms", "part")),
        *(sql_column(name, BigInteger) for name in ("full", "due")),
        sql_column("rule", String),
    ]
    return values(*columns, name="price").data(rows).cte("prices").prefix_with("MATERIALIZED", dialect="sqlite")


def in_one(*columns: Any) -> ColumnElement[str]:
    """Several columns in one, as in "1/JKK JKM/other/self"."""
    first, *rest = (cast(column, String) for column in columns)
    return functools.reduce(lambda left, right: left + "/" + right, rest, first)


def posted(which: ColumnElement[bool]) -> Select[tuple[object, ...]]:
    """The postings of charges: she owes it, to BPJS or to the association."""
    to_whom = case((col(Charge.part) == FEE, Account.FEE.value), else_=Account.BPJS.value)
    return (
        asking(
            col(Charge.association_id),
            col(Charge.entry),
            literal(Account.OWES.value),
            to_whom,
            col(Charge.amount),
            col(Charge.member_id),
            col(Charge.month),
            col(Charge.part),
        )
        .where(which)
        .order_by(col(Charge.id))
    )


def written(db: Session, association_id: str, entry: int) -> tuple[int, int]:
    """How many postings an entry has, and what they move."""
    its = asking(func.count(), func.coalesce(func.sum(col(Posting.amount)), 0)).where(
        col(Posting.association_id) == association_id, col(Posting.entry) == entry
    )
    lines, total = db.connection().execute(its).one()
    return int(lines), int(total)


def charge_member(db: Session, member: Member, months: Iterable[Month], *, now: datetime) -> None:
    """Charge these months of one member, as far as they are not charged yet; they may lie ahead. Raises `NoRate`.

    Of a member who came back, what was given up from her first month on is asked for again.
    """
    db.flush()
    ledger.hold(db, member.association_id)
    known, gone = dues.charged(db, member.id), given_up(db, member.id)
    for month in sorted(set(months)):
        if str(month) not in known:
            charge_month(db, member.association_id, month, now=now, members=[member.id])
    is_back = member.status == "active"
    again = {month: known[str(month)] for month in gone if is_back and str(month) >= member.first_month}
    prices = {month: prices_of(db, member, month) for month in again}
    adjust(db, member, again, prices, kind=Kind.CHARGE, now=now, by=None, reason="")


def given_up(db: Session, member_id: str) -> set[Month]:
    """The months that are not asked for any more, whatever they would cost: she lapsed, or left."""
    hers = select(Charge.month, Charge.rule).where(Charge.member_id == member_id).order_by(col(Charge.id))
    return {Month.parse(month) for month, rule in dict(db.exec(hers).all()).items() if rule in GIVEN_UP}


# ── what months turn out to cost ─────────────────────────────────────────────────────────────────────────────────


def reprice(
    db: Session, member: Member, *, now: datetime, by: str | None = None, reason: str = "", first: Month | None = None
) -> Rupiah:
    """Compare what was charged with the rules and terms as they stand, from `first` on; the sum of all differences.

    Each difference is a charge of its own: what stands is not changed. What she has paid too much becomes credit, or
    stays with BPJS where BPJS has it, and pays other months at once.
    """
    ledger.hold(db, member.association_id)
    known = asked_for(db, member.id, first)
    wanted = {month: prices_of(db, member, month) for month in known}
    return adjust(db, member, known, wanted, kind=Kind.ADJUST, now=now, by=by, reason=reason)


def charged_from(db: Session, association_id: str, first: Month) -> list[str]:
    """The members who were charged for that month or a later one."""
    its = select(Charge.member_id).where(Charge.association_id == association_id, Charge.month >= str(first))
    return sorted(db.exec(its.distinct()))


def asked_for(db: Session, member_id: str, first: Month | None = None) -> dict[Month, dict[str, int]]:
    """What her months cost, as charged, from `first` on; without those that were given up."""
    gone = given_up(db, member_id)
    months = {Month.parse(month): parts for month, parts in dues.charged(db, member_id).items()}
    return {m: parts for m, parts in months.items() if m not in gone and (first is None or m >= first)}


@dataclass(frozen=True, slots=True)
class Repriced:
    """A month that turns out to cost another amount."""

    month: Month
    before: Rupiah
    after: Rupiah


@dataclass(frozen=True, slots=True)
class Preview:
    """What other terms would change; nothing of it is written."""

    months: tuple[Repriced, ...]
    kept: Rupiah  # of what she paid: too much then, and kept for other months
    monthly: Rupiah  # what the first month costs by them, whether it is charged already or not

    @property
    def difference(self) -> Rupiah:
        """The sum of all differences."""
        return Rupiah(sum(one.after - one.before for one in self.months))


def preview(db: Session, member: Member, terms_from: Mapping[Month, Priced]) -> Preview:
    """What `reprice` would do if these terms held, each from its month on until the next. Raises `NoRate`."""
    first = min(terms_from)
    known = asked_for(db, member.id, first)
    wanted = {month: prices_by(db, member, month, terms_from[latest_of(terms_from, month)]) for month in known}
    found = differences(known, wanted, Kind.ADJUST)
    changed = sorted({month for month, *_rest in found})
    sums = [(m, sum(known[m].values()), sum(due for due, _full, _rule in wanted[m].values())) for m in changed]
    monthly = sum(due for due, _full, _rule in prices_by(db, member, first, terms_from[first]).values())
    months = tuple(Repriced(month, Rupiah(before), Rupiah(after)) for month, before, after in sums)
    return Preview(months, kept(db, member.id, found), Rupiah(monthly))


Difference = tuple[Month, str, int, tuple[int, int, str]]  # month, part, by how much, and the price


def kept(db: Session, member_id: str, found: Iterable[Difference]) -> Rupiah:
    """Of what she has paid: how much these differences would make too much, to be kept for her."""
    surplus = too_much(db, member_id, [one for each in found for one in owed_more(member_id, *each[:3])])
    return Rupiah(sum(one.amount for one in surplus if one.credit in (Account.CREDIT, Account.AHEAD)))


def latest_of(months: Iterable[Month], month: Month) -> Month:
    """The last of them up to this one."""
    return max(one for one in months if one <= month)


Prices = dict[str, tuple[int, int, str]]  # part → what is due, what it is in full, and the rule


def prices_of(db: Session, member: Member, month: Month) -> Prices:
    """What a month costs a member by the rules and terms as they stand. Raises `NoRate`."""
    hers = terms.at(db, member.id, month)
    return prices_by(db, member, month, hers) if hers else {}


def prices_by(db: Session, member: Member, month: Month, hers: Priced) -> Prices:
    """What a month costs a member by these terms and the rules as they stand. Raises `NoRate`."""
    fee = terms.fee_at(db, member.association_id, month)
    return {one.part: (one.due, one.full, one.rule) for one in priced(month, hers, fee)}


def adjust(
    db: Session,
    member: Member,
    known: dict[Month, dict[str, int]],
    wanted: dict[Month, Prices],
    *,
    kind: Kind,
    now: datetime,
    by: str | None,
    reason: str,
) -> Rupiah:
    """Charge the differences between what is known and what is wanted; their sum."""
    found = differences(known, wanted, kind)
    if not found:
        return Rupiah(0)
    movements = [one for each in found for one in owed_more(member.id, *each[:3])]
    movements += too_much(db, member.id, movements)
    entry = ledger.post(
        db,
        movements,
        association_id=member.association_id,
        kind=kind,
        key=f"{kind}:{new_id()}",
        about=f"member/{member.id}",
        by=by,
        reason=reason,
        now=now,
    )
    for month, part, amount, (_due, full, rule) in found:
        db.add(
            Charge(
                association_id=member.association_id,
                member_id=member.id,
                month=str(month),
                part=part,
                revision=next_revision(db, member.id, month, part),
                amount=amount,
                full=full,
                rule=rule,
                entry=entry,
            )
        )
    db.flush()
    credit.apply(db, member.association_id, member.id, now=now)
    return Rupiah(sum(amount for _month, _part, amount, _price in found))


def differences(
    known: Mapping[Month, Mapping[str, int]], wanted: Mapping[Month, Prices], kind: Kind
) -> list[Difference]:
    """By how much what is wanted differs from what is known, and its price; one that is gone is priced by `kind`."""
    return [
        (month, part, amount, wanted[month].get(part, (0, 0, kind.value)))
        for month in sorted(wanted)
        for part in PARTS
        if (amount := wanted[month].get(part, (0, 0, ""))[0] - known[month].get(part, 0))
    ]


def owed_more(member_id: str, month: Month, part: str, amount: int) -> list[Movement]:
    """She owes this much more; less, where the amount is below zero."""
    to_whom = Account.FEE if part == FEE else Account.BPJS
    return moved(amount, debit=Account.OWES, credit=to_whom, member=member_id, month=str(month), part=part)


def next_revision(db: Session, member_id: str, month: Month, part: str) -> int:
    """The number of the next difference to a part."""
    rows = select(func.max(Charge.revision)).where(
        Charge.member_id == member_id, Charge.month == str(month), Charge.part == part
    )
    last = db.exec(rows).first()
    return 0 if last is None else int(last) + 1


def too_much(db: Session, member_id: str, movements: Iterable[Movement]) -> list[Movement]:
    """What she has paid beyond what a part costs after these movements: kept for her, where the money lies."""
    owes, to_bpjs, _credit, _ahead = dues.balances(db, member_id)
    for one in movements:
        sign = 1 if one.debit is Account.OWES else -1
        owes[one.month][one.part] = owes[one.month].get(one.part, 0) + sign * one.amount
        if one.part != FEE:
            to_bpjs[one.month][one.part] = to_bpjs[one.month].get(one.part, 0) + sign * one.amount
    found: list[Movement] = []
    for month, part in sorted({(one.month, one.part) for one in movements}):
        surplus = max(0, -owes[month].get(part, 0))
        there = min(surplus, max(0, -to_bpjs[month].get(part, 0))) if part != FEE else 0
        whose = {"member": member_id, "month": month, "part": part}
        found += moved(there, debit=Account.OWES, credit=Account.BPJS, **whose)
        found += moved(there, debit=Account.BPJS, credit=Account.AHEAD, member=member_id)
        found += moved(surplus - there, debit=Account.OWES, credit=Account.CREDIT, **whose)
    return found


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────────


def stop_after(db: Session, member: Member, last: Month, *, now: datetime, by: str | None, reason: str) -> None:
    """Nothing is asked of her after that month. Money that BPJS has, or is about to get, stays where it is; what else
    she paid for later months is kept for her."""
    ledger.hold(db, member.association_id)
    known = only_with_us(db, member, last, now.date())
    adjust(db, member, known, {month: {} for month in known}, kind=Kind.LEAVE, now=now, by=by, reason=reason)


def kept_after(db: Session, member: Member, last: Month, today: date) -> Rupiah:
    """What she has paid for the months that `stop_after` would give up."""
    known = only_with_us(db, member, last, today)
    found = differences(known, {month: {} for month in known}, Kind.LEAVE)
    return kept(db, member.id, found)


def only_with_us(db: Session, member: Member, last: Month | None, today: date) -> dict[Month, dict[str, int]]:
    """The months after that one, or all, whose money BPJS neither has nor is about to get, as charged."""
    elsewhere = {one.month for one in dues.book_of(db, member, today).months if one.at_bpjs}
    elsewhere |= set(map(Month.parse, dues.months_under_way(db, member.id)))
    known = asked_for(db, member.id, last + 1 if last else None)
    return {month: parts for month, parts in known.items() if month not in elsewhere}


# ── too long in arrears ──────────────────────────────────────────────────────────────────────────────────────────


def lapse(db: Session, association_id: str, current: Month, *, now: datetime) -> list[str]:
    """Whoever owes more months in a row than may still be paid is not charged any more, and owes them no longer.

    The members whom that concerns. Old arrears are not asked for when somebody comes back (domain facts §1.10).
    """
    owing = func.sum(debited(Account.OWES))
    asked = (
        asking(col(Posting.member_id))
        .join(Member, col(Member.id) == col(Posting.member_id))
        .where(
            col(Posting.association_id) == association_id,
            col(Posting.month) == str(current - (PAYABLE + 1)),
            col(Member.status) == "active",
        )
        .group_by(col(Posting.member_id))
        .having(owing > 0)
    )
    found = [str(member_id) for member_id in db.connection().execute(asked).scalars()]
    its = select(Member).where(col(Member.id).in_(found)).order_by(col(Member.id))
    members = db.exec(its.with_for_update(), execution_options=FRESH).all() if found else []
    ledger.hold(db, association_id)
    return [member.id for member in members if lapse_one(db, member, current, now=now)]


def lapse_one(db: Session, member: Member, current: Month, *, now: datetime) -> bool:
    """One of them, if it is so. While a payment of hers waits for an officer it is not.

    Where BPJS has the month, or is about to get it, she goes on owing it to the association.
    """
    book = dues.book_of(db, member, now.date())
    if member.status != "active" or book.pending or not has_lapsed(book, current):
        return False
    known, unpaid = only_with_us(db, member, None, now.date()), set(book.unpaid(current, BPJS_PARTS))
    gone = {month: parts for month, parts in known.items() if month in unpaid}
    reason = "more months in arrears than may be paid"
    adjust(db, member, gone, {month: {} for month in gone}, kind=Kind.LAPSE, now=now, by=None, reason=reason)
    member.status = "lapsed"
    db.flush()
    return True
