"""What somebody has answered so far, and how it survives between two messages."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar, Self, get_type_hints

from domain.month import Month
from domain.nik import Nik

AsJson = Callable[[Any], Any]
FromJson = Callable[[Any], Any]

CODECS: dict[type, tuple[AsJson, FromJson]] = {
    Nik: (lambda nik: nik.digits, Nik),
    date: (date.isoformat, date.fromisoformat),
    Month: (str, Month.parse),
}


class Answers:
    """The draft of a conversation: its annotations name what may be answered, and of which type.

    An answer that was not given yet is an `AttributeError`: a step that needs it comes too early.
    """

    _fields: ClassVar[frozenset[str]] = frozenset()
    _codecs: ClassVar[Mapping[str, tuple[AsJson, FromJson]]] = {}  # of the answers that JSON cannot hold as they are

    def __init_subclass__(cls) -> None:
        kinds = {name: kind for name, kind in get_type_hints(cls).items() if not name.startswith("_")}
        cls._fields = frozenset(kinds)
        cls._codecs = {name: CODECS[kind] for name, kind in kinds.items() if kind in CODECS}

    def __init__(self, **given: Any) -> None:
        unknown = given.keys() - self._fields
        if unknown:
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        self.__dict__.update(given)

    def has(self, name: str) -> bool:
        """True when this was answered."""
        return name in self.__dict__

    def get(self, name: str, default: Any = None) -> Any:
        """The answer, or `default` when it was not given."""
        return self.__dict__.get(name, default)

    def with_(self, **more: Any) -> Self:
        """The same answers and these."""
        return type(self)(**{**self.__dict__, **more})

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        stored = dict(self.__dict__)
        for name, (encode, _decode) in self._codecs.items():
            if stored.get(name) is not None:
                stored[name] = encode(stored[name])
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The answers that `as_json` stored."""
        given = {name: value for name, value in stored.items() if name in cls._fields}
        for name, (_encode, decode) in cls._codecs.items():
            if given.get(name) is not None:
                given[name] = decode(given[name])
        return cls(**given)
