"""Where a season stands: what day it is, who takes part, and chance, which falls the same way every time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from sqlmodel import Session

from bot.arrivals import ASSOCIATION, arrive, give
from bot.clock import MovableClock
from bot.rounds import Rounds
from bot.running import Running
from bot.web.simulator_world import PhoneInfo
from storage.queries import members, people
from storage.tables import Member

T = TypeVar("T")

YEAR = 2026
SUMMER = 6  # months before it are those of the next year


class Season:
    """What people do goes through here, each thing at a moment of its own."""

    def __init__(self, running: Running, clock: MovableClock) -> None:
        self.running = running
        self.clock = clock
        self.rounds = Rounds(running.database, clock)
        self.chance = Random(YEAR)  # noqa: S311 - nothing is kept secret by it
        self.persons: dict[str, str] = {}  # name → person id
        self.members: dict[str, str] = {}  # name → member id

    def reach(self, month: int, day: int, hour: int = 9) -> None:
        """Go on to that day, in the association's own time; the program does what is due by then."""
        zone = self.running.turns.accounts[next(iter(self.running.channels))].house.zone
        year = YEAR + (month < SUMMER)
        self.clock.move_to(datetime(year, month, day, hour, tzinfo=zone).astimezone(UTC))
        self.rounds.make()

    def wait(self, time: timedelta) -> None:
        """Some time goes by."""
        self.clock.move_to(self.clock.now() + time)

    def write(self, work: Callable[[Session, datetime], T]) -> T:
        """One thing happens, in a transaction of its own; some minutes go by before."""
        self.wait(timedelta(minutes=self.chance.randint(1, 4)))
        now = self.clock.now()
        return self.running.database.transact(lambda db: work(db, now))

    def meet(self, phone: PhoneInfo, *roles: str) -> None:
        """Somebody comes to the association, and may do what these roles allow."""
        if roles:
            self.write(lambda db, now: give(db, phone, roles, now))
        arrive(self.running, phone, phone.look)
        self.know(phone)

    def know(self, phone: PhoneInfo) -> None:
        """Somebody who has come already."""
        chat = phone.address(phone.look)
        address = self.running.database.read(lambda db: people.find_address(db, chat.account, chat.id))
        assert address
        self.persons[phone.name] = address.person_id

    def member(self, db: Session, name: str) -> Member:
        """A member by her name."""
        return members.get(db, ASSOCIATION, self.members[name])
