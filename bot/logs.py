"""Logs: no token in any of them, nothing that somebody wrote to us, and of the wire only what must be looked at."""

import logging
import re
from collections.abc import Iterator, Mapping
from traceback import extract_tb
from typing import Any, Final

WIRES: Final = ("httpx", "httpcore", "telegram", "aiohttp", "apscheduler", "twilio")
A_TOKEN: Final = re.compile(r"(?:bot)?\d{5,}(?::|%3A)[A-Za-z0-9_-]{16,}")
"""A Telegram bot's, alone or as it stands in a URL."""


def silence_wire_logs() -> None:
    """Keep URLs and messages of the wire out of the logs; call it once the root handlers stand."""
    for name in WIRES:
        logging.getLogger(name).setLevel(max(logging.getLogger(name).level, logging.WARNING))
    for handler in logging.getLogger().handlers:
        if not any(isinstance(hides, HidesTokens) for hides in handler.filters):
            handler.addFilter(HidesTokens())


def hide_tokens(text: str) -> str:
    """`text` with "<token>" for every bot token in it."""
    return A_TOKEN.sub("<token>", text)


class HidesTokens(logging.Filter):
    """Hides every bot token in a record's message, arguments and traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass."""
        record.msg = _hidden(record.msg)
        if isinstance(record.args, Mapping):
            record.args = {name: _hidden(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(_hidden(value) for value in record.args)
        if record.exc_info:
            record.exc_text = _hidden(record.exc_text or logging.Formatter().formatException(record.exc_info))
        return True


def _hidden(value: Any) -> Any:
    """`value`, or its text without the tokens in it; what has no text is left to the handler."""
    if value is None or isinstance(value, int | float):
        return value
    try:
        text = str(value)
    except Exception:
        return value
    hidden = hide_tokens(text)
    return value if hidden == text else hidden


def hide_words() -> None:
    """Let no handler of the root print an error's own words; call it before tokens are hidden, once handlers stand."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(hides, HidesWords) for hides in handler.filters):
            handler.addFilter(HidesWords())


class HidesWords(logging.Filter):
    """Leaves of an error its kind and where it happened: its own words may quote a NIK, a name, a row."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass."""
        error = record.exc_info[1] if record.exc_info else None
        if error:
            record.msg, record.args = record.getMessage().partition("\n")[0], ()  # asyncio adds the error's words
            record.exc_text = "\n".join(_told(error))
        return True


def _told(error: BaseException) -> Iterator[str]:
    """An error without its words: what led to it first, the parts of a group after it."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier:
        yield from _told(earlier)
        yield "which led to"
    yield type(error).__qualname__
    for frame in extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _told(part)
