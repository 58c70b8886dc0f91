"""Receipts: ours, for money that somebody of ours has seen."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import BigNumber, Json, Moment, new_id


class Receipt(SQLModel, table=True):
    """One confirmed payment, on paper; numbered without gaps by association and year. Rows are only ever added:
    whether it still holds is the payment's affair."""

    __table_args__ = (UniqueConstraint("association_id", "year", "number"), UniqueConstraint("payment_id"))

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    year: int
    number: int  # 1, 2, 3 … within the year
    code: str = Field(unique=True, max_length=32)  # nobody guesses it; whoever has it may check the receipt
    payment_id: str = Field(foreign_key="payment.id")
    member_id: str = Field(foreign_key="member.id", index=True)
    amount: int = Field(sa_type=BigNumber)
    paid: list[list[str | int]] = Field(default_factory=list, sa_type=Json)  # [month, part, rupiah]
    credit: int = Field(default=0, sa_type=BigNumber)  # of the amount: kept for the next months
    confirmed_by: str = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Moment)

    @property
    def printed(self) -> str:
        """As people say it: "KW-2026-000001"."""
        return f"KW-{self.year}-{self.number:06}"
