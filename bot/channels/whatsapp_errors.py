"""What Twilio's error codes mean for us, whether they answer a request or come later with a status."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

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

Named = Callable[[str, str], SendError]
"""Makes the error of a code and its title."""

WAITS: Final[Mapping[str, tuple[type[ProviderBusy], float | None, str]]] = {
    "20429": (ProviderBusy, None, "Too many requests"),
    "21611": (ProviderBusy, 10, "The sender has too many messages in its queue"),
    "30001": (ProviderBusy, 10, "Queue overflow"),
    "63017": (ProviderBusy, 30, "Rate limit exceeded"),
    "63018": (EnoughPeople, 300, "Rate limit of the channel exceeded"),
    "63038": (DayIsFull, None, "Daily limit of the account exceeded"),
}
"""Throttled before anything was accepted; the seconds to wait where Twilio does not say how many."""

MEANINGS: Final[Sequence[tuple[Named, Mapping[str, str]]]] = (
    (AccountRefused, {
        "20003": "Permission denied",
        "20403": "Account suspended or closed",
        "21606": "The sender is not usable for this account",
        "30002": "Account suspended",
        "63001": "Channel could not authenticate the request",
        "63002": "Channel could not find the sender",
        "63007": "Channel could not find a sender of this account",
        "63008": "Channel is misconfigured",
        "63015": "The recipient has not joined the sandbox",
        "63020": "The Business Manager account has not been accepted",
    }),
    (NoSuchAddress, {
        "21211": "Invalid recipient",
        "21614": "Recipient is no mobile number",
        "63003": "Channel could not find the recipient",
        "63024": "Invalid recipient of a channel message",
    }),
    (OptedOut, {
        "21610": "The recipient has unsubscribed",
    }),
    (VendorBlockedUs, {
        "63014": "Blocked by an action of the user",
        "63033": "The recipient has blocked messages from us",
    }),
    (OutsideWindow, {
        "63016": "Outside the window in which free text may be sent",
    }),
    (ContentRefused, {
        "21620": "Invalid media URL",
        "63005": "Channel did not accept the content",
        "63006": "Channel could not format the content",
        "63019": "Media could not be downloaded",
        "63021": "Channel does not take this content",
        "63034": "Media of this message is not supported",
    }),
    (TemplateRefused, {
        "21655": "The content id is invalid",
        "21656": "The content variables are invalid",
        "63027": "The template does not exist for this language",
        "63028": "The number of variables does not match the template",
        "63030": "The template is not supported",
        "63040": "The template was rejected",
        "63041": "The template is paused",
        "63062": "The terms of marketing messages are not accepted",
    }),
    (partial(TryLater, hours=2, times=2), {
        "30003": "Handset cannot be reached",
        "30008": "Unknown error",
    }),
    (TryLater, {
        "63009": "Channel had an error of its own",
        "63010": "Channel had an internal error",
        "63012": "Channel had an internal error of its own",
    }),
    (Flagged, {
        "63013": "The message violates a policy of the channel",
        "63026": "The sender is flagged as a source of spam",
    }),
    (MessageRefused, {
        "21617": "The text is longer than 1,600 characters",
        "30004": "Message blocked",
        "30005": "Unknown handset",
        "30006": "Landline or a carrier that cannot be reached",
        "30007": "Message filtered",
        "63032": "WhatsApp does not send to this user at present",
        "63049": "Meta chose not to deliver this marketing message",
    }),
    (Uncertain, {
        "20500": "Internal server error",
        "20503": "Service unavailable",
    }),
)  # fmt: skip
"""Kinds, with the codes that are of each, and what they are called, after Twilio's error dictionary."""

_MAKERS: Final = {code: (kind, title) for kind, titles in MEANINGS for code, title in titles.items()}
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


def refusal(code: int | str, status: int = 400, retry_after: float | None = None) -> SendError:
    """What follows from a `code` of Twilio's that came with HTTP `status`; from the status alone where it is unknown.

    `retry_after`: seconds that Twilio wants us to wait, where it says. Of a server that failed nobody knows what it
    did before, whatever code it gives.
    """
    name = str(code) if _CODE.fullmatch(str(code)) else str(status)
    if status >= 500:
        return Uncertain(name)
    if name in WAITS:
        busy, seconds, title = WAITS[name]
        return busy(name, title, retry_after=seconds if retry_after is None else retry_after)
    if name in _MAKERS:
        kind, title = _MAKERS[name]
        return kind(name, title)
    if status == 429:
        return ProviderBusy(name, retry_after=retry_after)
    return _by_status(status)(name, "")


def _by_status(status: int) -> Named:
    if status == 401:
        return AccountRefused
    return MessageRefused if 400 <= status < 500 else Uncertain
