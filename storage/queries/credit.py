"""What lies ready for a member, with us or at BPJS: it pays by itself, and what never was hers is taken back."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, or_
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.dues import BPJS_PARTS, Open, allocate, less
from domain.ledger import Account, Kind, Movement, moved
from domain.money import Rupiah
from domain.month import Month
from storage.columns import new_id
from storage.queries import dues, ledger
from storage.queries.ledger import debited
from storage.tables import Entry, Member, Posting


def holding(db: Session, association_id: str, members: Collection[str] | None = None) -> list[str]:
    """The members for whom money lies ready."""
    ready = func.sum(debited(Account.CREDIT) + debited(Account.AHEAD))
    held = (Account.CREDIT.value, Account.AHEAD.value)
    asked = (
        asking(col(Posting.member_id))
        .where(
            col(Posting.association_id) == association_id,
            or_(col(Posting.debit).in_(literal_list(held)), col(Posting.credit).in_(literal_list(held))),
        )
        .group_by(col(Posting.member_id))
        .having(ready < 0)
        .order_by(col(Posting.member_id))
    )
    if members is not None:
        asked = asked.where(col(Posting.member_id).in_(members))
    return [str(member_id) for member_id in db.connection().execute(asked).scalars()]


def literal_list(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Words written out in the statement: a partial index is used only for the very same condition."""
    return [literal(word, literal_execute=True) for word in words]


# ── used ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def open_parts(db: Session, member_id: str) -> tuple[list[Open], list[Open]]:
    """What she owes of the months that are charged; and how much of that BPJS, too, has not got yet.

    Where BPJS has a month that she still owes, she owes it to the association alone.
    """
    owes, to_bpjs, _credit, _ahead = dues.balances(db, member_id)
    owed = [
        Open(Month.parse(month), part, Rupiah(amount))
        for month, parts in owes.items()
        for part, amount in parts.items()
        if month and amount > 0
    ]
    missing = [
        Open(one.month, one.part, Rupiah(min(one.amount, to_bpjs[str(one.month)].get(one.part, 0))))
        for one in owed
        if one.part in BPJS_PARTS
    ]
    return owed, [one for one in missing if one.amount > 0]


def apply(db: Session, association_id: str, member_id: str, *, now: datetime) -> None:
    """What lies ready for her pays the oldest months that are charged: her credit first, then what BPJS holds."""
    credit, ahead = ledger.held_for(db, association_id, member_id)
    if credit <= 0 and ahead <= 0:
        return
    owed, missing = open_parts(db, member_id)
    ours = allocate(owed, Rupiah(max(0, credit)))
    left = {(one.month, one.part): one.amount for one in less(owed, ours.paid)}
    still = [Open(one.month, one.part, Rupiah(min(one.amount, left.get((one.month, one.part), 0)))) for one in missing]
    theirs = allocate(still, Rupiah(max(0, ahead)))
    movements = [movement for one in ours.paid for movement in from_credit(member_id, one)]
    movements += [movement for one in theirs.paid for movement in from_ahead(member_id, one)]
    if movements:
        post(db, movements, association_id, about=f"member/{member_id}", now=now)


def post(
    db: Session,
    movements: list[Movement],
    association_id: str,
    *,
    about: str,
    now: datetime,
    by: str | None = None,
    reason: str = "",
) -> None:
    """An entry about what lies ready; its key is its own, for what it does follows from what lies there."""
    key = f"credit:{new_id()}"
    ledger.post(
        db,
        movements,
        association_id=association_id,
        kind=Kind.CREDIT,
        key=key,
        about=about,
        now=now,
        by=by,
        reason=reason,
    )


def from_credit(member_id: str, one: Open) -> list[Movement]:
    """The association keeps what it holds for her: she owes that much less."""
    return [Movement(Account.CREDIT, Account.OWES, one.amount, member_id, month=str(one.month), part=one.part)]


def from_ahead(member_id: str, one: Open) -> list[Movement]:
    """BPJS uses what it got ahead of time for this month."""
    return [
        Movement(Account.AHEAD, Account.BPJS, one.amount, member_id),
        Movement(Account.BPJS, Account.OWES, one.amount, member_id, month=str(one.month), part=one.part),
    ]


# ── taken back ───────────────────────────────────────────────────────────────────────────────────────────────────


def put_right(db: Session, member: Member, *, about: str, by: str | None, now: datetime, reason: str) -> None:
    """After something was undone: no month stands for more than it costs, nothing that lies ready is below zero.

    What was used and is not hers any more is taken back, the newest use first; what is left pays again.
    """
    not_beyond_cost(db, member, about=about, by=by, now=now, reason=reason)
    for number in uses(db, member):
        if min(ledger.held_for(db, member.association_id, member.id)) >= 0:
            break
        hers = f"member/{member.id}"
        ledger.reverse(db, member.association_id, number, now=now, by=by, reason=reason, about=hers)
        not_beyond_cost(db, member, about=about, by=by, now=now, reason=reason)
    not_below_zero(db, member, about=about, by=by, now=now, reason=reason)
    apply(db, member.association_id, member.id, now=now)


def uses(db: Session, member: Member) -> list[int]:
    """The entries by which what lay ready for her paid something, and that stand; the newest first."""
    used = select(Entry.number).where(
        Entry.association_id == member.association_id,
        Entry.about == f"member/{member.id}",
        Entry.kind == Kind.CREDIT.value,
    )
    numbers = db.exec(used.order_by(col(Entry.number).desc())).all()
    return [number for number in numbers if not ledger.is_reversed(db, member.association_id, number)]


def not_beyond_cost(db: Session, member: Member, *, about: str, by: str | None, now: datetime, reason: str) -> None:
    """What a month cost less later on was kept for her; where its money is gone again, what was kept goes with it."""
    cost = dues.charged(db, member.id)
    owes, to_bpjs, _credit, _ahead = dues.balances(db, member.id)
    movements: list[Movement] = []
    for month in sorted({*filter(None, owes), *filter(None, to_bpjs)}):
        for part in sorted({*owes[month], *to_bpjs[month]}):
            costs = cost[month].get(part, 0)
            hers = max(0, owes[month].get(part, 0) - costs)
            theirs = max(0, to_bpjs[month].get(part, 0) - costs) if part in BPJS_PARTS else 0
            movements += beyond(member.id, month, part, hers, theirs)
    if movements:
        post(db, movements, member.association_id, about=about, by=by, now=now, reason=reason)


def beyond(member_id: str, month: str, part: str, hers: int, theirs: int) -> list[Movement]:
    """She owes this much more than the part costs, and BPJS is owed so much more."""
    whose = {"member": member_id, "month": month, "part": part}
    both = min(hers, theirs)
    return [
        *moved(theirs, debit=Account.AHEAD, credit=Account.BPJS, member=member_id),
        *moved(both, debit=Account.BPJS, credit=Account.OWES, **whose),
        *moved(hers - both, debit=Account.CREDIT, credit=Account.OWES, **whose),
        *moved(theirs - both, debit=Account.BPJS, credit=Account.CREDIT, **whose),
    ]


def not_below_zero(db: Session, member: Member, *, about: str, by: str | None, now: datetime, reason: str) -> None:
    """What nothing can be taken back for is owed for the newest months, even beyond what these cost."""
    credit, _ahead = ledger.held_for(db, member.association_id, member.id)
    cost = dues.charged(db, member.id)
    months = sorted(((month, part) for month, parts in cost.items() for part in parts), reverse=True)
    if credit >= 0 or not months:
        return
    month, part = months[0]
    owed = moved(-credit, debit=Account.OWES, credit=Account.CREDIT, member=member.id, month=month, part=part)
    post(db, owed, member.association_id, about=about, by=by, now=now, reason=reason)
