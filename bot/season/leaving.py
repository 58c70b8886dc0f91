"""Members turn out to be something else, or leave."""

from datetime import datetime

from sqlmodel import Session

from bot.season.season import Season
from domain.month import Month
from domain.rates import Sector
from storage.queries import charges, terms


def correct_sector(season: Season, name: str, *, by: str, from_month: Month) -> None:
    """She drives, so that her discount lasts longer: what was charged is put right."""
    reason, who = "Ternyata pengemudi ojek.", season.persons[by]

    def work(db: Session, now: datetime) -> None:
        member = season.member(db, name)
        for month, hers in terms.changed(db, member.id, {"sector": Sector.TRANSPORT}, from_month=from_month).items():
            terms.add(db, member, hers, from_month=month, now=now, by=who, reason=reason)
        charges.reprice(db, member, now=now, by=who, reason=reason, first=from_month)

    season.write(work)


def leave(season: Season, name: str, *, by: str) -> None:
    """She gives up her stall: nothing is asked of her after this month."""

    def work(db: Session, now: datetime) -> None:
        member = season.member(db, name)
        member.status = "left"
        db.flush()
        charges.stop_after(db, member, Month.of(now.date()), now=now, by=season.persons[by], reason="left")

    season.write(work)
