"""Twilio's side of the load: signed forms as it posts them, and an API that takes everything at once.

Every secret here is made up; each webhook costs the load one HMAC, and the program another.
"""

import hmac
import re
from base64 import b64encode
from urllib.parse import urlencode

NAME = "WhatsApp"
PREFIX = "+62810"
ACCOUNT = "AC" + "0" * 31 + "1"
KEY = "SK" + "0" * 31 + "1"
KEY_SECRET = "key-secret-of-the-benchmark"
AUTH_TOKEN = b"auth-token-of-the-benchmark"
SENDER = "+6281299990000"
OWN_URL = "https://bench.example.org"
PATH = "/webhooks/twilio/main"
VENDORS = 10**8  # the digits of a number that say which vendor it is
TO = re.compile(rb"(?:^|&)To=whatsapp(?::|%3A)%2B(\d+)")


def settings(sink: str, per_second: int = 1_000_000) -> dict[str, str]:
    """What the program must be told; `sink` stands in for Twilio. The chat asks for the NIK, as Telegram's does."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN.decode(),
        "TWILIO_API_KEY_SID": KEY,
        "TWILIO_API_KEY_SECRET": KEY_SECRET,
        "TWILIO_WHATSAPP_FROM": SENDER,
        "TWILIO_API_BASE_URL": sink,
        "TWILIO_PER_SECOND": str(per_second),
        "TWILIO_PAIR_SECONDS": "0",
        "NIK_IN_CHAT": "telegram,whatsapp",
        "PUBLIC_BASE_URL": OWN_URL,
    }


def webhook(number: int, vendor: int, text: str) -> bytes:
    """One message as Twilio posts it."""
    phone = f"62810{vendor:08}"
    form = {
        "SmsMessageSid": f"SM{number:032x}",
        "NumMedia": "0",
        "ProfileName": "Siti",
        "MessageType": "text",
        "SmsSid": f"SM{number:032x}",
        "WaId": phone,
        "SmsStatus": "received",
        "Body": text,
        "To": f"whatsapp:{SENDER}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": f"SM{number:032x}",
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:+{phone}",
        "ApiVersion": "2010-04-01",
    }
    body = urlencode(form).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signature(form)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def signature(form: dict[str, str]) -> str:
    """What Twilio signs: our address and every field, sorted by name."""
    signed = f"{OWN_URL}{PATH}" + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.digest(AUTH_TOKEN, signed.encode(), "sha1")).decode()


def heard(_head: bytes, body: bytes) -> int | None:
    """The vendor for whom a message is; None when it is none."""
    to = TO.search(body)
    return int(to[1]) % VENDORS if to else None


def taken(head: bytes, vendor: int | None, number: int) -> bytes:
    """Twilio's answer: a message's sid, that of a new content, or that there is no content yet."""
    if vendor is not None:
        return made(f'{{"sid":"SM{number:032x}","status":"queued"}}')
    if head.startswith(b"POST"):
        return made(f'{{"sid":"HX{number:032x}"}}')
    return answer("200 OK", '{"contents":[],"meta":{"key":"contents","page":0,"page_size":100,"next_page_url":null}}')


def made(body: str) -> bytes:
    """Something new."""
    return answer("201 Created", body)


def answer(status: str, body: str) -> bytes:
    """One answer in JSON."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def refused() -> bytes:
    """Too many requests."""
    said = '{"code":20429,"message":"Too Many Requests","more_info":"","status":429}'
    return answer("429 Too Many Requests", said)
