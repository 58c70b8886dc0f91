"""What Twilio reports about our messages: early, late, twice, out of order, and about what we never sent (A18–A21)."""

from datetime import timedelta
from itertools import permutations

import pytest
from prometheus_client import REGISTRY

from bot.clock import MovableClock
from bot.running import Running
from tests.conftest import sqlite_only
from tests.fakes.twilio_account import Message as Sent
from tests.fakes.twilio_api import SENDER, SITI, TwilioApi
from tests.faults.house import until, until_quiet
from tests.faults.whatsapp_house import (
    MESSAGES,
    PUBLIC,
    TwilioDoor,
    deliveries,
    messages,
    queue,
    statuses,
)


@pytest.fixture
def asked(bot: Running, webhook: TwilioDoor, twilio: TwilioApi) -> Sent:
    """Our first question, which Twilio has taken."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    (message,) = twilio.messages_to(SITI)
    return message


def counted(status: str, result: str) -> float:
    """How many reports ended so, as `/metrics` counts them."""
    labels = {"channel": "whatsapp", "status": status, "result": result}
    return REGISTRY.get_sample_value("bot_delivery_reports_total", labels) or 0.0


def unknown(number: int, reference: str = "") -> Sent:
    """A message that nobody here sent."""
    url = f"{PUBLIC}{MESSAGES}/status" + (f"?m={reference}" if reference else "")
    return Sent(f"SM{number:032}", f"whatsapp:{SITI}", f"whatsapp:{SENDER}", "", "", {}, [], url, {}, 0.0)


# ── early ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_report_that_comes_before_the_answer_to_our_request_is_kept(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, status: str
):
    """A18: Twilio took the message, and its answer is on the way; our own number joins the two."""
    twilio.stall(0.6, accepted=True, path="Messages", verb="POST")
    webhook.says(SITI, "halo")
    until(lambda: twilio.messages_to(SITI))
    assert statuses(bot.database) == ["leased"]
    (message,) = twilio.messages_to(SITI)
    assert webhook.reports(message, status).status_code == 200
    assert statuses(bot.database) == [status]
    until(lambda: not bot.outbox.in_hand)  # the answer has come by now
    (ours,) = messages(bot.database)
    assert (ours.status, ours.provider_id, ours.attempts) == (status, message.sid, 1)
    clock.move_to(clock.now() + timedelta(minutes=5))
    bot.scheduler.tidy()
    until_quiet(bot.database)
    assert len(twilio.messages_to(SITI)) == 1


def test_a_failure_that_is_reported_before_the_answer_to_our_request_counts(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """A18: the answer says that it was taken; it is known by then that it never reached her."""
    twilio.stall(0.6, accepted=True, path="Messages", verb="POST")
    webhook.says(SITI, "halo")
    until(lambda: twilio.messages_to(SITI))
    webhook.reports(twilio.messages_to(SITI)[0], "failed", 63013)
    until(lambda: not bot.outbox.in_hand)
    (ours,) = messages(bot.database)
    assert (ours.status, ours.code) == ("failed", "63013")


# ── out of order ─────────────────────────────────────────────────────────────────────────────────────────────────

STATUSES = ("queued", "sent", "delivered", "read")


@pytest.mark.parametrize("order", [("read", "sent", "delivered"), ("delivered", "read", "sent"), ("sent", "queued")])
def test_a_message_gets_as_far_as_the_furthest_report(
    bot: Running, webhook: TwilioDoor, asked: Sent, order: tuple[str, ...]
):
    """A19: it never goes back."""
    for status in order:
        assert webhook.reports(asked, status).status_code == 200
    furthest = max(order, key=STATUSES.index)
    assert statuses(bot.database) == [furthest]
    assert len(deliveries(bot.database)) == len(order)


@sqlite_only
def test_whatever_the_order_the_end_is_the_same(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """A19: each order of all four, of a message each."""
    for number, order in enumerate(permutations(STATUSES), start=1):
        webhook.says(SITI, "halo")
        until_quiet(bot.database)
        for status in order:
            webhook.reports(twilio.messages_to(SITI)[-1], status)
        assert statuses(bot.database) == ["read"] * number


def test_a_report_that_comes_twice_is_kept_once(bot: Running, webhook: TwilioDoor, asked: Sent):
    """A19: the message's id and the status name it."""
    known = counted("delivered", "known")
    for _again in range(3):
        assert webhook.reports(asked, "delivered").status_code == 200
    assert deliveries(bot.database) == [(asked.sid, "delivered", "", True)]
    assert counted("delivered", "known") == known + 2


# ── after a failure ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "better"), [(63013, "delivered"), (63013, "read"), (30008, "delivered"), (63009, "read"), (63016, "read")]
)
def test_a_message_that_arrives_after_it_had_failed_has_arrived(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, asked: Sent, code: int, better: str
):
    """A20: on another phone of hers; the failure is remembered, and nothing is sent a second time."""
    webhook.reports(asked, "failed", code)
    until(lambda: statuses(bot.database) == [{63013: "failed", 63016: "parked"}.get(code, "retry_wait")])
    webhook.reports(asked, better)
    clock.move_to(clock.now() + timedelta(hours=5))
    bot.scheduler.tidy()
    until_quiet(bot.database)
    (ours,) = messages(bot.database)
    assert (ours.status, ours.code, len(twilio.messages_to(SITI))) == (better, "", 1)
    assert deliveries(bot.database) == [(asked.sid, "failed", str(code), True), (asked.sid, better, "", True)]


def test_a_failure_that_is_told_after_it_arrived_changes_nothing(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, asked: Sent
):
    """A20: the other way round."""
    webhook.reports(asked, "delivered")
    webhook.reports(asked, "failed", 63003)
    until_quiet(bot.database)
    assert (statuses(bot.database), len(twilio.messages_to(SITI))) == (["delivered"], 1)
    assert len(deliveries(bot.database)) == 2


@pytest.mark.parametrize("hours", [0, 2])
def test_what_the_channel_could_not_do_is_sent_again_after_a_while_and_an_old_report_does_not_end_it(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, asked: Sent, hours: int
):
    """A failure of the first attempt, told once more during the second, is about the first."""
    webhook.reports(asked, "failed", 30008 if hours else 63009)
    (ours,) = messages(bot.database)
    assert (ours.status, ours.due_at > clock.now() + timedelta(hours=hours) - timedelta(minutes=1)) == (
        "retry_wait",
        True,
    )
    clock.move_to(ours.due_at)
    until_quiet(bot.database)
    assert (statuses(bot.database), len(twilio.messages_to(SITI))) == (["accepted"], 2)
    for late in (asked, unknown(5, f"{ours.id}.1")):
        webhook.reports(late, "undelivered", 63009)
        assert statuses(bot.database) == ["accepted"]
    webhook.reports(twilio.messages_to(SITI)[-1], "delivered")
    assert statuses(bot.database) == ["delivered"]


def test_what_the_handset_could_not_take_is_tried_twice_more_and_no_oftener(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, asked: Sent
):
    """30008, with hours between; then it has failed."""
    for attempt in (1, 2, 3):
        webhook.reports(twilio.messages_to(SITI)[-1], "undelivered", 30008)
        (ours,) = messages(bot.database)
        assert (ours.status, ours.attempts) == ("retry_wait" if attempt < 3 else "failed", attempt)
        if attempt < 3:
            clock.move_to(ours.due_at)
            until_quiet(bot.database)
    assert len(twilio.messages_to(SITI)) == 3


# ── about nothing of ours ────────────────────────────────────────────────────────────────────────────────────────


REFERENCES = ("", "999999.1", "1x", "x.y", "-1.1", "9" * 30, "1.1%00", "%D9%A1.1", "%20", ".1")


def test_reports_about_what_we_never_sent_are_kept_and_counted(bot: Running, webhook: TwilioDoor):
    """A21: 200, or Twilio would come again with them."""
    before = counted("delivered", "unknown")
    for number, reference in enumerate(REFERENCES):
        assert webhook.reports(unknown(number, reference), "delivered").status_code == 200
    assert deliveries(bot.database) == [(unknown(n).sid, "delivered", "", False) for n in range(len(REFERENCES))]
    assert counted("delivered", "unknown") == before + len(REFERENCES)


@sqlite_only
def test_what_says_nothing_of_a_message_is_thanked_for(bot: Running, webhook: TwilioDoor):
    """A21: an unknown status, no id, an odd one; nothing is kept of it."""
    for status, more in (("levitating", {}), ("", {}), ("sent", {"MessageSid": "", "SmsSid": ""})):
        assert webhook.reports(unknown(2), status, **more).status_code == 200
    assert webhook.reports(unknown(3), "sent", MessageSid="x" * 1000, SmsSid="").status_code == 200
    assert deliveries(bot.database) == []


def test_a_report_that_came_before_anybody_could_know_the_message_is_no_harm(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, asked: Sent, clock: MovableClock
):
    """A21: it names another message of ours than its id does: the id counts for nothing that we know."""
    queue(bot.database, SITI, "Kabar.", kind="notice", now=clock.now())
    until_quiet(bot.database)
    webhook.reports(unknown(4, f"{messages(bot.database)[1].id}.1"), "delivered")
    assert statuses(bot.database) == ["accepted", "delivered"]
