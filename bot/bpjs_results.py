"""What BPJS answers in a sheet: which column means what, and what each row tells of one member's month."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.sheets import CellValue, Formula, NotASheet, Sheet, read
from conversations.readers import month_number
from conversations.words import _
from domain.money import NotAnAmount, Rupiah, parse_rupiah
from domain.month import Month, NotAMonth
from domain.nik import Nik, NotANik, WrongLength, hide_niks
from domain.remittance import Told
from domain.text import plain, visible

HEAD = 30  # rows among which the headings stand
SHOWN = 30  # characters of a cell that we repeat
LONGEST_REASON = 200
EPOCH = date(1899, 12, 30)  # from which Excel counts days
DAYS = range(36_526, 73_051)  # 2000 to 2099, as Excel counts

NAMES: Mapping[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "nik": "nik nikpeserta nikktp niknoktp nonik nomornik nonikktp noktp nomorktp nomorindukkependudukan "
        "noidentitas nomoridentitas",
        "status": "statuspembayaran statusbayar statusiuran statustransaksi statusproses status hasil result",
        "month": "bulaniuran periodeiuran masaiuran bulan periode blth bulantahun month period",
        "amount": "jumlahdibayar jumlahbayar totalbayar jumlahiuran totaliuran nilaiiuran nominal jumlah amount total "
        "iuran",
        "reason": "alasangagal keterangangagal alasan reason pesan message catatan note remark keterangan",
        "kpj": "kpj nokpj nomorkpj nopeserta nomorpeserta kartupeserta nokartu nomorkartu",
        "protected_until": "tanggalberakhirperlindungan tglberakhirperlindungan tanggalakhirperlindungan "
        "tglakhirperlindungan akhirperlindungan perlindungansampai berlakusampai berlakuhingga tanggalberakhir "
        "tglberakhir masaberlaku protecteduntil validuntil",
    }.items()
}
"""Field → the headings that mean it, in small letters and digits alone, the surest first."""

DEMANDED = ("nik", "status")
ACCEPTED = frozenset(
    {"berhasil", "sukses", "lunas", "ok", "oke", "diterima", "dibayar", "terbayar", "valid", "selesai", "aktif"}
    | {"sudah dibayar", "sudah bayar", "sudah lunas", "sudah diterima", "pembayaran berhasil", "transaksi berhasil"}
    | {"berhasil dibayar", "sukses dibayar", "paid", "success", "successful", "accepted", "done", "active"}
)
REFUSED = frozenset(
    {"gagal", "ditolak", "tolak", "tidak berhasil", "tidak diterima", "tidak sukses", "belum lunas", "belum dibayar"}
    | {"belum bayar", "belum diterima", "tidak valid", "batal", "dibatalkan", "dikembalikan", "failed", "fail"}
    | {"failure", "rejected", "refused", "error", "unpaid", "invalid", "declined", "cancelled", "canceled"}
)
WAITING = frozenset({"proses", "diproses", "dalam proses", "sedang diproses", "menunggu", "pending", "tertunda"})
BEGIN_REFUSED = ("gagal ", "ditolak ", "failed ", "rejected ", "error ")
TOTALS = re.compile(r"^(grand ?total|sub ?total|total|jumlah|subjumlah)\b", re.IGNORECASE)
SCIENTIFIC = re.compile(r"^\d([.,]\d+)?e\+?\d+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row that cannot be read, and what to do about it."""

    row: int
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sheet tells."""

    told: tuple[Told, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    waiting: tuple[int, ...] = field(default=())  # rows of which BPJS says that they are still under way


class Unreadable(Exception):
    """A cell of this row cannot be read; the text says what to do."""


def answer_in(content: bytes, named: Mapping[str, str] | None = None) -> Answer:
    """What BPJS tells in this file; `named`: field → heading, where the usual ones are not meant. Raises `NotASheet`.

    A row that cannot be read is told with its number, and nothing of it counts.
    """
    sheets = read(content)
    found = [(sheet, head) for sheet in sheets if (head := heading(sheet, named or {})) is not None]
    if not found:
        raise NotASheet(no_heading(sheets, named or {}))
    sheet, (first, columns) = found[0]
    told: list[Told] = []
    troubles: list[Trouble] = []
    waiting: list[int] = []
    for number, row in (one for one in sheet.rows if one[0] > first):
        cells = {name: row[place] if place < len(row) else None for name, place in columns.items()}
        if is_total(row, cells):
            continue
        try:
            one = as_told(number, cells)
        except Unreadable as trouble:
            troubles.append(Trouble(number, str(trouble)))
            continue
        told += [one] if one else []
        waiting += [] if one else [number]
    return Answer(tuple(told), tuple(troubles), tuple(waiting))


# ── which column means what ──────────────────────────────────────────────────────────────────────────────────────


def heading(sheet: Sheet, named: Mapping[str, str]) -> tuple[int, dict[str, int]] | None:
    """The number of the row that holds the headings, and the column of each field. Raises `NotASheet`."""
    for number, row in sheet.rows[:HEAD]:
        heads = [bare(value) if isinstance(value, str) else "" for value in row]
        columns = columns_of(heads, named)
        if all(name in columns for name in DEMANDED):
            demand_one_each(heads, columns)
            return number, columns
    return None


def columns_of(heads: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """The column of each field whose heading stands in this row, the surest of several."""
    columns: dict[str, int] = {}
    for name, usual in NAMES.items():
        wanted = (bare(named[name]),) if name in named else usual
        place = next((heads.index(head) for head in wanted if head and head in heads), None)
        if place is not None:
            columns[name] = place
    return columns


def demand_one_each(heads: Sequence[str], columns: Mapping[str, int]) -> None:
    """No heading that counts stands there twice. Raises `NotASheet`."""
    double = sorted({heads[place] for place in columns.values() if heads.count(heads[place]) > 1})
    if double:
        raise NotASheet(_("Ada dua kolom yang sama: {columns}. Sisakan satu saja.").format(columns=", ".join(double)))


def bare(text: str) -> str:
    """A heading in small letters and digits alone."""
    return "".join(letter for letter in visible(text).casefold() if letter.isalnum())


def no_heading(sheets: Sequence[Sheet], named: Mapping[str, str]) -> str:
    """Which heading is missing, and which there are."""
    first = next((row for sheet in sheets for _number, row in sheet.rows[:1]), ())
    there = ", ".join(hide_niks(str(value))[:SHOWN] for value in first if value not in (None, ""))
    wanted = ", ".join(named.get(name, name.upper() if name == "nik" else name.title()) for name in DEMANDED)
    text = _("Kolom yang diperlukan belum ketemu: {wanted}.").format(wanted=wanted)
    return f"{text} " + _("Baris pertama berisi: {there}.").format(there=there) if there else text


def is_total(row: Sequence[CellValue], cells: Mapping[str, CellValue]) -> bool:
    """True for a sum below the table, which is nobody's month."""
    words = [value for value in row if isinstance(value, str) and value]
    return cells["nik"] in (None, "") and bool(words) and bool(TOTALS.match(words[0]))


# ── what a row tells ─────────────────────────────────────────────────────────────────────────────────────────────


def as_told(number: int, cells: Mapping[str, CellValue]) -> Told | None:
    """What a row tells; None while BPJS is still at it. Raises `Unreadable`."""
    if any(isinstance(value, Formula) for value in cells.values()):
        raise Unreadable(_("Ada rumus di baris ini. Salin, lalu tempel sebagai nilai."))
    nik = nik_in(cells["nik"])
    accepted = accepted_in(cells["status"])
    if accepted is None:
        return None
    return Told(
        nik=nik,
        accepted=accepted,
        month=month_in(cells.get("month")),
        amount=amount_in(cells.get("amount")) if accepted else None,
        reason=hide_niks(visible(str(cells.get("reason") or "")))[:LONGEST_REASON],
        kpj=kpj_in(cells.get("kpj")),
        protected_until=day_in(cells.get("protected_until")),
        row=number,
    )


def nik_in(value: CellValue) -> Nik:
    """The NIK; one that a program took for a number and cut is none. Raises `Unreadable`."""
    if value in (None, ""):
        raise Unreadable(_("NIK kosong."))
    cut = _("NIK tersimpan sebagai angka, jadi angka terakhirnya bisa hilang. Jadikan kolom NIK teks, lalu isi ulang.")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value % 10 == 0:
        raise Unreadable(cut)
    text = str(value)
    if SCIENTIFIC.match(text.replace(" ", "")):
        raise Unreadable(cut)
    try:
        return Nik.parse(text)
    except WrongLength as error:
        raise Unreadable(_("NIK itu 16 angka, di sini {count}.").format(count=error.count)) from error
    except NotANik as error:
        raise Unreadable(_("NIK di baris ini tidak bisa dibaca.")) from error


def accepted_in(value: CellValue) -> bool | None:
    """True, False, or None while it is under way. Raises `Unreadable`."""
    word = " ".join(re.sub(r"[^\w ]", " ", plain(str(value if value is not None else "")).casefold()).split())
    if not word:
        raise Unreadable(_("Status kosong."))
    if word in WAITING:
        return None
    if word in ACCEPTED:
        return True
    if word in REFUSED or word.startswith(BEGIN_REFUSED):
        return False
    raise Unreadable(_('Status "{word}" belum dikenal.').format(word=shown(value)))


def month_in(value: CellValue) -> Month | None:
    """A month in any usual form; None where none is told. Raises `Unreadable`."""
    if value in (None, ""):
        return None
    if isinstance(value, (date, datetime)):
        return Month(value.year, value.month)
    if isinstance(value, (int, float)) and int(value) in DAYS:
        return Month.of(EPOCH + timedelta(days=int(value)))
    text = plain(str(value)).casefold()
    try:
        if compact := re.fullmatch(r"(20\d{2})[-/. ]?(\d{1,2})", text):
            return Month(int(compact[1]), int(compact[2]))
        if usual := re.fullmatch(r"(\d{1,2}|[a-z]+)[-/. ]*(20\d{2}|\d{2})", text):
            return Month(in_this_century(usual[2]), month_number(usual[1]) if usual[1].isalpha() else int(usual[1]))
    except NotAMonth:
        pass
    raise Unreadable(_('Bulan "{word}" tidak bisa dibaca. Contoh: Desember 2026.').format(word=shown(value)))


def in_this_century(year: str) -> int:
    """A year of four digits, or of two."""
    return int(year) + (2000 if len(year) == 2 else 0)


def amount_in(value: CellValue) -> Rupiah | None:
    """Whole rupiah; None where none are told. Raises `Unreadable`."""
    if value in (None, ""):
        return None
    unreadable = _('Jumlah "{word}" tidak bisa dibaca. Contoh: 16800.').format(word=shown(value))
    if isinstance(value, (bool, date)):
        raise Unreadable(unreadable)
    if isinstance(value, (int, float)):
        if value != int(value) or value < 0:
            raise Unreadable(unreadable)
        return Rupiah(int(value))
    text = re.sub(r"(?<=\d)[.,]0{1,2}$", "", plain(str(value)).removesuffix(",-").strip())
    try:
        return parse_rupiah(text)
    except NotAnAmount as error:
        raise Unreadable(unreadable) from error


def day_in(value: CellValue) -> date | None:
    """A day, the day before the month; None where none is told. Raises `Unreadable`."""
    if value in (None, "", "-"):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)) and int(value) in DAYS:
        return EPOCH + timedelta(days=int(value))
    text = plain(str(value)).casefold().partition(" 00:00")[0]
    try:
        if iso := re.fullmatch(r"(20\d{2})[-/.](\d{1,2})[-/.](\d{1,2})", text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if usual := re.fullmatch(r"(\d{1,2})[-/. ]+(\d{1,2}|[a-z]+)[-/. ]+(20\d{2}|\d{2})", text):
            return date(in_this_century(usual[3]), month_number(usual[2]), int(usual[1]))
    except ValueError:
        pass
    raise Unreadable(_('Tanggal "{word}" tidak bisa dibaca. Contoh: 31/12/2026.').format(word=shown(value)))


def kpj_in(value: CellValue) -> str:
    """A participant's card number; "" where none is told. Raises `Unreadable`."""
    if value in (None, "", "-"):
        return ""
    number = re.sub(r"[\s.-]", "", str(int(value) if isinstance(value, float) and value.is_integer() else value))
    if not re.fullmatch(r"[A-Za-z0-9]{6,20}", number) or len(number) == 16:
        raise Unreadable(_("Nomor KPJ di baris ini tidak bisa dibaca."))
    return number.upper()


def shown(value: CellValue) -> str:
    """A cell as we repeat it."""
    return hide_niks(visible(str(value)))[:SHOWN]
