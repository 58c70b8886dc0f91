"""A question or a trouble that waits for a human."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Ticket(SQLModel, table=True):
    """Handed over to the officers."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint("status IN ('open', 'taken', 'closed')", name="known_status"),
        CheckConstraint(
            "kind IN ('question', 'stuck', 'duplicate_nik', 'not_processed', 'unreachable', 'identity')",
            name="known_kind",
        ),
        Index("ticket_queue", "association_id", "status", "created_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str
    kind: str
    status: str = "open"
    person_id: str = Field(foreign_key="person.id")
    address_id: str | None = Field(default=None, foreign_key="address.id")
    application_id: str | None = Field(default=None, foreign_key="application.id")
    words_sealed: str
    taken_by: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
