"""A member as the law knows her, and her heirs."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Member(SQLModel, table=True):
    """An approved member; identifiers are sealed and found by their blind index. By what she is priced: `Terms`."""

    __table_args__ = (
        UniqueConstraint("association_id", "nik_index"),
        UniqueConstraint("association_id", "person_id"),
        CheckConstraint("sex IN ('female', 'male')", name="known_sex"),
        CheckConstraint("status IN ('active', 'lapsed', 'left')", name="known_status"),
        Index("member_of_collector", "association_id", "collector_id"),
        Index("member_by_nik_end", "association_id", "nik_end"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    person_id: str = Field(foreign_key="person.id")
    application_id: str = Field(foreign_key="application.id")
    nik_sealed: str
    nik_index: str
    nik_end: str = Field(max_length=4)  # the last four digits, which may be shown
    name: str  # as on the KTP
    birth_place: str
    birth_date: date
    sex: str
    mother_sealed: str
    phone_sealed: str = ""
    regency: str = ""  # Kemendagri codes; empty where she lives outside our tables
    district: str = ""
    village: str = ""
    home: str = ""  # street or hamlet, and the places' names as she said them
    trade: str
    workplace: str
    hours: str
    status: str = "active"  # lapsed: too long in arrears, so nothing more is charged; left: she went
    first_month: str = Field(default="", max_length=7)  # the first that is charged
    collector_id: str | None = Field(default=None, foreign_key="person.id")  # who takes her cash
    market: str = ""  # where she is found, in the association's own words
    kpj: str = ""  # BPJS's number of her
    protected_until: date | None = None  # as BPJS told it; wins over everything that we derive
    joined_at: datetime = Field(sa_type=Moment)


class Heir(SQLModel, table=True):
    """Somebody who receives a member's death benefit; sealed, since heirs are often children."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    member_id: str = Field(foreign_key="member.id", index=True)
    name_sealed: str
    relation: str
