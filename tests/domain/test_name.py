import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.name import (
    LONGEST,
    NameHasAddress,
    NameHasDigits,
    NameHasEmoji,
    NameHasSign,
    NameTooLong,
    NameTooShort,
    NotAName,
    clean_name,
    clean_text,
    initials,
)


@pytest.mark.parametrize(
    "name",
    [
        "SITI AMINAH",
        "Siti Aminah",
        "Ma'ruf",
        "Ma’ruf",
        "H. Lalu Ahmad, S.Pd.",
        "Abdul-Aziz",
        "Siti/Aminah",
        "Ng",
        "I Gede Putu",
        "Zoë Ñuñez",
        "Ahmad, SE.ME",
        "Moh.Idris",
    ],
)
def test_a_name_stays_as_it_is_on_the_ktp(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("siti aminah", "Siti Aminah"),
        ("siti binti ahmad", "Siti binti Ahmad"),
        ("h. ma'ruf amin, s.pd.i", "H. Ma'ruf Amin, S.Pd.I"),
        ("’aisyah abdul-aziz", "’Aisyah Abdul-Aziz"),
        ("bintang", "Bintang"),
        ("zoë", "Zoë"),
        ("siti Aminah", "siti Aminah"),
    ],
)
def test_a_name_all_in_lower_case_gets_its_capitals(typed, name):
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "  Siti   Aminah \n",
        "Siti\tAminah",
        "Siti\u00a0Aminah",
        "Siti\u200b Ami\u200dnah\ufeff",
        "\u202eSiti Aminah\u202c",
        "Siti\x00 Aminah\x07",
        "Siti Aminah\ud83d",
        "Siti Aminah\u3164",
        "- Siti Aminah,",
    ],
)
def test_what_has_no_ink_or_hangs_on_an_end_is_left_out(typed):
    assert clean_name(typed) == "Siti Aminah"


def test_a_name_is_composed():
    assert clean_name("Zoe\u0308") == "Zoë"


@pytest.mark.parametrize("typed", ["", " ", "A", ".", "-,/", "A.", "' '", "\u200b\u200b", "\u3164\u3164\u3164"])
def test_fewer_than_two_letters_are_no_name(typed):
    with pytest.raises(NameTooShort):
        clean_name(typed)


def test_a_name_has_eighty_characters_at_most():
    assert clean_name("A" * LONGEST) == "A" * LONGEST
    with pytest.raises(NameTooLong):
        clean_name("A" * (LONGEST + 1))


@pytest.mark.parametrize("typed", ["Siti 2", "5271014505870002", "Siti ٣", "Siti Ⅲ", "1️⃣ Siti"])
def test_a_name_has_no_digits(typed):
    with pytest.raises(NameHasDigits):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["Siti 🙏", "❤️ Siti", "👩‍👩‍👧 Siti", "Siti 🇮🇩", "👍🏽 Siti", "🙏"])
def test_a_name_has_no_emoji(typed):
    with pytest.raises(NameHasEmoji):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["http://contoh.id", "www.contoh.com", "contoh.com", "Siti bit.ly/abc", "wa.me/siti"])
def test_a_name_has_no_web_address(typed):
    with pytest.raises(NameHasAddress):
        clean_name(typed)


@pytest.mark.parametrize(
    "typed", ["=Siti", "@siti", "Siti+cmd", "Siti (Ibu)", "Siti_Aminah", "Siti: Aminah", "<b>Siti</b>"]
)
def test_a_name_has_no_other_signs(typed):
    with pytest.raises(NameHasSign):
        clean_name(typed)


@given(st.text())
def test_any_text_is_a_clean_name_or_none(text):
    try:
        name = clean_name(text)
    except NotAName:
        return
    assert 2 <= len(name) <= LONGEST
    assert name == unicodedata.normalize("NFC", name) == " ".join(name.split())
    assert name[0] not in "=+-@"


@given(st.text("abcABCéñ '-.,/", max_size=60))
def test_cleaning_a_name_twice_changes_nothing_more(text):
    try:
        name = clean_name(text)
    except NotAName:
        return
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Dagangan saya \x00rusak\x07 ", "Dagangan saya rusak"),
        ("baris satu\r\nbaris dua\rbaris tiga", "baris satu\nbaris dua\nbaris tiga"),
        ("satu\tdua", "satu dua"),
        ("rusak \ud83d sedikit", "rusak  sedikit"),
        ("terima kasih 👩‍👩‍👧 🙏🏽", "terima kasih 👩‍👩‍👧 🙏🏽"),
        ("\u202eterbalik\u202c", "terbalik"),
        ("Zoe\u0308", "Zoë"),
        ("", ""),
    ],
)
def test_free_text_keeps_its_words_and_lines(typed, kept):
    assert clean_text(typed, 200) == kept


def test_free_text_is_bounded():
    assert clean_text("a" * 10_000, 500) == "a" * 500
    assert clean_text("satu dua", 5) == "satu"
    assert clean_text("satu", 0) == ""


def test_a_long_run_of_accents_is_bounded_too():
    began = time.perf_counter()
    assert len(clean_text("a" + "\u0300\u0316" * 200_000, 500)) == 500
    assert time.perf_counter() - began < 10  # minutes, if all of it were normalised


@given(st.text(st.characters(), max_size=200), st.integers(0, 50))
def test_free_text_can_always_be_stored(text, limit):
    kept = clean_text(text, limit)
    assert len(kept) <= limit
    assert "\x00" not in kept
    assert kept.encode() == unicodedata.normalize("NFC", kept).encode()
    assert clean_text(kept, limit) == kept


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Siti Aminah", "S. A."),
        ("siti", "S."),
        ("Siti binti H. Ahmad, S.Pd.", "S. B. H. A. S."),
        ("'Aisyah", "A."),
        ("Ma'ruf - Abdul-Aziz", "M. A."),
    ],
)
def test_of_a_name_the_first_letters_are_shown(name: str, letters: str):
    assert initials(name) == letters
