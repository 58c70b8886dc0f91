from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.age import NotBornYet, age_on, too_old_to_register

SITI_BORN = date(1987, 5, 5)


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(1987, 5, 5), 0), (date(2026, 5, 4), 38), (date(2026, 5, 5), 39), (date(2026, 12, 31), 39)],
)
def test_she_grows_older_on_her_birthday(day, age):
    assert age_on(SITI_BORN, day) == age


def test_who_is_born_on_29_february_grows_older_on_1_march_of_a_common_year():
    born = date(1988, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 37
    assert age_on(born, date(2026, 3, 1)) == 38
    assert age_on(born, date(2028, 2, 29)) == 40


def test_nobody_has_an_age_before_birth():
    with pytest.raises(NotBornYet):
        age_on(SITI_BORN, date(1987, 5, 4))


@given(st.dates(), st.dates())
def test_age_counts_the_birthdays_since_birth(one, other):
    birth, day = sorted((one, other))
    age = age_on(birth, day)
    assert (birth.year + age, birth.month, birth.day) <= (day.year, day.month, day.day)
    assert (birth.year + age + 1, birth.month, birth.day) > (day.year, day.month, day.day)


def test_the_last_day_to_register_is_the_one_before_the_65th_birthday():
    born = date(1961, 12, 15)
    assert not too_old_to_register(born, date(2026, 12, 14))
    assert too_old_to_register(born, date(2026, 12, 15))
