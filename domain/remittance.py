"""The life of a remittance to BPJS: many member-months in one batch, until BPJS has said what came of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from statemachine import StateMachine
from statemachine.contrib.diagram import formatter
from statemachine.exceptions import TransitionNotAllowed
from statemachine.states import States

from domain.dues import NOTHING
from domain.money import Rupiah
from domain.month import Month
from domain.nik import Nik


class RemittanceStatus(StrEnum):
    """Where a batch stands."""

    COMPOSED = "composed"
    CODED = "coded"  # BPJS gave its payment code or codes
    PROPOSED = "proposed"  # paid, says one; above the limit another must say so too
    PAID = "paid"
    CLOSED = "closed"  # every line has its result
    CANCELLED = "cancelled"


class RemittanceEvent(StrEnum):
    """What may happen to a batch."""

    CODE = "code"
    PROPOSE = "propose"
    OBJECT = "object"
    PAY = "pay"
    CLOSE = "close"
    CANCEL = "cancel"


class LineStatus(StrEnum):
    """Where one member-month of a batch stands."""

    OPEN = "open"
    MATCHED = "matched"  # BPJS has it
    UNMATCHED = "unmatched"  # BPJS tells another amount
    FAILED = "failed"  # BPJS did not take it; the money is there
    RETURNED = "returned"  # it did not, and gave the money back
    LEFT_OUT = "left_out"  # taken out before the batch was paid


HOLDS = (LineStatus.OPEN, LineStatus.UNMATCHED, LineStatus.FAILED)
"""A member-month is in one batch at a time: these keep it there. Of one that BPJS has, only what it turned out to cost
later on can be owed, and that goes into another batch."""

COUNTED = (*HOLDS, LineStatus.MATCHED)
"""A line that stands thus is part of what is paid."""


class Why(StrEnum):
    """Why a member's month is not ready to be paid to BPJS."""

    OWES = "owes"  # nothing of it is paid
    PARTLY = "partly"  # only a part of it is
    PENDING = "pending"  # a payment for it waits for an officer
    DISPUTED = "disputed"  # she says that a payment for it is not hers
    IN_BATCH = "in_batch"
    AT_BPJS = "at_bpjs"  # it was in an earlier batch
    STRAIGHT = "straight"  # she paid it to BPJS herself
    LAPSED = "lapsed"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class MemberMonth:
    """One month of one member, with what BPJS is owed for it, part by part."""

    member_id: str
    name: str
    nik_end: str
    month: Month
    parts: Mapping[str, Rupiah]

    @property
    def amount(self) -> Rupiah:
        """What BPJS is owed for it."""
        return Rupiah(sum(self.parts.values()))

    @property
    def key(self) -> str:
        """Short enough for a button."""
        return f"{self.member_id[-16:]}/{self.month}"


@dataclass(frozen=True, slots=True)
class NotReady:
    """One month of one member that is left out, and why."""

    of: MemberMonth
    why: Why
    missing: Rupiah = NOTHING  # what she still owes of it
    number: str = ""  # of the batch in which it is


@dataclass(frozen=True, slots=True)
class Candidates:
    """What can be paid to BPJS now, what not, and where the association's money lies."""

    ready: tuple[MemberMonth, ...] = ()
    left_out: tuple[NotReady, ...] = ()
    till: Rupiah = NOTHING
    bank: Rupiah = NOTHING
    hands: Rupiah = NOTHING  # with the collectors: it must be handed over before it can be paid

    @property
    def total(self) -> Rupiah:
        """What is ready, in rupiah."""
        return Rupiah(sum(one.amount for one in self.ready))


@dataclass(frozen=True, slots=True)
class Told:
    """What BPJS tells of one member's month."""

    nik: Nik
    accepted: bool
    month: Month | None = None  # None: of whatever months of hers there are
    amount: Rupiah | None = None
    reason: str = field(default="", repr=False)
    kpj: str = field(default="", repr=False)
    protected_until: date | None = None
    row: int = 0  # in the sheet


class Verdict(StrEnum):
    """What a row of BPJS's answer means for a batch."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    FAILED = "failed"
    KNOWN = "known"  # it told the same before
    CONTRARY = "contrary"  # it told otherwise before: somebody must ask BPJS
    STRANGER = "stranger"  # it fits no line
    UNCLEAR = "unclear"  # it does not say of which month it is, or another row says otherwise


NEWS = (Verdict.MATCHED, Verdict.UNMATCHED, Verdict.FAILED)


def verdict_on(line: LineStatus, before: Rupiah | None, amount: Rupiah, told: Told) -> Verdict:
    """What BPJS's word means for a line of that amount; `before`: the amount that it told before."""
    status = status_of(amount, accepted=told.accepted, told=told.amount)
    if line in (LineStatus.MATCHED, LineStatus.RETURNED):
        same = status is (LineStatus.MATCHED if line is LineStatus.MATCHED else LineStatus.FAILED)
        as_before = line is LineStatus.MATCHED and told.accepted and told.amount == before
        return Verdict.KNOWN if same or as_before else Verdict.CONTRARY
    if status is line and (status is LineStatus.FAILED or told.amount == before):
        return Verdict.KNOWN
    return Verdict(status.value)


def status_of(amount: Rupiah, *, accepted: bool, told: Rupiah | None) -> LineStatus:
    """How a line of that amount stands after what BPJS tells of it."""
    if not accepted:
        return LineStatus.FAILED
    return LineStatus.MATCHED if told in (None, amount) else LineStatus.UNMATCHED


class NotPossibleNow(Exception):
    """This cannot happen to a batch that stands there."""

    def __init__(self, status: RemittanceStatus, event: RemittanceEvent) -> None:
        super().__init__(f"a remittance that is {status} has no {event}")
        self.status = status
        self.event = event


FINAL = [RemittanceStatus.CLOSED, RemittanceStatus.CANCELLED]


class _Life(StateMachine):
    """Each event leads from one status to another; the names are those of `RemittanceEvent`."""

    at = States.from_enum(RemittanceStatus, initial=RemittanceStatus.COMPOSED, final=FINAL)

    code = at.COMPOSED.to(at.CODED) | at.CODED.to(at.CODED)
    propose = at.COMPOSED.to(at.PROPOSED) | at.CODED.to(at.PROPOSED)
    object = at.PROPOSED.to(at.CODED)
    pay = at.COMPOSED.to(at.PAID) | at.CODED.to(at.PAID) | at.PROPOSED.to(at.PAID)
    close = at.PAID.to(at.CLOSED)
    cancel = at.COMPOSED.to(at.CANCELLED) | at.CODED.to(at.CANCELLED)


def move(status: RemittanceStatus, event: RemittanceEvent) -> RemittanceStatus:
    """Where a batch that stands at `status` stands after `event`, or `NotPossibleNow`."""
    life = _Life(start_value=status)
    try:
        life.send(event)
    except TransitionNotAllowed as error:
        raise NotPossibleNow(status, event) from error
    return RemittanceStatus(life.current_state_value)


def diagram() -> str:
    """The life of a remittance as a Mermaid state diagram."""
    return formatter.render(_Life, "mermaid")
