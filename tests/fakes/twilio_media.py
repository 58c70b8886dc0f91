"""The files of the stand-in for Twilio: kept until they are deleted, and handed out elsewhere, without our key."""

from email.utils import formatdate

from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_account import ACCOUNT_SID, Account, Call, Media
from tests.fakes.twilio_wire import json, not_found


def store(account: Account, content: bytes, mime: str) -> Media:
    media = Media(account.sids.next("ME"), account.sids.next("MM"), content, mime, account.clock())
    account.media[media.sid] = media
    return media


def redirect(account: Account, call: Call) -> Answer:
    """Where the bytes lie."""
    media = _named(account, call)
    return Answer(307, b"", {"Location": account.base_url + media.public_path}) if media else not_found()


def fetch(account: Account, call: Call) -> Answer:
    """What is known of the file."""
    media = _named(account, call)
    if media is None:
        return not_found()
    made = formatdate(media.created_at).replace("-0000", "+0000")
    said = {"sid": media.sid, "account_sid": ACCOUNT_SID, "parent_sid": media.message_sid}
    dates = {"date_created": made, "date_updated": made}
    return json(200, {**said, **dates, "content_type": media.mime, "uri": f"{media.path}.json"})


def delete(account: Account, call: Call) -> Answer:
    media = _named(account, call)
    if media is None:
        return not_found()
    del account.media[media.sid]
    account.deleted.append(media.sid)
    return Answer(204, b"")


def _named(account: Account, call: Call) -> Media | None:
    media = account.media.get(call.parts["sid"])
    return media if media and media.message_sid == call.parts["message"] else None
