"""What Twilio tells us: the form of a webhook → an Incoming or a Report, and nothing of what nobody said."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.channels.text import clean
from domain import phone
from domain.message import Address, Attachment, Incoming, Kind, ProviderId, Report, SharedContact

Form = Mapping[str, str]
"""Fields by name; of one that came twice, the first."""

Facts = dict[str, Any]
"""Fields of an Incoming, by name."""

SCHEME: Final = "whatsapp:"
NAME_LIMIT: Final = 120
MOST_FILES: Final = 10
BURST: Final = "burst"
"""The album of every photo: WhatsApp sends the pictures of one selection one by one, without any id in common. Those
that wait together are answered together."""

STATUSES: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "queued": "accepted",
    "scheduled": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
    "canceled": "failed",
}
"""Twilio's word for how far a message of ours got → ours."""

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_BUSINESS_SCOPED: Final = re.compile(
    r"[A-Z]{2}\.[A-Za-z0-9]{1,128}"
)  # WhatsApp's own id of a user who hides her number
_TOKEN: Final = re.compile(r"[\w.:+-]{1,140}", re.ASCII)
_KINDS: Final[Mapping[str, Kind]] = {
    "image": Kind.PHOTO,
    "audio": Kind.VOICE,
    "video": Kind.VIDEO,
    "text/vcard": Kind.CONTACT,
    "text/x-vcard": Kind.CONTACT,
}


# --- what she sent → Incoming -----------------------------------------------------------------------------------------


def read(form: Form, account: str, now: datetime) -> Incoming | None:
    """What one person sent us, or None where the form does not say who or carries no id to count it once.

    Her id is a phone number in E.164, or the id that WhatsApp gives her for us alone, exactly as it came: that one is
    never made into digits. Twilio gives no date, so `now` stands in. Never raises, whatever the form holds.
    """
    sender = _person(_word(form, "From"))
    provider_id = _first_token(form, "MessageSid", "SmsMessageSid", "SmsSid")
    if not (sender and provider_id):
        return None
    return Incoming(
        sender=Address(account, sender),
        provider_id=ProviderId(provider_id),
        sent_at=now,
        profile_name=_word(form, "ProfileName")[:NAME_LIMIT],
        user_id=_user(form, sender),
        **_message(form),
    )


def _person(written: str) -> str:
    """Whom a "whatsapp:…" names; empty for nobody."""
    name = _bare(written)
    if _PHONE.fullmatch(name) or _BUSINESS_SCOPED.fullmatch(name):
        return name
    try:
        return phone.normalise(name)
    except phone.NotAPhoneNumber:
        return ""


def _user(form: Form, sender: str) -> str:
    """Who is behind the address: WhatsApp makes a new id when the phone number gets a new owner."""
    named = (_bare(_word(form, field)) for field in ("ExternalUserId", "ExternalUserIdentifier"))
    own = sender if _BUSINESS_SCOPED.fullmatch(sender) else ""
    return next((name for name in named if _TOKEN.fullmatch(name)), own)


def _message(form: Form) -> Facts:
    """The fields of an Incoming that a message fills."""
    words = _word(form, "Body")
    tap = _word(form, "ButtonPayload") or _word(form, "ListId")
    label = _word(form, "ButtonText") or _word(form, "ListTitle")
    if tap:
        return {"kind": Kind.TAP, "tap": tap, "text": label or words}
    if label and not words:  # a button of a template says its own words and carries nothing
        return {"kind": Kind.TEXT, "text": label}
    files = _files(form)
    if files:
        return {"kind": (kind := _kind(form, files[0].mime)), "text": words, "attachments": files, **_extras(kind)}
    if _word(form, "Latitude").strip() and _word(form, "Longitude").strip():
        return {"kind": Kind.LOCATION, "text": words}
    unreadable = not words.strip() or _word(form, "MessageType") == "unsupported"
    return {"kind": Kind.UNKNOWN if unreadable else Kind.TEXT, "text": words}


def _files(form: Form) -> tuple[Attachment, ...]:
    """What she attached, as far as it can be fetched."""
    count = _word(form, "NumMedia")
    numbers = range(min(int(count), MOST_FILES) if count.isascii() and count.isdecimal() and len(count) < 5 else 0)
    found = ((_word(form, f"MediaUrl{n}"), _word(form, f"MediaContentType{n}")) for n in numbers)
    return tuple(Attachment(url, mime=_mime(kind), stays=True) for url, kind in found if url)


def _mime(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _kind(form: Form, mime: str) -> Kind:
    if mime == "image/webp" and _word(form, "MessageType") == "sticker":
        return Kind.STICKER
    return _KINDS.get(mime) or _KINDS.get(mime.partition("/")[0], Kind.FILE)


def _extras(kind: Kind) -> Facts:
    """A card is somebody else's: whose it is stands in the file, and anybody's card can be sent on."""
    if kind is Kind.CONTACT:
        return {"contact": SharedContact(phone="", own=False)}
    return {"album": BURST} if kind is Kind.PHOTO else {}


# --- what became of ours → Report -------------------------------------------------------------------------------------


def read_report(form: Form, account: str, reference: str) -> Report | None:
    """How far a message of ours got, or None where nothing is said of that; `reference` as our URL carried it."""
    provider_id = _first_token(form, "MessageSid", "SmsSid")
    said = (_word(form, "MessageStatus") or _word(form, "SmsStatus")).lower()
    if not (provider_id and said in STATUSES):
        return None
    return report_of(account, reference, provider_id, said, _word(form, "ErrorCode"))


def report_of(account: str, reference: str, provider_id: str, said: str, code: str) -> Report:
    """A report in our words of what Twilio `said`, one of STATUSES; a failure always has a code."""
    status = STATUSES[said]
    known = code if _TOKEN.fullmatch(code) else said
    return Report(account, reference, ProviderId(provider_id), status, known if status == "failed" else "")


# --- fields -----------------------------------------------------------------------------------------------------------


def _word(form: Form, name: str) -> str:
    value = form.get(name, "")
    return clean(value) if isinstance(value, str) else ""


def _first_token(form: Form, *names: str) -> str:
    """The first of these fields that holds an id, and not something odd."""
    return next((value for name in names if _TOKEN.fullmatch(value := _word(form, name))), "")


def _bare(written: str) -> str:
    written = written.strip()
    return written[len(SCHEME) :].strip() if written.lower().startswith(SCHEME) else written
