"""Which operation of the stand-in for Twilio answers which verb on which path."""

import re
from collections.abc import Callable, Mapping

from tests.fakes import twilio_account, twilio_contents, twilio_media, twilio_messages
from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_account import HOME, Account, Call
from tests.fakes.twilio_wire import not_found

Operation = Callable[[Account, Call], Answer]

CREATE = f"{HOME}/Messages.json"
MEDIA_ITSELF = re.compile(rf"{HOME}/Messages/(?P<message>\w+)/Media/(?P<sid>\w+)")
A_CONTENT = r"/v1/Content/(?P<sid>\w+)"
NOTHING_NAMED = {"sid": "", "message": ""}
ROUTES: list[tuple[str, re.Pattern[str], str, Operation]] = [
    ("POST", re.compile(re.escape(CREATE)), "Messages", twilio_messages.create),
    ("GET", re.compile(re.escape(CREATE)), "Messages", twilio_messages.list_all),
    ("GET", re.compile(rf"{HOME}/Messages/(?P<sid>\w+)\.json"), "Messages", twilio_messages.fetch),
    ("GET", re.compile(rf"{HOME}\.json"), "Accounts", twilio_account.fetch),
    ("GET", MEDIA_ITSELF, "Media", twilio_media.redirect),
    ("GET", re.compile(rf"{MEDIA_ITSELF.pattern}\.json"), "Media", twilio_media.fetch),
    ("DELETE", re.compile(rf"{MEDIA_ITSELF.pattern}\.json"), "Media", twilio_media.delete),
    ("POST", re.compile("/v1/Content"), "Content", twilio_contents.create),
    ("GET", re.compile("/v1/Content"), "Content", twilio_contents.list_all),
    ("GET", re.compile(A_CONTENT), "Content", twilio_contents.fetch),
    ("DELETE", re.compile(A_CONTENT), "Content", twilio_contents.delete),
    ("GET", re.compile(rf"{A_CONTENT}/ApprovalRequests"), "ApprovalRequests", twilio_contents.fetch_approval),
    (
        "POST",
        re.compile(rf"{A_CONTENT}/ApprovalRequests/whatsapp"),
        "ApprovalRequests",
        twilio_contents.create_approval,
    ),
]


def route(verb: str, path: str) -> tuple[str, Mapping[str, str], Operation]:
    """The noun, what the path names, and who answers."""
    if path == CREATE and verb == "POST":  # the path of every benchmark
        return "Messages", NOTHING_NAMED, twilio_messages.create
    for its_verb, its_path, noun, operation in ROUTES:
        found = its_path.fullmatch(path) if its_verb == verb else None
        if found:
            return noun, {**NOTHING_NAMED, **found.groupdict()}, operation
    return "", NOTHING_NAMED, lambda account, call: not_found()
