"""The ledger: what happened, and which rupiah moved from where to where. Rows are only ever added."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.ledger import OF_A_MEMBER, OF_A_MONTH, Account
from storage.columns import ONLY_ON, BigKey, BigNumber, Moment
from storage.tables.message import one_of

ACCOUNTS = tuple(account.value for account in Account)
HELD = one_of("debit", ("credit", "ahead")) + " OR " + one_of("credit", ("credit", "ahead"))
OWING = "debit = 'owes' OR credit = 'owes'"
IN_HANDS = "collector_id IS NOT NULL"


def known(column: str, values: Iterable[str]) -> CheckConstraint:
    """Only these words may stand in a column; SQLite compares one by one faster than it looks into a list."""
    return CheckConstraint(" OR ".join(f"{column} = '{value}'" for value in values), name=f"known_{column}")


def touches(*accounts: str) -> str:
    """An SQL condition: one of these accounts is on either side."""
    return f"({one_of('debit', accounts)} OR {one_of('credit', accounts)})"


def of_entry() -> ForeignKeyConstraint:
    """Written before its entry, and in vain without it. PostgreSQL is asked about whole statements, not row by row:
    there it is a guard of the migration, as is everywhere that members and collectors are the association's own."""
    return ForeignKeyConstraint(
        ["association_id", "entry"],
        ["entry.association_id", "entry.number"],
        deferrable=True,
        initially="DEFERRED",
        info={ONLY_ON: "sqlite"},
    ).ddl_if(dialect="sqlite")


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
        of_entry(),
        CheckConstraint("amount > 0", name="moves_something"),
        CheckConstraint("debit <> credit", name="moves_somewhere"),
        known("debit", ACCOUNTS),
        known("credit", ACCOUNTS),
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
    association_id: str = Field(max_length=32)
    entry: int = Field(sa_type=BigNumber)
    debit: str
    credit: str
    amount: int = Field(sa_type=BigNumber)
    member_id: str | None = None
    collector_id: str | None = None  # a person
    month: str = Field(default="", max_length=7)
    part: str = Field(default="", max_length=4)
