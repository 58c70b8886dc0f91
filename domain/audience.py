"""Whom an announcement is for: everybody whom each given fact fits, but for those who are left out by name."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

STATUSES = ("active", "lapsed", "left")


class NotAnAudience(ValueError):
    """Stored facts of which one is not known: read without it, the audience would be another one."""


@dataclass(frozen=True, slots=True)
class Audience:
    """What is empty narrows nothing. All facts but the language are those of members."""

    everybody: bool = False  # whoever talks with us, member or not
    regency: str = ""  # Kemendagri codes
    district: str = ""
    market: str = ""
    collector: str = ""  # a person
    status: str = ""  # active, lapsed, left; "": whoever did not leave
    arrears: bool | None = None  # True: who owes what was due; False: who does not
    programme: str = ""  # as in "JHT"
    language: str = ""
    without: tuple[str, ...] = ()  # people

    @property
    def of_members(self) -> bool:
        """True when only members can be meant."""
        member_facts = (self.regency, self.district, self.market, self.collector, self.status, self.programme)
        return not self.everybody or any(member_facts) or self.arrears is not None

    def as_json(self) -> dict[str, Any]:
        """As it is stored: only what narrows it."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Audience":
        """The audience that `as_json` stored. Raises `NotAnAudience`."""
        unknown = stored.keys() - {one.name for one in fields(cls)}
        if unknown:
            raise NotAnAudience(", ".join(sorted(unknown)))
        return cls(**{**stored, "without": tuple(stored.get("without", ()))})
