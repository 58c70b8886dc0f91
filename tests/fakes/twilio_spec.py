"""Holds every request against the published OpenAPI documents of Twilio, as Twilio's own server would."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.fakes.twilio_wire import Values

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "provider-specs"
DOCUMENTS = ("twilio_api_v2010.json", "twilio_content_v1.json")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path of a document."""

    path: re.Pattern[str]
    parameters: tuple[Schema, ...]
    bodies: Mapping[str, Schema]  # by media type
    body_required: bool
    schemas: Mapping[str, Schema]


class Spec:
    """The operations of the published documents, and which rules of theirs a request breaks."""

    def __init__(self, documents: list[Mapping[str, Any]]) -> None:
        self._operations: dict[str, list[Operation]] = {}
        for document in documents:
            for path, verbs in document["paths"].items():
                for verb in verbs.keys() & {"get", "post", "put", "delete"}:
                    operation = _operation(path, verbs[verb], document["components"]["schemas"])
                    self._operations.setdefault(verb.upper(), []).append(operation)

    @staticmethod
    @cache
    def published() -> "Spec | None":
        """The specification, or None where it does not lie beside the checkout."""
        paths = [PUBLISHED / name for name in DOCUMENTS]
        return Spec([orjson.loads(path.read_bytes()) for path in paths]) if all(map(Path.exists, paths)) else None

    def broken_rules(self, verb: str, path: str, query: Values, mime: str, body: Any) -> list[str]:
        """One line for each rule that the request breaks; `body`: the fields of a form, or what the JSON says."""
        for operation in self._operations.get(verb, ()):
            found = operation.path.fullmatch(path)
            if found:
                given = found.groupdict()
                return [*_broken_parameters(operation, given, query), *_broken_body(operation, mime, body)]
        return [f"{verb}: no such path"]


def _operation(path: str, described: Schema, schemas: Mapping[str, Schema]) -> Operation:
    body = described.get("requestBody", {})
    return Operation(
        path=re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(path))),
        parameters=tuple(described.get("parameters", ())),
        bodies={mime: content["schema"] for mime, content in body.get("content", {}).items()},
        body_required=body.get("required", False),
        schemas=schemas,
    )


def _broken_parameters(operation: Operation, in_path: Mapping[str, str], query: Values) -> list[str]:
    known = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
    broken = [f"query: unknown parameter {name}" for name in query if name not in known]
    for one in operation.parameters:
        given: Mapping[str, Any] = in_path if one["in"] == "path" else query if one["in"] == "query" else {}
        if one["name"] in given:
            broken += Check(operation.schemas, as_text=True).broken(one["name"], given[one["name"]], one["schema"])
        elif one.get("required") and one["in"] == "query":
            broken.append(f"query: {one['name']} is missing")
    return broken


def _broken_body(operation: Operation, mime: str, body: Any) -> list[str]:
    if not mime and body is None:
        return ["body: missing"] if operation.body_required else []
    if not operation.bodies:
        return ["body: none expected"] if body else []
    if mime not in operation.bodies:
        return [f"body: {mime or 'no type'} instead of {' or '.join(operation.bodies)}"]
    return Check(operation.schemas, as_text=mime == FORM).broken("body", body, operation.bodies[mime])


@dataclass(frozen=True, slots=True)
class Check:
    """A value against a schema; `as_text`: numbers and booleans travel as text, as they do in forms and queries."""

    schemas: Mapping[str, Schema]
    as_text: bool

    def broken(self, where: str, value: Any, schema: Schema) -> list[str]:
        if "$ref" in schema:
            return self.broken(where, value, self.schemas[schema["$ref"].rpartition("/")[2]])
        if value is None:
            return [] if schema.get("nullable") else [f"{where}: null"]
        match schema.get("type"):
            case "object":
                return self._broken_object(where, value, schema)
            case "array":
                return self._broken_array(where, value, schema)
            case type_:
                return self._broken_plain(where, value, schema, type_)

    def _broken_object(self, where: str, value: Any, schema: Schema) -> list[str]:
        if not isinstance(value, Mapping):
            return [f"{where}: an object expected"]
        known: Mapping[str, Schema] = schema.get("properties", {})
        others = schema.get("additionalProperties", not known)
        broken = [f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, one in value.items():
            if name in known:
                broken += self.broken(f"{where}.{name}", one, known[name])
            elif isinstance(others, Mapping):
                broken += self.broken(f"{where}.{name}", one, others)
            elif not others:
                broken.append(f"{where}: unknown field {name}")
        return broken

    def _broken_array(self, where: str, value: Any, schema: Schema) -> list[str]:
        items = [value] if self.as_text and isinstance(value, str) else value
        if not isinstance(items, list):
            return [f"{where}: an array expected"]
        broken = _outside(where, len(items), schema.get("minItems"), schema.get("maxItems"))
        for number, item in enumerate(items):
            broken += self.broken(f"{where}[{number}]", item, schema.get("items", {}))
        return broken

    def _broken_plain(self, where: str, value: Any, schema: Schema, type_: str | None) -> list[str]:
        native = _native(value, type_) if self.as_text else value
        if type_ is not None and not _is_a(native, type_):
            return [f"{where}: {type_} expected"]
        if native not in schema.get("enum", (native,)):
            return [f"{where}: not one of {', '.join(map(str, schema['enum']))}"]
        if isinstance(native, str):
            return _broken_text(where, native, schema)
        return _outside(where, native, schema.get("minimum"), schema.get("maximum"))


def _native(value: Any, type_: str | None) -> Any:
    """Text of a form as the number or boolean that it stands for; as it is, where it stands for none."""
    if type_ == "boolean":
        return {"true": True, "false": False}.get(value, value)
    if type_ in ("integer", "number"):
        try:
            return int(value) if type_ == "integer" else float(value)
        except (TypeError, ValueError):
            return value
    return value


def _is_a(value: Any, type_: str) -> bool:
    if type_ == "boolean" or isinstance(value, bool):
        return type_ == "boolean" and isinstance(value, bool)
    kinds: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "number": (int, float)}
    return isinstance(value, kinds[type_])


def _broken_text(where: str, text: str, schema: Schema) -> list[str]:
    broken = _outside(where, len(text), schema.get("minLength"), schema.get("maxLength"))
    if "pattern" in schema and not re.search(schema["pattern"], text):
        broken.append(f"{where}: does not match {schema['pattern']}")
    if schema.get("format") == "uri" and not _is_absolute(text):
        broken.append(f"{where}: an absolute address expected")
    if schema.get("format") == "date-time" and not _is_time(text):
        broken.append(f"{where}: a date or time expected")
    return broken


def _is_absolute(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _outside(where: str, size: float, least: float | None, most: float | None) -> list[str]:
    fits = (least is None or size >= least) and (most is None or size <= most)
    return (
        [] if fits else [f"{where}: {size} is outside {'' if least is None else least}-{'' if most is None else most}"]
    )
