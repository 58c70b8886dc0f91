import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import MOST, AmountTooLarge, NotAnAmount, parse_rupiah

amounts = st.integers(0, MOST)
thousands = st.integers(1, 999)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1500000", 1_500_000),
        ("1.500.000", 1_500_000),
        ("1,500,000", 1_500_000),
        ("1 500 000", 1_500_000),
        ("1\u00a0500\u00a0000", 1_500_000),
        ("Rp1.500.000", 1_500_000),
        ("Rp. 1.500.000,-", 1_500_000),
        ("rp 1.500.000,00", 1_500_000),
        ("IDR 1,500,000", 1_500_000),
        ("Rp1.500.000.", 1_500_000),
        ("1500000 rupiah", 1_500_000),
        ("1,5 juta", 1_500_000),
        ("1.5jt", 1_500_000),
        ("1,25 Juta", 1_250_000),
        ("0,5 juta", 500_000),
        ("Rp 2 juta per bulan", 2_000_000),
        ("2jt/bln", 2_000_000),
        ("800rb sebulan", 800_000),
        ("800rb", 800_000),
        ("800 ribu", 800_000),
        ("800k", 800_000),
        ("1500rb", 1_500_000),
        ("10,5 ribu", 10_500),
        ("16rb800", 16_800),
        ("16 ribu 800", 16_800),
        ("1jt500rb", 1_500_000),
        ("1 juta 500 ribu", 1_500_000),
        ("1jt16rb800", 1_016_800),
        ("sejuta", 1_000_000),
        ("Sejuta 500 ribu", 1_500_000),
        ("seribu", 1_000),
        ("Rp10.000", 10_000),
        ("10rb", 10_000),
        ("1o000", 10_000),
        ("1OO.OOO", 100_000),
        ("１５０００", 15_000),
        ("\u200b8400", 8_400),
        ("0", 0),
        ("1.000.000.000", MOST),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed, amount):
    assert parse_rupiah(typed) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "Rp",
        "halo",
        "juta",
        "-5",
        "Rp-5.000",
        "minus 5",
        "−5000",
        "1+1",
        "1e9",
        "10²",
        "½ juta",
        "5%",
        "🙏",
        "nan",
    ],
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(NotAnAmount):
        parse_rupiah(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1.500 ribu",
        "1.500 juta",
        "1jt500",
        "15,5",
        "15.00",
        "1.50.000",
        "1.500.00",
        "1,500.000",
        "1.500,000",
        "16rb8",
        "0.500.000",
    ],
)
def test_what_may_be_read_in_two_ways_is_asked_again(typed):
    with pytest.raises(NotAnAmount):
        parse_rupiah(typed)


def test_half_a_rupiah_does_not_exist():
    with pytest.raises(NotAnAmount):
        parse_rupiah("10.000,50")


@pytest.mark.parametrize("typed", ["50rb per hari", "50rb/minggu", "1 juta setahun"])
def test_income_of_another_span_is_not_taken_for_a_month(typed):
    with pytest.raises(NotAnAmount):
        parse_rupiah(typed)


def test_a_phone_number_is_not_an_amount():
    with pytest.raises(NotAnAmount):
        parse_rupiah("0812000001")


@pytest.mark.parametrize("typed", ["1.000.000.001", "2000 juta", "5271014505870002", "1000 jt 1 rb"])
def test_more_than_a_thousand_million_is_too_large(typed):
    with pytest.raises(AmountTooLarge):
        parse_rupiah(typed)


def test_an_endless_number_is_refused_at_once():
    with pytest.raises(NotAnAmount):
        parse_rupiah("9" * 100_000)


def test_an_error_never_repeats_what_was_typed():
    with pytest.raises(NotAnAmount) as refused:
        parse_rupiah("5271014505870002")
    assert "5271" not in "".join(traceback.format_exception_only(refused.value)) + repr(refused.value)


@given(amounts)
def test_every_amount_is_read_in_every_plain_spelling(amount):
    english = f"{amount:,}"
    indonesian = english.replace(",", ".")
    for typed in (
        str(amount),
        english,
        indonesian,
        f"Rp{indonesian}",
        f"rp. {indonesian},-",
        english.replace(",", " "),
    ):
        assert parse_rupiah(typed) == amount


@given(thousands, st.integers(0, 999))
def test_thousands_and_the_rest_add_up(ribu, rest):
    assert parse_rupiah(f"{ribu}rb{rest:03}") == ribu * 1_000 + rest
    assert parse_rupiah(f"{ribu} ribu {rest:03}") == ribu * 1_000 + rest


@given(thousands, thousands)
def test_millions_and_thousands_add_up(juta, ribu):
    assert parse_rupiah(f"{juta} juta {ribu} ribu") == juta * 1_000_000 + ribu * 1_000


@given(st.integers(0, 99_999), st.sampled_from([",", "."]), st.sampled_from(["juta", "jt", " juta"]))
def test_two_places_after_the_comma_are_exact(hundredths, comma, unit):
    typed = f"{hundredths // 100}{comma}{hundredths % 100:02}{unit}"
    assert parse_rupiah(typed) == hundredths * 10_000


@given(st.text() | st.text("0123456789.,- rpjtbuikso", max_size=20))
def test_any_text_is_an_amount_in_range_or_none(text):
    try:
        amount = parse_rupiah(text)
    except NotAnAmount:
        return
    assert 0 <= amount <= MOST
