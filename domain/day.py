"""Days as people name them when they tell what happened lately: "kemarin", "hari Senin", "5 Des", "5/12/2026"."""

import re
from datetime import date, timedelta

_DATE = re.compile(
    r"(?:(?:pada|tanggal|tgl|hari|on) )*"
    r"(?:(?P<iso>\d{4}) (?P<iso_month>\d\d?) (?P<iso_day>\d\d?)"
    r"|(?P<day>\d\d?) ?(?P<month>\d\d?|[a-z]+)(?: ?(?P<year>\d{4}|\d\d))?)"
    r"(?: (?:jam|pukul|pkl|at)\b.*)?"
)
_ONLY_DAY = re.compile(r"(?:pada )?(?:tanggal|tgl) (\d\d?)")
_WEEKDAY = re.compile(r"(?:hari |last )?(?P<day>[a-z]+)(?: (?:ini|lalu|kemarin|yang lalu))?")

_TODAY = (
    "hari ini|tadi|tadi pagi|tadi siang|tadi sore|pagi ini|siang ini|sore ini|malam ini|barusan|baru saja|"
    "baru|sekarang|today|now|this morning"
)
_YESTERDAY = (
    "kemarin|kemaren|kmrn|semalam|tadi malam|kemarin pagi|kemarin siang|kemarin sore|kemarin malam|yesterday|last night"
)
_BEFORE = "kemarin lusa|kemarin dulu|dua hari lalu|dua hari yang lalu|2 hari lalu|2 hari yang lalu"
_NAMED = {name: ago for ago, names in enumerate((_TODAY, _YESTERDAY, _BEFORE)) for name in names.split("|")}

_WEEKDAYS = (
    "senin monday",
    "selasa tuesday",
    "rabu wednesday",
    "kamis thursday",
    "jumat jumaat friday",
    "sabtu saturday",
    "ahad sunday",
)
_MONTHS = (
    "jan",
    "feb peb",
    "mar",
    "apr",
    "mei may",
    "jun",
    "jul",
    "agu ags agt aug",
    "sep",
    "okt oct",
    "nov nop",
    "des dec",
)


class NotADay(ValueError):
    """No day is named like this."""


def parse_day(said: str, today: date) -> date:
    """The day that is named, as seen from `today`; small letters, one space between words, no punctuation.

    A weekday and a bare "tgl 5" are the last such day. A day without its year is the nearest: late in December
    "5 Jan" is yet to come. Nothing is left out because it lies ahead: whoever asks may say so.
    """
    if said in _NAMED:
        return today - timedelta(days=_NAMED[said])
    if only := _ONLY_DAY.fullmatch(said):
        return _last(int(only[1]), today)
    if named := _WEEKDAY.fullmatch(said.replace("hari minggu", "ahad")):  # alone it is a week
        for number, names in enumerate(_WEEKDAYS):
            if named["day"] in names.split():
                return today - timedelta(days=(today.weekday() - number) % 7)
    found = _DATE.fullmatch(said)
    if found is None:
        raise NotADay(said)
    if found["iso"]:
        return _day(int(found["iso"]), int(found["iso_month"]), int(found["iso_day"]))
    day, month = int(found["day"]), _month(found["month"])
    if not found["year"]:
        return _nearest(day, month, today)
    century = today.year // 100 * 100 if len(found["year"]) == 2 else 0
    return _day(century + int(found["year"]), month, day)


def _month(word: str) -> int:
    """A month by number or name, in full or cut to three letters or more."""
    if word.isdecimal():
        return int(word)
    for number, names in enumerate(_MONTHS, start=1):
        if word[:3] in names.split():
            return number
    raise NotADay(word)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(f"{year}-{month}-{day}") from error


def _nearest(day: int, month: int, today: date) -> date:
    """The day of that number and month that is nearest to today; of 29 February, the nearest that there is."""
    found = []
    for year in range(today.year - 4, today.year + 5):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise NotADay(f"{day}/{month}")
    return min(found, key=lambda one: (abs(one - today), one))


def _last(day: int, today: date) -> date:
    """The last day of that number, today included."""
    for back in range(62):
        one = today - timedelta(days=back)
        if one.day == day:
            return one
    raise NotADay(str(day))
