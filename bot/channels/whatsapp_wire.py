"""The wire to Twilio: its SDK over our own HTTP client, and what each broken request is called.

The SDK asks an HTTP client only for `is_async` and `request`; its own would log every request, wait for ever, and read
proxies from the environment. Whatever is not a 2xx leaves here as one of our errors, so that the SDK never makes one
of its own, which would quote the phone number.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import aiohttp
import orjson
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

from bot.channels.errors import Gone, MessageRefused, NotFetched, NotSent, SendError, TooBig, Uncertain
from bot.channels.text import read_json
from bot.channels.whatsapp_errors import refusal
from bot.channels.wires import FETCH_SECONDS, REACH_SECONDS, lost, patience

API: Final = "https://api.twilio.com"
CONTENT_API: Final = "https://content.twilio.com"
LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))
MEDIA_HOST: Final = re.compile(r"api\.twilio\.com|s3-external-1\.amazonaws\.com|([a-z0-9-]+\.)+twiliocdn\.com")
REDIRECTS: Final = 3


T = TypeVar("T")


class Wire:
    """One account's connections to Twilio. Follows no redirect with credentials and reads no proxy settings."""

    is_async: Final = True

    def __init__(
        self, account_sid: str, key: tuple[str, str], base_url: str = API, *, connections: int, patience: float
    ) -> None:
        """`key` is the API key's sid and secret. `base_url` stands in for every host of Twilio's API."""
        self.account_sid = account_sid
        self._base = base_url.rstrip("/")
        self._ours = {"Authorization": aiohttp.encode_basic_auth(*key)}
        self._connections = connections
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        settled = {"TWILIO_EDGE": ""}  # in place of our own environment, where the SDK would look for its settings
        self.client = Client(*key, account_sid=account_sid, http_client=self, environment=settled)

    def __repr__(self) -> str:
        return f"Wire({URL(self._base).host})"

    async def close(self) -> None:
        """Let go of every connection; a later request raises NotSent."""
        self._closed = True
        if self._session:
            await self._session.close()

    async def call(self, asked: Callable[[Client], Awaitable[T]]) -> T:
        """What the SDK answers; raises the kinds of SendError and no others."""
        try:
            return await asked(self.client)
        except SendError as known:
            failure = known
        except (TwilioException, ValueError, TypeError, KeyError, AttributeError):  # no answer of Twilio's reads so
            failure = Uncertain("garbled")
        raise failure

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **_settled_here: object,
    ) -> Response:
        """One request of the SDK's; whatever is not a 2xx is raised as an error of ours."""
        try:
            url, body = self._url(uri, params), _body(data, headers or {})
            timeout = patience(self._patience, self._patience + REACH_SECONDS)
            async with self._open().request(
                method,
                url,
                data=body,
                headers={**(headers or {}), **self._ours},
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                status, waits, payload = answer.status, answer.headers.get("Retry-After", ""), await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = lost(error)
        else:
            if 200 <= status < 300:
                return Response(status, payload.decode("utf-8", "replace"))
            failure = refusal(_code(payload) or status, status, _seconds(waits))
        raise failure  # out here, for the errors before it may name the URL, and the URL may hold a phone number

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """The content of a file that somebody sent, wherever Twilio leads us for it, and nowhere else.

        Raises TooBig with its first byte over the limit, Gone and NotFetched.
        """
        here = self.media_url(url)
        shown: Mapping[str, str] = self._ours
        for _hop in range(1 + REDIRECTS):
            found = await self._get(here, shown, limit_bytes)
            if isinstance(found, bytes):
                return found
            here, shown = self._next(here, found), {}
        raise Gone("redirect")

    def media_url(self, url: str) -> URL:
        """`url` where it is one of a file of this account, at our API; raises Gone for any other."""
        ours = re.escape(f"{self._base}/2010-04-01/Accounts/{self.account_sid}/") + r"[\w/-]+"
        if not re.fullmatch(ours, url, re.ASCII):
            raise Gone("elsewhere")
        return URL(url, encoded=True)

    async def _get(self, url: URL, shown: Mapping[str, str], limit_bytes: int) -> bytes | str:
        """A file's content, or where it is to be had; `shown`: headers that say who we are."""
        content = bytearray()
        headers = {"Accept-Encoding": "identity", **shown}
        timeout = patience(self._patience, FETCH_SECONDS)
        try:
            async with self._open().get(url, headers=headers, timeout=timeout, allow_redirects=False) as answer:
                status, location = answer.status, answer.headers.get("Location", "")
                while status == 200 and (chunk := await answer.content.read(65_536)):
                    content += chunk
                    if len(content) > limit_bytes:
                        raise TooBig("streamed")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure: Gone | NotFetched = NotFetched(lost(error).code)
        except NotSent as closed:
            failure = NotFetched(closed.code)
        else:
            if status == 200:
                return bytes(content)
            if 300 <= status < 400 and location:
                return location
            failure = (Gone if status in (404, 410) else NotFetched)(str(status))
        raise failure

    def _next(self, here: URL, location: str) -> URL:
        """Where a redirect leads, if that is a place where Twilio keeps files; raises Gone for any other."""
        try:
            there = here.join(URL(location, encoded=True))  # as it came: a signed address is signed to the letter
            known = self._keeps_files(there)
        except ValueError:
            known = False
        if not known:
            raise Gone("redirect")
        return there

    def _keeps_files(self, there: URL) -> bool:
        """Whether files of Twilio's may lie there; at a stand-in on this machine, beside its API. Raises ValueError."""
        origin, base = there.origin(), URL(self._base)
        at_twilio = (origin.scheme, origin.port) == ("https", 443) and MEDIA_HOST.fullmatch(origin.host or "")
        at_stand_in = base.host in LOOPBACK and origin == base.origin()
        return not (there.user or there.password) and bool(at_twilio or at_stand_in)

    def _url(self, uri: str, params: Mapping[str, Any] | None) -> URL:
        """The address of a call; the SDK follows the pages of a list to wherever an answer says."""
        for own in (API, CONTENT_API):
            if self._base != API and uri.startswith(f"{own}/"):
                uri = self._base + uri.removeprefix(own)
        if not uri.startswith((f"{self._base}/", f"{API}/", f"{CONTENT_API}/")):
            raise MessageRefused("elsewhere")
        return URL(uri).update_query(params) if params else URL(uri)

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise NotSent("closed")
        if self._session is None:  # with the first request, for it must belong to the running loop
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _body(data: Mapping[str, Any] | None, headers: Mapping[str, str]) -> bytes | None:
    """As JSON or as a form, as the SDK says in the headers."""
    if not data:
        return None
    try:
        if headers.get("Content-Type") == "application/json":
            return orjson.dumps(data)
        return form(data).encode()
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        raise MessageRefused("not_text") from None


def form(data: Mapping[str, Any]) -> str:
    """As a form, by yarl: several times as fast as the standard library, whose letters are quoted one by one.

    Raises UnicodeEncodeError for half a character, which yarl would leave out.
    """
    fields = [
        (name, str(value))
        for name, given in data.items()
        for value in (given if isinstance(given, list | tuple) else (given,))
    ]
    "".join(value for _name, value in fields).encode()
    return URL.build(path="/", query=fields).raw_query_string


# --- errors: what Twilio or the network said → SendError --------------------------------------------------------------


def _code(payload: bytes) -> int | None:
    """The code of Twilio's own; its words may quote the phone number and are not read."""
    try:
        answer = read_json(payload)
    except ValueError:
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _seconds(header: str) -> float | None:
    try:
        return max(0.0, float(header))
    except ValueError:
        return None
