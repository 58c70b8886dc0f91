"""The bot's token stands in every URL of the wire, and in nothing that anybody gets to read."""

import io
import logging
import socket
from collections.abc import Iterator

import pytest

from bot.channels.errors import NotSent, Uncertain
from bot.channels.telegram import Telegram
from bot.logs import HidesTokens, silence_wire_logs
from domain.message import Attachment
from tests.channels.telegram_samples import GREETING, SECRET_PART, everything_about
from tests.fakes.telegram_api import TOKEN, TelegramApi


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the process logs, at every level, with tokens hidden."""
    root, written = logging.getLogger(), io.StringIO()
    levels = {name: logging.getLogger(name).level for name in ("", "httpx", "httpcore", "telegram", "aiohttp")}
    handler = logging.StreamHandler(written)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    silence_wire_logs()
    silence_wire_logs()
    yield written
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    for other in root.handlers:
        other.filters = [each for each in other.filters if not isinstance(each, HidesTokens)]


async def test_a_conversation_leaves_neither_token_nor_text_in_the_log(
    bot: Telegram, api: TelegramApi, log: io.StringIO
):
    api.put_file("f1", b"a")
    await bot.send("42", GREETING)
    await bot.fetch(Attachment("f1"), 10)
    api.garble(b"Selamat", 200)
    with pytest.raises(Uncertain):
        await bot.send("42", GREETING)
    assert SECRET_PART not in log.getvalue()
    assert "Selamat" not in log.getvalue()


def test_a_token_is_hidden_wherever_it_stands_in_a_record(log: io.StringIO):
    class Address:
        def __str__(self) -> str:
            return f"https://api.telegram.org/bot{TOKEN}/getMe"

    ours = logging.getLogger("anybody")
    ours.info(f"asked /bot{TOKEN}/getMe")
    ours.info('HTTP Request: %s %s "%d"', "POST", Address(), 200)
    ours.info("%(url)s", {"url": str(Address())})
    try:
        raise RuntimeError(f"the token `{TOKEN}` was rejected")
    except RuntimeError:
        ours.exception("no luck")
    assert SECRET_PART not in log.getvalue()
    assert log.getvalue().count("<token>") == 4
    assert '"200"' in log.getvalue()


def test_a_record_that_cannot_be_printed_does_not_hurt_who_logged_it(log: io.StringIO, monkeypatch: pytest.MonkeyPatch):
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    monkeypatch.setattr(logging, "raiseExceptions", False)
    logging.getLogger("anybody").info("%s", Broken())


async def test_no_error_of_ours_names_the_token(api: TelegramApi):
    with socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))
        unreachable = Telegram(TOKEN, f"http://127.0.0.1:{gone.getsockname()[1]}")
        nowhere = Telegram(TOKEN, "nowhere")
        for bot in (unreachable, nowhere):
            with pytest.raises(NotSent) as error:
                await bot.send("42", GREETING)
            assert SECRET_PART not in everything_about(error.value)
            await bot.close()
    assert SECRET_PART not in repr(unreachable)
