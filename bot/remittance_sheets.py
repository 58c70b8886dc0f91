"""The sheet of a batch that goes to BPJS: a row for each member and month."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from bot.sheets import Cells, Column, Format, written
from conversations.words import SOURCE_LANGUAGE, month_name, speaking
from domain.dues import BPJS_PARTS
from domain.month import Month
from domain.remittance import LineStatus
from storage.queries import members, remittances
from storage.tables import Remittance

TITLE = "iuran"
COLUMNS = (
    Column("no", 6),
    Column("NIK", 20),
    Column("nama seperti KTP", 32),
    Column("bulan", 16),
    *(Column(part, 12) for part in BPJS_PARTS),
    Column("jumlah", 14),
    Column("kode bayar", 22),
    Column("keterangan", 18),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One member's month on its way to BPJS."""

    number: int
    nik: str = field(repr=False)
    name: str = field(repr=False)
    month: str
    parts: tuple[int, ...]  # in the order of `BPJS_PARTS`
    amount: int
    code: str
    note: str

    @property
    def cells(self) -> Cells:
        """As it stands below the headings."""
        return (self.number, self.nik, self.name, self.month, *self.parts, self.amount, self.code, self.note)


def rows_of(db: Session, remittance: Remittance) -> list[Row]:
    """Every line of a batch that is paid with it; whoever takes them out of the house leaves a trace."""
    parts = remittances.parts_of(db, remittance)
    lines = [one for one in remittances.lines_of(db, remittance) if one[0].status != LineStatus.LEFT_OUT]
    with speaking(SOURCE_LANGUAGE):
        return [
            Row(
                number=number,
                nik=members.nik_of(member).digits,
                name=member.name,
                month=month_name(Month.parse(line.month)),
                parts=tuple(parts.get((line.member_id, line.month), {}).get(part, 0) for part in BPJS_PARTS),
                amount=line.amount,
                code=line.code or remittance.code,
                note=remittance.number,
            )
            for number, (line, member) in enumerate(lines, start=1)
        ]


def sheet_of(rows: Sequence[Row], form: Format) -> bytes:
    """The sheet that goes to BPJS."""
    return written(TITLE, COLUMNS, [row.cells for row in rows], form)
