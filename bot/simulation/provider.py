"""A provider that is out of order now and then: it refuses, it is throttled, it takes a message and does not say so."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.errors import NotSent, ProviderBusy, Uncertain, VendorBlockedUs
from bot.clock import Clock
from domain.message import ProviderId, Reply
from domain.picture import Picture

TROUBLES = {"busy": 0.01, "not_sent": 0.01, "lost_answer": 0.004, "lost_request": 0.004, "dies": 0.0005}
"""How likely each is, for one message."""


class Died(BaseException):
    """The process that sends ends in the middle of it."""


@dataclass(frozen=True, slots=True)
class Took:
    """One message that the provider took."""

    message_id: int
    to: str
    at: datetime


@dataclass
class Provider:
    """What it took, and from whom it hears that they want nothing."""

    clock: Clock
    seed: int
    took: list[Took] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    out_of_order: bool = False

    async def send(self, to: str, drawn: Reply, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Take a message, or not. Raises the kinds of `SendError`, and `Died`."""
        if self.out_of_order:
            raise NotSent("out_of_order")
        if to in self.blocked:
            raise VendorBlockedUs("blocked")
        trouble = self.trouble(reference)
        if trouble == "busy":
            raise ProviderBusy("busy", retry_after=1.0)
        if trouble == "not_sent":
            raise NotSent("refused")
        if trouble == "lost_request":
            raise Uncertain("timeout")
        self.took.append(Took(int(reference.partition(".")[0]), to, self.clock.now()))
        if trouble == "lost_answer":
            raise Uncertain("timeout")
        if trouble == "dies":
            raise Died
        return ProviderId(f"sim-{len(self.took)}")

    def trouble(self, reference: str) -> str:
        """What goes wrong with this attempt, in whatever order they come; "" for most."""
        roll = random.Random(f"{self.seed}/{reference}").random()  # noqa: S311 - lots, no secrets
        for name, likely in TROUBLES.items():
            if roll < likely:
                return name
            roll -= likely
        return ""
