"""What time it is. Everything asks a clock, so that a demonstration or a test can move it forward."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)


class BackwardsInTime(Exception):
    """A clock is only ever moved forward."""


class MovableClock(Clock):
    """The machine's clock and a little more; or, from another beginning on, as much less or more as that asks for."""

    def __init__(self, beginning: datetime | None = None) -> None:
        self.ahead = beginning - super().now() if beginning else timedelta(0)

    def now(self) -> datetime:
        """The moment, in UTC."""
        return super().now() + self.ahead

    def move_to(self, moment: datetime) -> None:
        """Go forward to a moment. Raises `BackwardsInTime`."""
        if moment < self.now():
            raise BackwardsInTime
        self.ahead += moment - self.now()
