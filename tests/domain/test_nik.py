import pickle
import traceback
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.nik import (
    Doubt,
    ImpossibleDay,
    ImpossibleMonth,
    Nik,
    NotANik,
    NotDigits,
    SerialZero,
    Severity,
    Sex,
    WrongLength,
    doubts,
)

SITI = "5271014505870002"  # a woman, born 5 May 1987, first registered in Ampenan
TODAY = date(2026, 11, 22)

births = st.dates(date(1927, 1, 1), TODAY - timedelta(days=17 * 366))
sexes = st.sampled_from(Sex)
serials = st.integers(1, 9).map("{:04}".format)


def nik_of(birth: date, sex: Sex = Sex.FEMALE, serial: str = "0001", region: str = "527101") -> str:
    day = birth.day + (40 if sex is Sex.FEMALE else 0)
    return f"{region}{day:02}{birth:%m%y}{serial}"


@pytest.mark.parametrize(
    "typed",
    [
        SITI,
        "5271 0145 0587 0002",
        "5271.0145.0587.0002",
        "5271-0145-0587-0002",
        "5271–0145—0587‑0002",
        "  5271014505870002\n",
        "5271\u00a00145\u00a00587\u00a00002",
        "\u200b5271014\u200d505870002\ufeff",
        "\u202a5271014505870002\u202c",
        "５２７１０１４５０５８７０００２",
        "5271O145o587OOO2",
        "527lOI4505870002",
        "NIK : 5271014505870002",
        "nik 5271014505870002",
    ],
)
def test_a_nik_is_read_as_people_type_it(typed):
    assert Nik.parse(typed).digits == SITI


@given(births, sexes, serials)
def test_a_nik_tells_the_birth_date_and_sex_it_was_made_from(birth, sex, serial):
    nik = Nik.parse(nik_of(birth, sex, serial))
    assert (nik.birth_date(TODAY), nik.sex, nik.last4) == (birth, sex, serial)
    assert doubts(nik, birth, sex, TODAY) in ([], [Doubt.UNDER_18], [Doubt.TOO_OLD])


@given(births, sexes, serials, st.lists(st.sampled_from([" ", ".", "-", "\u00a0", "\u200b"]), min_size=16, max_size=16))
def test_separators_never_change_a_nik(birth, sex, serial, separators):
    digits = nik_of(birth, sex, serial)
    typed = "".join(map("".join, zip(digits, separators, strict=True)))
    assert Nik.parse(typed) == Nik(digits)


@given(st.text() | st.text("0123456789oOlI .-", max_size=24))
def test_any_text_is_a_nik_or_a_fact_about_it_that_holds_no_digits(text):
    try:
        nik = Nik.parse(text)
    except NotANik as error:
        digits = "".join(filter(str.isdecimal, text))
        assert len(digits) < 4 or digits not in str(error)
    else:
        assert len(nik.digits) == 16


@pytest.mark.parametrize(("typed", "count"), [("527101450587000", 15), ("52710145058700021", 17), ("5271 01", 6)])
def test_a_nik_of_another_length_says_how_many_digits_it_has(typed, count):
    with pytest.raises(WrongLength) as refused:
        Nik.parse(typed)
    assert refused.value.count == count


@pytest.mark.parametrize(
    "typed", ["", "halo", "lo", "5271014505870A02", "-5271014505870002+", "527101450587000²", "🙏"]
)
def test_letters_and_signs_are_no_nik(typed):
    with pytest.raises(NotDigits):
        Nik.parse(typed)


@pytest.mark.parametrize("day", ["00", "32", "40", "72", "99"])
def test_a_day_outside_01_to_31_and_41_to_71_is_impossible(day):
    with pytest.raises(ImpossibleDay):
        Nik.parse(f"527101{day}05870002")


@pytest.mark.parametrize("month", ["00", "13", "99"])
def test_a_month_outside_01_to_12_is_impossible(month):
    with pytest.raises(ImpossibleMonth):
        Nik.parse(f"52710105{month}870002")


@pytest.mark.parametrize("day_month", ["3104", "7104", "3002", "7002"])
def test_a_day_that_its_month_never_has_is_impossible(day_month):
    with pytest.raises(ImpossibleDay):
        Nik.parse(f"527101{day_month}880002")


def test_29_february_needs_a_leap_year_in_some_century():
    assert Nik.parse("5271012902880002").birth_date(TODAY) == date(1988, 2, 29)
    assert Nik.parse("5271016902000002").birth_date(TODAY) == date(2000, 2, 29)
    with pytest.raises(ImpossibleDay):
        Nik.parse("5271012902870002")


def test_serial_0000_is_never_given_out():
    with pytest.raises(SerialZero):
        Nik.parse("5271014505870000")


def test_a_nik_never_shows_its_digits():
    nik = Nik.parse(SITI)
    for shown in (str(nik), repr(nik), f"{nik}", f"{nik!s:>20}", repr([nik]), repr({"nik": nik})):
        assert "5271" not in shown
        assert "••••••••••••0002" in shown


def test_an_error_never_shows_the_digits_however_it_is_printed():
    for typed in ("527101450587000", "5271014505870000", "5271017205870002", "5271014513870002", "5271O14505870X02"):
        with pytest.raises(NotANik) as refused:
            Nik.parse(typed)
        printed = (
            "".join(traceback.format_exception_only(refused.value)) + repr(refused.value) + repr(vars(refused.value))
        )
        assert "52710" not in printed
        assert "870" not in printed


def test_a_nik_cannot_be_built_from_what_is_none():
    for digits in ("5271", "5271 0145 0587 0002", "５２７１０１４５０５８７０００２"):
        with pytest.raises(NotANik):
            Nik(digits)


def test_a_nik_is_a_value():
    assert Nik(SITI) == Nik.parse("5271 0145 0587 0002")
    assert len({Nik(SITI), Nik(SITI)}) == 1
    assert pickle.loads(pickle.dumps(Nik(SITI))) == Nik(SITI)


def test_the_codes_are_those_of_the_region_of_first_registration():
    nik = Nik(SITI)
    assert (nik.province_code, nik.regency_code, nik.region_code) == ("52", "5271", "527101")


def test_forty_more_on_the_day_makes_a_woman():
    assert Nik("5271014505870002").sex is Sex.FEMALE
    assert Nik("5271010505870002").sex is Sex.MALE


@pytest.mark.parametrize(
    ("two_digits", "born_in"),
    [
        ("87", 1987),
        ("09", 2009),  # turned 17 in May
        ("27", 1927),  # 2027 is not here yet
        ("20", 1920),  # 6 or 106: a KTP is for adults
        ("10", 2010),  # 16 or 116: nobody is 116
    ],
)
def test_the_century_is_the_latest_that_fits_somebody_with_a_ktp(two_digits, born_in):
    assert Nik(f"5271014505{two_digits}0002").birth_date(TODAY) == date(born_in, 5, 5)


@given(births | st.dates(date(2010, 1, 1), date(2050, 12, 31)), st.dates(date(2024, 1, 1), date(2060, 1, 1)))
def test_nobody_is_born_after_today(birth, today):
    assert Nik(nik_of(birth)).birth_date(today) <= today


def test_what_agrees_raises_no_doubt():
    assert doubts(Nik(SITI), date(1987, 5, 5), Sex.FEMALE, TODAY) == []


def test_what_is_not_said_yet_raises_no_doubt():
    assert doubts(Nik(SITI), None, None, TODAY) == []


@pytest.mark.parametrize("stated", [date(1987, 5, 6), date(1987, 6, 5), date(1986, 5, 5)])
def test_another_birth_date_is_a_warning(stated):
    assert doubts(Nik(SITI), stated, Sex.FEMALE, TODAY) == [Doubt.BIRTH_DATE_DIFFERS]
    assert Doubt.BIRTH_DATE_DIFFERS.severity is Severity.WARNING


def test_a_child_of_today_is_not_taken_for_somebody_born_a_century_ago():
    assert doubts(Nik(nik_of(date(2020, 5, 5))), date(2020, 5, 5), Sex.FEMALE, TODAY) == [Doubt.UNDER_18]


def test_another_sex_is_a_warning():
    assert doubts(Nik(SITI), date(1987, 5, 5), Sex.MALE, TODAY) == [Doubt.SEX_DIFFERS]
    assert Doubt.SEX_DIFFERS.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("birth", "found"),
    [
        (date(2008, 11, 22), []),
        (date(2008, 11, 23), [Doubt.UNDER_18]),
        (date(1961, 11, 23), []),
        (date(1961, 11, 22), [Doubt.TOO_OLD]),
    ],
)
def test_ages_outside_18_to_64_are_doubted(birth, found):
    assert doubts(Nik(nik_of(birth)), birth, Sex.FEMALE, TODAY) == found
    assert doubts(Nik(nik_of(birth)), None, None, TODAY) == found


def test_a_birth_date_to_come_is_doubted():
    assert doubts(Nik(SITI), date(2027, 5, 5), None, TODAY) == [Doubt.BIRTH_DATE_DIFFERS, Doubt.NOT_BORN_YET]


@pytest.mark.parametrize("region", ["350101", "110101", "910301", "527106"])
def test_vendors_come_from_all_over_the_country(region):
    assert doubts(Nik(nik_of(date(1987, 5, 5), region=region)), None, None, TODAY) == []


@pytest.mark.parametrize("region", ["540101", "000000", "999999", "527199"])
def test_a_region_that_is_not_on_record_is_only_information(region):
    assert doubts(Nik(nik_of(date(1987, 5, 5), region=region)), None, None, TODAY) == [Doubt.REGION_UNKNOWN]
    assert Doubt.REGION_UNKNOWN.severity is Severity.INFORMATION


@pytest.mark.parametrize("region", ["910103", "927101", "520104", "520416"])
def test_a_region_whose_code_changed_is_only_information(region):
    assert doubts(Nik(nik_of(date(1987, 5, 5), region=region)), None, None, TODAY) == [Doubt.REGION_RETIRED]
    assert Doubt.REGION_RETIRED.severity is Severity.INFORMATION


def test_warnings_come_before_information():
    found = doubts(Nik(nik_of(date(2010, 5, 5), region="999999")), date(2010, 5, 6), Sex.MALE, TODAY)
    assert found == [Doubt.BIRTH_DATE_DIFFERS, Doubt.SEX_DIFFERS, Doubt.UNDER_18, Doubt.REGION_UNKNOWN]
