"""What months cost: by which terms a member is priced, the association's own fee, and what was charged."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.dues import PARTS
from storage.columns import BigKey, BigNumber, Moment
from storage.tables.ledger import known, of_entry


class Terms(SQLModel, table=True):
    """By what a member's months are priced from a month on. Of several the latest month counts, then the latest row;
    rows are only ever added."""

    __table_args__ = (
        CheckConstraint("sector IN ('other', 'transport')", name="known_sector"),
        CheckConstraint("funding IN ('self', 'government')", name="known_funding"),
        Index("terms_of_member", "member_id", "from_month", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    member_id: str = Field(foreign_key="member.id")
    from_month: str = Field(max_length=7)
    tier: int  # domain/tiers.csv
    programmes: str  # as in "JKK JKM JHT"
    sector: str = "other"
    funding: str = "self"
    reason: str = ""
    by_person: str | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=Moment)


class Fee(SQLModel, table=True):
    """The association's own fee from a month on; 0 ends it. Rows are only ever added, the latest counts."""

    __table_args__ = (CheckConstraint("amount >= 0", name="not_negative"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id", index=True)
    from_month: str = Field(max_length=7)
    amount: int = Field(sa_type=BigNumber)  # rupiah a month
    by_person: str | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=Moment)


class Charge(SQLModel, table=True):
    """What one part of one month costs a member, and by which rule. Revision 0 is the charge; each further one adds
    the difference to what the part turned out to cost. Rows are only ever added."""

    __table_args__ = (
        UniqueConstraint("member_id", "month", "part", "revision"),
        of_entry(),
        known("part", PARTS),
        CheckConstraint("revision >= 0", name="counted_up"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(max_length=32)
    member_id: str
    month: str = Field(max_length=7)
    part: str = Field(max_length=4)
    revision: int = 0
    amount: int = Field(sa_type=BigNumber)  # due by this row: a revision's may be negative
    full: int = Field(sa_type=BigNumber)  # without discount; of a revision, the whole part as it is priced now
    rule: str
    entry: int = Field(sa_type=BigNumber)
