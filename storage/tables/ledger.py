"""The ledger: what happened, and which rupiah moved from where to where. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.ledger import OF_A_MEMBER, OF_A_MONTH, Account
from storage.columns import BigKey, BigNumber, Moment
from storage.tables.message import one_of

ACCOUNTS = tuple(account.value for account in Account)
HELD = one_of("debit", ("credit", "ahead")) + " OR " + one_of("credit", ("credit", "ahead"))
OWING = "debit = 'owes' OR credit = 'owes'"
IN_HANDS = "collector_id IS NOT NULL"


def touches(*accounts: str) -> str:
    """An SQL condition: one of these accounts is on either side."""
    return f"({one_of('debit', accounts)} OR {one_of('credit', accounts)})"


class Entry(SQLModel, table=True):
    """What happened once. It closes its postings: they are written before it, and none can be added after it."""

    __table_args__ = (
        UniqueConstraint("association_id", "key"),
        UniqueConstraint("association_id", "reverses"),
        CheckConstraint("lines > 0 AND total > 0", name="moves_something"),
        Index("entry_about", "association_id", "about"),
    )

    association_id: str = Field(primary_key=True, foreign_key="association.id", max_length=32)
    number: int = Field(primary_key=True, sa_type=BigNumber)  # 1, 2, 3 … within the association
    key: str = Field(max_length=190)  # one event, however often it is told
    kind: str
    about: str = ""  # table and row, as in "payment/…"
    by_person: str | None = Field(default=None, foreign_key="person.id")  # None: the program itself
    reason: str = ""
    reverses: int | None = Field(default=None, sa_type=BigNumber)  # the entry that this one undoes
    lines: int
    total: int = Field(sa_type=BigNumber)  # rupiah moved
    at: datetime = Field(sa_type=Moment)


class Posting(SQLModel, table=True):
    """One amount that moves from one account (`credit`) to another (`debit`): it cannot be out of balance."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["association_id", "entry"],
            ["entry.association_id", "entry.number"],
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("amount > 0", name="moves_something"),
        CheckConstraint("debit <> credit", name="moves_somewhere"),
        CheckConstraint(one_of("debit", ACCOUNTS), name="known_debit"),
        CheckConstraint(one_of("credit", ACCOUNTS), name="known_credit"),
        CheckConstraint(f"{touches('cash')} = (collector_id IS NOT NULL)", name="cash_in_hands"),
        CheckConstraint(f"member_id IS NOT NULL OR NOT {touches(*OF_A_MEMBER)}", name="whose"),
        CheckConstraint(f"(month <> '' AND part <> '') OR NOT {touches(*OF_A_MONTH)}", name="which_month"),
        Index("posting_of_entry", "association_id", "entry"),
        Index("posting_of_member", "member_id"),
        Index(
            "posting_owing",
            "association_id",
            "month",
            "member_id",
            sqlite_where=text(OWING),
            postgresql_where=text(OWING),
        ),
        Index("posting_in_hands", "collector_id", sqlite_where=text(IN_HANDS), postgresql_where=text(IN_HANDS)),
        Index("posting_held", "association_id", sqlite_where=text(HELD), postgresql_where=text(HELD)),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigKey)
    association_id: str = Field(foreign_key="association.id", max_length=32)
    entry: int = Field(sa_type=BigNumber)
    debit: str
    credit: str
    amount: int = Field(sa_type=BigNumber)
    member_id: str | None = Field(default=None, foreign_key="member.id")
    collector_id: str | None = Field(default=None, foreign_key="person.id")
    month: str = Field(default="", max_length=7)
    part: str = Field(default="", max_length=4)
