"""What becomes of a message after the stand-in for Twilio accepted it, and how that is reported."""

import asyncio
from collections.abc import Sequence

from tests.fakes.twilio_account import ACCOUNT_SID, Account, Message
from tests.fakes.twilio_courier import Courier, Delivery
from tests.fakes.twilio_forms import Form

IMAGES = ("image/jpeg", "image/png", "image/webp")
DOCUMENT = "application/pdf"
OTHER_MEDIA = (DOCUMENT, "audio/ogg", "audio/mpeg", "audio/aac", "audio/amr", "audio/3gpp", "video/mp4")
LARGEST_IMAGE, LARGEST = 5 << 20, 16 << 20  # bytes
MEDIA_FAILED = 63019


def status_form(message: Message, status: str, code: int | None = None, **more: str) -> Form:
    """What Twilio says about a message of ours."""
    address = message.to.removeprefix("whatsapp:")
    form = {
        "ChannelPrefix": "whatsapp",
        "ApiVersion": "2010-04-01",
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "ChannelInstallSid": "XE00000000000000000000000000000001",
        "To": message.to,
        "From": message.sender,
        "MessageSid": message.sid,
        "AccountSid": ACCOUNT_SID,
        "ChannelToAddress": f"{address[:-4]}XXXX",
    }
    if status in ("delivered", "read", "undelivered"):
        form["EventType"] = status.upper()
    if code is not None:
        form |= {"ErrorCode": str(code), "ChannelStatusMessage": f"Error {code}"}
    return form | more


class Reports:
    """Reports of messages; those of one message are posted one after the other."""

    def __init__(self, account: Account, courier: Courier, *, auto: Sequence[str], delay: float) -> None:
        """`auto`: what is reported of every message by itself, `delay` seconds before each."""
        self.auto, self.delay = tuple(auto), delay
        self._account, self._courier = account, courier
        self._turns: dict[str, asyncio.Lock] = {}

    def are_due(self, message: Message) -> bool:
        """Whether anything will become of the message by itself."""
        return bool(self.auto or message.fate is not None or message.media_urls)

    async def follow(self, message: Message, statuses: Sequence[str]) -> None:
        """Fetch what the message shows, then report: the statuses, or that it failed."""
        for url in message.media_urls:
            await self._fetch(message, url)
        if message.fate is not None:
            await self.post(message, "failed", message.fate)
            return
        for status in statuses:
            await asyncio.sleep(self.delay)
            await self.post(message, status)
        if not self._account.keep:
            self._turns.pop(message.sid, None)

    async def post(self, message: Message, status: str, code: int | None = None, **more: str) -> list[Delivery]:
        """Let this become of the message, and report it where the message says."""
        message.status, message.error_code = status, code
        if not message.status_callback:
            return []
        async with self._turns.setdefault(message.sid, asyncio.Lock()):
            return await self._courier.post(message.status_callback, status_form(message, status, code, **more))

    async def _fetch(self, message: Message, url: str) -> None:
        content, mime = await self._courier.fetch(url)
        largest = LARGEST_IMAGE if mime in IMAGES else LARGEST
        if mime not in IMAGES + OTHER_MEDIA or not 0 < len(content) <= largest:
            self._account.violations.append(f"MediaUrl: {len(content)} bytes, {mime}")
            message.fate = MEDIA_FAILED
        if mime == DOCUMENT and message.body:
            self._account.violations.append("Body: nobody sees words that go with a document")
        message.media.append(content)
