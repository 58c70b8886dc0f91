"""An association, the channel accounts that it talks through, and what it counts."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import BigNumber, Json, Moment


class Association(SQLModel, table=True):
    """A wadah: an association of, by and for people who work for themselves (Peraturan BPJS TK 1/2023)."""

    id: str = Field(primary_key=True, max_length=32)  # a short word, as in "main"
    name: str
    zone: str = "Asia/Makassar"
    help_contact: str = ""  # a human's phone number, said to whoever asks for help
    transfer_to: str = ""  # bank, number and holder, as vendors read it; empty: no transfers
    qris_document: str = ""  # the picture of the QR code, a document; empty: none
    second_above: int = Field(default=1_000_000, sa_type=BigNumber)  # rupiah above which two people confirm
    opens: str = Field(default="08:00", max_length=5)  # messages that nobody asked for come from then …
    closes: str = Field(default="19:30", max_length=5)  # … until then, by the clock of whoever gets them
    reminders_per_week: int = 2  # to one person, at most
    approve_above: int = 50  # people above whom a second officer must approve an announcement
    created_at: datetime = Field(sa_type=Moment)


class ChannelAccount(SQLModel, table=True):
    """One bot or number of ours."""

    __tablename__ = "channel_account"

    id: str = Field(primary_key=True, max_length=64)  # channel and account, as in "telegram/main"
    association_id: str = Field(foreign_key="association.id", index=True)
    channel: str
    public_id: str = ""  # the bot's name or the number that people see
    window_seconds: int | None = None  # after somebody's last word we may write freely for so long; None: always
    prices: dict[str, Any] = Field(default_factory=dict, sa_type=Json)  # of a message, as `domain.cost` keeps them
    created_at: datetime = Field(sa_type=Moment)


class Rate(SQLModel, table=True):
    """The shared limiter of one channel account: one atomic update reserves the next send slots."""

    account: str = Field(primary_key=True, foreign_key="channel_account.id")
    association_id: str = Field(foreign_key="association.id")
    per_second: float
    next_at: datetime = Field(sa_type=Moment)  # the first slot that nobody has reserved
    halted: str = ""  # why nothing may be sent through this account now
    people_per_day: int | None = None  # to whom it may write outside of their windows within 24 hours; None: to all
    outside_at: datetime | None = Field(default=None, sa_type=Moment)  # nobody gets a template before that


class Counter(SQLModel, table=True):
    """Numbers without gaps: the row is counted up in the transaction that uses the number."""

    association_id: str = Field(primary_key=True, foreign_key="association.id")
    name: str = Field(primary_key=True, max_length=64)  # as in "application/2026"
    value: int
