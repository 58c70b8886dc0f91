"""Every code of Twilio's is of its own kind, whether it answers a request or comes with a status."""

import pytest

from bot.channels.errors import (
    AccountRefused,
    ContentRefused,
    DayIsFull,
    EnoughPeople,
    Flagged,
    MessageRefused,
    NoSuchAddress,
    OptedOut,
    OutsideWindow,
    ProviderBusy,
    SendError,
    TemplateRefused,
    TryLater,
    Uncertain,
    VendorBlockedUs,
)
from bot.channels.whatsapp_errors import MEANINGS, WAITS, refusal

KINDS: dict[type[SendError], tuple[int, ...]] = {
    AccountRefused: (20003, 20403, 21606, 30002, 63001, 63002, 63007, 63008, 63015, 63020),
    ProviderBusy: (20429, 21611, 30001, 63017),
    EnoughPeople: (63018,),
    DayIsFull: (63038,),
    NoSuchAddress: (21211, 21614, 63003, 63024),
    OptedOut: (21610,),
    VendorBlockedUs: (63014, 63033),
    OutsideWindow: (63016,),
    ContentRefused: (21620, 63005, 63006, 63019, 63021, 63034),
    TemplateRefused: (21655, 21656, 63027, 63028, 63030, 63040, 63041, 63062),
    TryLater: (30003, 30008, 63009, 63010, 63012),
    MessageRefused: (21617, 30004, 30005, 30006, 30007, 63032, 63049, 63051, 12345),
    Flagged: (63013, 63026),
    Uncertain: (20500, 20503),
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in KINDS.items() for code in codes])
def test_every_code_is_of_its_own_kind(kind: type[SendError], code: int):
    for error in (refusal(code), refusal(str(code))):
        assert (type(error), error.code) == (kind, str(code))


def test_what_twilio_calls_it_goes_along():
    assert str(refusal(63016)) == "63016: Outside the window in which free text may be sent"


def test_no_code_is_in_the_table_twice():
    codes = [*WAITS, *(code for _, titles in MEANINGS for code in titles)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AccountRefused),
        (429, ProviderBusy),
        (400, MessageRefused),
        (404, MessageRefused),
        (500, Uncertain),
        (503, Uncertain),
        (307, Uncertain),
    ],
)
def test_without_a_code_the_status_tells(status: int, kind: type[SendError]):
    error = refusal(status, status)
    assert (type(error), error.code) == (kind, str(status))


def test_of_a_server_that_failed_nobody_knows_what_it_did_before():
    assert type(refusal(21211, 500)) is Uncertain
    assert type(refusal(20429, 503)) is Uncertain


@pytest.mark.parametrize(
    ("code", "asked", "waits"),
    [
        (20429, None, None),
        (20429, 7.0, 7.0),
        (21611, None, 10),
        (63017, None, 30),
        (63018, None, 300),
        (63018, 5.0, 5.0),
    ],
)
def test_the_wait_is_what_twilio_asks_for_or_what_such_a_code_takes(
    code: int, asked: float | None, waits: float | None
):
    busy = refusal(code, 429, asked)
    assert isinstance(busy, ProviderBusy)
    assert busy.retry_after == waits


@pytest.mark.parametrize(("code", "hours", "times"), [(30003, 2, 2), (30008, 2, 2), (63010, 0, None)])
def test_what_surely_did_not_arrive_may_be_tried_later(code: int, hours: float, times: int | None):
    later = refusal(code)
    assert isinstance(later, TryLater)
    assert (later.hours, later.times) == (hours, times)


@pytest.mark.parametrize("code", ["", "63016 to +6281200000001", "\n", "9" * 50])
def test_a_code_that_is_none_is_not_repeated(code: str):
    assert str(refusal(code)) == "400"


def test_a_message_that_was_canceled_is_refused_for_good():
    assert (type(refusal("canceled")), refusal("canceled").code) == (MessageRefused, "canceled")
