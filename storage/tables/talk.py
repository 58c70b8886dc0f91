"""Where a person stands in her conversation."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Moment


class Talk(SQLModel, table=True):
    """One person's talk at one address; `turn` counts up with every message and fences every write."""

    __table_args__ = (UniqueConstraint("address_id", "person_id"), Index("talk_of_person", "person_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    address_id: str = Field(foreign_key="address.id")
    person_id: str = Field(foreign_key="person.id")
    turn: int = 0
    conversation: str = ""  # the question that is open now, for counting where people stop
    version: int = 0
    step: str = ""
    standing_sealed: str = ""  # everything she has answered and where she stands
    heard_at: datetime = Field(sa_type=Moment)  # her last message
    ended_at: datetime | None = Field(default=None, sa_type=Moment)  # she speaks here no more
    ended_why: str = ""  # separated, doubted, joined
