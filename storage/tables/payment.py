"""Money that somebody says she paid, or that a collector took; and what is said against it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.dues import Way
from domain.payment import PaymentStatus
from storage.columns import BigKey, BigNumber, Json, Moment, new_id
from storage.tables.message import one_of

UNSETTLED = "status = 'open'"


class Payment(SQLModel, table=True):
    """One payment for one member: expected, declared and received are three amounts, and may differ."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint(one_of("status", tuple(PaymentStatus)), name="known_status"),
        CheckConstraint(one_of("way", tuple(Way)), name="known_way"),
        CheckConstraint("(way = 'cash') = (collector_id IS NOT NULL)", name="cash_has_hands"),
        CheckConstraint(
            "(status IN ('confirmed', 'disputed', 'reversed')) = (entry IS NOT NULL)", name="confirmed_has_entry"
        ),
        Index("payment_queue", "association_id", "status", "queued_at"),
        Index("payment_of_member", "member_id", "id"),
        Index("payment_by_reference", "association_id", "reference"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # as people say it: "B-2026-0001"
    status: str
    way: str
    member_id: str = Field(foreign_key="member.id")  # for whom
    payer_id: str = Field(foreign_key="person.id")  # who paid
    submitted_by: str = Field(foreign_key="person.id")  # who told us
    collector_id: str | None = Field(default=None, foreign_key="person.id")  # who took the cash
    collection_id: str | None = Field(default=None, foreign_key="collection.id", index=True)
    address_id: str | None = Field(default=None, foreign_key="address.id")  # where she is told
    months: list[str] = Field(default_factory=list, sa_type=Json)  # which she means to pay
    expected: int = Field(sa_type=BigNumber)  # what these cost when she was asked
    declared: int | None = Field(default=None, sa_type=BigNumber)  # what she says that she paid
    received: int | None = Field(default=None, sa_type=BigNumber)  # what an officer or a collector has seen
    paid_on: date | None = None
    reference: str = ""  # capitals and digits alone, as they are compared
    doubts: list[str] = Field(default_factory=list, sa_type=Json)  # what an officer should look at
    queued_at: datetime = Field(sa_type=Moment)
    claimed_by: str | None = Field(default=None, foreign_key="person.id")
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    proposed_by: str | None = Field(default=None, foreign_key="person.id")  # the first of two who confirm
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    reason: str = ""  # the officer's words to the vendor
    entry: int | None = Field(default=None, sa_type=BigNumber)  # in the ledger
    updated_at: datetime = Field(sa_type=Moment)


class PaymentEvent(SQLModel, table=True):
    """One thing that happened to a payment; rows are only ever added."""

    __tablename__ = "payment_event"
    __table_args__ = (Index("payment_history", "payment_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id")
    payment_id: str = Field(foreign_key="payment.id")
    event: str
    by_person: str | None = Field(default=None, foreign_key="person.id")
    amount: int | None = Field(default=None, sa_type=BigNumber)  # rupiah, where the event names some
    reason: str = ""
    at: datetime = Field(sa_type=Moment)


class Proof(SQLModel, table=True):
    """A picture that shows a payment; it confirms nothing by itself."""

    __table_args__ = (Index("proof_of_payment", "payment_id"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    payment_id: str = Field(foreign_key="payment.id")
    document_id: str = Field(foreign_key="document.id")
    sha256: str = Field(index=True)
    phash: str
    at: datetime = Field(sa_type=Moment)


class Collection(SQLModel, table=True):
    """Cash that a collector took in one go, from one member or from many."""

    __table_args__ = (UniqueConstraint("association_id", "number"), Index("collection_of", "collector_id", "id"))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # "S-2026-0001"
    collector_id: str = Field(foreign_key="person.id")
    total: int = Field(sa_type=BigNumber)
    members: int
    at: datetime = Field(sa_type=Moment)


class Dispute(SQLModel, table=True):
    """A member says that a payment in her name is not hers, was never made, or was of another amount."""

    __table_args__ = (
        UniqueConstraint("association_id", "number"),
        CheckConstraint("kind IN ('not_me', 'not_paid', 'other_amount')", name="known_kind"),
        CheckConstraint("status IN ('open', 'upheld', 'reversed')", name="known_status"),
        Index(
            "dispute_unsettled",
            "payment_id",
            unique=True,
            sqlite_where=text(UNSETTLED),
            postgresql_where=text(UNSETTLED),
        ),
        Index("dispute_queue", "association_id", "status", "at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    number: str  # "K-2026-0001"
    payment_id: str = Field(foreign_key="payment.id")
    kind: str
    status: str = "open"
    words_sealed: str = ""
    by_person: str = Field(foreign_key="person.id")
    address_id: str | None = Field(default=None, foreign_key="address.id")
    settled_by: str | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
