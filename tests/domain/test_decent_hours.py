"""When a message that nobody asked for may come, in three zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decent_hours import DECENT, Hours, is_decent, next_decent, silent_days
from domain.zone import WIB, WIT, WITA, zone_of

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
ZONES = st.sampled_from([WIB, WITA, WIT, ZoneInfo("Europe/Berlin")])


@pytest.mark.parametrize(
    ("clock", "decent"),
    [("07:59:59", False), ("08:00:00", True), ("19:29:59", True), ("19:30:00", False), ("03:00:00", False)],
)
@pytest.mark.parametrize("zone", [WIB, WITA, WIT])
def test_the_day_begins_at_eight_by_the_clock_of_whoever_gets_it(zone, clock, decent):
    assert is_decent(datetime.fromisoformat(f"2026-12-10T{clock}").replace(tzinfo=zone), zone) is decent


@pytest.mark.parametrize(("clock", "decent"), [("11:44", True), ("11:45", False), ("13:29", False), ("13:30", True)])
def test_nothing_comes_during_the_friday_prayer(clock, decent):
    assert is_decent(datetime.fromisoformat(f"2026-12-11T{clock}").replace(tzinfo=WITA), WITA) is decent


def test_the_highest_feasts_are_silent():
    assert {date(2026, 3, 19), date(2026, 3, 21), date(2026, 3, 22), date(2026, 5, 27)} == silent_days()
    eve = datetime(2026, 3, 20, 20, tzinfo=WITA)
    assert next_decent(eve, WITA) == datetime(2026, 3, 23, 8, tzinfo=WITA)


@given(MOMENTS, ZONES)
def test_the_next_decent_moment_is_decent_and_none_before_it_is(moment, zone):
    found = next_decent(moment, zone)
    assert found >= moment
    assert is_decent(found, zone)
    between = moment + (found - moment) * 0.5
    assert found == moment or not is_decent(between, zone) or found - moment > timedelta(days=1)
    assert found == moment or not is_decent(found - timedelta(seconds=1), zone)


@pytest.mark.parametrize("words", [("19:00", "08:00"), ("08:00", "08:00"), ("8", "19:00"), ("", "")])
def test_hours_that_make_no_day_are_refused(words):
    with pytest.raises(ValueError):
        Hours.parse(*words)


def test_hours_are_written_as_a_clock_shows_them():
    assert Hours.parse("08:00", "19:30") == DECENT


@pytest.mark.parametrize(
    ("regency", "zone"),
    [
        ("5271", WITA),
        ("5103", WITA),
        ("3171", WIB),
        ("1271", WIB),
        ("6471", WITA),
        ("9471", WIT),
        ("8171", WIT),
        ("", None),
        ("x", None),
    ],
)
def test_everybody_lives_in_the_zone_of_her_province(regency, zone):
    assert zone_of(regency) == zone
