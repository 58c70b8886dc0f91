"""A member as the law knows her, and her heirs."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Member(SQLModel, table=True):
    """An approved member; identifiers are sealed and found by their blind index."""

    __table_args__ = (
        UniqueConstraint("association_id", "nik_index"),
        UniqueConstraint("association_id", "person_id"),
        CheckConstraint("sex IN ('female', 'male')", name="known_sex"),
        CheckConstraint("sector IN ('other', 'transport')", name="known_sector"),
        CheckConstraint("funding IN ('self', 'government')", name="known_funding"),
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
    tier: int  # domain/tiers.csv
    programmes: str  # as in "JKK JKM JHT"
    sector: str = "other"
    funding: str = "self"
    joined_at: datetime = Field(sa_type=Moment)


class Heir(SQLModel, table=True):
    """Somebody who receives a member's death benefit; sealed, since heirs are often children."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    member_id: str = Field(foreign_key="member.id", index=True)
    name_sealed: str
    relation: str
