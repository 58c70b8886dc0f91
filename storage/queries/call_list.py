"""Whom a collector should call: the last reminder went, and neither money nor a word came."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists
from sqlmodel import Session, col, select

from domain.money import Rupiah
from domain.month import Month
from domain.reminder import is_last
from storage.queries import dues, reminders
from storage.queries.members import place_of
from storage.sealed import keys
from storage.tables import Call, Member, Promise, Reminder, Talk


@dataclass(frozen=True, slots=True)
class ToCall:
    """Somebody to call, and why."""

    member: Member
    month: Month  # of which she was reminded
    months: tuple[Month, ...]  # of which something is owed, that one the last
    owed: Rupiah


def of_collector(db: Session, association_id: str, collector_id: str, today: date) -> list[ToCall]:
    """A collector's list, whoever has owed longest first; who promised a day is not called before it."""
    last = [
        rule.name
        for rule in reminders.rules_of(db, association_id)
        if is_last(rule, reminders.rules_of(db, association_id))
    ]
    told = (
        select(Member, Reminder.month)
        .join(Reminder, col(Reminder.member_id) == col(Member.id))
        .where(
            Member.association_id == association_id,
            Member.collector_id == collector_id,
            Member.status == "active",
            col(Reminder.rule).in_(last),
            col(Reminder.status).in_(("queued", "uncertain", "late")),
            ~exists().where(
                col(Talk.person_id) == col(Member.person_id),
                col(Talk.heard_at) > col(Reminder.settled_at),
                col(Talk.turn) > 0,
            ),
            ~exists().where(
                col(Promise.member_id) == col(Member.id), col(Promise.ended_at).is_(None), col(Promise.pay_on) >= today
            ),
            ~exists().where(col(Call.member_id) == col(Member.id), col(Call.month) == col(Reminder.month)),
        )
        .order_by(col(Reminder.month), col(Member.name))
    )
    found: dict[str, ToCall] = {}
    for member, month in db.exec(told):
        left = dues.book_of(db, member, today).left(Month.parse(month))
        if left and member.id not in found:
            months = tuple(sorted({one.month for one in left}))
            owed = Rupiah(sum(one.amount for one in left))
            found[member.id] = ToCall(member, Month.parse(month), months, owed)
    return list(found.values())


def phone_of(member: Member) -> str:
    """Her phone number, opened; "" where she gave none."""
    if not member.phone_sealed:
        return ""
    return keys().open(member.phone_sealed, bound_to=place_of(member, "phone")).decode()


def note(db: Session, member: Member, month: Month, outcome: str, *, by: str, now: datetime) -> None:
    """She was called; the list forgets her for this month."""
    db.add(
        Call(
            association_id=member.association_id,
            member_id=member.id,
            month=str(month),
            outcome=outcome,
            by_person=by,
            at=now,
        )
    )
    db.flush()
