"""Cash that collectors take: from whom, how much and for which months; and what they took before."""

from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlalchemy import select as asking
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.due import first_month
from domain.dues import Book
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.payment import PaymentStatus
from storage.queries import charges, dues
from storage.queries.ledger import debited
from storage.tables import Charge, Collection, Member, Payment, Posting

FAR = 12  # months ahead for which cash is taken at most


@dataclass(frozen=True, slots=True)
class Due:
    """What a member is to pay now: all that she owes up to the current month, or else the next month ahead."""

    member: Member
    months: tuple[Month, ...]
    amount: Rupiah
    ahead: bool = False  # she owes nothing: the months lie ahead
    pending: bool = False  # a proof of hers waits for an officer


# ── whose ────────────────────────────────────────────────────────────────────────────────────────────────────────


def members_of(db: Session, association_id: str, collector_id: str) -> list[Member]:
    """Whose cash this collector takes, by name."""
    hers = here(association_id).where(Member.collector_id == collector_id)
    return list(db.exec(hers.order_by(col(Member.name), col(Member.id))))


def members_named(db: Session, association_id: str, member_ids: Sequence[str]) -> list[Member]:
    """These members, in this order; whoever is no member any more is left out."""
    found = {one.id: one for one in db.exec(here(association_id).where(col(Member.id).in_(member_ids)))}
    return [found[member_id] for member_id in member_ids if member_id in found]


def lock_members(db: Session, association_id: str, member_ids: Sequence[str]) -> list[Member]:
    """The same, held until the commit; they are locked in one order, so that no two collectors wait for each other."""
    these = select(Member.id).where(Member.association_id == association_id, col(Member.id).in_(member_ids))
    db.exec(these.order_by(col(Member.id)).with_for_update()).all()
    return members_named(db, association_id, member_ids)


def here(association_id: str) -> SelectOfScalar[Member]:
    """The members of an association who have not left."""
    return select(Member).where(Member.association_id == association_id, Member.status != "left")


def taken_before(db: Session, association_id: str, collector_id: str, before: datetime) -> list[Member]:
    """From whom she took cash in the last month in which she took any `before` a moment; else in her last collection.

    `before`: when this month began, in the association's zone.
    """
    last = select(func.max(Collection.at)).where(
        Collection.association_id == association_id, Collection.collector_id == collector_id
    )
    then = db.exec(last.where(Collection.at < before)).one()
    hers = (
        select(Member)
        .join(Payment, col(Payment.member_id) == col(Member.id))
        .join(Collection, col(Collection.id) == col(Payment.collection_id))
        .where(
            Member.association_id == association_id,
            Member.status != "left",
            Collection.collector_id == collector_id,
            Payment.status == PaymentStatus.CONFIRMED.value,
        )
        .order_by(col(Payment.id))
    )
    if then is None:
        hers = hers.where(Collection.at == db.exec(last).one())
    else:
        local = then.astimezone(before.tzinfo)
        begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        hers = hers.where(Collection.at >= begin, Collection.at < before)
    return list({one.id: one for one in db.exec(hers)}.values())


# ── how much ─────────────────────────────────────────────────────────────────────────────────────────────────────


def dues_of(db: Session, members: Sequence[Member], today: date) -> list[Due]:
    """What each of them is to pay now. Who owes charged months and nothing else is added up for all at once."""
    simple = owing(db, members, Month.of(today))
    pending = waiting(db, [one.id for one in members])
    return [
        Due(one, *simple[one.id], pending=one.id in pending) if one.id in simple else due_of(db, one, today)
        for one in members
    ]


def owing(db: Session, members: Sequence[Member], current: Month) -> dict[str, tuple[tuple[Month, ...], Rupiah]]:
    """Months and amount of whoever owes something, has every month up to now charged, and for whom nothing is held."""
    ids = [one.id for one in members]
    held = func.sum(debited(Account.CREDIT)) + func.sum(debited(Account.AHEAD))
    sums = (
        asking(col(Posting.member_id), col(Posting.month), func.sum(debited(Account.OWES)), held)
        .where(col(Posting.member_id).in_(ids))
        .group_by(col(Posting.member_id), col(Posting.month))
    )
    owes: dict[str, dict[Month, int]] = defaultdict(dict)
    credit: dict[str, int] = defaultdict(int)
    for whose, month, owed, kept in db.connection().execute(sums):
        member_id = str(whose)
        credit[member_id] += int(kept)
        if month and int(owed) > 0 and Month.parse(month) <= current:
            owes[member_id][Month.parse(month)] = int(owed)
    known = charged_months(db, ids)
    return {
        one.id: (tuple(sorted(owes[one.id])), Rupiah(sum(owes[one.id].values())))
        for one in members
        if owes[one.id] and not credit[one.id] and one.status == "active" and is_charged(one, known[one.id], current)
    }


def charged_months(db: Session, member_ids: Some[str]) -> dict[str, set[str]]:
    """The months that are charged, by member."""
    rows = asking(col(Charge.member_id), col(Charge.month)).where(col(Charge.member_id).in_(member_ids)).distinct()
    found: dict[str, set[str]] = defaultdict(set)
    for member_id, month in db.connection().execute(rows):
        found[member_id].add(month)
    return found


def is_charged(member: Member, known: set[str], current: Month) -> bool:
    """True when every month that is hers to pay by now is charged."""
    if not member.first_month:
        return True
    first = Month.parse(member.first_month)
    return all(str(month) in known for month in months_from(first, max(0, current - first + 1)))


def waiting(db: Session, member_ids: Some[str]) -> set[str]:
    """The members of whom a payment waits for an officer."""
    rows = select(Payment.member_id).where(
        col(Payment.member_id).in_(member_ids), col(Payment.status).in_(dues.WAITING)
    )
    return set(db.exec(rows))


def due_of(db: Session, member: Member, today: date) -> Due:
    """What one member is to pay now, with what lies ready for her taken off."""
    book = dues.book_of(db, member, today)
    current = Month.of(today)
    pending = bool(book.pending)
    if owed := book.owed(current):
        return Due(member, tuple(book.unpaid(current)), owed, pending=pending)
    months, amount = ahead(db, member, book, today)
    return Due(member, months, amount, ahead=True, pending=pending)


def ahead(db: Session, member: Member, book: Book, today: date) -> tuple[tuple[Month, ...], Rupiah]:
    """The next month of somebody who owes nothing, and what it costs her; more than one where the first ones are paid
    by what lies ready for her, none where nothing is ever hers to pay."""
    first = next_month(member, book, today)
    for count in range(1, FAR + 1):
        months = tuple(months_from(first, count))
        if cost := dues.with_months(db, member, book, months).owed(months[-1]):
            return months, cost
    return (), Rupiah(0)


def reach(db: Session, due: Due, amount: Rupiah, today: date) -> tuple[tuple[Month, ...], Rupiah]:
    """The months that this much is meant for, and what they cost: what is due, then as many as it pays in full."""
    months, cost = due.months, due.amount
    if amount <= cost or not months:
        return months, cost
    book = dues.book_of(db, due.member, today)
    for month in months_from(months[-1] + 1, FAR):
        book = dues.with_months(db, due.member, book, (*due.months, month))
        found = book.month(month)
        if found is None or book.owed(month) > amount:
            break
        if found.total_owed:
            months, cost = (*months, month), book.owed(month)
    return months, cost


def next_month(member: Member, book: Book, today: date) -> Month:
    """The first month that somebody who owes nothing pays; whoever lapsed begins anew and pays no old month."""
    if member.status == "active" and (unpaid := book.next_unpaid()):
        return unpaid
    if member.status == "active" and member.first_month:
        return Month.parse(member.first_month)
    return first_month(today)


def charge_together(db: Session, months: Mapping[str, Some[Month]], association_id: str, *, now: datetime) -> None:
    """Charge each month of all members who pay it at once, as far as it is not charged yet. `months`: by member."""
    for month in sorted({month for hers in months.values() for month in hers}):
        payers = [member_id for member_id, hers in months.items() if month in hers]
        charges.charge_month(db, association_id, month, now=now, members=payers)


# ── what was taken ───────────────────────────────────────────────────────────────────────────────────────────────


def find(db: Session, association_id: str, collection_id: str) -> Collection | None:
    """One collection of this association."""
    one = select(Collection).where(Collection.id == collection_id, Collection.association_id == association_id)
    return db.exec(one).first()
