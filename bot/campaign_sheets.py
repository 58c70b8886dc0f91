"""The report of an announcement as a sheet: each person, and what became of hers. Text is text, never a formula."""

import csv
import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlmodel import Session

from bot.sheets import Format, literal, put
from conversations.announcement_words import ended_words
from conversations.words import SOURCE_LANGUAGE, speaking
from storage.queries import progress
from storage.tables import Campaign

HEADINGS = ("no", "nama", "hasil", "aplikasi", "waktu")
WIDTHS = (6, 32, 44, 14, 18)  # characters
Cells = tuple[int | str, ...]


def rows_of(db: Session, campaign: Campaign, zone: ZoneInfo) -> list[Cells]:
    """Each person of an announcement, those who were not reached first."""
    with speaking(SOURCE_LANGUAGE):
        return [
            (
                number,
                one.name or "?",
                ended_words(one.status, one.code),
                one.account.partition("/")[0],
                f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}" if one.at else "",
            )
            for number, one in enumerate(progress.people_report(db, campaign.id), start=1)
        ]


def written(rows: Sequence[Cells], form: Format) -> bytes:
    """The sheet."""
    return as_xlsx(rows) if form is Format.XLSX else as_csv(rows)


def as_xlsx(rows: Sequence[Cells]) -> bytes:
    """As a workbook."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "pengumuman"
    for place, cells in enumerate((HEADINGS, *rows), start=1):
        for column, value in enumerate(cells, start=1):
            put(sheet.cell(place, column), value)
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_csv(rows: Sequence[Cells]) -> bytes:
    """With commas, texts in quotes, and a mark that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([literal(value) for value in cells] for cells in rows)
    return text.getvalue().encode("utf-8-sig")
