"""The NIK: 16 digits that Indonesia gives to a person once, for life.

    PPKKCC  province, regency and district where she was first registered
    DDMMYY  her birth date; 40 is added to a woman's day
    SSSS    a serial number from 0001

It has no check digit, stays when she moves, and stays when her birth date is corrected (dukcapil.klaten.go.id; the
Director General of Dukcapil, 2023). So only what cannot be a NIK is an error here; what merely differs from her other
answers is a `Doubt` for an officer.
"""

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.age import ADULT, NotBornYet, age_on, too_old_to_register
from domain.region import NTB, find_region, is_retired
from domain.text import plain

_LABEL = re.compile(r"^nik\W*", re.IGNORECASE)  # "NIK : 5271…", copied from a card
NIK_LIKE = re.compile(r"\d(?:[ .-]?\d){14,}")  # as long as a NIK or almost: longer than any phone number
_SEPARATORS = re.compile(r"[ ._-]")
_LOOK_ALIKES = str.maketrans("OoIl", "0011")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # of each month, in its longest year
_KTP_AGE = 17  # completed years at which one gets a KTP
_OLDEST = 110  # completed years that nobody in the country exceeds


class Sex(StrEnum):
    """As on the KTP."""

    FEMALE = "female"
    MALE = "male"


class NotANik(ValueError):
    """Nobody can have this NIK. The error never holds the digits."""


class NotDigits(NotANik):
    """Something stands in it that is neither a digit nor between digits."""


class WrongLength(NotANik):
    """It has more or fewer than 16 digits: `count` of them."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a NIK has 16 digits, this has {count}")
        self.count = count


class ImpossibleMonth(NotANik):
    """Its month of birth (digits 9 and 10) is not 01-12."""


class ImpossibleDay(NotANik):
    """Its day of birth (digits 7 and 8, 40 added for women) never was in that month."""


class SerialZero(NotANik):
    """Its last four digits are 0000; serials begin with 0001."""


@dataclass(frozen=True, slots=True, repr=False)
class Nik:
    """A possible NIK. It prints masked, so that no log or error shows it; `digits` has all of it."""

    digits: str

    def __post_init__(self) -> None:
        if not (self.digits.isascii() and self.digits.isdecimal()):
            raise NotDigits("a NIK has only digits")
        if len(self.digits) != 16:
            raise WrongLength(len(self.digits))
        if not 1 <= self._month <= 12:
            raise ImpossibleMonth("no such month of birth")
        if not 1 <= self._day <= _DAYS[self._month - 1] or not any(self._birth_dates(range(19, 21))):
            raise ImpossibleDay("no such day of birth in that month")
        if self.digits.endswith("0000"):
            raise SerialZero("the serial number is zero")

    @classmethod
    def parse(cls, text: str) -> "Nik":
        """The NIK as people type it: spaces, dots, dashes between; O for zero, I or l for one; "NIK:" before."""
        typed = _SEPARATORS.sub("", _LABEL.sub("", plain(text)))
        if not any(map(str.isdecimal, typed)):
            raise NotDigits("a NIK has only digits")
        return cls(typed.translate(_LOOK_ALIKES))

    def __repr__(self) -> str:
        return f"<Nik {self.masked}>"

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """All but the last four digits hidden: "••••••••••••0002"."""
        return "•" * 12 + self.last4

    @property
    def last4(self) -> str:
        """The last four digits, which may be shown."""
        return self.digits[-4:]

    @property
    def province_code(self) -> str:
        """Two digits: the province of first registration."""
        return self.digits[:2]

    @property
    def regency_code(self) -> str:
        """Four digits: the regency of first registration."""
        return self.digits[:4]

    @property
    def region_code(self) -> str:
        """Six digits: the district of first registration."""
        return self.digits[:6]

    @property
    def sex(self) -> Sex:
        """As the day of birth tells."""
        return Sex.FEMALE if int(self.digits[6:8]) > 40 else Sex.MALE

    def birth_date(self, today: date) -> date:
        """The birth date, whose century the NIK does not tell.

        The latest century wins in which she is of KTP age and no older than anybody gets; when there is none, the
        latest one in which she is born at all. In 2026 "87" is 1987, "20" is 1920, and "11" is 2011: a child.
        """
        latest = today.year // 100
        born = [day for day in self._birth_dates(range(latest, latest - 5, -1)) if day <= today]
        return next((day for day in born if _KTP_AGE <= age_on(day, today) <= _OLDEST), born[0])

    def agrees_with(self, birth_date: date) -> bool:
        """Whether day, month and the two digits of the year are those of `birth_date`."""
        return (self._day, self._month, self._year) == (birth_date.day, birth_date.month, birth_date.year % 100)

    @property
    def _day(self) -> int:
        return int(self.digits[6:8]) - (40 if self.sex is Sex.FEMALE else 0)

    @property
    def _month(self) -> int:
        return int(self.digits[8:10])

    @property
    def _year(self) -> int:
        """The two digits of the year."""
        return int(self.digits[10:12])

    def _birth_dates(self, centuries: range) -> list[date]:
        """The birth dates that the NIK may mean, one a century; 29 February only where that year is leap."""
        years = [century * 100 + self._year for century in centuries]
        leap_day = (self._day, self._month) == (29, 2)
        return [date(year, self._month, self._day) for year in years if not leap_day or isleap(year)]


def hide_niks(text: str) -> str:
    """The text, with only the last four digits left of whatever looks like a NIK."""
    return NIK_LIKE.sub(lambda found: "••••" + re.sub(r"\D", "", found[0])[-4:], text)


class Severity(StrEnum):
    """How much a doubt weighs. Neither kind stops a registration: official sources leave a wrong NIK date as it is."""

    WARNING = "warning"  # an officer looks before he verifies
    INFORMATION = "information"  # an officer may like to know


class Doubt(StrEnum):
    """Something about a NIK that an officer should see."""

    BIRTH_DATE_DIFFERS = "birth_date_differs"
    SEX_DIFFERS = "sex_differs"
    NOT_BORN_YET = "not_born_yet"
    UNDER_18 = "under_18"
    TOO_OLD = "too_old"  # 65 or over: BPJS will not register her
    REGION_UNKNOWN = "region_unknown"  # codes were reorganised often, and not every old one is on record
    REGION_RETIRED = "region_retired"

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        about_region = self in {Doubt.REGION_UNKNOWN, Doubt.REGION_RETIRED}
        return Severity.INFORMATION if about_region else Severity.WARNING


def doubts(nik: Nik, birth_date: date | None, sex: Sex | None, today: date) -> list[Doubt]:
    """What differs between `nik` and what she says of herself (None: not said yet), the weightier first."""
    found = []
    if birth_date and not nik.agrees_with(birth_date):
        found.append(Doubt.BIRTH_DATE_DIFFERS)
    if sex and nik.sex is not sex:
        found.append(Doubt.SEX_DIFFERS)
    return found + _doubts_of_age(birth_date or nik.birth_date(today), today) + _doubts_of_region(nik)


def _doubts_of_age(birth_date: date, today: date) -> list[Doubt]:
    try:
        if age_on(birth_date, today) < ADULT:
            return [Doubt.UNDER_18]
    except NotBornYet:
        return [Doubt.NOT_BORN_YET]
    return [Doubt.TOO_OLD] if too_old_to_register(birth_date, today) else []


def _doubts_of_region(nik: Nik) -> list[Doubt]:
    """Districts are known in NTB only; elsewhere the regency has to do."""
    if is_retired(nik.region_code):
        return [Doubt.REGION_RETIRED]
    regency = find_region(nik.regency_code)
    known = regency and (regency.parent_code != NTB or find_region(nik.region_code))
    return [] if known else [Doubt.REGION_UNKNOWN]
