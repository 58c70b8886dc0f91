"""The wire to Telegram: python-telegram-bot's requests over aiohttp, and what each broken one is called.

aiohttp carries about fifteen times as many messages a second of CPU time as the HTTP client that the library brings.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
import orjson
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.channels.errors import (
    AccountRefused,
    AddressMoved,
    Conflict,
    FileForgotten,
    Gone,
    MessageRefused,
    NoSuchAddress,
    NotFetched,
    NotSent,
    ProviderBusy,
    SendError,
    TooBig,
    Uncertain,
    VendorBlockedUs,
)
from bot.channels.text import clean, read_json
from bot.channels.wires import FETCH_SECONDS, REACH_SECONDS, lost, patience
from bot.logs import hide_tokens

NOT_MODIFIED: Final = "not_modified"  # a message says already what it is changed to


class OurError(TelegramError):
    """Carries one of our errors through the library, which lets only its own pass unchanged."""

    def __init__(self, error: SendError) -> None:
        super().__init__(error.code)
        self.error = error


class Wire(BaseRequest):
    """The library's extension point for another HTTP client. Follows no redirect and reads no proxy settings."""

    def __init__(self, connections: int, patience: float) -> None:
        self._connections = connections
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where a call does not say how long."""
        return self._patience

    async def initialize(self) -> None:
        """The session opens with the first request, for it must belong to the running loop."""

    async def shutdown(self) -> None:
        """Let go of every connection; a later request raises NotSent."""
        self._closed = True
        if self._session:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        *_: object,
        **_others: object,
    ) -> tuple[int, bytes]:
        """One request; whatever is not a 2xx leaves as an `OurError`."""
        read = read_timeout if isinstance(read_timeout, float) else self._patience
        body, headers = _body(request_data)
        timeout = patience(read, read + REACH_SECONDS)
        try:
            async with self._open().post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                status, payload = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OurError(lost(error)) from None
        if not 200 <= status < 300:
            raise OurError(_refusal(status, payload))
        return status, payload

    async def download(self, url: URL, limit_bytes: int) -> bytes:
        """A file's content; raises TooBig with its first byte over the limit, Gone and NotFetched."""
        content = bytearray()
        headers = {"Accept-Encoding": "identity"}
        timeout = patience(self._patience, FETCH_SECONDS)
        try:
            async with self._open().get(url, headers=headers, timeout=timeout, allow_redirects=False) as answer:
                status = answer.status
                while status == 200 and (chunk := await answer.content.read(65_536)):
                    content += chunk
                    if len(content) > limit_bytes:
                        raise TooBig("streamed")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure: Gone | NotFetched = NotFetched(lost(error).code)
        except OurError as known:
            failure = NotFetched(known.error.code)
        else:
            if status == 200:
                return bytes(content)
            failure = Gone("404") if status == 404 else NotFetched(str(status))
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer to a call that succeeded; one without a result leaves open what happened."""
        answer = _object(payload)
        if "result" not in answer:
            raise OurError(Uncertain("garbled"))
        return dict(answer)

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise OurError(NotSent("closed"))
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData, Mapping[str, str]]:
    """Parameters as JSON, or as a form where a file goes with them."""
    if request_data is None:
        return b"", {}
    if request_data.contains_files:
        form = aiohttp.FormData()
        for name, value in request_data.json_parameters.items():
            form.add_field(name, value)
        for name, (filename, content, mime) in request_data.multipart_data.items():
            form.add_field(name, content, filename=filename, content_type=mime)
        return form, {}
    try:
        return orjson.dumps(request_data.parameters), {"Content-Type": "application/json"}
    except orjson.JSONEncodeError as error:
        raise OurError(MessageRefused("not_text")) from error


# --- errors: what Telegram or the network said → SendError ------------------------------------------------------------

_REFUSALS: Final[Sequence[tuple[int, str, type[SendError], str]]] = (  # status, words, kind, code: the first that fits
    (400, "chat not found", NoSuchAddress, "chat_not_found"),
    (400, "user not found", NoSuchAddress, "user_not_found"),
    (400, "peer_id_invalid", NoSuchAddress, "peer_id_invalid"),
    (400, "chat_id is empty", NoSuchAddress, "chat_id_empty"),
    (400, "query is too old", MessageRefused, "query_too_old"),
    (400, "file is too big", MessageRefused, "file_too_big"),
    (400, "temporarily unavailable", MessageRefused, "file_unavailable"),
    (400, "wrong file identifier", FileForgotten, "file_forgotten"),
    (400, "wrong remote file", FileForgotten, "file_forgotten"),
    (400, "not modified", MessageRefused, NOT_MODIFIED),
    (401, "", AccountRefused, "401"),
    (403, "blocked by the user", VendorBlockedUs, "blocked"),
    (403, "user is deactivated", VendorBlockedUs, "deactivated"),
    (403, "", VendorBlockedUs, "403"),
    (404, "", AccountRefused, "404"),
    (409, "", Conflict, "409"),
)


def _refusal(status: int, payload: bytes) -> SendError:
    """What a status other than 2xx means; the answer may come from a proxy and be anything."""
    answer = _object(payload)
    said, parameters = answer.get("description"), answer.get("parameters")
    said = clean(said) if isinstance(said, str) else ""
    parameters = parameters if isinstance(parameters, Mapping) else {}
    detail = hide_tokens(said)[:200]
    match parameters:
        case {"migrate_to_chat_id": int(new_id)}:
            return AddressMoved(str(new_id))
    if status == 429:
        seconds = parameters.get("retry_after")
        return ProviderBusy("429", detail, retry_after=seconds if isinstance(seconds, int | float) else None)
    for code, words, kind, name in _REFUSALS:
        if status == code and words in said.lower():
            return kind(name, detail)
    return (MessageRefused if 400 <= status < 500 else Uncertain)(str(status), detail)


def _object(payload: bytes) -> Mapping[str, Any]:
    try:
        answer = read_json(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
