"""The lives of payments, remittances and announcements: what may follow what, and nothing else."""

import pytest

from domain import campaign, payment, remittance

LIVES = [
    (payment, payment.PaymentStatus, payment.PaymentEvent),
    (remittance, remittance.RemittanceStatus, remittance.RemittanceEvent),
    (campaign, campaign.CampaignStatus, campaign.CampaignEvent),
]


def ways(module, statuses, events) -> dict[tuple[str, str], str]:
    """Everything that may happen."""
    found = {}
    for status in statuses:
        for event in events:
            try:
                found[status.value, event.value] = module.move(status, event).value
            except module.NotPossibleNow as error:
                assert (error.status, error.event) == (status, event)
    return found


@pytest.mark.parametrize("life", LIVES, ids=["payment", "remittance", "campaign"])
def test_every_event_can_happen_and_every_end_is_an_end(life):
    module, statuses, events = life
    possible = ways(module, statuses, events)
    assert {event for _status, event in possible} == {event.value for event in events}
    leads_on = {status for status, _event in possible}
    reached = set(possible.values())
    assert (leads_on | reached) == {status.value for status in statuses}
    assert "stateDiagram" in module.diagram()


def test_a_confirmed_payment_is_never_refused_and_a_reversed_one_never_comes_back():
    possible = ways(*LIVES[0])
    assert {event for status, event in possible if status == "confirmed"} == {"dispute", "reverse"}
    assert not [event for status, event in possible if status in ("refused", "withdrawn", "reversed")]


def test_a_remittance_that_is_paid_is_not_cancelled():
    possible = ways(*LIVES[1])
    assert ("paid", "cancel") not in possible
    assert ("proposed", "cancel") not in possible


def test_what_was_stopped_is_not_sent_any_more():
    possible = ways(*LIVES[2])
    assert not [event for status, event in possible if status in ("stopped", "done", "refused")]
    assert possible["sending", "stop"] == possible["paused", "stop"] == "stopped"
