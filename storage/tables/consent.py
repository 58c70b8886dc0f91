"""What somebody agreed to, in the words that she saw."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Moment


class Consent(SQLModel, table=True):
    """One answer to one request for consent; rows are only ever added (UU 27/2022 Art. 20–24: show proof)."""

    __table_args__ = (Index("consent_of_person", "association_id", "person_id", "purpose", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    person_id: str = Field(foreign_key="person.id")
    purpose: str  # data, reminders, announcements, registration_for_another
    given: bool
    version: str
    words: str  # exactly what was asked
    answer: str  # exactly what was answered
    language: str
    account: str
    provider_id: str  # of the message that answered
    at: datetime = Field(sa_type=Moment)
