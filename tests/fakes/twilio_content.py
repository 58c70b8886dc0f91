"""Contents of the Content API: kept, filled with their variables, and held against what WhatsApp can show."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = dict[str, Any]
GAP = re.compile(r"\{\{\s*(\w+)\s*\}\}")
MANY_SPACES = re.compile(r" {5}")
BODY = (1, 1024)
QUICK_REPLIES, QUICK_REPLY_TITLE = (1, 3), (1, 20)
LIST_ITEMS, LIST_ITEM, LIST_DESCRIPTION, LIST_BUTTON = (1, 10), (1, 24), (0, 72), (1, 20)
ID = (1, 200)


class Button(NamedTuple):
    """A quick reply, or a row of a list, as she sees it."""

    title: str
    id: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A content filled with its variables, and each rule of WhatsApp's that it breaks."""

    text: str
    buttons: tuple[Button, ...] = ()
    broken: tuple[str, ...] = ()


@dataclass(slots=True)
class Content:
    """One content, and how WhatsApp judges it as a template."""

    sid: str
    friendly_name: str
    language: str
    types: Json
    samples: Mapping[str, str]
    created_at: float
    status: str = "unsubmitted"  # received, pending, approved, rejected, paused, disabled
    category: str = ""  # as WhatsApp files it
    name: str = ""  # at WhatsApp
    reason: str = ""

    @property
    def approved(self) -> bool:
        """Whether WhatsApp lets it through outside of the 24 hours."""
        return self.status == "approved"

    @property
    def kind(self) -> str:
        """The type that WhatsApp shows: the richest that is there."""
        return next((name for name in self.types if name != "twilio/text"), "twilio/text")

    def shown(self, variables: Mapping[str, str]) -> Shown:
        filling = Filling(variables, self.samples)
        if self.approved:
            filling.refuse_lines()
        what = filling.fill(self.types[self.kind])
        buttons = tuple(_buttons(self.kind, what))
        text = str(what.get("body") or what.get("title") or "")
        return Shown(text, buttons, (*filling.broken, *_broken_look(self.kind, text, what)))


@dataclass(slots=True)
class Filling:
    """Puts variables into their gaps; a missing one gets its sample, as at Twilio, and is noted."""

    variables: Mapping[str, str]
    samples: Mapping[str, str]
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        spaced = [name for name, value in self.variables.items() if MANY_SPACES.search(value)]
        self.broken += [f"ContentVariables.{name}: more than 4 spaces in a row" for name in spaced]

    def refuse_lines(self) -> None:
        """Note line breaks and tabs, which WhatsApp does not take in the variables of a template."""
        lined = [name for name, value in self.variables.items() if re.search(r"[\n\r\t]", value)]
        self.broken += [f"ContentVariables.{name}: a line break or tab in a template" for name in lined]

    def fill(self, part: Any) -> Any:
        if isinstance(part, str):
            return GAP.sub(self._value, part)
        if isinstance(part, list):
            return [self.fill(one) for one in part]
        if isinstance(part, dict):
            return {name: self.fill(one) for name, one in part.items()}
        return part

    def _value(self, gap: re.Match[str]) -> str:
        name = gap[1]
        if name not in self.variables:
            self.broken.append(f"ContentVariables.{name}: missing, the sample went out")
        return self.variables.get(name, self.samples.get(name, ""))


def objections(content: Content) -> Iterator[str]:
    """Why WhatsApp would refuse a template, whoever wrote it."""
    body = str(content.types[content.kind].get("body", ""))
    gaps = GAP.findall(body)
    if re.match(r"[^\w*]*\{\{", body) or re.search(r"\}\}[^\w*]*$", body):
        yield "Variables can't be at the start or end of the template"
    if re.search(r"\}\}[\s\W]*\{\{", body):
        yield "Variables are next to each other"
    if len(GAP.sub(" ", body).split()) < 2 * len(gaps) + 1:
        yield "Too many variables relative to the message length"
    if gaps != [str(number) for number in range(1, len(gaps) + 1)] or set(gaps) != set(content.samples):
        yield "Variables are not numbered, or lack a sample"
    if not re.fullmatch(r"[a-z0-9_]+", content.name):
        yield "The name holds more than small letters, digits and underscores"


def length(text: str) -> int:
    """Characters as WhatsApp counts them: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _buttons(kind: str, what: Json) -> Iterator[Button]:
    if kind == "twilio/list-picker":
        for item in what["items"]:
            yield Button(item["item"], item["id"], item.get("description", ""))
    for action in what.get("actions", ()):
        yield Button(action["title"], action.get("id", ""))


def _broken_look(kind: str, text: str, what: Json) -> Iterator[str]:
    if kind in ("twilio/quick-reply", "twilio/list-picker", "twilio/call-to-action"):
        yield from _outside("body", length(text) if text.strip() else 0, BODY)
    if kind == "twilio/quick-reply":
        yield from _broken_quick_reply(what["actions"])
    if kind == "twilio/list-picker":
        yield from _broken_list(what)


def _broken_quick_reply(actions: Sequence[Json]) -> Iterator[str]:
    yield from _outside("actions", len(actions), QUICK_REPLIES)
    yield from _repeated("actions", "title", actions)
    yield from _repeated("actions", "id", actions)
    for number, action in enumerate(actions):
        yield from _outside(f"actions[{number}].title", length(action["title"].strip()), QUICK_REPLY_TITLE)
        if "id" in action:
            yield from _outside(f"actions[{number}].id", length(action["id"]), ID)


def _broken_list(what: Json) -> Iterator[str]:
    items = what["items"]
    yield from _outside("button", length(what["button"].strip()), LIST_BUTTON)
    yield from _outside("items", len(items), LIST_ITEMS)
    yield from _repeated("items", "id", items)
    for number, item in enumerate(items):
        yield from _outside(f"items[{number}].item", length(item["item"].strip()), LIST_ITEM)
        yield from _outside(f"items[{number}].id", length(item["id"]), ID)
        yield from _outside(f"items[{number}].description", length(item.get("description", "")), LIST_DESCRIPTION)


def _outside(where: str, size: int, limits: tuple[int, int]) -> Iterator[str]:
    least, most = limits
    if not least <= size <= most:
        yield f"{where}: {size} is outside {least}-{most}"


def _repeated(where: str, name: str, parts: Sequence[Json]) -> Iterator[str]:
    given = [part[name] for part in parts if name in part]
    if len(set(given)) < len(given):
        yield f"{where}: the same {name} twice"
