"""A person, what she may do, and where she is reached."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Person(SQLModel, table=True):
    """Somebody we talk with or about; who she is by law is in `member`."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id", index=True)
    called: str = ""  # the name she gave herself at the provider; a courtesy, never an identity
    created_at: datetime = Field(sa_type=Moment)


class Role(SQLModel, table=True):
    """What a person may do in an association."""

    __table_args__ = (
        UniqueConstraint("association_id", "person_id", "role"),
        CheckConstraint("role IN ('collector', 'officer', 'treasurer', 'admin')", name="known_role"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    person_id: str = Field(foreign_key="person.id")
    role: str
    granted_by: str | None = Field(default=None, foreign_key="person.id")
    granted_at: datetime = Field(sa_type=Moment)


class Address(SQLModel, table=True):
    """Where somebody is reached, keyed by the provider's own id: a phone number is optional and may change."""

    __table_args__ = (
        UniqueConstraint("account", "external_id"),
        CheckConstraint("status IN ('open', 'blocked', 'bad')", name="known_status"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id", index=True)
    account: str = Field(foreign_key="channel_account.id")
    external_id: str = Field(max_length=190)
    person_id: str = Field(foreign_key="person.id", index=True)  # for whom it speaks now
    language: str = "id"
    status: str = "open"  # blocked: she blocked us; bad: the provider does not know it
    created_at: datetime = Field(sa_type=Moment)


class Invitation(SQLModel, table=True):
    """A code that gives a role to whoever says it first."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    role: str
    code_index: str = Field(unique=True)  # blind index of the code; the code itself is not kept
    invited_by: str | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime = Field(sa_type=Moment)
    used_by: str | None = Field(default=None, foreign_key="person.id")
    used_at: datetime | None = Field(default=None, sa_type=Moment)
