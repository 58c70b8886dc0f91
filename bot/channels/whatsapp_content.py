"""The buttons and lists that we keep at Twilio: made once, filled in anew with every message.

Twilio sends choices only as content made beforehand. Ours are empty shapes, one for each number of choices, in which
everything is a variable. They go within the 24 hours after her last word and need nobody's approval. A variable may
not be empty, so that there are two shapes of every list: one without descriptions, and one where each row has one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from twilio.rest import Client

from bot.channels.errors import MessageRefused, Uncertain
from bot.channels.menus import LIST, QUICK, Offer, Row
from bot.channels.whatsapp_wire import Wire

VERSION: Final = 1  # a changed shape gets a new one: messages on their way still need the old
LANGUAGE: Final = "id"
OPENS_THE_LIST: Final = "Pilih / Choose"  # 20 units at most; a reply does not say its language
PAGE: Final = 100

LONG: Final = "-long"
NAMES: Final = (
    *(f"quick-{count}" for count in range(1, QUICK + 1)),
    *(f"list-{count}" for count in range(1, LIST + 1)),
    *(f"list-{count}{LONG}" for count in range(1, LIST + 1)),
)

Json = dict[str, Any]

_MANY_SPACES: Final = re.compile(r"[^\S\n]{5,}")


def name_of(offer: Offer) -> str:
    """The content that shows this offer; empty where it has no choices to press."""
    if not offer.kind:
        return ""
    return f"{offer.kind}-{len(offer.rows)}" + (LONG if any(row.description for row in offer.rows) else "")


def content_of(name: str) -> Json:
    """What makes the content of this `name` at `POST /v1/Content`, with a sample for each variable."""
    kind, count, *long = name.split("-")
    rows = range(1, int(count) + 1)
    types = _quick_reply(rows) if kind == "quick" else _list_picker(rows, described=bool(long))
    samples = variables_of(_sample(kind, rows, described=bool(long)))
    return {"friendly_name": friendly_name(name), "language": LANGUAGE, "variables": samples, "types": types}


def friendly_name(name: str) -> str:
    """What the content of this `name` is called in Twilio's console."""
    return f"jagalapak-{name}-v{VERSION}"


def _quick_reply(rows: range) -> Json:
    actions = [{"type": "QUICK_REPLY", "title": _gap("title", row), "id": _gap("id", row)} for row in rows]
    return {"twilio/quick-reply": {"body": _gap("body"), "actions": actions}}


def _list_picker(rows: range, *, described: bool) -> Json:
    items = [{"item": _gap("title", row), "id": _gap("id", row)} for row in rows]
    if described:
        items = [{**item, "description": _gap("about", row)} for item, row in zip(items, rows, strict=True)]
    return {"twilio/list-picker": {"body": _gap("body"), "button": _gap("button"), "items": items}}


def _gap(name: str, row: int | None = None) -> str:
    return f"{{{{{name}{row or ''}}}}}"


def _sample(kind: str, rows: range, *, described: bool) -> Offer:
    """An offer of this shape, as an officer sees it in Twilio's console."""
    below = "Keterangan" if described else ""
    choices = tuple(Row(f"Pilihan {row}", f"pilihan-{row}", below) for row in rows)
    return Offer("Pilih salah satu.", "quick" if kind == "quick" else "list", choices)


def variables_of(offer: Offer) -> dict[str, str]:
    """The values of every variable of the content that shows this `offer`, none of them empty."""
    values = {"body": _tame(offer.text)}
    if offer.kind == "list":
        values["button"] = OPENS_THE_LIST
    described = any(row.description for row in offer.rows)
    for number, row in enumerate(offer.rows, start=1):
        values |= {f"title{number}": _tame(row.title), f"id{number}": row.data}
        if described:
            values[f"about{number}"] = _tame(row.description or row.title)
    return values


def _tame(text: str) -> str:
    """`text` as a variable takes it: five spaces in a row are refused (63013)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _MANY_SPACES.sub(" " * 4, lines).strip()


# --- kept at Twilio ---------------------------------------------------------------------------------------------------


async def ensure(wire: Wire, known: Mapping[str, str]) -> dict[str, str]:
    """The id at Twilio of every content, by name: found there by what it is called and looks like, else made.

    A run that broke off is taken up by the next. Of several that fit, the `known` one stays. What Twilio refuses to
    make is left out, and such choices go as numbers. Raises SendError.
    """
    there = await wire.call(listed)
    sids = {name: await _found_or_made(wire, name, there, known) for name in NAMES}
    return {name: sid for name, sid in sids.items() if sid}


async def _found_or_made(wire: Wire, name: str, there: list[Json], known: Mapping[str, str]) -> str:
    try:
        return await find_or_make(wire, content_of(name), there, known.get(name, ""))
    except MessageRefused:
        return ""


async def find_or_make(wire: Wire, wanted: Json, there: list[Json], known: str) -> str:
    """The id of a content that is called and looks like the one that is `wanted`; the `known` one where it is among
    them. Raises SendError; MessageRefused where Twilio does not take it."""
    fits = sorted(_fitting(wanted, there))
    if known in fits:
        return known
    return fits[0] if fits else await _made(wire, wanted)


async def listed(client: Client) -> list[Json]:
    """All content of the account, with what it is called and looks like."""
    found = await client.content.v1.contents.stream_async(page_size=PAGE)
    return [{"sid": one.sid, "friendly_name": one.friendly_name, "types": one.types} async for one in found]


def _fitting(wanted: Json, there: list[Json]) -> Iterator[str]:
    for one in there:
        same = one["friendly_name"] == wanted["friendly_name"] and _is_in(wanted["types"], one["types"])
        if same and isinstance(one["sid"], str):
            yield one["sid"]


def _is_in(wanted: Any, found: Any) -> bool:
    """Whether everything that we want is there; Twilio may tell more than we said."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_is_in(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(wanted) == len(found) and all(map(_is_in, wanted, found))
    return bool(wanted == found)


async def _made(wire: Wire, wanted: Json) -> str:
    async def make(client: Client) -> Any:
        contents = client.content.v1.contents
        return (await contents.create_async(contents.ContentCreateRequest(wanted))).sid

    sid = await wire.call(make)
    if not (isinstance(sid, str) and sid):
        raise Uncertain("garbled")
    return sid
