"""An application to become a member, with its history."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Json, Moment, new_id


class Application(SQLModel, table=True):
    """What a vendor answered, on its way from submitted to active; its states are in `domain.application`."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        Index("application_queue", "association_id", "status", "queued_at"),
        Index("application_by_nik", "association_id", "nik_index"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # as people say it: "P-2026-0001"
    status: str
    person_id: str = Field(foreign_key="person.id", index=True)  # whom it is about
    applicant_id: str = Field(foreign_key="person.id", index=True)  # who answered, for herself or for another
    address_id: str = Field(foreign_key="address.id")  # where the applicant is told
    nik_index: str
    answers_sealed: str
    doubts: list[str] = Field(default_factory=list, sa_type=Json)  # what an officer should look at
    queued_at: datetime = Field(sa_type=Moment)  # a repaired application keeps its place
    claimed_by: str | None = Field(default=None, foreign_key="person.id")
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    to_repair: str = ""  # the one chapter that was sent back
    reason: str = ""  # the officer's words to the vendor
    updated_at: datetime = Field(sa_type=Moment)


class ApplicationEvent(SQLModel, table=True):
    """One thing that happened to an application; rows are only ever added."""

    __tablename__ = "application_event"
    __table_args__ = (
        CheckConstraint("event <> ''", name="event_has_a_name"),
        Index("application_history", "application_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    application_id: str = Field(foreign_key="application.id")
    event: str
    by_person: str | None = Field(default=None, foreign_key="person.id")
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    at: datetime = Field(sa_type=Moment)
