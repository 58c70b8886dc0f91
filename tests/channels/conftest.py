"""A bot and the Telegram that it talks to."""

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.channels.telegram import Telegram
from tests.fakes.telegram_api import TOKEN, TelegramApi


@pytest.fixture
def api() -> Iterator[TelegramApi]:
    with TelegramApi() as api:
        yield api
        assert api.violations == []


@pytest.fixture
async def bot(api: TelegramApi) -> AsyncIterator[Telegram]:
    bot = Telegram(TOKEN, api.base_url, patience=0.5)
    yield bot
    await bot.close()
