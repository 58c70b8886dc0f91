"""What Twilio posts to our webhook when somebody writes on WhatsApp, field for field."""

from itertools import count
from secrets import randbits

import orjson

from tests.fakes.twilio_account import ACCOUNT_SID, SENDER

Form = dict[str, str]

SITI = "+6281200000001"
USERNAME = "ID.13491200000000000001"  # how somebody is called who hides her number
PROFILE = "Siti Contoh"
_run, _numbers = f"{randbits(32):08x}", count(1)


def incoming_form(
    sender: str = SITI, text: str = "halo", *, user_id: str = "", name: str = PROFILE, **more: str
) -> Form:
    """A message; `sender` is a number, or "ID.…" for somebody who hides hers; `user_id`: "ID.…" beside a number."""
    address = sender.removeprefix("whatsapp:")
    number = address.removeprefix("+") if address.startswith("+") else ""
    hidden = user_id or ("" if number else address)
    sid = more.pop("MessageSid", "") or _sid("SM")
    context = {"ProfileName": name, **({"WaId": number} if number else {})}
    metadata = {"type": "whatsapp", "data": {"context": context}}
    form = {
        **({"ExternalUserId": f"whatsapp:{hidden}"} if hidden else {}),
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": name,
        "MessageType": "text",
        "SmsSid": sid,
        **({"WaId": number} if number else {}),
        "SmsStatus": "received",
        "Body": text,
        "To": f"whatsapp:{SENDER}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "ChannelMetadata": orjson.dumps(metadata).decode(),
        "From": f"whatsapp:{address}",
        "ApiVersion": "2010-04-01",
    }
    return form | more


def tap(title: str, payload: str, sender: str = SITI, **more: str) -> Form:
    """A quick reply that was tapped."""
    pressed = {"MessageType": "button", "ButtonText": title, "ButtonPayload": payload}
    return incoming_form(sender, title, **(pressed | _answering() | more))


def pick(title: str, id: str, sender: str = SITI, **more: str) -> Form:
    """A row of a list that was chosen."""
    chosen = {"MessageType": "interactive", "ListTitle": title, "ListId": id}
    return incoming_form(sender, title, **(chosen | _answering() | more))


def media(url: str, mime: str, kind: str, sender: str = SITI, caption: str = "", **more: str) -> Form:
    """A file: `url` as `TwilioApi.store_media` gave it, which names the message too."""
    sid = url.partition("/Messages/")[2].partition("/")[0] or _sid("MM")
    about = {"MessageType": kind, "NumMedia": "1", "MediaUrl0": url, "MediaContentType0": mime, "MessageSid": sid}
    return incoming_form(sender, caption, **(about | more))


def photo(url: str, mime: str = "image/jpeg", sender: str = SITI, caption: str = "", **more: str) -> Form:
    return media(url, mime, "image", sender, caption, **more)


def document(url: str, mime: str = "application/pdf", sender: str = SITI, caption: str = "", **more: str) -> Form:
    return media(url, mime, "document", sender, caption, **more)


def voice(url: str, mime: str = "audio/ogg", sender: str = SITI, **more: str) -> Form:
    return media(url, mime, "audio", sender, **more)


def video(url: str, mime: str = "video/mp4", sender: str = SITI, caption: str = "", **more: str) -> Form:
    return media(url, mime, "video", sender, caption, **more)


def sticker(url: str, mime: str = "image/webp", sender: str = SITI, **more: str) -> Form:
    return media(url, mime, "sticker", sender, **more)


def contact(url: str, mime: str = "text/vcard", sender: str = SITI, **more: str) -> Form:
    """A contact from her address book: a card that lies at Twilio like any file."""
    return media(url, mime, "contacts", sender, **more)


def location(sender: str = SITI, latitude: str = "-8.583300", longitude: str = "116.116700", **more: str) -> Form:
    place = {"MessageType": "location", "Latitude": latitude, "Longitude": longitude}
    return incoming_form(sender, "", **(place | more))


def _answering() -> Form:
    """Which message of ours was answered by a tap."""
    return {"OriginalRepliedMessageSid": _sid("SM"), "OriginalRepliedMessageSender": f"whatsapp:{SENDER}"}


def _sid(prefix: str) -> str:
    return f"{prefix}{_run}{next(_numbers):024x}"
