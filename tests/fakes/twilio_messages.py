"""The messages of the stand-in for Twilio: which are accepted, and how they are shown."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from email.utils import formatdate
from urllib.parse import urlencode

import orjson

from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_account import A_DAY, ACCOUNT_SID, HOME, Account, Call, Message
from tests.fakes.twilio_content import Json, length
from tests.fakes.twilio_wire import Values, error, json, not_found, one, several

LONGEST_BODY = 1600
ADDRESS = re.compile(r"whatsapp:(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})")
OUTSIDE_WINDOW, POLICY_VIOLATION = 63016, 63013
OF_A_TEMPLATE = {"paused": 63041, "rejected": 63040, "disabled": 63040}
FOREVER = (0.0, float("inf"))


def create(account: Account, call: Call) -> Answer:
    refused = _refusal_of(account, call.form)
    if refused:
        return refused
    variables = _variables(call.form)
    if variables is None:
        return error(400, 21656, "The ContentVariables Parameter is invalid.")
    message = account.newest = _made(account, call.form, variables)
    call.sid = message.sid
    if account.keep:
        account.messages[message.sid] = message
    return json(201, as_json(message))


def _refusal_of(account: Account, form: Values) -> Answer | None:
    content_sid = one(form, "ContentSid")
    if not ADDRESS.fullmatch(one(form, "To")):
        return error(400, 21211, "Invalid 'To' Phone Number")
    if one(form, "From") not in account.senders:
        return error(400, 21606, "The 'From' phone number provided is not a valid message-capable number")
    if not (one(form, "Body").strip() or content_sid or "MediaUrl" in form):
        return error(400, 21619, "A text message body or media urls must be specified.")
    if length(one(form, "Body")) > LONGEST_BODY:
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if "ContentVariables" in form and not content_sid:
        return error(400, 21654, "ContentSid Required")
    if content_sid and content_sid not in account.contents:
        return error(400, 21655, "The ContentSid is Invalid.")
    return None


def _variables(form: Values) -> Mapping[str, str] | None:
    """The variables, {} where there are none, None where they are not what Twilio takes: text, and none of it empty.

    Source: twilio.com/docs/api/errors/21656.
    """
    if "ContentVariables" not in form:
        return {}
    try:
        given = orjson.loads(one(form, "ContentVariables"))
    except orjson.JSONDecodeError:
        return None
    right = isinstance(given, dict) and all(value and isinstance(value, str) for value in given.values())
    return given if right else None


def _made(account: Account, form: Values, variables: Mapping[str, str]) -> Message:
    message = Message(
        sid=account.sids.next("MM" if "MediaUrl" in form else "SM"),
        to=one(form, "To"),
        sender=one(form, "From"),
        body=one(form, "Body"),
        content_sid=one(form, "ContentSid"),
        variables=variables,
        media_urls=several(form, "MediaUrl"),
        status_callback=one(form, "StatusCallback"),
        form=form,
        created_at=account.clock(),
    )
    message.text = message.body
    if message.content_sid and account.keep:
        _fill(account, message)
    if message.fate is None and not account.window_is_open(message.to):
        message.fate = _fate_outside(account, message)
    return message


def _fill(account: Account, message: Message) -> None:
    """Show the content as she will see it; what WhatsApp would not show is noted, and will fail."""
    shown = account.contents[message.content_sid].shown(message.variables)
    message.text, message.buttons = shown.text, shown.buttons
    if account.check and shown.broken:
        account.violations.extend(shown.broken)
        message.fate = POLICY_VIOLATION


def _fate_outside(account: Account, message: Message) -> int | None:
    """The error that will be reported of a message to somebody who has not written for a day; None: it arrives."""
    content = account.contents.get(message.content_sid)
    if content is None or not content.approved:
        return OF_A_TEMPLATE.get(content.status if content else "", OUTSIDE_WINDOW)
    return account.count_among_people(message.to)


def list_all(account: Account, call: Call) -> Answer:
    """A page of the messages that fit, the newest first."""
    found = [message for message in reversed(account.messages.values()) if _fits(message, call.params)]
    page, size = call.page
    start, end = page * size, (page + 1) * size
    shown = found[start:end]

    def uri(number: int) -> str:
        token = {"PageToken": f"PA{shown[-1].sid}"} if number > page else {}
        return f"{call.path}?{urlencode({**call.params, 'PageSize': size, 'Page': number, **token})}"

    return json(
        200,
        {
            "messages": [as_json(message) for message in shown],
            "page": page,
            "page_size": size,
            "start": start,
            "end": start + max(len(shown) - 1, 0),
            "uri": uri(page),
            "first_page_uri": uri(0),
            "previous_page_uri": uri(page - 1) if page else None,
            "next_page_uri": uri(page + 1) if len(found) > end else None,
        },
    )


def _fits(message: Message, params: Values) -> bool:
    """Whether the filters of a list let the message through; a day means all of it, a time its second."""
    if one(params, "To") not in ("", message.to) or one(params, "From") not in ("", message.sender):
        return False
    on, since, until = (
        _span(one(params, name)) if name in params else FOREVER for name in ("DateSent", "DateSent>", "DateSent<")
    )
    at = message.created_at
    return on[0] <= at < on[1] and since[0] <= at < until[1]


def _span(text: str) -> tuple[float, float]:
    """The Unix times between which the day or the second lies."""
    if len(text) == len("2026-11-22"):
        day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return day.timestamp(), day.timestamp() + A_DAY
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.timestamp(), at.timestamp() + 1


def fetch(account: Account, call: Call) -> Answer:
    message = account.messages.get(call.parts["sid"])
    return json(200, as_json(message)) if message else not_found()


def as_json(message: Message) -> Json:
    """The message as Twilio shows it."""
    uri = f"{HOME}/Messages/{message.sid}"
    made = formatdate(message.created_at).replace("-0000", "+0000")
    return {
        "body": message.text,
        "num_segments": "1",
        "direction": "outbound-api",
        "from": message.sender,
        "to": message.to,
        "date_updated": made,
        "price": None,
        "error_message": None if message.error_code is None else f"Error {message.error_code}",
        "uri": f"{uri}.json",
        "account_sid": ACCOUNT_SID,
        "num_media": str(len(message.media_urls)),
        "status": message.status,
        "messaging_service_sid": None,
        "sid": message.sid,
        "date_sent": None if message.status == "queued" else made,
        "date_created": made,
        "error_code": message.error_code,
        "price_unit": None,
        "api_version": "2010-04-01",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
