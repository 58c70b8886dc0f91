"""Fetching what somebody sent, from a Telegram that lies, breaks off and leads astray."""

import json
from dataclasses import replace

import pytest

from bot.channels.errors import AccountRefused, FetchError, Gone, NotFetched, ProviderBusy, SendError, TooBig
from bot.channels.telegram import Telegram
from domain.message import Attachment
from tests.channels.telegram_samples import SECRET_PART, everything_about
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.telegram_faults import Fault
from tests.fakes.telegram_wire import Answer

PHOTO = Attachment("f1", "image/jpeg")


async def test_a_file_is_fetched_whole(bot: Telegram, api: TelegramApi):
    api.put_file("f1", bytes(range(256)) * 1000, "photos/bukti bayar #1.jpg")
    assert await bot.fetch(PHOTO, 256_000) == bytes(range(256)) * 1000


async def test_a_file_that_says_it_is_too_big_is_not_fetched(bot: Telegram, api: TelegramApi):
    with pytest.raises(TooBig, match="declared"):
        await bot.fetch(Attachment("f1", size=1001), 1000)
    assert api.calls == []
    api.put_file("f1", b"a" * 1001)
    with pytest.raises(TooBig, match="declared"):
        await bot.fetch(PHOTO, 1000)
    api.put_file("f1", b"a", declared=20 * 1024 * 1024 + 1)
    with pytest.raises(TooBig, match="file_too_big"):
        await bot.fetch(PHOTO, 10**9)


async def test_a_file_that_lies_about_its_size_is_cut_off(bot: Telegram, api: TelegramApi):
    api.put_file("f1", b"a" * 3_000_000, declared=10)
    with pytest.raises(TooBig, match="streamed"):
        await bot.fetch(PHOTO, 1000)


@pytest.mark.parametrize(
    ("fault", "kind", "retry"),
    [
        (Fault(method="file", reset=True), NotFetched, True),
        (Fault(method="file", reset=True, seconds=0.01, times=None), NotFetched, True),
        (Fault(method="file", seconds=0.8, accepted=True), NotFetched, True),
        (Fault(method="file", answer=Answer(500, b"")), NotFetched, True),
        (Fault(method="file", answer=Answer(404, b"")), Gone, False),
        (Fault(method="getFile", reset=True), NotFetched, True),
        (Fault(method="getFile", answer=Answer(500, b"")), NotFetched, True),
        (Fault(method="getFile", answer=Answer(429, b"{}")), ProviderBusy, True),
        (Fault(method="getFile", answer=Answer(401, b"{}")), AccountRefused, False),
        (Fault(method="getFile", answer=Answer(400, b'{"description":"Bad Request: invalid file_id"}')), Gone, False),
        (
            Fault(
                method="getFile",
                answer=Answer(400, b'{"description":"wrong file_id or the file is temporarily unavailable"}'),
            ),
            NotFetched,
            True,
        ),
    ],
)
async def test_a_fetch_that_fails_says_whether_it_may_come_later(
    bot: Telegram, api: TelegramApi, fault: Fault, kind: type[FetchError | SendError], retry: bool
):
    api.put_file("f1", b"a" * 200_000)
    api.faults.append(replace(fault))
    with pytest.raises((FetchError, SendError)) as error:
        await bot.fetch(PHOTO, 10**6)
    assert (type(error.value), error.value.retry) == (kind, retry)
    assert SECRET_PART not in everything_about(error.value)


async def test_a_download_never_leaves_the_configured_host(bot: Telegram, api: TelegramApi):
    with TelegramApi() as elsewhere:
        elsewhere.put_file("f1", b"stolen", "x.jpg")
        api.put_file("f1", b"a")
        there = {"Location": f"{elsewhere.base_url}/file/bot{TOKEN}/x.jpg"}
        api.faults.append(Fault(method="file", answer=Answer(302, b"", there)))
        with pytest.raises(NotFetched):
            await bot.fetch(PHOTO, 1000)


@pytest.mark.parametrize("path", ["../../bot1:x/getMe", "http://127.0.0.1:1/x", "/etc/passwd"])
async def test_a_path_that_leads_elsewhere_leads_nowhere(bot: Telegram, api: TelegramApi, path: str):
    answer = json.dumps({"ok": True, "result": {"file_id": "f1", "file_path": path}}).encode()
    api.faults.append(Fault(method="getFile", answer=Answer(200, answer)))
    with pytest.raises(Gone):
        await bot.fetch(PHOTO, 1000)
