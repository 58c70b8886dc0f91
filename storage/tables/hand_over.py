"""Cash on its way from a collector to the treasurer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import BigNumber, Moment, new_id


class HandOver(SQLModel, table=True):
    """The collector says how much; the treasurer counts; what differs has a reason and an entry of its own."""

    __tablename__ = "hand_over"
    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint("status IN ('offered', 'counted', 'withdrawn')", name="known_status"),
        CheckConstraint("declared > 0 AND (counted IS NULL OR counted >= 0)", name="some_money"),
        CheckConstraint("(status = 'counted') = (counted IS NOT NULL)", name="counted_once"),
        CheckConstraint("counted IS NULL OR counted = declared OR reason <> ''", name="difference_has_reason"),
        Index("hand_over_queue", "association_id", "status", "at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # "H-2026-0001"
    collector_id: str = Field(foreign_key="person.id", index=True)
    address_id: str | None = Field(default=None, foreign_key="address.id")  # where the collector is told
    treasurer_id: str | None = Field(default=None, foreign_key="person.id")  # who counted
    status: str = "offered"
    declared: int = Field(sa_type=BigNumber)
    counted: int | None = Field(default=None, sa_type=BigNumber)
    reason: str = ""
    entry: int | None = Field(default=None, sa_type=BigNumber)
    at: datetime = Field(sa_type=Moment)
    counted_at: datetime | None = Field(default=None, sa_type=Moment)
