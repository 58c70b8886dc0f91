"""The life of an application: from the day she sends it in until BPJS has her, or nobody does."""

from enum import StrEnum

from statemachine import StateMachine
from statemachine.contrib.diagram import formatter
from statemachine.exceptions import TransitionNotAllowed
from statemachine.states import States


class ApplicationStatus(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"  # waits for an officer
    RETURNED = "returned"  # waits for her to repair one field
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"  # by an officer
    VERIFIED = "verified"
    SENT_TO_BPJS = "sent_to_bpjs"
    ACTIVE = "active"
    REFUSED_BY_BPJS = "refused_by_bpjs"


class ApplicationEvent(StrEnum):
    """What may happen to an application."""

    SEND_BACK = "send_back"
    REPAIR = "repair"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"
    VERIFY = "verify"
    SEND_TO_BPJS = "send_to_bpjs"
    ACTIVATE = "activate"
    REFUSE_BY_BPJS = "refuse_by_bpjs"


class NotPossibleNow(Exception):
    """This cannot happen to an application that stands there."""

    def __init__(self, status: ApplicationStatus, event: ApplicationEvent) -> None:
        super().__init__(f"an application that is {status} has no {event}")
        self.status = status
        self.event = event


class _Life(StateMachine):
    """Each event leads from one status to another; the names are those of `ApplicationEvent`."""

    at = States.from_enum(
        ApplicationStatus,
        initial=ApplicationStatus.SUBMITTED,
        final=[
            ApplicationStatus.WITHDRAWN,
            ApplicationStatus.REFUSED,
            ApplicationStatus.ACTIVE,
            ApplicationStatus.REFUSED_BY_BPJS,
        ],
    )

    send_back = at.SUBMITTED.to(at.RETURNED)
    repair = at.RETURNED.to(at.SUBMITTED)
    withdraw = at.SUBMITTED.to(at.WITHDRAWN) | at.RETURNED.to(at.WITHDRAWN)
    refuse = at.SUBMITTED.to(at.REFUSED)
    verify = at.SUBMITTED.to(at.VERIFIED)
    send_to_bpjs = at.VERIFIED.to(at.SENT_TO_BPJS)
    activate = at.SENT_TO_BPJS.to(at.ACTIVE)
    refuse_by_bpjs = at.SENT_TO_BPJS.to(at.REFUSED_BY_BPJS)


def move(status: ApplicationStatus, event: ApplicationEvent) -> ApplicationStatus:
    """Where an application that stands at `status` stands after `event`, or `NotPossibleNow`."""
    life = _Life(start_value=status)
    try:
        life.send(event)
    except TransitionNotAllowed as error:
        raise NotPossibleNow(status, event) from error
    return ApplicationStatus(life.current_state_value)


def diagram() -> str:
    """The life of an application as a Mermaid state diagram."""
    return formatter.render(_Life, "mermaid")
