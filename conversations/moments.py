"""When something shall happen, as people type it: "besok jam 9", "20 Desember 08.00", "nanti sore jam 4"."""

import re
from datetime import date, datetime, time, timedelta

from conversations.choices import bare
from conversations.promising import coming_day
from conversations.steps import Unclear
from conversations.words import _

FARTHEST = timedelta(days=60)
MORNING = time(8)
CLOCKS = (
    re.compile(r"\b(?:jam|pukul|pkl|at)\s*(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\b"),
    re.compile(r"\b(?P<hour>\d{1,2})[.:](?P<minute>\d{2})\b"),
    re.compile(r"\b(?P<hour>\d{1,2})(?P<minute>)(?=\s*(?:pagi|siang|sore|malam|am|pm)\b)"),
)
PART = re.compile(r"\b(siang|sore|malam|pm|am)\b")
LATER = {"siang": 10, "sore": 12, "malam": 12, "pm": 12}  # hours below this are of the afternoon then
FILLERS = re.compile(r"\b(nanti|hari|pagi|siang|sore|malam|am|pm|wita|wib|wit)\b")
WEEKDAYS = (
    ("senin", "monday"), ("selasa", "tuesday"), ("rabu", "wednesday"), ("kamis", "thursday"),
    ("jumat", "jum at", "friday"), ("sabtu", "saturday"), ("minggu", "ahad", "sunday"),
)  # fmt: skip


def coming_moment(text: str, now: datetime) -> datetime:
    """A moment from now on, in the zone of `now`; without a time, in the morning. Raises `Unclear`."""
    said = text.casefold().strip()
    clock = next(filter(None, (pattern.search(said) for pattern in CLOCKS)), None)
    rest = bare(FILLERS.sub(" ", said if clock is None else said[: clock.start()] + " " + said[clock.end() :]))
    at = MORNING if clock is None else time_of(clock, PART.search(said))
    day = day_of(rest, now) if rest else now.date()
    moment = datetime.combine(day, at, now.tzinfo)
    if not rest and clock is None:
        raise Unclear(_("Ketik hari dan jamnya. Contoh: besok jam 9, atau 20 Desember 08.00."))
    if moment <= now and (not rest or weekday_of(rest) is not None):
        moment += timedelta(days=7 if rest else 1)
    if moment <= now:
        raise Unclear(_("Waktu itu sudah lewat. Ketik waktu yang akan datang."))
    if moment > now + FARTHEST:
        raise Unclear(_("Itu terlalu jauh. Pilih waktu dalam 60 hari ini."))
    return moment


def time_of(clock: "re.Match[str]", named: "re.Match[str] | None") -> time:
    """The time that was said, and the part of the day that it is in. Raises `Unclear`."""
    hour, minute, part = int(clock["hour"]), int(clock["minute"] or 0), named[1] if named else ""
    if part == "am" and hour == 12:
        hour = 0
    elif hour < LATER.get(part, 0):
        hour += 12
    try:
        return time(hour, minute)
    except ValueError as error:
        raise Unclear(_("Jam itu tidak ada. Contoh: jam 9, atau 15.30.")) from error


def day_of(said: str, now: datetime) -> date:
    """The day that was said: by the day of the week, by name, or by date. Raises `Unclear`."""
    weekday = weekday_of(said)
    if weekday is not None:
        return now.date() + timedelta(days=(weekday - now.weekday()) % 7)
    return coming_day(said, now.date())


def weekday_of(said: str) -> int | None:
    """The day of the week, Monday being 0; None when it is none."""
    return next((number for number, names in enumerate(WEEKDAYS) if said in names), None)
