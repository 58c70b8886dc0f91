"""Text from outside, made fit to keep."""

import json
from typing import Any

import orjson


def clean(text: str) -> str:
    """`text` as every database and every wire takes it: no lone surrogates, no NUL."""
    if text.isascii():
        return text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def read_json(payload: bytes) -> Any:
    """What a provider's JSON says. Raises ValueError.

    Half of an emoji, escaped, is JSON to a provider and to Python but not to orjson: it is read all the same, with
    something else in its place, or one odd message would hold up everything behind it.
    """
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        if b"\\u" not in payload:
            raise
    try:
        return orjson.loads(clean(json.dumps(json.loads(payload), ensure_ascii=False)))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
