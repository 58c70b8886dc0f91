from itertools import product

import pytest

from domain.application import ApplicationEvent, ApplicationStatus, NotPossibleNow, diagram, move

Is, Event = ApplicationStatus, ApplicationEvent

MOVES = {
    (Is.SUBMITTED, Event.SEND_BACK): Is.RETURNED,
    (Is.RETURNED, Event.REPAIR): Is.SUBMITTED,
    (Is.SUBMITTED, Event.WITHDRAW): Is.WITHDRAWN,
    (Is.RETURNED, Event.WITHDRAW): Is.WITHDRAWN,
    (Is.SUBMITTED, Event.REFUSE): Is.REFUSED,
    (Is.SUBMITTED, Event.VERIFY): Is.VERIFIED,
    (Is.VERIFIED, Event.SEND_TO_BPJS): Is.SENT_TO_BPJS,
    (Is.SENT_TO_BPJS, Event.ACTIVATE): Is.ACTIVE,
    (Is.SENT_TO_BPJS, Event.REFUSE_BY_BPJS): Is.REFUSED_BY_BPJS,
}


def test_an_application_goes_from_her_phone_to_bpjs():
    status = Is.SUBMITTED
    for event in (Event.SEND_BACK, Event.REPAIR, Event.VERIFY, Event.SEND_TO_BPJS, Event.ACTIVATE):
        status = move(status, event)
    assert status is Is.ACTIVE


@pytest.mark.parametrize(("start", "event"), list(product(ApplicationStatus, ApplicationEvent)))
def test_nothing_else_can_happen(start, event):
    if (start, event) in MOVES:
        assert move(start, event) is MOVES[start, event]
        return
    with pytest.raises(NotPossibleNow) as refused:
        move(start, event)
    assert (refused.value.status, refused.value.event) == (start, event)


def test_every_event_happens_somewhere():
    assert {event for _, event in MOVES} == set(ApplicationEvent)


def test_the_diagram_shows_every_move():
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2")
    for (start, _), end in MOVES.items():
        assert f"{start.name} --> {end.name}" in drawn
    assert drawn.count(" : ") == len(MOVES)
