"""What the stand-in for Twilio remembers of one account."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formatdate
from itertools import count
from secrets import randbits
from typing import Any

from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_content import Button, Content
from tests.fakes.twilio_wire import Values, json, one

ACCOUNT_SID = "AC00000000000000000000000000000001"
KEY_SID = "SK00000000000000000000000000000001"
KEY_SECRET = "stand-in-secret-of-no-real-key-00"
AUTH_TOKEN = "stand-in-token-of-no-real-account"
SENDER = "+6281299990000"

HOME = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
A_DAY = timedelta(hours=24).total_seconds()
ENOUGH_PEOPLE = 63018


@dataclass(slots=True)
class Call:
    """One call that was accepted."""

    verb: str
    path: str
    noun: str  # Messages, Media, Accounts, Content, ApprovalRequests
    parts: Mapping[str, str]  # what the path names: sid, message
    params: Values  # the query
    form: Values
    json: Any
    at: float  # Unix time
    sid: str = ""  # of what was made or asked for
    sequence: int = 0

    @property
    def to(self) -> str:
        return one(self.form, "To")

    @property
    def page(self) -> tuple[int, int]:
        """The number of the page that is asked for, from 0, and its size."""
        return int(one(self.params, "Page") or 0), min(int(one(self.params, "PageSize") or 50), 1000)


@dataclass(slots=True)
class Message:
    """One message that was accepted."""

    sid: str
    to: str  # whatsapp:+62… or whatsapp:ID.…
    sender: str
    body: str
    content_sid: str
    variables: Mapping[str, str]
    media_urls: list[str]
    status_callback: str
    form: Values
    created_at: float
    text: str = ""  # what she reads: the body, or that of the content, filled
    buttons: tuple[Button, ...] = ()
    media: list[bytes] = field(default_factory=list)  # as fetched from the media URLs
    status: str = "queued"
    error_code: int | None = None
    fate: int | None = None  # the error that will be reported of it


@dataclass(slots=True)
class Media:
    """A file that somebody sent to us, or that lies open on the web."""

    sid: str
    message_sid: str
    content: bytes
    mime: str
    created_at: float

    @property
    def path(self) -> str:
        """Where it lies behind our key."""
        return f"{HOME}/Messages/{self.message_sid}/Media/{self.sid}"

    @property
    def public_path(self) -> str:
        """Where it lies open, and our key must not go."""
        return f"/cdn/{self.sid}"


class Sids:
    """Ids of the form that Twilio's have; no two stand-ins give the same."""

    def __init__(self) -> None:
        self._run, self._number = f"{randbits(32):08x}", count(1)

    def next(self, prefix: str) -> str:
        return f"{prefix}{self._run}{next(self._number):024x}"


class Account:
    """One account: messages, contents, media, and who wrote when."""

    def __init__(self, *, check: bool, keep: bool, closed_to_strangers: bool) -> None:
        self.check, self.keep, self.closed_to_strangers = check, keep, closed_to_strangers
        self.base_url = ""
        self.senders = {f"whatsapp:{SENDER}"}
        self.messages: dict[str, Message] = {}
        self.newest: Message | None = None
        self.contents: dict[str, Content] = {}
        self.media: dict[str, Media] = {}
        self.template_names: set[str] = set()  # that WhatsApp has ever seen
        self.verdict = "pending"  # on a template that breaks no rule, when it is submitted
        self.people_per_day = 0  # whom templates may reach within 24 hours; 0: everybody
        self.reached: dict[str, float] = {}  # outside of their windows, and when last
        self.deleted: list[str] = []
        self.violations: list[str] = []
        self.wrote_at: dict[str, float] = {}
        self.clock: Callable[[], float] = time.time
        self.sids = Sids()

    def count_among_people(self, to: str) -> int | None:
        """Count somebody whom a template reaches outside of her window: the limit of a moving day counts people."""
        now = self.clock()
        self.reached = {who: at for who, at in self.reached.items() if now - at < A_DAY}
        if to not in self.reached and self.people_per_day and len(self.reached) >= self.people_per_day:
            return ENOUGH_PEOPLE
        self.reached[to] = now
        return None

    def window_is_open(self, to: str) -> bool:
        """Whether she wrote within the last 24 hours."""
        wrote_at = self.wrote_at.get(to)
        if wrote_at is None:
            return not self.closed_to_strangers
        return self.clock() - wrote_at < A_DAY


def fetch(account: Account, call: Call) -> Answer:
    made = formatdate(0)
    return json(
        200,
        {
            "sid": ACCOUNT_SID,
            "friendly_name": "Akun contoh",
            "status": "active",
            "type": "Full",
            "owner_account_sid": ACCOUNT_SID,
            "auth_token": "",
            "date_created": made,
            "date_updated": made,
            "uri": f"{HOME}.json",
            "subresource_uris": {"messages": f"{HOME}/Messages.json"},
        },
    )
