"""Telegram's side of the load: updates as it posts them, and a Bot API that takes everything at once."""

import json
import re
import time

NAME = "Telegram"
PREFIX = ""
TOKEN = "1000000:" + "x" * 35
SECRET = "a-secret-of-the-benchmark"
CHAT = re.compile(rb'"chat_id":\s*"?(\d+)')


def settings(sink: str, per_second: int = 1_000_000) -> dict[str, str]:
    """What the program must be told; `sink` stands in for the Bot API."""
    return {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_BASE_URL": sink,
        "TELEGRAM_PER_SECOND": str(per_second),
    }


def webhook(number: int, chat: int, text: str) -> bytes:
    """One message as Telegram posts it."""
    sender = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
    message = {
        "message_id": number,
        "from": sender,
        "chat": {"id": chat, "first_name": "Siti", "type": "private"},
        "date": int(time.time()),
        "text": text,
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    head = (
        f"POST /webhooks/telegram/main HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def heard(_head: bytes, body: bytes) -> int | None:
    """The vendor for whom a message is; None when it is none."""
    chat = CHAT.search(body)
    return int(chat[1]) if chat else None


def taken(_head: bytes, chat: int | None, number: int) -> bytes:
    """The Bot API's answer: a message's id, or simply true."""
    result = f'{{"message_id":{number}}}' if chat is not None else "true"
    body = f'{{"ok":true,"result":{result}}}'.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def refused() -> bytes:
    """Too many messages."""
    said = (
        b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}'
    )
    head = f"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
    return head.encode() + said
