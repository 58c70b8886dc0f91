"""What came in and what goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import BigKey, Moment

RECEIVED = ("done", "waiting", "dead")
STATUSES = (
    "queued",
    "leased",
    "retry_wait",
    "accepted",
    "sent",
    "delivered",
    "read",
    "uncertain",
    "failed",
    "suppressed",
    "expired",
    "cancelled",
    "parked",  # until she writes again
)
WAITING = "status = 'waiting'"
OPEN = "status IN ('queued', 'leased', 'retry_wait')"
DUE = "status IN ('queued', 'retry_wait')"
PARKED = "status = 'parked'"
UNCERTAIN = "status = 'uncertain'"
COPIES = "delete_at IS NOT NULL"
ANSWERS = "kind <> 'bulk'"
TO_MANY = "kind = 'bulk'"
"""All are written out: a partial index is used only for the very same words."""


def only(condition: str) -> dict[str, Any]:
    """An index of only some rows, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def one_of(column: str, values: tuple[str, ...]) -> str:
    """An SQL condition that lets only these values in."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Received(SQLModel, table=True):
    """One message that came in: the unique provider id makes it count once."""

    __table_args__ = (
        UniqueConstraint("account", "provider_id"),
        CheckConstraint(one_of("status", RECEIVED), name="known_status"),
        Index("received_waiting", "account", "sender", "id", **only(WAITING)),
        Index("received_copies", "delete_at", **only(COPIES)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    account: str = Field(foreign_key="channel_account.id")
    provider_id: str = Field(max_length=190)
    sender: str = Field(max_length=190)
    kind: str
    status: str
    album: str = ""
    incoming_sealed: str
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=Moment)  # when a waiting one is tried again
    trouble: str = ""  # the name of what went wrong last, for officers
    delete_at: datetime | None = Field(default=None, sa_type=Moment)  # the provider's copies of her files go then
    received_at: datetime = Field(sa_type=Moment)


class Message(SQLModel, table=True):
    """One message that goes out: the outbox and the record that officers see are the same row."""

    __table_args__ = (
        CheckConstraint(one_of("status", STATUSES), name="known_status"),
        CheckConstraint("kind IN ('reply', 'notice', 'bulk')", name="known_kind"),
        Index("message_open", "account", "address_id", "id", "kind", "due_at", **only(OPEN)),
        Index("message_answers", "account", "address_id", "id", **only(f"{OPEN} AND {ANSWERS}")),
        Index("message_to_many", "account", "due_at", "id", **only(f"{DUE} AND {TO_MANY}")),
        Index("message_parked", "address_id", **only(PARKED)),
        Index("message_parked_for", "account", "code", **only(PARKED)),
        Index("message_uncertain", "account", "id", **only(UNCERTAIN)),
        Index("message_by_provider_id", "account", "provider_id"),
        Index("message_by_address", "address_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    account: str = Field(foreign_key="channel_account.id")
    address_id: str = Field(foreign_key="address.id")
    key: str = Field(unique=True, max_length=190)  # one logical message, however often it is planned
    kind: str  # reply: answers her; notice: news that concerns her; bulk: reminders and announcements
    status: str = "queued"
    reply_sealed: str
    due_at: datetime = Field(sa_type=Moment)
    valid_until: datetime | None = Field(default=None, sa_type=Moment)
    attempts: int = 0
    resends: int = 0  # after an uncertain end
    lease_by: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    http_started_at: datetime | None = Field(default=None, sa_type=Moment)
    provider_id: str | None = Field(default=None, max_length=190)
    code: str = ""  # why it failed or was held back, as a short word
    as_text: bool = False  # the provider refused its form: the words alone go
    billed_as: str = ""  # service, or the template's category, where the provider bills what goes out
    created_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)


class Delivery(SQLModel, table=True):
    """What a provider reported about a message of ours, each word once; the message itself keeps the furthest."""

    __table_args__ = (UniqueConstraint("account", "provider_id", "status"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    account: str = Field(foreign_key="channel_account.id")
    provider_id: str = Field(max_length=190)
    status: str
    code: str = ""
    message_id: int | None = Field(
        default=None, sa_type=BigKey, index=True
    )  # None: no message of ours, as far as we know
    at: datetime = Field(sa_type=Moment)
