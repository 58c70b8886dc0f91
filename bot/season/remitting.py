"""The treasurer pays BPJS for many at once, and BPJS tells what came of each month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from bot.arrivals import ASSOCIATION
from bot.season.season import Season
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from domain.remittance import LineStatus, Told
from storage.queries import members, remittance_results, remittances
from storage.tables import Member


def compose(season: Season, treasurer: str, until: Month, *, leave_out: Collection[str] = ()) -> str:
    """A batch of all that is ready, but for the months of these members; its id."""

    def work(db: Session, now: datetime) -> str:
        who = season.persons[treasurer]
        found = remittances.candidates(db, ASSOCIATION, until).ready
        chosen = [(one.member_id, str(one.month)) for one in found]
        batch = remittances.compose(db, ASSOCIATION, chosen, until=until, by=who, now=now)
        for line, member in remittances.lines_of(db, batch):
            if member.name in leave_out:
                remittances.leave_out(db, batch, line, reason="menunggu KTP baru", by=who, now=now)
        return batch.id

    return season.write(work)


def pay(season: Season, treasurer: str, batch_id: str, code: str) -> None:
    """BPJS gives a payment code, and the batch is paid from the bank."""

    def work(db: Session, now: datetime) -> None:
        batch, who = remittances.lock(db, ASSOCIATION, batch_id), season.persons[treasurer]
        remittances.set_code(db, batch, code, by=who, now=now)
        _lines, cost = remittances.counted(db, batch)
        paying = remittances.Paying(cost, Account.BANK, now.date(), reference=f"CONTOH{code[-4:]}")
        remittances.pay(db, batch, paying, by=who, now=now)

    season.write(work)


def second(season: Season, treasurer: str, batch_id: str) -> None:
    """Above the association's limit a second one says so, too."""

    def work(db: Session, now: datetime) -> None:
        batch = remittances.lock(db, ASSOCIATION, batch_id)
        remittances.second(db, batch, by=season.persons[treasurer], now=now)

    season.write(work)


@dataclass(frozen=True, slots=True)
class Answer:
    """BPJS has them and protects them until that day, but for whom it names."""

    until: date
    failed: Collection[str] = ()  # it does not know these
    otherwise: Collection[str] = ()  # of these it counts another amount
    silent: Collection[str] = ()  # it says nothing of these

    def about(self, member: Member, month: Month) -> Told:
        """What it says of one line."""
        nik = members.nik_of(member)
        if member.name in self.failed:
            return Told(nik, accepted=False, month=month, reason="NIK tidak ditemukan")
        amount = Rupiah(6_800) if member.name in self.otherwise else None
        kpj = f"2601{member.nik_end}"
        return Told(nik, accepted=True, month=month, amount=amount, kpj=kpj, protected_until=self.until)


def hear(season: Season, treasurer: str, batch_id: str, answer: Answer) -> None:
    """The treasurer takes in what BPJS says of a batch."""

    def work(db: Session, now: datetime) -> None:
        batch = remittances.lock(db, ASSOCIATION, batch_id)
        told = [
            answer.about(member, Month.parse(line.month))
            for line, member in remittances.lines_of(db, batch, (LineStatus.OPEN,))
            if member.name not in answer.silent
        ]
        remittance_results.take(db, batch, told, by=season.persons[treasurer], now=now)

    season.write(work)


def names_in(db: Session, batch_id: str) -> list[str]:
    """Who is in a batch, in its order."""
    batch = remittances.lock(db, ASSOCIATION, batch_id)
    return list(dict.fromkeys(member.name for _line, member in remittances.lines_of(db, batch, (LineStatus.OPEN,))))


def money_back(season: Season, treasurer: str, batch_id: str) -> None:
    """BPJS gives back what it could not use."""

    def work(db: Session, now: datetime) -> None:
        batch = remittances.lock(db, ASSOCIATION, batch_id)
        lines = remittances.lines_of(db, batch, (LineStatus.FAILED,))
        remittance_results.money_back(db, batch, lines, to=Account.BANK, by=season.persons[treasurer], now=now)

    season.write(work)
