"""The report of an announcement as a sheet: each person, and what became of hers."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.sheets import Cells, Column, Format, written
from conversations.announcement_words import ended_words
from conversations.words import SOURCE_LANGUAGE, speaking
from storage.queries import progress
from storage.tables import Campaign

TITLE = "pengumuman"
COLUMNS = (Column("no", 6), Column("nama", 32), Column("hasil", 44), Column("aplikasi", 14), Column("waktu", 18))


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


def sheet_of(rows: Sequence[Cells], form: Format) -> bytes:
    """The report that leaves the house."""
    return written(TITLE, COLUMNS, rows, form)
