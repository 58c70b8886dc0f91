"""Who did what, when and why; each row holds the hash of the row before."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Json, Moment


class Audit(SQLModel, table=True):
    """One act; rows are only ever added, and carry no personal values."""

    __table_args__ = (UniqueConstraint("association_id", "place"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    place: int  # 1, 2, 3 … within the association
    at: datetime = Field(sa_type=Moment)
    actor_id: str | None = Field(default=None, foreign_key="person.id")  # None: the program itself
    action: str
    subject: str  # table and row
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    previous_hash: str
    hash: str
