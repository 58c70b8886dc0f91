"""What BPJS tells of a batch that was paid: each line is settled by itself, once, however often it is told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from domain.application import ApplicationEvent
from domain.ledger import Account, Kind, Movement
from domain.money import Rupiah
from domain.nik import Nik
from domain.remittance import NEWS, LineStatus, Told, Verdict, status_of, verdict_on
from domain.remittance import RemittanceEvent as Event
from domain.remittance import RemittanceStatus as Status
from storage.database import Overtaken
from storage.queries import audit, credit, ledger, remittances
from storage.queries.remittances import Found, demand, demand_line, lock_members, note
from storage.sealed import keys
from storage.tables import Member, Remittance, RemittanceLine

UNSETTLED = (LineStatus.OPEN, LineStatus.UNMATCHED, LineStatus.FAILED)
LOOKED_BACK = 40  # batches, where somebody asks of which one a sheet is
TOLD_OF = (Status.PAID, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one word of BPJS means for one line, or that it fits none."""

    told: Told
    verdict: Verdict
    line: RemittanceLine | None = None
    member: Member | None = None

    @property
    def shortens(self) -> bool:
        """True when it tells an earlier end of her protection than the one that we know."""
        known = self.member.protected_until if self.member else None
        return bool(self.told.protected_until and known and self.told.protected_until < known)

    @property
    def adds(self) -> bool:
        """True when it settles nothing, and yet tells something new of her: her card, or a later end of protection."""
        if self.verdict is not Verdict.KNOWN or self.member is None or not self.told.accepted:
            return False
        known = self.member.protected_until
        later = self.told.protected_until and (known is None or self.told.protected_until > known)
        return bool(later or (self.told.kpj and self.told.kpj != self.member.kpj))


# ── what it means ────────────────────────────────────────────────────────────────────────────────────────────────


def meant(db: Session, remittance: Remittance, told: Sequence[Told]) -> list[Outcome]:
    """What BPJS's words mean for the lines of a batch; changes nothing."""
    lines = [found for found in remittances.lines_of(db, remittance) if found[0].status != LineStatus.LEFT_OUT]
    by_index: dict[str, list[Found]] = defaultdict(list)
    for line, member in lines:
        by_index[member.nik_index].append((line, member))
    outcomes = [outcome for one in told for outcome in fitted(one, hers(by_index, remittance.association_id, one.nik))]
    return without_doubles(outcomes)


def hers(by_index: dict[str, list[Found]], association_id: str, nik: Nik) -> list[Found]:
    """The lines of whoever has this NIK."""
    indexes = keys().indexes(association_id, "nik", nik.digits)
    return next((by_index[index] for index in indexes if index in by_index), [])


def fitted(told: Told, found: list[Found]) -> list[Outcome]:
    """One word of BPJS at the lines that it is about; without a month it is about all of hers."""
    lines = [(line, member) for line, member in found if told.month is None or line.month == str(told.month)]
    if not lines:
        return [Outcome(told, Verdict.STRANGER)]
    together = sum(line.amount for line, _member in lines)
    if len(lines) > 1 and told.amount not in (None, together):
        return [Outcome(told, Verdict.UNCLEAR, *lines[0])]
    each = replace(told, amount=told.amount if len(lines) == 1 else None)
    return [
        Outcome(
            each, verdict_on(LineStatus(line.status), as_rupiah(line.told), Rupiah(line.amount), each), line, member
        )
        for line, member in lines
    ]


def as_rupiah(amount: int | None) -> Rupiah | None:
    """An amount as it is stored."""
    return None if amount is None else Rupiah(amount)


def without_doubles(outcomes: list[Outcome]) -> list[Outcome]:
    """Of what is told twice only the first; where two words contradict each other, neither counts."""
    by_line: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.line:
            by_line[outcome.line.id or 0].append(outcome)
    unclear = {
        line_id
        for line_id, several in by_line.items()
        if len({(one.told.accepted, one.told.amount, one.told.protected_until) for one in several}) > 1
    }
    kept: list[Outcome] = []
    seen: set[int] = set()
    for outcome in outcomes:
        line_id = outcome.line.id or 0 if outcome.line else 0
        if line_id in unclear:
            kept.append(replace(outcome, verdict=Verdict.UNCLEAR))
        elif line_id not in seen:
            kept.append(outcome)
        seen |= {line_id} - {0}
    return kept


# ── taken in ─────────────────────────────────────────────────────────────────────────────────────────────────────


def take(
    db: Session,
    remittance: Remittance,
    told: Sequence[Told],
    *,
    by: str | None,
    now: datetime,
    trust_dates: bool = False,
) -> list[Outcome]:
    """Settle every line of which BPJS tells something new. The batch is locked, and paid. Raises `Overtaken`.

    `trust_dates`: BPJS itself says that protection ends earlier than it told before.
    """
    demand(remittance, TOLD_OF)
    lock_members(db, {member.id for _line, member in remittances.lines_of(db, remittance)})
    outcomes = meant(db, remittance, told)
    for outcome in outcomes:
        if outcome.line is None or outcome.member is None:
            continue
        if outcome.verdict in NEWS:
            settle(outcome.line, accepted=outcome.told.accepted, told=outcome.told.amount, now=now)
            outcome.line.reason = outcome.told.reason
        if outcome.line.status == LineStatus.MATCHED and outcome.verdict in (*NEWS, Verdict.KNOWN):
            keep_told(db, outcome.member, outcome.told, by=by, now=now, trust_dates=trust_dates)
    cover_follows(db, [one.member for one in outcomes if one.verdict is Verdict.MATCHED and one.member], by=by, now=now)
    remember_strangers(remittance, outcomes)
    news = sum(outcome.verdict in NEWS for outcome in outcomes)
    close_when_settled(db, remittance, now=now)
    note(db, remittance, "took_results", by=by, now=now, lines=news, rows=len(told))
    return outcomes


def settle(line: RemittanceLine, *, accepted: bool, told: Rupiah | None, now: datetime) -> None:
    """One line has its result."""
    line.status = status_of(Rupiah(line.amount), accepted=accepted, told=told)
    line.told, line.settled_at = told, now


def tell_by_hand(
    db: Session,
    remittance: Remittance,
    found: Iterable[Found],
    *,
    accepted: bool,
    amount: Rupiah | None = None,
    reason: str = "",
    by: str,
    now: datetime,
) -> list[Found]:
    """Somebody tells what BPJS said of these lines; the ones that BPJS has now. The batch is locked, and paid.

    Raises `Overtaken` when one of them was settled otherwise meanwhile.
    """
    demand(remittance, (Status.PAID,))
    found = list(found)
    lock_members(db, {member.id for _line, member in found})
    for line, _member in found:
        demand_line(line, UNSETTLED)
        settle(line, accepted=accepted, told=amount, now=now)
        line.reason = reason
    matched = [(line, member) for line, member in found if line.status == LineStatus.MATCHED]
    cover_follows(db, [member for _line, member in matched], by=by, now=now)
    close_when_settled(db, remittance, now=now)
    note(db, remittance, "told_results", by=by, now=now, lines=len(found))
    return matched


def accept(db: Session, remittance: Remittance, found: Found, *, reason: str, by: str, now: datetime) -> None:
    """BPJS counts another amount, and that is right: the line has its result. Raises `Overtaken`."""
    demand(remittance, (Status.PAID,))
    line, member = found
    lock_members(db, [member.id])
    demand_line(line, (LineStatus.UNMATCHED,))
    line.status, line.reason, line.settled_at = LineStatus.MATCHED, reason, now
    cover_follows(db, [member], by=by, now=now)
    close_when_settled(db, remittance, now=now)
    note(db, remittance, "accepted_result", by=by, now=now, line=line.id)


def close_when_settled(db: Session, remittance: Remittance, *, now: datetime) -> None:
    """A batch whose every line has its result is closed."""
    db.flush()
    if remittance.status == Status.PAID and not remittances.lines_of(db, remittance, UNSETTLED):
        remittances.step_on(remittance, Event.CLOSE, now)
        db.flush()


def remember_strangers(remittance: Remittance, outcomes: Iterable[Outcome]) -> None:
    """Keep what fits no line; told again, it is not kept again."""
    told = Counter(tuple(as_stranger(one.told).items()) for one in outcomes if one.verdict is Verdict.STRANGER)
    known = Counter(tuple(stranger.items()) for stranger in map(in_its_order, remittance.strangers))
    if told - known:
        remittance.strangers = [dict(facts) for facts in (known | told).elements()]


STRANGER = ("nik_end", "month", "amount", "accepted")


def as_stranger(told: Told) -> dict[str, Any]:
    """What is kept of somebody whom we did not pay for: no more of the NIK than its end."""
    month = str(told.month) if told.month else ""
    return dict(zip(STRANGER, (told.nik.last4, month, told.amount, told.accepted), strict=True))


def in_its_order(stranger: dict[str, Any]) -> dict[str, Any]:
    """The same facts in the order in which we write them; a database may keep another."""
    return {name: stranger.get(name) for name in STRANGER}


# ── cover follows ────────────────────────────────────────────────────────────────────────────────────────────────


def cover_follows(db: Session, hers: Iterable[Member], *, by: str | None, now: datetime) -> None:
    """BPJS has these members: their applications are through."""
    remittances.send_on(db, hers, (ApplicationEvent.SEND_TO_BPJS, ApplicationEvent.ACTIVATE), by=by, now=now)


def keep_told(
    db: Session, member: Member, told: Told, *, by: str | None, now: datetime, trust_dates: bool = False
) -> None:
    """What BPJS tells of a member whom it has: her card's number, and until when."""
    if told.kpj and told.kpj != member.kpj:
        if member.kpj:
            note_member(db, member, "changed_kpj", by=by, now=now)
        member.kpj = told.kpj
    if told.protected_until:
        protect(db, member, told.protected_until, by=by, now=now, explicitly=trust_dates)


def protect(
    db: Session, member: Member, until: date, *, by: str | None, now: datetime, explicitly: bool = False
) -> bool:
    """Until when BPJS says that she is protected; an earlier day than before only when it says so `explicitly`."""
    known = member.protected_until
    if known and (until == known or (until < known and not explicitly)):
        return False
    member.protected_until = until
    if known and until < known:
        note_member(db, member, "shortened_protection", by=by, now=now, days=(known - until).days)
    return True


def note_member(db: Session, member: Member, action: str, *, by: str | None, now: datetime, **facts: int) -> None:
    """One row in the audit trail about a member."""
    audit.note(
        db,
        association_id=member.association_id,
        actor_id=by,
        action=action,
        subject=f"member/{member.id}",
        now=now,
        facts=dict(facts),
    )


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────


def money_back(
    db: Session, remittance: Remittance, found: Iterable[Found], *, to: Account, by: str, now: datetime
) -> Rupiah:
    """BPJS gave back what it could not use: it lies in the till or the bank again, and the months are ready again.

    The batch is locked. Raises `Overtaken` when one of the lines has not failed.
    """
    demand(remittance, (Status.PAID,))
    found = list(found)
    lock_members(db, {member.id for _line, member in found})
    ledger.hold(db, remittance.association_id)
    parts = remittances.parts_of(db, remittance)
    for line, _member in found:
        demand_line(line, (LineStatus.FAILED,))
        movements = [
            Movement(to, Account.BPJS, amount, line.member_id, month=line.month, part=part)
            for part, amount in parts[line.member_id, line.month].items()
        ]
        give_back(db, remittance, line, movements, by=by, now=now)
        line.status, line.settled_at = LineStatus.RETURNED, now
    put_right(db, remittance, found, by=by, now=now)
    close_when_settled(db, remittance, now=now)
    note(db, remittance, "got_money_back", by=by, now=now, lines=len(found))
    return Rupiah(sum(line.amount for line, _member in found))


def give_back(
    db: Session, remittance: Remittance, line: RemittanceLine, movements: list[Movement], *, by: str, now: datetime
) -> None:
    """The entry of one line that came back. Raises `Overtaken`."""
    try:
        ledger.post(
            db,
            movements,
            association_id=remittance.association_id,
            kind=Kind.RETURN,
            key=f"return:{line.id}",
            about=f"remittance/{remittance.id}",
            by=by,
            reason=line.reason,
            now=now,
        )
    except ledger.AlreadyPosted as error:
        raise Overtaken("this money came back already") from error


def put_right(db: Session, remittance: Remittance, found: Iterable[Found], *, by: str, now: datetime) -> None:
    """What their months cost less meanwhile lay at BPJS, as we thought; it lies with us again, and is theirs."""
    db.flush()
    about = f"remittance/{remittance.id}"
    for member in {member.id: member for _line, member in found}.values():
        credit.put_right(db, member, about=about, by=by, now=now, reason="BPJS gave it back")


# ── which batch it is about ──────────────────────────────────────────────────────────────────────────────────────


def fitting(db: Session, association_id: str, told: Sequence[Told]) -> list[tuple[Remittance, int]]:
    """The batches that were paid and of which some of these words are, with how many; the best first."""
    batches = remittances.standing_so(db, association_id, TOLD_OF)[:LOOKED_BACK]
    counts = [
        (remittance, sum(one.verdict is not Verdict.STRANGER for one in meant(db, remittance, told)))
        for remittance in batches
    ]
    fit = [(remittance, count) for remittance, count in counts if count]
    return sorted(fit, key=lambda one: (-one[1], one[0].status != Status.PAID, one[0].number))
