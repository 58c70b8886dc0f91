"""The life of a remittance to BPJS: many member-months in one batch, until BPJS has said what came of each."""

from enum import StrEnum

from statemachine import StateMachine
from statemachine.contrib.diagram import formatter
from statemachine.exceptions import TransitionNotAllowed
from statemachine.states import States


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


HOLDS = (LineStatus.OPEN, LineStatus.MATCHED, LineStatus.UNMATCHED, LineStatus.FAILED)
"""A member-month is in one batch at a time: these keep it there."""


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
