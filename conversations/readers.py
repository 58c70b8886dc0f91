"""Text → value, or a fact → advice. `domain` raises what is true; a reader says what to type."""

import re
from datetime import date, timedelta

from babel.dates import get_month_names

from conversations.choices import NO, YES, bare
from conversations.steps import Unclear
from conversations.words import _
from domain.day import NotADay, parse_day
from domain.money import AmountTooLarge, NotAnAmount, Rupiah, parse_rupiah
from domain.month import Month
from domain.name import NameHasDigits, NameTooShort, NotAName, clean_name, clean_text
from domain.nik import ImpossibleDay, ImpossibleMonth, Nik, NotANik, WrongLength, hide_niks
from domain.phone import NotAPhoneNumber, normalise
from domain.rates import Tier, tier_for_income
from domain.reference import NikNotReference, NotAReference, parse_reference
from domain.region import Region, search_regencies

SHORT = 120  # characters of a place or a trade
LONG = 2_000  # characters of a question to an officer: all that the engine lets through
LEAST_INCOME = 10_000  # rupiah a month; less is a slip, as "900" for 900 thousand
LEAST_PAID = 1_000  # rupiah of one payment; less is a slip, as "16" for 16 thousand
OLDEST_YEAR = 1900  # of birth
OLDEST_PAYMENT = timedelta(days=365)
DATE = re.compile(r"^(\d{1,2})[\s./-]*(\d{1,2}|[a-z]+)[\s./-]*(\d{4})$")


def nik(text: str) -> Nik:
    """The 16 digits of a NIK."""
    try:
        return Nik.parse(text)
    except WrongLength as error:
        raise Unclear(
            _("NIK itu 16 angka, yang diketik {count} angka. Coba ketik lagi.").format(count=error.count)
        ) from error
    except (ImpossibleDay, ImpossibleMonth) as error:
        raise Unclear(
            _("Sepertinya ada angka yang tertukar: tanggal lahir di dalam NIK itu tidak ada. Coba lihat KTP lagi.")
        ) from error
    except NotANik as error:
        raise Unclear(_("NIK itu 16 angka. Coba ketik lagi.")) from error


def name(text: str) -> str:
    """A person's name as on the KTP."""
    refuse_yes_or_no(text)
    if "\n" in text.strip():
        raise Unclear(_("Tolong satu nama saja, dalam satu baris."))
    try:
        return clean_name(text)
    except NameHasDigits as error:
        raise Unclear(_("Nama tidak memakai angka. Ketik nama seperti di KTP.")) from error
    except NameTooShort as error:
        raise Unclear(_("Namanya terlalu pendek. Ketik nama lengkap seperti di KTP.")) from error
    except NotAName as error:
        raise Unclear(_("Itu belum seperti nama. Ketik nama lengkap seperti di KTP.")) from error


def short_text(text: str) -> str:
    """A place, a trade: something short in her own words."""
    refuse_yes_or_no(text)
    cleaned = clean_text(text, LONG).strip()
    if hide_niks(cleaned) != cleaned:
        raise Unclear(_("Jangan tulis NIK di sini. Tolong diketik dengan kata-kata."))
    if sum(letter.isalnum() for letter in cleaned) < 2 or "\n" in cleaned:
        raise Unclear(_("Tolong diketik dengan kata-kata, satu baris saja."))
    if len(cleaned) > SHORT:
        raise Unclear(_("Itu terlalu panjang. Tulis yang pendek saja."))
    return cleaned


def long_text(text: str) -> str:
    """A question or a reason in her own words; a NIK in it is hidden."""
    cleaned = clean_text(text, LONG).strip()
    if sum(letter.isalnum() for letter in cleaned) < 2:
        raise Unclear(_("Tolong diketik dengan kata-kata."))
    return hide_niks(cleaned)


def refuse_yes_or_no(text: str) -> None:
    """Somebody who answers "ya" to an open question answers another one. "Salah" may be a name."""
    if bare(text) in (YES | NO) - {"salah"}:
        raise Unclear(_("Tolong ketik jawabannya, bukan ya atau tidak."))


def place_name(text: str) -> str:
    """The name of a town or a village."""
    if any(sign.isdigit() for sign in text):
        raise Unclear(_("Nama tempat tidak memakai angka. Contoh: Mataram."))
    return short_text(text)


def phone(text: str) -> str:
    """A phone number, in E.164."""
    try:
        return normalise(text)
    except NotAPhoneNumber as error:
        raise Unclear(_("Itu belum seperti nomor HP. Contoh: 0812 3456 7890.")) from error


def birth_date(text: str) -> date:
    """A date in any usual form: "5 Mei 1987", "05-05-1987", "5/5/1987"."""
    found = DATE.match(bare(text))
    try:
        if not found:
            raise ValueError(text)
        born = date(int(found[3]), month_number(found[2]), int(found[1]))
        if born.year < OLDEST_YEAR:
            raise ValueError(text)
        return born
    except ValueError as error:
        raise Unclear(_("Ketik tanggal, bulan dan tahun. Contoh: 5 Mei 1987.")) from error


def month_number(word: str) -> int:
    """A month by number or name, in full or cut to three letters; 0 when it is none."""
    if word.isdecimal():
        return int(word)
    for language in ("id", "en"):
        for number, full in get_month_names("wide", locale=language).items():
            if word == full.casefold() or word[:3] == full[:3].casefold():
                return int(number)
    return 0


def income(text: str) -> Tier:
    """The bracket of a monthly income in rupiah."""
    try:
        amount = parse_rupiah(text)
    except NotAnAmount as error:
        raise Unclear(_("Pilih nomornya, atau ketik kira-kira penghasilan sebulan. Contoh: 1,5 juta.")) from error
    if amount < LEAST_INCOME:
        raise Unclear(_('Tulis lengkap, misalnya "900 ribu" atau "1,5 juta".'))
    return tier_for_income(amount)


def regency(text: str) -> str:
    """The code of a regency or city anywhere in the country."""
    found = search_regencies(text)
    named = re.sub(r"^kab\b", "kabupaten", bare(text))
    exact = [region for region in found if bare(region.name) == named]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0].code
    if not found:
        raise Unclear(_("Kabupaten atau kota itu belum kami kenal. Contoh: Kota Denpasar."))
    raise Unclear(_("Yang mana? Ketik lengkap: {names}.").format(names=", ".join(region_names(found))))


def region_names(regions: list[Region]) -> list[str]:
    """The names of regions, as people read them."""
    return [region.name for region in regions]


def four_digits(text: str) -> str:
    """The last four digits of a NIK."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"\d{4}", digits):
        raise Unclear(_("Cukup 4 angka terakhir. Contoh: 0001."))
    return digits


def join_code(text: str) -> str:
    """The six digits that join two addresses of one person."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"\d{6}", digits):
        raise Unclear(_("Kodenya 6 angka. Coba ketik lagi."))
    return digits


def code(text: str) -> str:
    """The eight digits of an invitation."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"\d{8}", digits):
        raise Unclear(_("Kodenya 8 angka. Coba ketik lagi."))
    return digits


def amount(text: str) -> Rupiah:
    """What somebody paid, in rupiah."""
    try:
        paid = parse_rupiah(text)
    except AmountTooLarge as error:
        raise Unclear(_("Jumlah itu terlalu besar. Ketik jumlah yang dibayar, contoh: Rp16.800.")) from error
    except NotAnAmount as error:
        raise Unclear(_("Ketik jumlah uangnya. Contoh: 16.800 atau 16rb800.")) from error
    if paid < LEAST_PAID:
        raise Unclear(_("Tulis lengkap dalam rupiah. Contoh: 16.800 atau 16rb800."))
    return paid


def paid_on(text: str, *, today: date) -> date:
    """The day of a payment: "hari ini", "kemarin", "5 Des", "5/12", "5 Desember 2026"; not in the future, nor old."""
    try:
        paid = parse_day(bare(text), today)
    except NotADay as error:
        raise Unclear(_("Ketik tanggal bayarnya. Contoh: 5 Desember, atau 5/12.")) from error
    if paid > today:
        raise Unclear(_("Tanggal itu belum sampai. Kapan Bapak/Ibu membayar?"))
    if paid < today - OLDEST_PAYMENT:
        raise Unclear(_("Tanggal itu lebih dari setahun lalu. Kapan Bapak/Ibu membayar?"))
    return paid


def reference(text: str) -> str:
    """The reference of a payment in capitals and digits, as two are compared."""
    refuse_yes_or_no(text)
    try:
        return parse_reference(text)
    except NikNotReference as error:
        raise Unclear(_("Itu NIK, bukan nomor referensi. Lihat di struk: Ref, No. Ref, atau RRN.")) from error
    except NotAReference as error:
        raise Unclear(_("Ketik nomor referensi di struk. Contoh: FT26326ABC12.")) from error


MONTH = re.compile(r"^(?:(?P<iso>\d{4}) (?P<iso_month>\d{1,2})|(?P<month>\d{1,2}|[a-z]+)(?: (?P<year>\d{4}|\d{2}))?)$")
NAMED_MONTHS = {"ini": 0, "sekarang": 0, "depan": 1, "lalu": -1, "kemarin": -1, "this month": 0, "next month": 1}


def month(text: str, *, today: date) -> Month:
    """A month: "September 2026", "9/2026", "bulan depan"; one without its year is the nearest."""
    said = bare(text).removeprefix("bulan ").removeprefix("mulai ")
    current = Month.of(today)
    if said in NAMED_MONTHS:
        return current + NAMED_MONTHS[said]
    found = MONTH.match(said)
    number = month_number(found["iso_month"] or found["month"]) if found else 0
    if found is None or not 1 <= number <= 12:
        raise Unclear(_("Ketik bulan dan tahun. Contoh: September 2026."))
    year = found["iso"] or found["year"]
    if year:
        return Month(int(year) % 100 + 2000, number)
    near = [Month(current.year + years, number) for years in (-1, 0, 1)]
    return min(near, key=lambda one: (abs(one - current), one))


def told_day(text: str, *, today: date) -> date:
    """A day that somebody was told, in the past or to come: "15 Januari 2027", "15/1"."""
    try:
        return parse_day(bare(text), today)
    except NotADay as error:
        raise Unclear(_("Ketik tanggal, bulan dan tahun. Contoh: 15 Januari 2027.")) from error
