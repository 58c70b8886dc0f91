"""Where a member's dues stand today and what comes next: the facts that `status`, the book and the officers read."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from domain.cover import Cover, cover_of, due_of
from domain.due import due_day
from domain.dues import Book, Open
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.payment import PaymentStatus
from domain.rates import Funding
from storage.queries import dues, payments, terms
from storage.tables import Member, Payment

FAR = 24  # months within which a change of the price, and the next month to pay, are looked for
WAITING = (PaymentStatus.SUBMITTED, PaymentStatus.SECONDED)


@dataclass(frozen=True, slots=True)
class Coming:
    """A month that is to come, what is to be paid for it, and until when."""

    month: Month
    amount: Rupiah
    due: date


@dataclass(frozen=True, slots=True)
class Change:
    """The first month that costs another amount than the one before it."""

    month: Month
    before: Rupiah
    after: Rupiah


@dataclass(frozen=True, slots=True)
class Outlook:
    """A member's dues as of today."""

    member: Member
    today: date
    book: Book
    left: tuple[Open, ...]  # what is owed by now, her credit taken off
    due: date | None  # until when that was, or is, to be paid
    cover: Cover
    pays_herself: bool  # False: the government does
    next: Coming | None
    change: Change | None
    waiting: tuple[Payment, ...]  # payments that an officer has yet to look at

    @property
    def owed(self) -> Rupiah:
        """What is owed by now."""
        return Rupiah(sum(one.amount for one in self.left))

    @property
    def months(self) -> list[Month]:
        """The months of which something is owed by now."""
        return sorted({one.month for one in self.left})

    @property
    def is_late(self) -> bool:
        """True when something is owed that was due."""
        return bool(self.left) and self.due is not None and self.due < self.today

    @property
    def is_waiting(self) -> bool:
        """True when payments for all that is owed wait to be looked at."""
        return bool(self.left) and set(self.months) <= self.book.pending


def outlook(db: Session, member: Member, today: date) -> Outlook:
    """Everything that may be said of a member's dues today."""
    current = Month.of(today)
    book = dues.book_of(db, member, today)
    left = tuple(book.left(current))
    first = max(current, Month.parse(member.first_month)) if member.first_month else current
    hers = terms.at(db, member.id, first)
    return Outlook(
        member=member,
        today=today,
        book=book,
        left=left,
        due=due_of(left[0].month, member.protected_until) if left else None,
        cover=cover_of(book, member.protected_until, today),
        pays_herself=hers is None or hers.funding is Funding.SELF,
        next=coming(db, member, book, current) if member.status == "active" else None,
        change=change_after(db, member, first) if member.status == "active" else None,
        waiting=tuple(payments.of_member(db, member.id, status=WAITING)),
    )


def coming(db: Session, member: Member, book: Book, current: Month) -> Coming | None:
    """The first month after the current one for which she has yet to pay; None when there is none before long."""
    first = max(current + 1, Month.parse(member.first_month or str(current)))
    further = dues.with_months(db, member, book, months_from(first, FAR))
    left = [one for one in further.left(first + FAR) if one.month >= first and one.month not in book.pending]
    if not left:
        return None
    month = min(one.month for one in left)
    amount = Rupiah(sum(one.amount for one in left if one.month == month))
    is_first = min(one.month for one in further.left(month)) == month
    return Coming(month, amount, due_of(month, member.protected_until) if is_first else due_day(month))


def change_after(db: Session, member: Member, first: Month) -> Change | None:
    """The first month after `first` that costs another amount, by the rules as they stand."""
    cost = {one.month: one.total_cost for one in dues.quoted(db, member, months_from(first, FAR + 1))}
    before = cost.get(first, Rupiah(0))
    for month in months_from(first + 1, FAR):
        after = cost.get(month, Rupiah(0))
        if after != before:
            return Change(month, before, after)
    return None
