"""Text → value, or advice."""

from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import readers
from conversations.readers import LONG, SHORT
from conversations.steps import Unclear
from domain.nik import hide_niks

READERS = [
    readers.nik, readers.name, readers.place_name, readers.short_text, readers.long_text, readers.phone,
    readers.birth_date, readers.income, readers.regency, readers.code, readers.amount, readers.reference,
]  # fmt: skip


def advice(reader, text: str) -> str:
    """What is said to a text that cannot be read."""
    with pytest.raises(Unclear) as unclear:
        reader(text)
    return str(unclear.value)


# ── NIK ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "5271014505870001",
        "5271 0145 0587 0001",
        "5271.0145.0587.0001",
        "5271-0145-0587-0001",
        " NIK: 5271014505870001 ",
        "527I0l45O587OOO1",
        "5271 0145\n0587 0001",
    ],
)
def test_a_nik_is_read_as_people_type_it(text):
    assert readers.nik(text).digits == "5271014505870001"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("527101450587000", "NIK itu 16 angka, yang diketik 15 angka. Coba ketik lagi."),
        ("52710145058700011", "NIK itu 16 angka, yang diketik 17 angka. Coba ketik lagi."),
        ("5271017205870001", "Sepertinya ada angka yang tertukar"),
        ("5271014513870001", "Sepertinya ada angka yang tertukar"),
        ("5271014505870000", "NIK itu 16 angka. Coba ketik lagi."),
        ("lupa", "NIK itu 16 angka. Coba ketik lagi."),
    ],
)
def test_what_is_no_nik_gets_advice_that_never_repeats_it(text, said):
    told = advice(readers.nik, text)
    assert told.startswith(said)
    assert text not in told


# ── names, places, texts ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "name"), [("siti aminah", "Siti Aminah"), ("  H. Ma'ruf, S.Pd ", "H. Ma'ruf, S.Pd"), ("Salah", "Salah")]
)
def test_a_name(text, name):
    assert readers.name(text) == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Siti 2", "Nama tidak memakai angka."),
        ("S", "Namanya terlalu pendek."),
        ("www.contoh.com", "Itu belum seperti nama."),
        ("ya", "Tolong ketik jawabannya, bukan ya atau tidak."),
        ("Ok pak", "Tolong ketik jawabannya, bukan ya atau tidak."),
        ("Siti Aminah\nMataram", "Tolong satu nama saja, dalam satu baris."),
    ],
)
def test_what_is_no_name(text, said):
    assert advice(readers.name, text).startswith(said)


@pytest.mark.parametrize("text", ["Mataram 3", "ya", "tidak", "?", "", "Mataram\nBima"])
def test_what_is_no_place(text):
    assert advice(readers.place_name, text)


@pytest.mark.parametrize(
    "text", ["5271 0145 0587 0001", "rumah 5271014505870001", "x" * (SHORT + 1), "a\nb", "🙂", "ok"]
)
def test_what_is_no_short_text(text):
    assert advice(readers.short_text, text)


def test_a_text_is_cleaned_and_bounded():
    assert readers.short_text("Jalan\tMawar\u202e 3\0") == "Jalan Mawar 3"
    assert readers.long_text("Kapan jadi?\nSudah lama.") == "Kapan jadi?\nSudah lama."
    assert len(readers.long_text("a" * 9_000)) == LONG


def test_a_nik_in_a_text_is_hidden_and_a_phone_number_is_not():
    said = "NIK 5271-0145-0587-0001 atau 5271014505870002, HP 0812 3456 78901 dan +62 812 3456 7890"
    assert readers.long_text(said) == "NIK ••••0001 atau ••••0002, HP 0812 3456 78901 dan +62 812 3456 7890"


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["081200000001", "0812-0000-0001", "+62 812 0000 0001", "62812 0000 0001", "O812OOOOOOO1"]
)
def test_a_phone_number(text):
    assert readers.phone(text) == "+6281200000001"


@pytest.mark.parametrize("text", ["12345", "175", "ID.13491208655302741918", "ID.123", "siti", "0812", ""])
def test_what_is_no_phone_number(text):
    assert advice(readers.phone, text) == "Itu belum seperti nomor HP. Contoh: 0812 3456 7890."


@pytest.mark.parametrize(
    "text", ["5 Mei 1987", "5-5-1987", "05/05/1987", "5.5.1987", "5 may 1987", "5 mei 1987 pak", "05051987"]
)
def test_a_birth_date(text):
    assert readers.birth_date(text) == date(1987, 5, 5)


@pytest.mark.parametrize(
    "text", ["31 Februari 1988", "5 Mei", "5 Mei 87", "5 Mei 1087", "5 Xyz 1987", "0 0 0000", "kemarin"]
)
def test_what_is_no_birth_date(text):
    assert advice(readers.birth_date, text) == "Ketik tanggal, bulan dan tahun. Contoh: 5 Mei 1987."


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("900rb", 1),
        ("Rp1.099.000", 1),
        ("1.099.500", 1),
        ("1,1 juta", 2),
        ("1jt800rb", 5),
        ("30 juta", 33),
        ("10 ribu", 1),
    ],
)
def test_an_income(text, tier):
    assert readers.income(text).number == tier


@pytest.mark.parametrize("text", ["900", "0", "9999", "-5", "banyak", "1o000x", "5 miliar"])
def test_what_is_no_income(text):
    assert advice(readers.income, text)


@pytest.mark.parametrize(("text", "code"), [("denpasar", "5171"), ("kota bima", "5272"), ("Kab. Bima", "5206")])
def test_a_regency(text, code):
    assert readers.regency(text) == code


def test_a_regency_of_several_is_asked_about():
    assert advice(readers.regency, "jakarta").startswith("Yang mana? Ketik lengkap: Kota Administrasi Jakarta Pusat, ")


@pytest.mark.parametrize(
    ("text", "digits"), [("1234 5678", "12345678"), ("1234-5678", "12345678"), ("12345678", "12345678")]
)
def test_a_code(text, digits):
    assert readers.code(text) == digits


@pytest.mark.parametrize("text", ["1234567", "123456789", "abcdefgh", ""])
def test_what_is_no_code(text):
    assert advice(readers.code, text) == "Kodenya 8 angka. Coba ketik lagi."


# ── payments ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("16rb800", 16800), ("Rp16.800", 16800), ("16,8 ribu", 16800), ("16.800,-", 16800), ("16 800", 16800),
        ("1o.000", 10000), ("16800 rupiah", 16800), ("sejuta", 1_000_000), ("1000", 1000), ("1.000.000.000", 10**9),
    ],
)  # fmt: skip
def test_an_amount(text, amount):
    assert readers.amount(text) == amount


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "Tulis lengkap dalam rupiah."),
        ("999", "Tulis lengkap dalam rupiah."),
        ("16", "Tulis lengkap dalam rupiah."),
        ("-16.800", "Ketik jumlah uangnya."),
        ("16,8", "Ketik jumlah uangnya."),
        ("1.500 ribu", "Ketik jumlah uangnya."),
        ("081200000001", "Ketik jumlah uangnya."),
        ("", "Ketik jumlah uangnya."),
        ("16.80", "Ketik jumlah uangnya."),
        ("1.000.000.001", "Jumlah itu terlalu besar."),
        ("5271014505870001", "Jumlah itu terlalu besar."),
    ],
)
def test_what_is_no_amount(text, said):
    assert advice(readers.amount, text).startswith(said)


@pytest.mark.parametrize(
    ("text", "today", "day"),
    [
        ("Hari ini", "2026-11-22", "2026-11-22"),
        ("Tadi pagi!", "2026-11-22", "2026-11-22"),
        ("kemarin", "2027-01-01", "2026-12-31"),
        ("31 Des", "2027-01-01", "2026-12-31"),
        ("31/12", "2027-01-01", "2026-12-31"),
        ("31.12.2026", "2027-01-01", "2026-12-31"),
        ("tgl 31", "2027-03-01", "2027-01-31"),
        ("29 Februari", "2028-03-01", "2028-02-29"),
        ("22 November 2025", "2026-11-22", "2025-11-22"),
        ("Senin", "2026-11-22", "2026-11-16"),
        ("Minggu", "2026-11-22", ""),
    ],
)
def test_the_day_of_a_payment(text, today, day):
    if day:
        assert readers.paid_on(text, today=date.fromisoformat(today)) == date.fromisoformat(day)
    else:
        assert advice(partial(readers.paid_on, today=date.fromisoformat(today)), text).startswith("Ketik tanggal")


@given(text=st.text(max_size=60), today=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_whatever_is_typed_a_payment_lies_in_the_year_that_is_gone(text, today):
    try:
        paid = readers.paid_on(text, today=today)
    except Unclear as unclear:
        assert str(unclear)
    else:
        assert today - readers.OLDEST_PAYMENT <= paid <= today


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ft 26326-abc12", "FT26326ABC12"),
        ("Ref: 1234 5678", "REF12345678"),
        ("123456789012", "123456789012"),
        ("20261122123456789012", "123456789012"),  # many digits: their end, so that no NIK is kept by accident
        ("5271014505870001 x1", "0001X1"),
        ("x 527101450587000", "X7000"),
        ("52710145 a 05870001", "52710145A05870001"),
    ],
)
def test_a_reference(text, kept):
    assert readers.reference(text) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5271 0145 0587 0001", "Itu NIK, bukan nomor referensi."),
        ("NIK: 5271014505870001", "Itu NIK, bukan nomor referensi."),
        ("lupa pak", "Ketik nomor referensi di struk."),
        ("12", "Ketik nomor referensi di struk."),
        ("a1" * 30, "Ketik nomor referensi di struk."),
        ("ya", "Tolong ketik jawabannya, bukan ya atau tidak."),
        ("🙏", "Ketik nomor referensi di struk."),
    ],
)
def test_what_is_no_reference(text, said):
    assert advice(readers.reference, text).startswith(said)


# ── whatever anybody types ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@given(text=st.one_of(st.text(max_size=400), st.from_regex(r"[0-9 .,/-]{0,40}", fullmatch=True)))
def test_a_reader_reads_or_advises_and_does_nothing_else(reader, text):
    try:
        value = reader(text)
    except Unclear as unclear:
        assert str(unclear)
    else:
        assert value or value == 0
        assert "\0" not in str(value)
        assert hide_niks(str(value)) == str(value)
