"""What the simulator stands on, and who holds its phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import Look
from domain.message import Incoming


@dataclass(frozen=True, slots=True)
class PhoneInfo:
    """One of the phones on the page, and the fictional person who holds it."""

    key: str  # in this page's addresses, as in "vendor"
    name: str
    role: str  # shown under the name, as in "Pedagang"
    external_id: str  # Address.id on the webchat channel
    number: str  # the phone number that she shares when asked
    look: Look = Look.TELEGRAM  # which app it looks like at first
    tries: tuple[str, ...] = ()  # words worth typing, offered beside the phones


@dataclass(frozen=True, slots=True)
class Picture:
    """A document as the page shows it."""

    content: bytes
    mime: str


class World(Protocol):
    """What the simulator stands on: the real turn, a movable clock, and who holds the phones."""

    @property
    def association(self) -> str:
        """The association's name."""

    @property
    def hub(self) -> Hub:
        """Where the webchat channel sends to."""

    def phones(self) -> Sequence[PhoneInfo]:
        """The phones, from left to right."""

    async def take(self, incoming: Incoming) -> str:
        """Run the real turn. Returns a short notice to show on the phone, or ""."""

    def now(self) -> datetime:
        """The demo's time: aware, in the association's zone."""

    def move_clock(self, to: datetime) -> None:
        """Move the clock and let happen what falls due; raises BackwardsInTime. Called outside the event loop."""

    def history(self, phone_key: str) -> list[dict[str, Any]]:
        """Earlier entries of a phone's chat, oldest first, as `webchat.spoken` and `webchat.heard` make them.

        An entry's id is the message's provider id, so that the page knows it again when the hub tells it, too.
        """

    def document(self, document_id: str) -> Picture | None:
        """A document that a reply on these phones shows; None if there is none."""
