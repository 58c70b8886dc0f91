"""What was looked at, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `todo` says what to do where it is not well."""

    name: str
    ok: bool
    says: str
    todo: str = ""


def well(name: str, says: str) -> Check:
    """Nothing to do."""
    return Check(name, True, says)


def wrong(name: str, says: str, todo: str) -> Check:
    """Something to do."""
    return Check(name, False, says, todo)
