"""A person, what she may do, where she is reached, and the codes with which she proves herself."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Moment, new_id

KNOWN_USER = text("user_id <> ''")


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
        CheckConstraint("status IN ('open', 'blocked', 'bad', 'left')", name="known_status"),
        Index(
            "address_of_user", "account", "user_id", unique=True, sqlite_where=KNOWN_USER, postgresql_where=KNOWN_USER
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id", index=True)
    account: str = Field(foreign_key="channel_account.id")
    external_id: str = Field(max_length=190)
    user_id: str = Field(default="", max_length=190)  # who is behind it, as the provider says; may be unknown
    person_id: str = Field(foreign_key="person.id", index=True)  # for whom it speaks now
    language: str = "id"
    status: str = "open"  # blocked: she blocked us; bad: the provider does not know it; left: she is at another one
    shared: bool = False  # several people speak here
    joined: bool = False  # whoever speaks here speaks elsewhere too
    ready_at: datetime | None = Field(default=None, sa_type=Moment)  # not before, where the provider counts by person
    closed_at: datetime | None = Field(
        default=None, sa_type=Moment
    )  # when the provider found that her last word was too long ago, whatever we believed
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


class JoinCode(SQLModel, table=True):
    """A code that one person says at another address of hers, to be known there too."""

    __tablename__ = "join_code"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    code_index: str = Field(index=True)  # blind index of the code; the code itself is not kept
    person_id: str = Field(foreign_key="person.id")
    address_id: str = Field(foreign_key="address.id")  # where she asked for it
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class Attempt(SQLModel, table=True):
    """One try at something that can be guessed; they are counted, so that nobody guesses for long."""

    __table_args__ = (Index("attempts_at_address", "address_id", "what", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    address_id: str = Field(foreign_key="address.id")
    what: str  # join_code, invitation, proof
    at: datetime = Field(sa_type=Moment)
