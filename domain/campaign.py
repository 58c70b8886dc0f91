"""The life of an announcement: from the officer's draft until the last person has got it, or somebody stopped it."""

from enum import StrEnum

from statemachine import StateMachine
from statemachine.contrib.diagram import formatter
from statemachine.exceptions import TransitionNotAllowed
from statemachine.states import States


class CampaignStatus(StrEnum):
    """Where an announcement stands."""

    WAITING = "waiting"  # for a second officer
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"  # a limit or an objection of the provider; it goes on by itself or by an officer
    DONE = "done"
    STOPPED = "stopped"
    REFUSED = "refused"  # by the second officer


class CampaignEvent(StrEnum):
    """What may happen to an announcement."""

    APPROVE = "approve"
    REFUSE = "refuse"
    DOUBT = "doubt"  # whoever approved it is an officer no more
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    STOP = "stop"


class NotPossibleNow(Exception):
    """This cannot happen to an announcement that stands there."""

    def __init__(self, status: CampaignStatus, event: CampaignEvent) -> None:
        super().__init__(f"a campaign that is {status} has no {event}")
        self.status = status
        self.event = event


class _Life(StateMachine):
    """Each event leads from one status to another; the names are those of `CampaignEvent`."""

    at = States.from_enum(
        CampaignStatus,
        initial=CampaignStatus.WAITING,
        final=[CampaignStatus.DONE, CampaignStatus.STOPPED, CampaignStatus.REFUSED],
    )

    approve = at.WAITING.to(at.SCHEDULED)
    refuse = at.WAITING.to(at.REFUSED)
    doubt = at.SCHEDULED.to(at.WAITING)
    begin = at.SCHEDULED.to(at.SENDING)
    pause = at.SENDING.to(at.PAUSED)
    resume = at.PAUSED.to(at.SENDING)
    finish = at.SENDING.to(at.DONE)
    stop = (
        at.WAITING.to(at.STOPPED) | at.SCHEDULED.to(at.STOPPED) | at.SENDING.to(at.STOPPED) | at.PAUSED.to(at.STOPPED)
    )


def move(status: CampaignStatus, event: CampaignEvent) -> CampaignStatus:
    """Where an announcement that stands at `status` stands after `event`, or `NotPossibleNow`."""
    life = _Life(start_value=status)
    try:
        life.send(event)
    except TransitionNotAllowed as error:
        raise NotPossibleNow(status, event) from error
    return CampaignStatus(life.current_state_value)


def diagram() -> str:
    """The life of an announcement as a Mermaid state diagram."""
    return formatter.render(_Life, "mermaid")
