"""How old somebody is, and what follows from it."""

from datetime import date

ADULT = 18
"""Completed years from which an officer asks no questions; BPJS names no lower limit for members, 18 for its agents."""

REGISTRATION_LIMIT = 65
"""Completed years at which BPJS registers nobody any more (Brosur BPU 2026: "not yet 65 at registration")."""


class NotBornYet(ValueError):
    """The birth date lies after the day on which the age is asked."""


def age_on(birth_date: date, day: date) -> int:
    """Completed years on `day`. Who is born on 29 February grows a year older on 1 March of a common year."""
    if birth_date > day:
        raise NotBornYet("the birth date lies after the day")
    birthday_ahead = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - birthday_ahead


def too_old_to_register(birth_date: date, on: date) -> bool:
    """Whether she is 65 or over on the day she registers. Who registered in time may keep paying past that age."""
    return age_on(birth_date, on) >= REGISTRATION_LIMIT
