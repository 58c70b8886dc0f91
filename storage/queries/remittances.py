"""Remittances: which member-months can be paid to BPJS, and the batches in which the treasurer pays them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, or_
from sqlalchemy import select as asking
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.application import ApplicationEvent
from domain.dues import BPJS_PARTS
from domain.ledger import Account, Kind, Movement, moved
from domain.money import Rupiah
from domain.month import Month
from domain.remittance import COUNTED, HOLDS, Candidates, LineStatus, MemberMonth, NotPossibleNow, NotReady, Why, move
from domain.remittance import RemittanceEvent as Event
from domain.remittance import RemittanceStatus as Status
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import applications, audit, ledger
from storage.queries.associations import next_number
from storage.queries.ledger import debited
from storage.tables import Association, Charge, Member, Payment, Posting, Remittance, RemittanceLine

UNDER_WAY = (Status.COMPOSED, Status.CODED, Status.PROPOSED, Status.PAID)
UNPAID = (Status.COMPOSED, Status.CODED)
AT_ONCE = 500  # ids in one statement

Which = tuple[str, str]  # member id and month
Found = tuple[RemittanceLine, Member]


class NotPayable(Exception):
    """The batch cannot be paid so."""


class NothingToPay(NotPayable):
    """No line is left in the batch."""


class TooLittle(NotPayable):
    """Less than the lines cost: leave some out first."""


class ReasonMissing(NotPayable):
    """More than the lines cost, and nobody said why."""


class NotThere(NotPayable):
    """The till or the bank does not hold that much, as far as the ledger knows."""


class LinesChanged(NotPayable):
    """BPJS is owed another amount for some lines by now."""


class SamePerson(Exception):
    """The second of two is the first."""


# ── what is ready ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Balance:
    """How one month of one member stands in the ledger."""

    owes: Rupiah  # she
    to_bpjs: Mapping[str, Rupiah]  # the association, part by part

    @property
    def amount(self) -> Rupiah:
        """What BPJS is owed."""
        return Rupiah(sum(self.to_bpjs.values()))


NOTHING = Balance(Rupiah(0), {})


def candidates(db: Session, association_id: str, until: Month) -> Candidates:
    """What can be paid to BPJS of the months up to and including `until`, and what not, and why.

    What is settled long ago is not told: of such months only the last one.
    """
    balances = balances_of(db, association_id, until)
    members = members_of(db, {member_id for member_id, _month in balances})
    held = batches_of(db, association_id, balances, HOLDS)
    remitted = batches_of(db, association_id, balances, (LineStatus.MATCHED,))
    pending = months_of(db, association_id, ("submitted", "seconded"))
    disputed = disputed_months(db, association_id)
    owing = {which for which, one in balances.items() if one.owes > 0}
    costs = costs_of(db, owing)
    ready: list[MemberMonth] = []
    left_out: list[NotReady] = []
    for which, one in balances.items():
        member = members[which[0]]
        month = MemberMonth(member.id, member.name, member.nik_end, Month.parse(which[1]), one.to_bpjs)
        if which in held:
            left_out.append(NotReady(month, Why.IN_BATCH, number=held[which]))
        elif one.amount == 0 and one.owes <= 0:
            number = remitted.get(which, "")
            left_out.append(NotReady(month, Why.AT_BPJS if number else Why.STRAIGHT, number=number))
        elif why := reason(which, one, member, pending=pending, disputed=disputed, cost=costs.get(which, 0)):
            left_out.append(NotReady(month, why, missing=Rupiah(max(0, one.owes))))
        else:
            ready.append(month)
    return Candidates(
        tuple(sorted(ready, key=in_order)),
        tuple(sorted(left_out, key=lambda left: in_order(left.of))),
        till=ledger.balance(db, association_id, Account.TILL),
        bank=ledger.balance(db, association_id, Account.BANK),
        hands=ledger.balance(db, association_id, Account.CASH),
    )


def in_order(one: MemberMonth) -> tuple[str, str, Month]:
    """By name, then by month."""
    return one.name.casefold(), one.member_id, one.month


def reason(
    which: Which, one: Balance, member: Member, *, pending: set[Which], disputed: set[Which], cost: int
) -> Why | None:
    """Why a month for which BPJS is owed something is not ready; None when it is."""
    if which in disputed:
        return Why.DISPUTED
    if member.status != "active":
        return Why.LAPSED if member.status == "lapsed" else Why.LEFT
    if one.owes <= 0:
        return None
    if which in pending:
        return Why.PENDING
    return Why.OWES if one.owes >= cost else Why.PARTLY


def balances_of(
    db: Session, association_id: str, until: Month | None = None, *, members: Collection[str] | None = None
) -> dict[Which, Balance]:
    """How BPJS's parts of members' months stand: up to `until` the ones that are not settled, or all of `members`."""
    member_id, month, part = col(Posting.member_id), col(Posting.month), col(Posting.part)
    owes, to_bpjs = func.sum(debited(Account.OWES)), -func.sum(debited(Account.BPJS))
    asked = (
        asking(member_id, month, part, owes, to_bpjs)
        .where(col(Posting.association_id) == association_id, month != "", part.in_(BPJS_PARTS))
        .group_by(member_id, month, part)
    )
    if until is not None:
        asked = asked.where(month <= str(until)).having(or_(owes != 0, to_bpjs != 0, month == str(until)))
    statements = [asked] if members is None else [asked.where(member_id.in_(some)) for some in in_pieces(members)]
    found: dict[Which, tuple[int, dict[str, Rupiah]]] = {}
    for row in (row for one in statements for row in db.connection().execute(one)):
        which = (str(row[0]), row[1])
        before, parts = found.get(which, (0, {}))
        more = {row[2]: Rupiah(int(row[4]))} if row[4] > 0 else {}
        found[which] = (before + max(0, int(row[3])), {**parts, **more})
    return {which: Balance(Rupiah(owed), in_parts(parts)) for which, (owed, parts) in sorted(found.items())}


def in_pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    """So many ids as one statement may name, in their order."""
    ordered = sorted(ids)
    for first in range(0, len(ordered), AT_ONCE):
        yield ordered[first : first + AT_ONCE]


def in_parts(parts: Mapping[str, Rupiah]) -> dict[str, Rupiah]:
    """The parts in the order in which they are told."""
    return {part: parts[part] for part in BPJS_PARTS if part in parts}


def members_of(db: Session, ids: Iterable[str]) -> dict[str, Member]:
    """Members by id."""
    return {
        member.id: member
        for some in in_pieces(ids)
        for member in db.exec(select(Member).where(col(Member.id).in_(some)))
    }


def batches_of(
    db: Session, association_id: str, among: Collection[Which], status: Collection[LineStatus]
) -> dict[Which, str]:
    """In which batch these member-months are, as lines that stand so; the number of the latest."""
    asked = (
        select(RemittanceLine.member_id, RemittanceLine.month, Remittance.number)
        .join(Remittance, col(Remittance.id) == col(RemittanceLine.remittance_id))
        .where(RemittanceLine.association_id == association_id, col(RemittanceLine.status).in_(status))
        .order_by(col(RemittanceLine.id))
    )
    return {(row[0], row[1]): row[2] for row in db.exec(asked) if (row[0], row[1]) in among}


def months_of(db: Session, association_id: str, status: Collection[str]) -> set[Which]:
    """The member-months that payments which stand so are meant for."""
    asked = select(Payment.member_id, Payment.months).where(
        Payment.association_id == association_id, col(Payment.status).in_(status)
    )
    return {(member_id, month) for member_id, months in db.exec(asked) for month in months}


def disputed_months(db: Session, association_id: str) -> set[Which]:
    """The member-months that were paid by a payment which is disputed."""
    asked = (
        select(Posting.member_id, Posting.month)
        .join(Payment, col(Payment.entry) == col(Posting.entry))
        .where(
            Payment.association_id == association_id,
            Posting.association_id == association_id,
            Payment.status == "disputed",
        )
    )
    return {(member_id or "", month) for member_id, month in db.exec(asked)}


def costs_of(db: Session, owing: Collection[Which]) -> dict[Which, int]:
    """What BPJS's parts of these member-months cost."""
    cost = func.sum(col(Charge.amount))
    found: dict[Which, int] = {}
    for some in in_pieces({member_id for member_id, _month in owing}):
        asked = (
            asking(col(Charge.member_id), col(Charge.month), cost)
            .where(col(Charge.member_id).in_(some), col(Charge.part).in_(BPJS_PARTS))
            .group_by(col(Charge.member_id), col(Charge.month))
        )
        found |= {(row[0], row[1]): int(row[2]) for row in db.connection().execute(asked)}
    return found


# ── composed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def compose(
    db: Session,
    association_id: str,
    chosen: Collection[Which],
    *,
    until: Month,
    by: str,
    now: datetime,
    remittance_id: str = "",
) -> Remittance:
    """A batch of these member-months, under the next number of the year.

    Raises `NothingToPay`, and `Overtaken` when one of them is not ready any more.
    """
    chosen = set(chosen)
    if not chosen:
        raise NothingToPay
    lock_members(db, {member_id for member_id, _month in chosen})
    ready = {(one.member_id, str(one.month)): one for one in candidates(db, association_id, until).ready}
    if not chosen <= ready.keys():
        raise Overtaken("what was ready is not any more")
    number = next_number(db, association_id, f"remittance/{now.year}")
    remittance = Remittance(
        id=remittance_id or new_id(),
        association_id=association_id,
        number=f"R-{now.year}-{number:04}",
        status=Status.COMPOSED,
        composed_by=by,
        composed_at=now,
        updated_at=now,
    )
    db.add(remittance)
    db.flush()
    taken = [one for which, one in ready.items() if which in chosen]
    db.connection().execute(insert(RemittanceLine), [as_line(remittance, one) for one in taken])
    note(db, remittance, "composed_remittance", by=by, now=now, lines=len(taken))
    return remittance


def as_line(remittance: Remittance, one: MemberMonth) -> dict[str, Any]:
    """A member's month as it is stored in a batch."""
    return {
        "association_id": remittance.association_id,
        "remittance_id": remittance.id,
        "member_id": one.member_id,
        "month": str(one.month),
        "amount": one.amount,
        "status": LineStatus.OPEN.value,
        "code": "",
        "reason": "",
    }


def lock_members(db: Session, ids: Iterable[str]) -> None:
    """Hold these members until the commit, in the order of their ids: no payment of theirs is settled meanwhile."""
    for some in in_pieces(ids):
        db.exec(select(Member.id).where(col(Member.id).in_(some)).order_by(col(Member.id)).with_for_update()).all()


def one(association_id: str, remittance_id: str) -> SelectOfScalar[Remittance]:
    """The statement that finds one batch within its association."""
    return select(Remittance).where(Remittance.id == remittance_id, Remittance.association_id == association_id)


def find(db: Session, association_id: str, remittance_id: str) -> Remittance | None:
    """One batch of this association."""
    return db.exec(one(association_id, remittance_id)).first()


def find_by_number(db: Session, association_id: str, number: str) -> Remittance | None:
    """One batch, as people call it."""
    its = select(Remittance).where(Remittance.association_id == association_id, Remittance.number == number)
    return db.exec(its).first()


def lock(db: Session, association_id: str, remittance_id: str) -> Remittance:
    """One batch, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(one(association_id, remittance_id).with_for_update()).one()


def standing_so(db: Session, association_id: str, status: Collection[Status] = UNDER_WAY) -> list[Remittance]:
    """The batches that stand so, the newest first."""
    found = select(Remittance).where(
        Remittance.association_id == association_id, col(Remittance.status).in_([each.value for each in status])
    )
    return list(db.exec(found.order_by(col(Remittance.composed_at).desc(), col(Remittance.id).desc())))


def to_second(db: Session, association_id: str, *, but_of: str) -> list[Remittance]:
    """The payments to BPJS that wait for a second one, but those that one person noted, the oldest first."""
    proposed = standing_so(db, association_id, (Status.PROPOSED,))
    return [one for one in reversed(proposed) if one.proposed_by != but_of]


def lines_of(db: Session, remittance: Remittance, status: Collection[LineStatus] | None = None) -> list[Found]:
    """The lines of a batch with their members, in their order; of all, or of some that stand so."""
    its = (
        select(RemittanceLine, Member)
        .join(Member, col(Member.id) == col(RemittanceLine.member_id))
        .where(RemittanceLine.remittance_id == remittance.id)
    )
    if status is not None:
        its = its.where(col(RemittanceLine.status).in_([each.value for each in status]))
    return list(db.exec(its.order_by(col(RemittanceLine.id))))


def find_line(db: Session, remittance: Remittance, line_id: int) -> Found | None:
    """One line of a batch, with its member."""
    its = (
        select(RemittanceLine, Member)
        .join(Member, col(Member.id) == col(RemittanceLine.member_id))
        .where(RemittanceLine.remittance_id == remittance.id, RemittanceLine.id == line_id)
    )
    return db.exec(its).first()


def totals(db: Session, remittance: Remittance) -> dict[LineStatus, tuple[int, Rupiah]]:
    """How many lines stand how, and what they cost."""
    asked = (
        asking(col(RemittanceLine.status), func.count(), func.sum(col(RemittanceLine.amount)))
        .where(col(RemittanceLine.remittance_id) == remittance.id)
        .group_by(col(RemittanceLine.status))
    )
    return {LineStatus(row[0]): (int(row[1]), Rupiah(int(row[2]))) for row in db.connection().execute(asked)}


def counted(db: Session, remittance: Remittance) -> tuple[int, Rupiah]:
    """How many lines are paid with the batch, or were, and what they cost; what came back was paid, too."""
    found = [value for status, value in totals(db, remittance).items() if status is not LineStatus.LEFT_OUT]
    return sum(count for count, _amount in found), Rupiah(sum(amount for _count, amount in found))


# ── before it is paid ────────────────────────────────────────────────────────────────────────────────────────────


def leave_out(
    db: Session, remittance: Remittance, line: RemittanceLine, *, reason: str = "", by: str, now: datetime
) -> None:
    """Take a member's month out of a batch that is not paid yet. Raises `Overtaken`."""
    demand(remittance, UNPAID)
    demand_line(line, (LineStatus.OPEN,))
    line.status, line.reason = LineStatus.LEFT_OUT, reason
    remittance.updated_at = now
    db.flush()
    note(db, remittance, "left_out_of_remittance", by=by, now=now, line=line.id)


def take_back(db: Session, remittance: Remittance, line: RemittanceLine, *, by: str, now: datetime) -> None:
    """A month that was left out is in the batch again, with what BPJS is owed for it now.

    Raises `Overtaken` when it is not ready any more.
    """
    demand(remittance, UNPAID)
    demand_line(line, (LineStatus.LEFT_OUT,))
    lock_members(db, [line.member_id])
    found = candidates(db, remittance.association_id, Month.parse(line.month)).ready
    ready = next((one for one in found if (one.member_id, str(one.month)) == (line.member_id, line.month)), None)
    if ready is None:
        raise Overtaken("this month is not ready any more")
    line.status, line.reason, line.amount = LineStatus.OPEN, "", ready.amount
    remittance.updated_at = now
    db.flush()
    note(db, remittance, "took_into_remittance", by=by, now=now, line=line.id)


@dataclass(frozen=True, slots=True)
class Change:
    """A line whose facts are not those of the day on which it was composed."""

    line: RemittanceLine
    member: Member
    owed: Rupiah  # to BPJS now
    why: Why | None  # None: ready as before, at another amount

    @property
    def stays(self) -> bool:
        """True when the line is still ready."""
        return self.why is None and self.owed > 0


def changes(db: Session, remittance: Remittance) -> list[Change]:
    """The open lines of a batch that are not ready any more, or not for that amount."""
    lines = lines_of(db, remittance, (LineStatus.OPEN,))
    balances = balances_of(db, remittance.association_id, members={member.id for _line, member in lines})
    disputed = disputed_months(db, remittance.association_id)
    costs = costs_of(db, {(line.member_id, line.month) for line, _member in lines})
    found = []
    for line, member in lines:
        which = (line.member_id, line.month)
        now = balances.get(which, NOTHING)
        gone = Why.STRAIGHT if now.amount == 0 and now.owes == 0 else None
        why = gone or reason(which, now, member, pending=set(), disputed=disputed, cost=costs.get(which, 0))
        if why or now.amount != line.amount:
            found.append(Change(line, member, now.amount, why))
    return found


def renew(db: Session, remittance: Remittance, *, by: str, now: datetime) -> list[Change]:
    """Bring a batch that is not paid yet up to date: amounts as they are now, and without what is not ready any more.

    Raises `Overtaken`.
    """
    demand(remittance, UNPAID)
    lock_members(db, {line.member_id for line, _member in lines_of(db, remittance, (LineStatus.OPEN,))})
    found = changes(db, remittance)
    for change in found:
        if change.stays:
            change.line.amount = change.owed
        else:
            change.line.status, change.line.reason = LineStatus.LEFT_OUT, str(change.why or "")
    remittance.updated_at = now
    db.flush()
    note(db, remittance, "renewed_remittance", by=by, now=now, lines=len(found))
    return found


def set_code(db: Session, remittance: Remittance, code: str, *, by: str, now: datetime) -> None:
    """BPJS's payment code for the whole batch. Raises `Overtaken`."""
    step_on(remittance, Event.CODE, now)
    remittance.code = code
    db.flush()
    note(db, remittance, "coded_remittance", by=by, now=now)


def set_line_codes(db: Session, remittance: Remittance, codes: Mapping[int, str], *, by: str, now: datetime) -> None:
    """BPJS's payment codes, one for each of these lines. Raises `Overtaken`."""
    step_on(remittance, Event.CODE, now)
    for line, _member in lines_of(db, remittance, (LineStatus.OPEN,)):
        line.code = codes.get(line.id or 0, line.code)
    db.flush()
    note(db, remittance, "coded_remittance", by=by, now=now, lines=len(codes))


def cancel(db: Session, remittance: Remittance, *, by: str, now: datetime) -> None:
    """The batch is not paid; its member-months are ready for another one. Raises `Overtaken`."""
    step_on(remittance, Event.CANCEL, now)
    for line, _member in lines_of(db, remittance, (LineStatus.OPEN,)):
        line.status = LineStatus.LEFT_OUT
    db.flush()
    note(db, remittance, "cancelled_remittance", by=by, now=now)


# ── paid ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Paying:
    """What the treasurer says about the payment of a batch."""

    amount: Rupiah
    source: Account  # TILL or BANK
    on: date
    reference: str = ""
    document_id: str | None = None
    reason: str = ""  # why it is more than the lines cost


def pay(db: Session, remittance: Remittance, paying: Paying, *, by: str, now: datetime) -> bool:
    """The batch was paid: it is in the ledger. Above the association's limit a second one must say so too: False.

    The batch is locked. Raises `NothingToPay`, `LinesChanged`, `TooLittle`, `ReasonMissing`, `NotThere`, `Overtaken`.
    """
    demand(remittance, UNPAID)
    remittance.paid, remittance.paid_from, remittance.paid_on = paying.amount, paying.source.value, paying.on
    remittance.reference, remittance.document_id, remittance.reason = (
        paying.reference,
        paying.document_id,
        paying.reason,
    )
    limit = db.exec(select(Association.second_above).where(Association.id == remittance.association_id)).one()
    if paying.amount > limit:
        hold(db, remittance)
        demand_payable(db, remittance)
        step_on(remittance, Event.PROPOSE, now)
        remittance.proposed_by = by
        db.flush()
        note(db, remittance, "proposed_remittance", by=by, now=now)
        return False
    settle(db, remittance, by=by, now=now)
    return True


def second(db: Session, remittance: Remittance, *, by: str, now: datetime) -> None:
    """A second one says the same as the first: it is in the ledger. The batch is locked.

    Raises `SamePerson`, and what `pay` raises.
    """
    demand(remittance, (Status.PROPOSED,))
    if remittance.proposed_by == by:
        raise SamePerson
    settle(db, remittance, by=by, now=now)


def object_to(db: Session, remittance: Remittance, *, by: str, now: datetime) -> None:
    """It was not paid, or not so: what the first one said is taken back. Raises `Overtaken`."""
    step_on(remittance, Event.OBJECT, now)
    remittance.paid, remittance.paid_from, remittance.paid_on = None, "", None
    remittance.reference, remittance.reason, remittance.document_id = "", "", None
    remittance.proposed_by = None
    db.flush()
    note(db, remittance, "objected_to_remittance", by=by, now=now)


def hold(db: Session, remittance: Remittance) -> list[Found]:
    """The lines of a batch that is about to be paid; their members, and the association's money, are held meanwhile.

    Batches of an association are paid one after the other: none is paid from money that another one takes.
    """
    lines = lines_of(db, remittance, (LineStatus.OPEN,))
    lock_members(db, {member.id for _line, member in lines})
    db.exec(
        select(Association.id).where(Association.id == remittance.association_id).with_for_update(key_share=True)
    ).one()
    return lines


def demand_payable(db: Session, remittance: Remittance) -> None:
    """The amount and the facts allow what was said of the payment. Raises `NotPayable`."""
    cost = totals(db, remittance).get(LineStatus.OPEN, (0, 0))[1]
    paid = remittance.paid or 0
    if not cost:
        raise NothingToPay
    if changes(db, remittance):
        raise LinesChanged
    if paid < cost:
        raise TooLittle
    if paid > cost and not remittance.reason:
        raise ReasonMissing
    if ledger.balance(db, remittance.association_id, Account(remittance.paid_from)) < paid:
        raise NotThere


def is_payable(db: Session, remittance: Remittance) -> bool:
    """True when the batch can be paid as it was said."""
    try:
        demand_payable(db, remittance)
    except NotPayable:
        return False
    return True


def settle(db: Session, remittance: Remittance, *, by: str, now: datetime) -> None:
    """Put the payment into the ledger, line by line and part by part. Raises as `pay`."""
    lines = hold(db, remittance)
    demand_payable(db, remittance)
    balances = balances_of(db, remittance.association_id, members={member.id for _line, member in lines})
    source = Account(remittance.paid_from)
    movements = [movement for line, _member in lines for movement in paying_line(line, source, balances)]
    more = (remittance.paid or 0) - sum(line.amount for line, _member in lines)
    try:
        entry = ledger.post(
            db,
            [*movements, *moved(more, debit=Account.DIFFERENCE, credit=source)],
            association_id=remittance.association_id,
            kind=Kind.REMITTANCE,
            key=f"remittance:{remittance.id}",
            about=f"remittance/{remittance.id}",
            by=by,
            reason=remittance.reason,
            now=now,
        )
    except ledger.AlreadyPosted as error:
        raise Overtaken("this batch is in the ledger already") from error
    step_on(remittance, Event.PAY, now, entry=entry)
    remittance.paid_by = by
    db.flush()
    send_on(db, [member for _line, member in lines], (ApplicationEvent.SEND_TO_BPJS,), by=by, now=now)
    note(db, remittance, "paid_remittance", by=by, now=now, lines=len(lines))


def paying_line(line: RemittanceLine, source: Account, balances: Mapping[Which, Balance]) -> list[Movement]:
    """What BPJS gets for one line."""
    parts = balances[line.member_id, line.month].to_bpjs
    return [
        Movement(Account.BPJS, source, amount, line.member_id, month=line.month, part=part)
        for part, amount in parts.items()
    ]


def parts_of(db: Session, remittance: Remittance) -> dict[Which, Mapping[str, Rupiah]]:
    """What each line of a batch consists of: as it was paid, or as BPJS is owed now."""
    if remittance.entry is None:
        members = {member.id for _line, member in lines_of(db, remittance, COUNTED)}
        balances = balances_of(db, remittance.association_id, members=members) if members else {}
        return {which: balance.to_bpjs for which, balance in balances.items()}
    found: dict[Which, dict[str, Rupiah]] = defaultdict(dict)
    for movement in ledger.movements_of(db, remittance.association_id, remittance.entry):
        if movement.debit is Account.BPJS:
            found[movement.member, movement.month][movement.part] = movement.amount
    return {which: in_parts(parts) for which, parts in found.items()}


def send_on(
    db: Session, members: Iterable[Member], events: Iterable[ApplicationEvent], *, by: str | None, now: datetime
) -> None:
    """Lead the applications of members on towards BPJS, as far as they do not stand there already."""
    pieces = list(in_pieces({member.application_id for member in members}))
    for event in events:
        for some in pieces:
            applications.lead_on(db, some, event, by=by, now=now)


# ── what all of it stands on ─────────────────────────────────────────────────────────────────────────────────────


def demand(remittance: Remittance, status: Collection[Status]) -> None:
    """The batch stands so. Raises `Overtaken`."""
    if remittance.status not in status:
        raise Overtaken(f"the batch is {remittance.status} by now")


def demand_line(line: RemittanceLine, status: Collection[LineStatus]) -> None:
    """The line stands so. Raises `Overtaken`."""
    if line.status not in status:
        raise Overtaken(f"the line is {line.status} by now")


def step_on(remittance: Remittance, event: Event, now: datetime, *, entry: int | None = None) -> None:
    """Move the status as the life cycle allows. Raises `Overtaken`."""
    try:
        status = move(Status(remittance.status), event)
    except NotPossibleNow as error:
        raise Overtaken(str(error)) from error
    remittance.status, remittance.updated_at = status, now
    remittance.entry = remittance.entry if entry is None else entry


def note(
    db: Session, remittance: Remittance, action: str, *, by: str | None, now: datetime, **facts: int | bool | str | None
) -> None:
    """One row in the audit trail about a batch."""
    audit.note(
        db,
        association_id=remittance.association_id,
        actor_id=by,
        action=action,
        subject=f"remittance/{remittance.id}",
        now=now,
        facts=dict(facts),
    )
