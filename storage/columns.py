"""Column types and defaults that the tables share."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

BigKey = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up by itself only on INTEGER
BigNumber = BigInteger()  # rupiah, and numbers that are counted elsewhere
Json = JSON().with_variant(JSONB(), "postgresql")
ONLY_ON = "only on"  # in the `info` of a key that one database alone has: its name


class Moment(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in storage on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could say which moment it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; it is always UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def new_id() -> str:
    """A new row's id: a UUID of version 7 (RFC 9562) in hexadecimal, so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    number = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62
    return f"{number | random & (1 << 62) - 1:032x}"
