"""A desk for the intake page without a house behind it: it answers by a script and remembers what was sent."""

import asyncio
from dataclasses import dataclass, field

from bot.web.intake import Asked, LinkState, Sent
from domain.nik import Nik, NotANik

TOKEN = "tautan-contoh-0001"
NIK = "5271014505870001"

ASKED = Asked(
    association="Asosiasi Pedagang Contoh",
    who="Bu Siti",
    nik=True,
    photo=True,
    photo_needed=True,
    channel="whatsapp",
    language="id",
    back="https://wa.me/6281200000001",
)


@dataclass
class FakeDesk:
    """One link, `TOKEN`, that is used up by the first form with a possible NIK."""

    asked: Asked = ASKED
    state: LinkState = LinkState.GOOD
    down: bool = False  # the next calls raise `error`
    error: Exception = field(default_factory=RuntimeError)
    wrong: Sent | None = None  # what the next form is told, once
    pause: float = 0.0  # seconds that it takes to take a form
    looked: int = 0
    sent: list[tuple[str, bytes | None]] = field(default_factory=list)

    async def see(self, token: str) -> tuple[LinkState, Asked | None]:
        self.looked += 1
        if self.down:
            raise self.error
        state = self.state if token == TOKEN else LinkState.UNKNOWN
        return state, self.asked if state is LinkState.GOOD else None

    async def send(self, token: str, nik: str, photo: bytes | None) -> Sent:
        if self.down:
            raise self.error
        self.sent.append((nik, photo))
        await asyncio.sleep(self.pause)
        if self.wrong:
            wrong, self.wrong = self.wrong, None
            return wrong
        return self._take(nik)

    def _take(self, nik: str) -> Sent:
        if self.state is not LinkState.GOOD:
            return Sent(self.state)
        try:
            if self.asked.nik:
                Nik.parse(nik)
        except NotANik:
            return Sent(LinkState.GOOD, nik_error="NIK itu 16 angka. Coba ketik lagi.")
        self.state = LinkState.USED
        return Sent(LinkState.USED, taken=True)
