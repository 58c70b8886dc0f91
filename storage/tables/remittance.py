"""Batches of member-months that the treasurer pays to BPJS."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.remittance import HOLDS, LineStatus, RemittanceStatus
from storage.columns import BigKey, BigNumber, Json, Moment, new_id
from storage.tables.message import one_of

HELD = one_of("status", tuple(status.value for status in HOLDS))


class Remittance(SQLModel, table=True):
    """One batch; the amount that was really paid is a column of its own."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint(one_of("status", tuple(RemittanceStatus)), name="known_status"),
        CheckConstraint("paid_from IN ('', 'bank', 'till')", name="known_source"),
        CheckConstraint("(status IN ('paid', 'closed')) = (entry IS NOT NULL)", name="paid_has_entry"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # "R-2026-0001"
    status: str
    composed_by: str = Field(foreign_key="person.id")
    code: str = ""  # BPJS's payment code for the whole batch; a line may have its own
    paid_from: str = ""
    paid: int | None = Field(default=None, sa_type=BigNumber)
    paid_on: date | None = None
    reference: str = ""
    reason: str = ""  # why more was paid than the lines cost
    document_id: str | None = Field(default=None, foreign_key="document.id")  # the proof
    proposed_by: str | None = Field(default=None, foreign_key="person.id")  # the first of two who say that it is paid
    paid_by: str | None = Field(default=None, foreign_key="person.id")
    strangers: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)  # results that fit no line
    entry: int | None = Field(default=None, sa_type=BigNumber)
    composed_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class RemittanceLine(SQLModel, table=True):
    """One member's month in a batch; it is in one batch at a time."""

    __tablename__ = "remittance_line"
    __table_args__ = (
        CheckConstraint(one_of("status", tuple(LineStatus)), name="known_status"),
        CheckConstraint("amount > 0", name="some_money"),
        Index("remittance_lines", "remittance_id", "id"),
        Index(
            "remittance_line_held",
            "member_id",
            "month",
            unique=True,
            sqlite_where=text(HELD),
            postgresql_where=text(HELD),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    remittance_id: str = Field(foreign_key="remittance.id")
    member_id: str = Field(foreign_key="member.id")
    month: str = Field(max_length=7)
    amount: int = Field(sa_type=BigNumber)
    status: str = "open"
    code: str = ""
    told: int | None = Field(default=None, sa_type=BigNumber)  # the amount that BPJS tells
    reason: str = ""
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
