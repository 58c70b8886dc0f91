"""Calendar months: the unit in which contributions are owed."""

import re
from dataclasses import dataclass
from datetime import date
from typing import overload

_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})")


class NotAMonth(ValueError):
    """No calendar month is written like this, or lies there."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month of one year, as in "2026-12"."""

    year: int  # 1-9999, as in `datetime.date`
    month: int  # 1-12

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise NotAMonth("a month is 01-12 of a year 0001-9999")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written as "2026-12"."""
        written = _WRITTEN.fullmatch(text)
        if not written:
            raise NotAMonth("a month is written as 2026-12")
        return cls(int(written[1]), int(written[2]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month in which `day` lies."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def __add__(self, months: int) -> "Month":
        year, month = divmod(self._count + months, 12)
        return Month(year, month + 1)

    @overload
    def __sub__(self, other: int) -> "Month": ...
    @overload
    def __sub__(self, other: "Month") -> int: ...
    def __sub__(self, other: "int | Month") -> "Month | int":
        return self._count - other._count if isinstance(other, Month) else self + -other

    @property
    def _count(self) -> int:
        """Months since January of the year 0."""
        return self.year * 12 + self.month - 1


def months_from(first: Month, count: int) -> list[Month]:
    """`count` months in a row, beginning with `first`."""
    return [first + step for step in range(count)]
