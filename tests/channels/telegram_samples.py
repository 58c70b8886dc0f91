"""What the tests of the Telegram channel share: captured updates, a greeting, and where a token could hide."""

import json
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.channels.telegram import draw, read
from domain.message import Address, Reply
from tests.fakes.telegram_api import TOKEN

PAYLOADS = {
    path.stem.removeprefix("telegram_"): path for path in Path(__file__).parent.glob("payloads/telegram_*.json")
}
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
SITI = Address("telegram/main", "42")
SECRET_PART = TOKEN.partition(":")[2]
GREETING = draw(Reply("Selamat pagi, Bapak/Ibu."))


def payload(name: str) -> Any:
    return json.loads(PAYLOADS[name].read_text())


def heard(update: Any) -> Any:
    return read(update, "telegram/main", NOW)


def everything_about(error: BaseException) -> str:
    """Its traceback, and every error that came before it, shown or not."""
    told = []
    before: BaseException | None = error
    while before:
        told += [repr(before), *traceback.format_exception(before)]
        before = before.__cause__ or before.__context__
    return "".join(told)
