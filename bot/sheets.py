"""Sheets that leave the house and come into it: XLSX and CSV. What is written is text, never a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from conversations.words import _
from domain.text import visible

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # with which a program may take a text for a formula
LITERAL = "'"  # says in a CSV that what follows is text

LARGEST = 5 * 1024 * 1024  # bytes of a sheet
LARGEST_UNPACKED = 16 * 1024 * 1024  # bytes of an XLSX's parts
MOST_PARTS = 200
MOST_ROWS = 20_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000  # characters

Cells = tuple[int | str, ...]


class Format(StrEnum):
    """In which form a sheet is written."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def mime(self) -> str:
        """What a browser is told."""
        return MIMES[self]


MIMES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


# ── written ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading, so many characters wide."""

    heading: str
    width: int


def written(title: str, columns: Sequence[Column], rows: Sequence[Cells], form: Format) -> bytes:
    """A sheet with headings, and below them a cell for each column."""
    return as_xlsx(title, columns, rows) if form is Format.XLSX else as_csv(columns, rows)


def as_xlsx(title: str, columns: Sequence[Column], rows: Sequence[Cells]) -> bytes:
    """As a workbook: text cells are of type text, whatever they begin with."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    headings = tuple(column.heading for column in columns)
    for place, cells in enumerate((headings, *rows), start=1):
        for number, value in enumerate(cells, start=1):
            put(sheet.cell(place, number), value)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        sheet.cell(1, number).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def put(cell: Cell | Any, value: int | str) -> None:
    """A number, or a text that no program takes for anything else."""
    if isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
        return
    cell.value = visible(value)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = value.startswith(DANGEROUS)


def as_csv(columns: Sequence[Column], rows: Sequence[Cells]) -> bytes:
    """With commas, texts in quotes, and a mark that it is UTF-8; what begins like a formula is marked as text."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(column.heading for column in columns)
    writer.writerows([literal(value) for value in cells] for cells in rows)
    return text.getvalue().encode("utf-8-sig")


def literal(value: int | str) -> int | str:
    """A text that no program takes for a formula."""
    if isinstance(value, int):
        return value
    return LITERAL * value.startswith(DANGEROUS) + visible(value)


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class NotASheet(Exception):
    """This cannot be read as a sheet; the text says why and what to do, in the language spoken."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula: what it comes to is not ours to guess."""


CellValue = str | int | float | bool | date | datetime | Formula | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet by their numbers; empty ones are left out."""

    rows: tuple[tuple[int, tuple[CellValue, ...]], ...] = field(repr=False)


def read(content: bytes) -> list[Sheet]:
    """The sheets of an XLSX, or the one of a CSV. Raises `NotASheet`."""
    if not content:
        raise NotASheet(_("Berkasnya kosong."))
    if len(content) > LARGEST:
        raise NotASheet(_("Berkasnya terlalu besar, paling banyak {megabytes} MB.").format(megabytes=LARGEST >> 20))
    if content.startswith(b"PK\x03\x04"):
        return read_xlsx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotASheet(_("Itu berkas Excel lama atau terkunci. Simpan sebagai XLSX tanpa kata sandi, atau CSV."))
    return [read_csv(content)]


def read_xlsx(content: bytes) -> list[Sheet]:
    """Every sheet that is not hidden. Raises `NotASheet`."""
    try:
        demand_harmless(content)
        book = load_workbook(io.BytesIO(content), keep_links=False)
        return [
            Sheet(tuple(filled(rows_in(sheet))))
            for sheet in book.worksheets
            if isinstance(sheet, Worksheet) and sheet.sheet_state == "visible"
        ]
    except NotASheet:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, OSError) as error:
        raise NotASheet(_("Berkas itu rusak, atau bukan XLSX. Simpan lagi sebagai XLSX atau CSV.")) from error


def demand_harmless(content: bytes) -> None:
    """Nothing in the archive unpacks to more than we hold, or brings entities of its own. Raises `NotASheet`."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise NotASheet(_("Lembar itu terlalu besar. Hapus kolom dan lembar lain, lalu simpan lagi."))
        for part in parts:
            with archive.open(part) as file:
                if b"<!DOCTYPE" in file.read(4096).replace(b"\0", b"").upper():
                    raise NotASheet(_("Berkas itu rusak, atau bukan XLSX. Simpan lagi sebagai XLSX atau CSV."))


def rows_in(sheet: Worksheet) -> Iterator[tuple[int, tuple[CellValue, ...]]]:
    """Every row; a merged cell counts for all that it covers. Raises `NotASheet`."""
    if (sheet.max_row or 0) > MOST_ROWS or (sheet.max_column or 0) > MOST_COLUMNS:
        raise NotASheet(_("Lembar itu terlalu besar. Hapus kolom dan lembar lain, lalu simpan lagi."))
    covered = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
        if area.max_row > area.min_row
    }
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        anchors = [covered.get((number, column)) for column in range(1, len(cells) + 1)]
        yield (
            number,
            tuple(
                value_of(sheet.cell(*anchor) if anchor else cell) for cell, anchor in zip(cells, anchors, strict=True)
            ),
        )


def value_of(cell: Any) -> CellValue:
    """What a cell holds."""
    if cell.data_type == "f":
        return Formula()
    value = cell.value
    if isinstance(value, (str, int, float, date, datetime)) or value is None:
        return value.strip()[:LONGEST_CELL] if isinstance(value, str) else value
    return str(value)[:LONGEST_CELL]


def read_csv(content: bytes) -> Sheet:
    """With commas, semicolons or tabs, in UTF-8 or what Windows writes. Raises `NotASheet`."""
    text = decoded(content)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
        rows = [(reader.line_num, tuple(map(cell_of, row))) for row in reader]
    except csv.Error as error:
        raise NotASheet(_("Berkas itu bukan CSV atau XLSX yang bisa dibaca.")) from error
    if len(rows) > MOST_ROWS or max((len(row) for _number, row in rows), default=0) > MOST_COLUMNS:
        raise NotASheet(_("Lembar itu terlalu besar. Hapus kolom dan lembar lain, lalu simpan lagi."))
    return Sheet(tuple(filled(iter(rows))))


def decoded(content: bytes) -> str:
    """The text of a CSV. Raises `NotASheet` for what is no text."""
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and not content.startswith((b"%PDF", b"\xff\xd8", b"\x89PNG")):
            return text
    raise NotASheet(_("Berkas itu bukan CSV atau XLSX yang bisa dibaca."))


def delimiter_of(text: str) -> str:
    """What stands between the cells: the most frequent sign of the first lines; Excel may name it itself."""
    first, _end, rest = text.partition("\n")
    if first.casefold().startswith("sep=") and len(first.strip()) == len("sep=,"):
        return first.strip()[-1]
    head = "\n".join([first, *rest.split("\n", 5)[:5]])
    return max(";,\t|", key=head.count)


def cell_of(text: str) -> CellValue:
    """A cell without what marks it as text; what else begins with "=" is a formula."""
    value = text.strip()[:LONGEST_CELL]
    if marked := re.fullmatch(r'="([^"]*)"', value):
        return marked[1]
    return Formula() if value.startswith("=") else value.removeprefix(LITERAL)


def filled(rows: Iterator[tuple[int, tuple[CellValue, ...]]]) -> Iterator[tuple[int, tuple[CellValue, ...]]]:
    """The rows in which anything stands."""
    return ((number, row) for number, row in rows if any(value not in (None, "") for value in row))
