"""The life of a payment: from the day she says that she paid until somebody has seen the money, or nobody has."""

from enum import StrEnum

from statemachine import StateMachine
from statemachine.contrib.diagram import formatter
from statemachine.exceptions import TransitionNotAllowed
from statemachine.states import States


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    SUBMITTED = "submitted"  # waits for an officer
    SECONDED = "seconded"  # one officer has seen it; above the limit another must too
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"  # she says that it is not hers, or that she has not paid
    REVERSED = "reversed"


class PaymentEvent(StrEnum):
    """What may happen to a payment."""

    PROPOSE = "propose"  # the first of two confirms
    OBJECT = "object"  # the second does not: it waits anew
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    REVERSE = "reverse"


class NotPossibleNow(Exception):
    """This cannot happen to a payment that stands there."""

    def __init__(self, status: PaymentStatus, event: PaymentEvent) -> None:
        super().__init__(f"a payment that is {status} has no {event}")
        self.status = status
        self.event = event


class _Life(StateMachine):
    """Each event leads from one status to another; the names are those of `PaymentEvent`."""

    at = States.from_enum(
        PaymentStatus,
        initial=PaymentStatus.SUBMITTED,
        final=[PaymentStatus.REFUSED, PaymentStatus.WITHDRAWN, PaymentStatus.REVERSED],
    )

    propose = at.SUBMITTED.to(at.SECONDED)
    object = at.SECONDED.to(at.SUBMITTED)
    confirm = at.SUBMITTED.to(at.CONFIRMED) | at.SECONDED.to(at.CONFIRMED)
    refuse = at.SUBMITTED.to(at.REFUSED) | at.SECONDED.to(at.REFUSED)
    withdraw = at.SUBMITTED.to(at.WITHDRAWN)  # money that an officer has seen is there, whatever she says
    dispute = at.CONFIRMED.to(at.DISPUTED)
    uphold = at.DISPUTED.to(at.CONFIRMED)
    reverse = at.DISPUTED.to(at.REVERSED) | at.CONFIRMED.to(at.REVERSED)


def move(status: PaymentStatus, event: PaymentEvent) -> PaymentStatus:
    """Where a payment that stands at `status` stands after `event`, or `NotPossibleNow`."""
    life = _Life(start_value=status)
    try:
        life.send(event)
    except TransitionNotAllowed as error:
        raise NotPossibleNow(status, event) from error
    return PaymentStatus(life.current_state_value)


def diagram() -> str:
    """The life of a payment as a Mermaid state diagram."""
    return formatter.render(_Life, "mermaid")
