"""Brings forms to a webhook as Twilio does: signed, tried again as the URL's fragment says, and noted."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit
from uuid import uuid4

from twilio.request_validator import RequestValidator

from tests.fakes.twilio_account import AUTH_TOKEN

FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
BETWEEN_TRIES = 0.02  # seconds
LONGEST = 15.0  # seconds for all tries together


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to hand a form to a webhook."""

    url: str
    form: Mapping[str, str]
    status: int  # 0: no answer
    body: bytes
    sent_at: float
    answered_at: float


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the fragment of a webhook's URL says of timeouts (seconds) and tries, as in "#rc=5&rp=all"."""

    again: int = 1
    on: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = LONGEST
    total: float = LONGEST

    @classmethod
    def of(cls, fragment: str) -> "Overrides":
        given = dict(parse_qsl(fragment))
        return cls(
            again=min(int(given.get("rc", 1)), 5),
            on=frozenset(given.get("rp", "ct").split(",")),
            connect=int(given.get("ct", 5000)) / 1000,
            read=min(int(given.get("rt", 15000)) / 1000, LONGEST),
            total=min(int(given.get("tt", 15000)) / 1000, LONGEST),
        )

    def allow(self, failure: str) -> bool:
        return bool(failure) and not self.on.isdisjoint({failure, "all"})


def signed(url: str, form: Mapping[str, str], token: str = AUTH_TOKEN) -> dict[str, str]:
    """The headers of a form for this URL; a fragment is not signed."""
    return {
        "Content-Type": FORM_TYPE,
        "User-Agent": "TwilioProxy/1.1",
        "I-Twilio-Idempotency-Token": str(uuid4()),
        "X-Twilio-Signature": RequestValidator(token).compute_signature(urldefrag(url).url, form),
    }


class Courier:
    """Posts forms and fetches media, on loopback alone."""

    def __init__(self, pace: float, violated: Callable[[str], None]) -> None:
        """`pace`: how long a second of Twilio's patience lasts."""
        self.deliveries: list[Delivery] = []
        self.routes: dict[str, str] = {}
        self._pace, self._violated = pace, violated
        self._session: Any = None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def reached(self, url: str) -> str:
        """Where the URL lies on loopback; "", and a violation, where it does not."""
        for public, local in self.routes.items():
            if url.startswith(public):
                return local + url.removeprefix(public)
        if urlsplit(url).hostname in LOOPBACK:
            return url
        self._violated(f"{urlsplit(url).hostname}: an address that does not lie on loopback")
        return ""

    async def post(self, url: str, form: Mapping[str, str], token: str = AUTH_TOKEN) -> list[Delivery]:
        """Post until the webhook answers, or as often as the fragment of its URL allows."""
        local, overrides = self.reached(urldefrag(url).url), Overrides.of(urldefrag(url).fragment)
        headers = signed(url, form, token)
        until = time.monotonic() + overrides.total * self._pace
        tries: list[Delivery] = []
        while local and len(tries) <= overrides.again:
            left = until - time.monotonic()
            if left <= 0:
                break
            delivery, failure = await self._try(local, form, headers, overrides, left)
            tries.append(delivery)
            if not overrides.allow(failure):
                break
            await asyncio.sleep(BETWEEN_TRIES)
        return tries

    async def _try(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str], overrides: Overrides, left: float
    ) -> tuple[Delivery, str]:
        """One try, and the kind of its failure: ct, rt, 4xx, 5xx, or "" for none."""
        import aiohttp

        patience = aiohttp.ClientTimeout(
            total=left, sock_connect=overrides.connect * self._pace, sock_read=overrides.read * self._pace
        )
        status, body, failure, sent_at = 0, b"", "", time.time()
        try:
            async with self._client().post(
                url, data=urlencode(form), headers=headers, timeout=patience, allow_redirects=False
            ) as answer:
                status, body = answer.status, await answer.read()
                failure = f"{status // 100}xx" if status >= 400 else ""
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            failure = "ct"
        except (aiohttp.ClientError, TimeoutError):
            failure = "rt"
        delivery = Delivery(url, form, status, body, sent_at, time.time())
        self.deliveries.append(delivery)
        return delivery, failure

    async def fetch(self, url: str) -> tuple[bytes, str]:
        """A file and its type as HEAD and GET agree on them; (b"", what is wrong) where they do not."""
        import aiohttp

        local = self.reached(url)
        if not local:
            return b"", "not on loopback"
        try:
            async with self._client().head(local, allow_redirects=True) as head:
                announced = (head.status, head.content_type)
            async with self._client().get(local) as answer:
                content, got = await answer.read(), (answer.status, answer.content_type)
        except (aiohttp.ClientError, TimeoutError):
            return b"", "no answer"
        if announced != got or got[0] != 200:
            return b"", f"HEAD says {announced}, GET says {got}"
        return content, got[1]

    def _client(self) -> Any:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONGEST))
        return self._session
