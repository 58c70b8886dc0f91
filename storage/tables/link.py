"""One-time links to pages of ours."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Link(SQLModel, table=True):
    """A link that somebody got in her talk: good once, for a short while, for that talk alone.

    "fill": a page that asks what the chat must not ask; "look": a page that shows what the chat must not show.
    """

    __table_args__ = (CheckConstraint("purpose IN ('fill', 'look')", name="known_purpose"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    token_index: str = Field(unique=True)  # blind index of the token; the token itself is not kept
    purpose: str
    account: str = Field(foreign_key="channel_account.id")
    address_id: str = Field(foreign_key="address.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    step: str = ""  # fill: the question that it answers
    fields: str = ""  # fill: what it asks for, as in "nik ktp?"; a question mark: may be left out
    subject: str = ""  # look: the application that it shows
    document_id: str | None = Field(default=None, foreign_key="document.id")  # fill: the photo that came through it
    tries: int = 0
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
