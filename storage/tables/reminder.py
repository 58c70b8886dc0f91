"""Reminders: the association's rules, what was planned by them, and what people promised."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, BigNumber, Moment
from storage.tables.message import one_of

REMINDERS = ("planned", "queued", "uncertain", "cancelled", "late")
PLANNED = "status = 'planned'"
KEPT_OPEN = "ended_at IS NULL"


class ReminderRule(SQLModel, table=True):
    """A rule of an association; one that has none has those of `domain.reminder`."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        UniqueConstraint("association_id", "anchor", "days"),
        CheckConstraint("anchor IN ('due', 'cover')", name="known_anchor"),
        CheckConstraint("lasts BETWEEN 1 AND 60 AND days BETWEEN -60 AND 60", name="within_reason"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    anchor: str
    days: int  # before (below zero) or after the anchor
    lasts: int  # days for which it still helps


class Reminder(SQLModel, table=True):
    """One reminder to one member about one month by one rule: there is never a second."""

    __table_args__ = (
        UniqueConstraint("member_id", "month", "rule"),
        CheckConstraint(one_of("status", REMINDERS), name="known_status"),
        Index("reminder_planned", "send_at", sqlite_where=text(PLANNED), postgresql_where=text(PLANNED)),
        Index("reminder_of_week", "association_id", "send_at"),
        Index("reminder_of_message", "message_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id", max_length=32)
    member_id: str = Field(foreign_key="member.id")
    month: str = Field(max_length=7)
    rule: str
    status: str = "planned"  # queued: its message tells the rest; cancelled, late: it never went, see `reason`;
    # uncertain: the database from which this one was restored may have sent it
    send_at: datetime = Field(sa_type=Moment)  # a decent hour where she lives
    valid_until: datetime = Field(sa_type=Moment)
    message_id: int | None = Field(default=None, sa_type=BigNumber)
    reason: str = ""  # paid, promised, opted_out, left, enough_this_week, unreachable, stopped, restored
    planned_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)


class Promise(SQLModel, table=True):
    """She said when she will pay; until then she is left alone."""

    __table_args__ = (
        Index(
            "promise_kept_open",
            "member_id",
            unique=True,
            sqlite_where=text(KEPT_OPEN),
            postgresql_where=text(KEPT_OPEN),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    member_id: str = Field(foreign_key="member.id")
    pay_on: date
    made_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Call(SQLModel, table=True):
    """A collector has called somebody whom reminders did not move; rows are only ever added."""

    __table_args__ = (
        CheckConstraint("outcome IN ('promised', 'not_reached', 'wants_to_stop', 'other')", name="known_outcome"),
        Index("calls_to_member", "member_id", "month"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    member_id: str = Field(foreign_key="member.id")
    month: str = Field(max_length=7)
    outcome: str
    by_person: str = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Moment)
