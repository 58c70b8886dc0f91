"""Announcements to many, and what providers allow and know of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.campaign import CampaignStatus
from storage.columns import BigKey, BigNumber, Json, Moment, new_id
from storage.tables.message import one_of

RECIPIENTS = ("waiting", "queued", "held_back")
WAITS = "status = 'waiting'"


class Campaign(SQLModel, table=True):
    """One announcement: its audience is counted again and written down when it is approved."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint(one_of("status", tuple(CampaignStatus)), name="known_status"),
        CheckConstraint("medium IN ('', 'picture', 'pdf', 'voice')", name="known_medium"),
        Index("campaign_at_work", "association_id", "status", "send_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # "U-2026-0001"
    status: str
    words: str
    medium: str = ""
    document_id: str | None = Field(default=None, foreign_key="document.id")
    audience: dict[str, Any] = Field(
        default_factory=dict, sa_type=Json
    )  # as in {"district": "527101", "arrears": true}
    expected: int = 0  # people, when it was written
    made_by: str = Field(foreign_key="person.id")
    address_id: str | None = Field(default=None, foreign_key="address.id")  # where its progress is shown
    approved_by: str | None = Field(default=None, foreign_key="person.id")
    alone: bool = False  # whoever made it was an officer no more when it was approved: the approver answers for it
    retries: str | None = Field(default=None, foreign_key="campaign.id")  # only those whom that one did not reach
    send_at: datetime = Field(sa_type=Moment)
    listed_at: datetime | None = Field(default=None, sa_type=Moment)  # its recipients stand in the table since then
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    reason: str = ""  # why it was paused, stopped or refused
    shown: str = ""  # the progress that was shown last
    shown_at: datetime | None = Field(default=None, sa_type=Moment)  # when it was looked at last
    created_at: datetime = Field(sa_type=Moment)


class CampaignRecipient(SQLModel, table=True):
    """One person to whom an announcement goes, once, whatever her addresses."""

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id"),
        CheckConstraint(one_of("status", RECIPIENTS), name="known_status"),
        Index("recipient_waiting", "campaign_id", "id", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
        Index("recipient_of_message", "message_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id", max_length=32)
    campaign_id: str = Field(foreign_key="campaign.id", max_length=32)
    person_id: str = Field(foreign_key="person.id", max_length=32)
    status: str = "waiting"  # queued: its message tells the rest; held_back: it never went, see `reason`
    message_id: int | None = Field(default=None, sa_type=BigNumber)
    reason: str = ""


class Template(SQLModel, table=True):
    """A template that WhatsApp must approve before it may begin a talk; what the provider says of it, not what we asked
    for."""

    account: str = Field(primary_key=True, foreign_key="channel_account.id")
    name: str = Field(primary_key=True, max_length=64)  # as in "reminder"
    association_id: str = Field(foreign_key="association.id")
    sid: str = Field(default="", max_length=64)
    asked: str = ""  # the category that we asked for, or that an administrator agreed to since
    category: str = ""  # utility, marketing, authentication: as the provider files it
    status: str = ""  # unsubmitted, received, pending, approved, rejected, paused, disabled
    reason: str = ""
    checked_at: datetime = Field(sa_type=Moment)


class Reached(SQLModel, table=True):
    """Somebody to whom we wrote outside of her window: their number within a day is limited by the provider."""

    __table_args__ = (UniqueConstraint("account", "address_id"), Index("reached_of_account", "account", "at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    account: str = Field(foreign_key="channel_account.id")
    address_id: str = Field(foreign_key="address.id")
    at: datetime = Field(sa_type=Moment)  # the last time


class Uploaded(SQLModel, table=True):
    """A file that the provider has already: it is named, not uploaded again."""

    account: str = Field(primary_key=True, foreign_key="channel_account.id")
    document_id: str = Field(primary_key=True, foreign_key="document.id", max_length=32)
    association_id: str = Field(foreign_key="association.id")
    file_id: str
    at: datetime = Field(sa_type=Moment)
