"""What a member owes, added up from what was charged and what was posted."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, literal
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.dues import BPJS_PARTS, PERIODS, Book, MonthDues, Terms, priced
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.rates import NoRate
from domain.remittance import LineStatus
from storage.queries import terms
from storage.queries.ledger import debited
from storage.tables import Charge, Member, Payment, Posting, RemittanceLine

UNDER_WAY = (LineStatus.OPEN, LineStatus.UNMATCHED, LineStatus.FAILED)
UNDER_WAY_BY_INDEX = [literal(status.value, literal_execute=True) for status in UNDER_WAY]
"""Written out in the statement: an index of only some rows is used for the very same condition."""
WAITING = ("submitted", "seconded")

ByMonth = dict[str, dict[str, int]]  # month → part → rupiah


def book_of(db: Session, member: Member, today: date) -> Book:
    """A member's dues as of today: what was charged, and the months up to now that are not charged yet."""
    cost = charged(db, member.id)
    owes, to_bpjs, credit, ahead = balances(db, member.id)
    under_way = months_under_way(db, member.id)
    months = [
        MonthDues(
            month=Month.parse(month),
            cost={part: Rupiah(amount) for part, amount in parts.items() if amount},
            owed={part: Rupiah(owes[month].get(part, 0)) for part, amount in parts.items() if amount},
            at_bpjs=is_at_bpjs(parts, to_bpjs[month]) and month not in under_way,
        )
        for month, parts in sorted(cost.items())
        if any(parts.values())
    ]
    known = {one.month for one in months}
    months += [dues for dues in uncharged(db, member, today) if dues.month not in known]
    pending = frozenset(Month.parse(month) for month in months_pending(db, member.id))
    return Book(tuple(sorted(months, key=lambda one: one.month)), Rupiah(credit), Rupiah(ahead), pending)


def is_at_bpjs(parts: dict[str, int], to_bpjs: dict[str, int]) -> bool:
    """True when nothing of the month is owed to BPJS any more."""
    concerned = [part for part in BPJS_PARTS if parts.get(part)]
    return bool(concerned) and all(to_bpjs.get(part, 0) <= 0 for part in concerned)


def charged(db: Session, member_id: str) -> ByMonth:
    """What her months cost, as charged."""
    asked = (
        asking(col(Charge.month), col(Charge.part), func.sum(col(Charge.amount)))
        .where(col(Charge.member_id) == member_id)
        .group_by(col(Charge.month), col(Charge.part))
    )
    return by_month((row[0], row[1], row[2]) for row in db.connection().execute(asked))


def balances(db: Session, member_id: str) -> tuple[ByMonth, ByMonth, int, int]:
    """What she owes and what is owed to BPJS for her, by month and part; her credit, and what BPJS holds ahead."""
    month, part = col(Posting.month), col(Posting.part)
    sums = [func.sum(debited(account)) for account in (Account.OWES, Account.BPJS, Account.CREDIT, Account.AHEAD)]
    asked = asking(month, part, *sums).where(col(Posting.member_id) == member_id).group_by(month, part)
    rows = db.connection().execute(asked).all()
    owes = by_month((row[0], row[1], row[2]) for row in rows)
    to_bpjs = by_month((row[0], row[1], -row[3]) for row in rows)
    return owes, to_bpjs, -sum(int(row[4]) for row in rows), -sum(int(row[5]) for row in rows)


def by_month(rows: Iterable[tuple[str, str, int]]) -> ByMonth:
    """Rupiah by month and part."""
    found: ByMonth = defaultdict(dict)
    for month, part, amount in rows:
        found[month][part] = int(amount)
    return found


def uncharged(db: Session, member: Member, today: date) -> list[MonthDues]:
    """The months that are hers to pay by now, priced by the rules as they stand; some may be charged already."""
    if member.status != "active" or not member.first_month:
        return []
    first, current = Month.parse(member.first_month), Month.of(today)
    return quoted(db, member, months_from(first, max(0, current - first + 1)))


def quoted(db: Session, member: Member, months: Iterable[Month]) -> list[MonthDues]:
    """Months that are not charged yet, by the rules as they stand; without those that cost nothing."""
    hers = terms.over(db, member, months)
    return [found for month, (by, fee) in hers.items() if (found := quoted_by(month, by, fee))]


def quoted_by(month: Month, by: Terms, fee: Rupiah) -> MonthDues | None:
    """A month that is not charged yet, by these terms; None when it costs nothing, or no rate is on record."""
    try:
        cost = {one.part: one.due for one in priced(month, by, fee) if one.due}
    except NoRate:
        return None
    return MonthDues(month, cost, dict(cost), charged=False) if cost else None


def months_pending(db: Session, member_id: str) -> set[str]:
    """The months for which a payment waits for an officer."""
    waiting = select(Payment.months).where(Payment.member_id == member_id, col(Payment.status).in_(WAITING))
    return {month for months in db.exec(waiting) for month in months}


def months_under_way(db: Session, member_id: str) -> set[str]:
    """The months that are in a batch of which BPJS has not said that it has them."""
    lines = select(RemittanceLine.month).where(
        RemittanceLine.member_id == member_id, col(RemittanceLine.status).in_(UNDER_WAY_BY_INDEX)
    )
    return set(db.exec(lines))


def with_months(db: Session, member: Member, book: Book, months: Iterable[Month]) -> Book:
    """The same book with months that lie ahead, priced by the rules as they stand."""
    known = {one.month for one in book.months}
    ahead = quoted(db, member, [month for month in months if month not in known])
    together = tuple(sorted((*book.months, *ahead), key=lambda one: one.month))
    return Book(together, book.credit, book.ahead, book.pending)


def first_to_pay(member: Member, today: date) -> Month:
    """The first month that may be asked for: of whoever lapsed, not what lies behind (domain facts §1.10)."""
    current = Month.of(today)
    return current if member.status == "lapsed" or not member.first_month else Month.parse(member.first_month)


def book_ahead(db: Session, member: Member, today: date) -> Book:
    """A member's dues with as many months to come as she may pay at once."""
    book = book_of(db, member, today)
    start = max(Month.of(today), first_to_pay(member, today))
    settled = [one for one in book.months if one.month >= start and (not one.total_owed or one.month in book.pending)]
    return with_months(db, member, book, months_from(start, max(PERIODS) + len(settled)))
