import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phone import NotAPhoneNumber, masked, normalise

SITI = "+6281200000001"


@pytest.mark.parametrize(
    "typed",
    [
        "081200000001",
        "+6281200000001",
        "6281200000001",
        "81200000001",
        "006281200000001",
        "+62 812-0000-0001",
        "+62 0812 0000 0001",
        "(0812) 0000 0001",
        "0812.0000.0001",
        "0812–0000‑0001",
        "O812 OOOO ooo1",
        "\u202a+62 812\u00a00000\u00a00001\u202c",
        "０８１２０００００００１",
    ],
)
def test_a_phone_number_is_read_as_people_type_it(typed):
    assert normalise(typed) == SITI


def test_a_number_from_abroad_keeps_its_country():
    assert normalise("+60 12-345 6789") == "+60123456789"
    assert normalise("012-345 6789", region="MY") == "+60123456789"


def test_a_fixed_line_is_a_phone_number():
    assert normalise("(0370) 631234") == "+62370631234"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "halo",
        "0812",
        "175",
        "1500000",  # a service number, and more often an amount
        "0800 1 123456",
        "08120000000000001",
        "5271014505870002",  # a NIK
        "0812-HALO-BUK",  # letters are no keypad
        "0812 0000 0001 / 0812 0000 0002",
        "0812 0000 0001, 0812 0000 0002",
        "0812 0000 0001 ext 5",
        "0812 0000 0001;ext=5",
        "+999 812 0000 0001",
        "🙏",
    ],
)
def test_what_nobody_can_be_called_at_is_refused(typed):
    with pytest.raises(NotAPhoneNumber):
        normalise(typed)


@pytest.mark.parametrize("bsuid", ["ID.13491208655302741918", "ID.6281200000001", "OO.81200000001", "id.081200000001"])
def test_a_business_scoped_user_id_is_never_turned_into_digits(bsuid):
    with pytest.raises(NotAPhoneNumber):
        normalise(bsuid)


def test_a_number_without_its_country_needs_a_region_that_exists():
    with pytest.raises(NotAPhoneNumber):
        normalise("081200000001", region="??")


def test_an_error_never_repeats_the_number():
    for typed in ("+999 812 0000 0001", "08120000000000001"):
        with pytest.raises(NotAPhoneNumber) as refused:
            normalise(typed)
        assert "0000" not in "".join(traceback.format_exception(refused.value)).partition("NotAPhoneNumber")[2]


@given(st.integers(0, 99_999_999), st.sampled_from(["0", "+62", "62", "0062", "+62 "]))
def test_every_way_to_begin_leads_to_the_same_number(subscriber, beginning):
    assert normalise(f"{beginning}812{subscriber:08}") == f"+62812{subscriber:08}"


@given(st.text() | st.text("0123456789+-() oO.", max_size=24))
def test_any_text_is_a_phone_number_or_none(text):
    try:
        phone = normalise(text)
    except NotAPhoneNumber:
        return
    assert phone.startswith("+")
    assert normalise(phone) == phone


@pytest.mark.parametrize(("phone", "shown"), [(SITI, "••••••••••0001"), ("1234", "••••"), ("", "")])
def test_a_masked_phone_number_shows_four_digits_at_most(phone, shown):
    assert masked(phone) == shown
