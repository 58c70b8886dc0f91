"""The Content API of the stand-in for Twilio: contents made, listed, deleted, and whether WhatsApp approved them."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_account import ACCOUNT_SID, Account, Call
from tests.fakes.twilio_content import Content, Json, objections
from tests.fakes.twilio_wire import error, json, not_found

PATH = "/v1/Content"


def put(account: Account, given: Json, *, approved: bool = False) -> Content:
    """Keep a content as `POST /v1/Content` takes it."""
    content = Content(
        sid=account.sids.next("HX"),
        friendly_name=given.get("friendly_name", ""),
        language=given["language"],
        types=given["types"],
        samples=given.get("variables", {}),
        created_at=account.clock(),
        status="approved" if approved else "unsubmitted",
        category="UTILITY" if approved else "",
    )
    account.contents[content.sid] = content
    return content


def create(account: Account, call: Call) -> Answer:
    if not (isinstance(call.json, dict) and call.json.get("language") and call.json.get("types")):
        return error(400, 20001, "language and types are required")
    content = put(account, call.json)
    call.sid = content.sid
    return json(201, _as_json(account, content))


def list_all(account: Account, call: Call) -> Answer:
    """A page of the contents, the oldest first."""
    page, size = call.page
    start, end = page * size, (page + 1) * size
    shown = list(account.contents.values())[start:end]

    def url(number: int) -> str:
        token = {"PageToken": f"PA{shown[-1].sid}"} if number > page else {}
        return f"{account.base_url}{PATH}?{urlencode({'PageSize': size, 'Page': number, **token})}"

    meta = {
        "key": "contents",
        "page": page,
        "page_size": size,
        "url": url(page),
        "first_page_url": url(0),
        "previous_page_url": url(page - 1) if page else None,
        "next_page_url": url(page + 1) if len(account.contents) > end else None,
    }
    return json(200, {"contents": [_as_json(account, content) for content in shown], "meta": meta})


def fetch(account: Account, call: Call) -> Answer:
    content = account.contents.get(call.parts["sid"])
    return json(200, _as_json(account, content)) if content else not_found()


def delete(account: Account, call: Call) -> Answer:
    return Answer(204, b"") if account.contents.pop(call.parts["sid"], None) else not_found()


def fetch_approval(account: Account, call: Call) -> Answer:
    content = account.contents.get(call.parts["sid"])
    if content is None:
        return not_found()
    url = f"{account.base_url}{call.path}"
    judged = {"type": "whatsapp", **_judged(content)}
    return json(200, {"sid": content.sid, "account_sid": ACCOUNT_SID, "whatsapp": judged, "url": url})


def create_approval(account: Account, call: Call) -> Answer:
    """WhatsApp is asked to approve a template: it waits until somebody judges it, or is refused for a broken rule.

    A name that WhatsApp knows already, refused ones included, is not taken again.
    """
    content = account.contents.get(call.parts["sid"])
    if content is None:
        return not_found()
    if call.json["category"] not in ("UTILITY", "MARKETING", "AUTHENTICATION"):
        return error(400, 20001, "The category is none of WhatsApp's")
    if content.status != "unsubmitted" or call.json["name"] in account.template_names:
        return error(409, 20409, "The content was submitted already, or its name was")
    content.name, content.category = call.json["name"], call.json["category"]
    account.template_names.add(content.name)
    broken = [*objections(content)]
    content.status, content.reason = ("rejected", broken[0]) if broken else (account.verdict, "")
    call.sid = content.sid
    return json(201, _judged(content))


def _judged(content: Content) -> Json:
    return {
        "name": content.name or content.friendly_name,
        "category": content.category,
        "content_type": content.kind,
        "status": content.status,
        "rejection_reason": content.reason,
        "allow_category_change": True,
    }


def _as_json(account: Account, content: Content) -> Json:
    url = f"{account.base_url}{PATH}/{content.sid}"
    made = datetime.fromtimestamp(int(content.created_at), UTC).isoformat().replace("+00:00", "Z")
    approval = {"approval_create": f"{url}/ApprovalRequests/whatsapp", "approval_fetch": f"{url}/ApprovalRequests"}
    return {
        "sid": content.sid,
        "account_sid": ACCOUNT_SID,
        "friendly_name": content.friendly_name,
        "language": content.language,
        "variables": content.samples,
        "types": content.types,
        "url": url,
        "date_created": made,
        "date_updated": made,
        "links": approval,
    }
