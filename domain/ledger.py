"""Double entry: in which place a rupiah lies, and how it moves from one to another.

A movement takes an amount out of one account and puts it into another, so it is balanced by its form: there is no
way to write one side alone. What happened once, such as a payment, is an entry with one or more movements.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.money import Rupiah


class Account(StrEnum):
    """Where a rupiah may lie."""

    OWES = "owes"  # what a member owes, by month and part
    CASH = "cash"  # in a collector's hands
    TILL = "till"  # the association's cash box
    BANK = "bank"  # the association's account
    BPJS = "bpjs"  # owed to BPJS for a member, by month and part; without a month: what it got ahead of time
    CREDIT = "credit"  # a member's, held by the association: pays her next months
    AHEAD = "ahead"  # a member's, held by BPJS: what she paid there beyond what she owed
    FEE = "fee"  # the association's own
    DIFFERENCE = "difference"  # cash that was missing when it was counted, less what was too much


ASSETS = (Account.OWES, Account.CASH, Account.TILL, Account.BANK)
LIABILITIES = (Account.BPJS, Account.CREDIT, Account.AHEAD)
OURS = (Account.CASH, Account.TILL, Account.BANK)
"""Where the association's own hands hold it."""

OF_A_MEMBER = (Account.OWES, Account.BPJS, Account.CREDIT, Account.AHEAD, Account.FEE)
OF_A_MONTH = (Account.OWES, Account.FEE)


class Kind(StrEnum):
    """What an entry is about."""

    CHARGE = "charge"  # a month was charged
    ADJUST = "adjust"  # a month turned out to cost another amount
    LAPSE = "lapse"  # too long in arrears: the old months are not asked for any more
    LEAVE = "leave"  # she left: the months after that are not asked for
    PAYMENT = "payment"
    CREDIT = "credit"  # credit paid for a month by itself
    HAND_OVER = "hand_over"  # cash from a collector to the treasurer
    DEPOSIT = "deposit"  # from the cash box to the bank
    REMITTANCE = "remittance"  # to BPJS
    RETURN = "return"  # BPJS gave back what it could not use
    REFUND = "refund"  # credit given back to a member
    REVERSAL = "reversal"  # undoes an earlier entry, and leaves it standing


class NothingMoved(ValueError):
    """An entry moves at least one rupiah, from one account to another."""


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount that leaves `credit` and comes to `debit`; the words are a bookkeeper's."""

    debit: Account
    credit: Account
    amount: Rupiah
    member: str = ""  # whose, in accounts that are kept by member
    collector: str = ""  # the person whose hands, in CASH
    month: str = ""  # as in "2026-12"
    part: str = ""  # as in "JKK"

    def __post_init__(self) -> None:
        if self.amount <= 0 or self.debit == self.credit:
            raise NothingMoved(f"{self.amount} from {self.credit} to {self.debit}")
        touched = {self.debit, self.credit}
        if (Account.CASH in touched) != bool(self.collector):
            raise ValueError("cash lies in somebody's hands, and nothing else does")
        if touched & set(OF_A_MEMBER) and not self.member:
            raise ValueError("this account is kept by member")
        if touched & set(OF_A_MONTH) and not (self.month and self.part):
            raise ValueError("this account is kept by month and part")

    @property
    def undone(self) -> "Movement":
        """The same amount back to where it came from."""
        return replace(self, debit=self.credit, credit=self.debit)


def moved(amount: int, **facts: str) -> list[Movement]:
    """A movement of this amount, or none where it is zero; a negative one goes the other way round.

    Takes what `Movement` takes, as in `moved(500, debit=Account.OWES, credit=Account.BPJS, …)`.
    """
    if amount == 0:
        return []
    facts = {**facts, "debit": facts["credit"], "credit": facts["debit"]} if amount < 0 else facts
    return [Movement(amount=Rupiah(abs(amount)), **facts)]  # type: ignore[arg-type]


def total(movements: Iterable[Movement]) -> Rupiah:
    """What all of them move."""
    return Rupiah(sum(movement.amount for movement in movements))
