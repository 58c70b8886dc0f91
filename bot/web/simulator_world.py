"""What the simulator stands on, and who holds its phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import Look
from domain.message import Address, Incoming
from domain.picture import Picture


@dataclass(frozen=True, slots=True)
class PhoneInfo:
    """One of the phones on the page, its apps, and the fictional person who holds it."""

    key: str  # in this page's addresses, as in "vendor"
    name: str
    role: str  # shown under the name, as in "Pedagang"
    external_id: str  # what she is called where the app has names of its own
    number: str  # her phone number: she is called so in WhatsApp, and shares it elsewhere when asked
    look: Look = Look.TELEGRAM  # the app that is in front at first
    tries: tuple[str, ...] = ()  # words worth typing, offered beside the phones
    side: Literal["left", "right"] = "left"  # of the desk; the first phone of a side lies in front

    def address(self, look: Look) -> Address:
        """Who she is in one of the apps."""
        digits = "".join(sign for sign in self.number if sign.isdecimal())
        return Address(look.account, f"+{digits}" if look is Look.WHATSAPP else self.external_id)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Who she is, in all of the apps."""
        return tuple(map(self.address, Look))


class World(Protocol):
    """What the simulator stands on: the real turn, a movable clock, and who holds the phones."""

    @property
    def association(self) -> str:
        """The association's name."""

    @property
    def pages(self) -> str:
        """Where our own pages begin, as a link to one of them does; a phone opens these itself."""

    @property
    def hub(self) -> Hub:
        """Where the webchat channel sends to."""

    def phones(self) -> Sequence[PhoneInfo]:
        """All phones, those of each side in their order."""

    async def take(self, incoming: Incoming) -> str:
        """Run the real turn. Returns a short notice to show on the phone, or ""."""

    def now(self) -> datetime:
        """The demo's time: aware, in the association's zone."""

    def move_clock(self, to: datetime) -> None:
        """Move the clock and let happen what falls due; raises BackwardsInTime. Called outside the event loop."""

    def history(self, address: Address) -> list[dict[str, Any]]:
        """Earlier entries of a chat, oldest first, as `webchat.spoken` and `webchat.heard` make them.

        An entry's id is the message's provider id, so that the page knows it again when the hub tells it, too.
        """

    def parked(self, address: Address) -> int:
        """How many messages wait until she writes, because the app lets us write only so long after her last word.

        A change of it is told by the hub, as an event "parked" with the same number.
        """

    def document(self, document_id: str, *, as_file: bool = False) -> Picture | None:
        """A document that a reply on these phones shows; None if there is none."""
