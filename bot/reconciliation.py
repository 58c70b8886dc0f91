"""BPJS's answer and the batch that it is about: first looked at, then taken in, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.bpjs_results import Answer
from conversations.remittance_words import STATUS, tell_members
from conversations.words import _
from domain.remittance import NEWS, LineStatus, Told, Verdict
from domain.remittance import RemittanceStatus as Status
from storage.queries import remittance_results, remittances
from storage.queries.remittance_results import Outcome
from storage.queries.remittances import Found
from storage.tables import Remittance


class DoesNotFit(Exception):
    """The answer is about no batch, another one, or one that is not paid; the text says so, in the language spoken."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an answer means for a batch, or what came of it."""

    remittance: Remittance
    answer: Answer
    outcomes: tuple[Outcome, ...]
    left: int  # lines of which BPJS has said nothing

    @property
    def news(self) -> int:
        """How many lines it settles, or settled."""
        return sum(outcome.verdict in NEWS for outcome in self.outcomes)

    @property
    def more(self) -> int:
        """How many tell something new of a member whose line is settled."""
        return sum(outcome.adds for outcome in self.outcomes)

    @property
    def earlier(self) -> list[Outcome]:
        """The ones that tell an earlier end of somebody's protection than we know."""
        return [one for one in self.outcomes if one.shortens and one.told.accepted and one.line is not None]


def look(db: Session, association_id: str, answer: Answer, *, number: str = "") -> Report:
    """What the answer would change, without changing it. Raises `DoesNotFit`."""
    remittance = named(db, association_id, number) if number else guessed(db, association_id, answer.told)
    demand_paid(remittance)
    outcomes = remittance_results.meant(db, remittance, answer.told)
    if answer.told and all(outcome.verdict is Verdict.STRANGER for outcome in outcomes):
        raise DoesNotFit(of_another(db, association_id, remittance, answer.told))
    answered = {outcome.line.id for outcome in outcomes if outcome.line and outcome.verdict in NEWS}
    left = sum(line.id not in answered for line, _member in unanswered(db, remittance))
    return Report(remittance, answer, tuple(outcomes), left)


def unanswered(db: Session, remittance: Remittance) -> list[Found]:
    """The lines of which BPJS has said nothing."""
    return remittances.lines_of(db, remittance, (LineStatus.OPEN,))


def named(db: Session, association_id: str, number: str) -> Remittance:
    """The batch of that number. Raises `DoesNotFit`."""
    found = remittances.find_by_number(db, association_id, number.strip().upper())
    if found is None:
        raise DoesNotFit(_("Setoran {number} tidak ada.").format(number=number))
    return found


def guessed(db: Session, association_id: str, told: Sequence[Told]) -> Remittance:
    """The one batch of which most of the rows are. Raises `DoesNotFit`."""
    fits = remittance_results.fitting(db, association_id, told)
    if not fits:
        raise DoesNotFit(_("Tidak ada setoran yang sudah dibayar dengan NIK dan bulan ini."))
    best = [remittance for remittance, count in fits if count == fits[0][1]]
    if len(best) > 1:
        numbers = ", ".join(sorted(one.number for one in best))
        raise DoesNotFit(_("Ini bisa dari beberapa setoran: {numbers}. Sebutkan yang mana.").format(numbers=numbers))
    return best[0]


def demand_paid(remittance: Remittance) -> None:
    """Nothing is answered before it is paid. Raises `DoesNotFit`."""
    status = Status(remittance.status)
    if status not in remittance_results.TOLD_OF:
        text = _("{number} {status}. Catat pembayarannya dulu, baru hasilnya.")
        raise DoesNotFit(text.format(number=remittance.number, status=_(STATUS[status])))


def of_another(db: Session, association_id: str, remittance: Remittance, told: Sequence[Told]) -> str:
    """What to say of an answer in which no row is about this batch."""
    fits = remittance_results.fitting(db, association_id, told)
    if fits:
        text = _("Tidak ada baris yang cocok dengan {number}. Ini sepertinya hasil dari {other}.")
        return text.format(number=remittance.number, other=fits[0][0].number)
    return _("Tidak ada baris yang cocok dengan {number}.").format(number=remittance.number)


def take(
    db: Session,
    association_id: str,
    answer: Answer,
    *,
    number: str,
    by: str | None,
    now: datetime,
    trust_dates: bool = False,
) -> Report:
    """Take the answer in: the lines are settled, and the members hear of it. Raises `DoesNotFit`."""
    found = named(db, association_id, number)
    remittance = remittances.lock(db, association_id, found.id)
    look(db, association_id, answer, number=number)
    outcomes = remittance_results.take(db, remittance, answer.told, by=by, now=now, trust_dates=trust_dates)
    matched = [
        (one.line, one.member)
        for one in outcomes
        if one.verdict is Verdict.MATCHED and one.line and one.member and one.line.status == LineStatus.MATCHED
    ]
    tell_members(db, matched, now=now)
    return Report(remittance, answer, tuple(outcomes), len(unanswered(db, remittance)))
