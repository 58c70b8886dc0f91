"""Holds every request against the published specification of the Bot API, as Telegram's own server would."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fakes.telegram_wire import Form

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "provider-specs" / "telegram-bot-api-10.1.json"
LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)")
NUMBER = re.compile(r"(?:, |Values between )(\d+)-(\d+)\b")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
PLAIN: dict[str, type | tuple[type, ...]] = {"String": str, "Integer": int, "Float": (int, float), "Boolean": bool}
NOT_ACTIONS = {"text", "icon_custom_emoji_id", "style"}


class Spec:
    """The methods and types of the Bot API, and which rules of theirs a call breaks."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.types = document["types"]
        self.methods = {name.lower(): method for name, method in document["methods"].items()}

    @classmethod
    def published(cls) -> "Spec | None":
        """The specification, or None where it does not lie beside the checkout."""
        return cls(json.loads(PUBLISHED.read_text())) if PUBLISHED.exists() else None

    def broken_rules(self, method: str, form: Form) -> list[str]:
        """One line for each rule that the call breaks."""
        known = self.methods.get(method.lower())
        if known is None:
            return [f"{method}: no such method"]
        fields = known.get("fields", [])
        types = {field["name"]: field["types"] for field in fields} if form.as_text else {}
        given = {**form.files, **{name: _unpacked(value, types.get(name, [])) for name, value in form.params.items()}}
        return self._broken_by_fields(known["name"], fields, given) + _broken_secret(known["name"], given)

    def broken_in(self, type_: str, value: Any) -> list[str]:
        """One line for each rule that an object of the Bot API breaks."""
        return self._broken_by_type(type_, value, type_)

    def _broken_by_fields(self, where: str, fields: list[Any], given: Mapping[str, Any]) -> list[str]:
        known = {field["name"]: field for field in fields}
        broken = [f"{where}: unknown field {name}" for name in given if name not in known]
        broken += [f"{where}: {name} is missing" for name in known if known[name]["required"] and name not in given]
        for name in known.keys() & given.keys():
            broken += self._broken_by_value(f"{where}.{name}", given[name], known[name]["types"])
            broken += _broken_range(f"{where}.{name}", given[name], known[name]["description"])
        return broken

    def _broken_by_value(self, where: str, value: Any, types: list[str]) -> list[str]:
        """What is wrong with the value as the type that it comes nearest to."""
        return min((self._broken_by_type(where, value, one) for one in types), key=len)

    def _broken_by_type(self, where: str, value: Any, type_: str) -> list[str]:
        if type_ in PLAIN:
            right = isinstance(value, PLAIN[type_]) and (type_ == "Boolean" or not isinstance(value, bool))
            return [] if right else [f"{where}: {type_} expected"]
        if type_ == "True":
            return [] if value is True else [f"{where}: True expected"]
        if type_ == "InputFile":
            return [] if isinstance(value, bytes) else [f"{where}: a file expected"]
        if type_.startswith("Array of "):
            return self._broken_by_items(where, value, type_.removeprefix("Array of "))
        return self._broken_by_object(where, value, type_)

    def _broken_by_items(self, where: str, value: Any, item: str) -> list[str]:
        if not isinstance(value, list):
            return [f"{where}: an array expected"]
        return [
            rule for index, one in enumerate(value) for rule in self._broken_by_type(f"{where}[{index}]", one, item)
        ]

    def _broken_by_object(self, where: str, value: Any, type_: str) -> list[str]:
        known = self.types[type_]
        if "subtypes" in known:
            return self._broken_by_value(where, value, known["subtypes"])
        if not isinstance(value, dict):
            return [f"{where}: {type_} expected"]
        broken = self._broken_by_fields(where, known.get("fields", []), value)
        if type_ == "InlineKeyboardButton" and len(value.keys() - NOT_ACTIONS) != 1:
            broken.append(f"{where}: exactly one action expected")
        return broken


def _unpacked(value: Any, types: list[str]) -> Any:
    """A field of a form as the JSON that it stands for, unless text is what is wanted."""
    if not types or not isinstance(value, str) or "String" in types:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _broken_range(where: str, value: Any, description: str) -> list[str]:
    found = (LENGTH if isinstance(value, str) else NUMBER).search(description)
    if not found or not isinstance(value, str | int):
        return []
    size = _length(value, found[3]) if isinstance(value, str) else value
    fits = int(found[1]) <= size <= int(found[2])
    return [] if fits else [f"{where}: {size} is outside {found[1]}-{found[2]}"]


def _length(text: str, unit: str) -> int:
    """Bytes, or characters as Telegram counts them: UTF-16 code units."""
    return len(text.encode()) if unit == "bytes" else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _broken_secret(method: str, given: Mapping[str, Any]) -> list[str]:
    secret = given.get("secret_token")
    if method != "setWebhook" or secret is None or SECRET.fullmatch(str(secret)):
        return []
    return ["setWebhook.secret_token: a character that is not allowed"]
