"""What messages cost where a provider takes money for them: by the operator's own prices, or not known at all.

No price is written here: those of 2026 for Indonesia are not published where we could read them, and Meta may change
them with every quarter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

FREE_SERVICE = 1_000
"""Service messages of a number and month for which WhatsApp takes nothing, as its partners say."""


class Billed(StrEnum):
    """As what a provider bills a message."""

    NOTHING = ""
    SERVICE = "service"  # within the window
    UTILITY = "utility"
    MARKETING = "marketing"
    AUTHENTICATION = "authentication"
    WAITS = "waits"  # for her next word: whether it will cost anything nobody knows


@dataclass(frozen=True, slots=True)
class Prices:
    """What one message costs: the platform's price by category, and the provider's own fee on top of each."""

    currency: str = ""  # USD or IDR; empty: nothing is known
    each: Mapping[str, Decimal] = field(default_factory=dict)
    fee: Decimal = Decimal(0)
    free_service: int = FREE_SERVICE

    def of(self, billed: str, messages: int, *, before: int = 0) -> Decimal | None:
        """What so many cost, after `before` others of the month; None where the price is not known."""
        if billed == Billed.NOTHING or not messages:
            return Decimal(0)
        if not self.currency or billed not in self.each:
            return None
        free = max(0, min(messages, self.free_service - before)) if billed == Billed.SERVICE else 0
        return self.each[billed] * (messages - free) + self.fee * messages

    def as_json(self) -> dict[str, Any]:
        """As they are stored; amounts as text, for they are no floating numbers."""
        if not self.currency:
            return {}
        each = {name: str(price) for name, price in self.each.items()}
        return {"currency": self.currency, "each": each, "fee": str(self.fee), "free_service": self.free_service}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Prices":
        """What `as_json` stored."""
        if not stored:
            return cls()
        each = {name: Decimal(price) for name, price in stored["each"].items()}
        return cls(stored["currency"], each, Decimal(stored["fee"]), stored["free_service"])


@dataclass(frozen=True, slots=True)
class Part:
    """Messages of one account that are billed alike."""

    account: str
    billed: str
    messages: int
    amount: Decimal | None  # None: not known
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What messages will cost, or have cost, as far as it can be known."""

    parts: tuple[Part, ...] = ()

    @property
    def messages(self) -> int:
        """All of them."""
        return sum(part.messages for part in self.parts)

    @property
    def free(self) -> int:
        """Those for which nobody takes money."""
        return self.counted(Billed.NOTHING)

    @property
    def waiting(self) -> int:
        """Those that will wait until she writes."""
        return self.counted(Billed.WAITS)

    @property
    def unknown(self) -> int:
        """Those whose price nobody told us, the waiting ones included."""
        return sum(part.messages for part in self.parts if part.amount is None)

    @property
    def currency(self) -> str:
        """That of the amount; "" where there is none, or where there are two."""
        found = {part.currency for part in self.parts if part.currency}
        return found.pop() if len(found) == 1 else ""

    @property
    def amount(self) -> Decimal | None:
        """What those cost whose price is known, beside the free ones; None where there is not one of these."""
        known = [part.amount for part in self.parts if part.amount is not None and part.billed != Billed.NOTHING]
        return sum(known, Decimal(0)) if known and self.currency else None

    def counted(self, *billed: str) -> int:
        """How many are billed as one of these."""
        return sum(part.messages for part in self.parts if part.billed in billed)


def estimated(
    counts: Iterable[tuple[str, str, int]], prices: Mapping[str, Prices], before: Mapping[str, int]
) -> Estimate:
    """The estimate for so many messages by account and category; `before`: service messages of the month so far."""
    parts = []
    for account, billed, messages in sorted(counts):
        of_account = prices.get(account, Prices())
        amount = of_account.of(billed, messages, before=before.get(account, 0))
        currency = of_account.currency if billed != Billed.NOTHING and amount is not None else ""
        parts.append(Part(account, billed, messages, amount, currency))
    return Estimate(tuple(parts))
