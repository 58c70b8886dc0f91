"""Where somebody stands in her conversations, as it is stored between two messages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Place:
    """One conversation, the question that is open in it, and the conversation that waits below."""

    conversation: str
    version: int
    step: str
    draft: Mapping[str, Any]  # `Answers.as_json`
    trail: tuple[str, ...] = ()  # the questions behind her, oldest first
    asked: int = 0  # the turn in which this question was first asked: taps of an earlier turn are not for it
    tries: int = 0  # answers to it that we could not read
    page: int = 0
    search: str = ""  # she typed this to narrow a long list
    editing: str = ""  # the chapter that is being changed
    back_to: str = ""  # the step to return to when it is changed
    before: Mapping[str, Any] | None = None  # the draft as it was when the change began
    aside: str = ""  # a question of the engine's own that stands before the step's, as in "cancel"
    below: "Place | None" = None

    def at(self, step: str, turn: int) -> Self:
        """The same conversation at another question."""
        return replace(self, step=step, asked=turn, tries=0, page=0, search="", aside="")

    def changing(self, chapter: str, back_to: str) -> Self:
        """The same place while one chapter is answered anew; it leads to the step `back_to`."""
        return replace(self, editing=chapter, back_to=back_to, before=self.draft)

    def changed(self, turn: int) -> Self:
        """The chapter is answered: where the change leads."""
        return replace(self.at(self.back_to, turn), editing="", back_to="", before=None)

    def unchanged(self, turn: int) -> Self:
        """The change is off: where it leads, with every answer as it was before; the same place when there is none."""
        return replace(self.changed(turn), draft=self.before or {}) if self.editing else self

    def as_json(self) -> dict[str, Any]:
        """As it is stored: only what differs from a fresh place."""
        stored = {f.name: getattr(self, f.name) for f in FIELDS if getattr(self, f.name) != f.default}
        if self.below:
            stored["below"] = self.below.as_json()
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The place that `as_json` stored."""
        below = stored.get("below")
        return cls(
            **{
                **stored,
                "trail": tuple(stored.get("trail", ())),
                "below": cls.from_json(below) if below else None,
            }
        )


FIELDS = fields(Place)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a talk remembers: the place, what was cancelled lately, and the last button that counted."""

    place: Place | None = None
    undo: Place | None = None
    undo_until: datetime | None = None
    last_tap: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        stored: dict[str, Any] = {}
        if self.place:
            stored["place"] = self.place.as_json()
        if self.undo and self.undo_until:
            stored["undo"] = self.undo.as_json()
            stored["undo_until"] = self.undo_until.isoformat()
        if self.last_tap:
            stored["last_tap"] = self.last_tap
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The standing that `as_json` stored."""
        place, undo = stored.get("place"), stored.get("undo")
        return cls(
            place=Place.from_json(place) if place else None,
            undo=Place.from_json(undo) if undo else None,
            undo_until=datetime.fromisoformat(stored["undo_until"]) if undo else None,
            last_tap=stored.get("last_tap", ""),
        )


def without_menu(place: Place | None, menu: str) -> Place | None:
    """The place without a menu on top: nothing is lost by leaving it."""
    while place and place.conversation == menu:
        place = place.below
    return place


def lying_below(place: Place | None, name: str) -> Place | None:
    """The open or waiting place of that conversation."""
    while place and place.conversation != name:
        place = place.below
    return place


def lying_at(place: Place | None, step: str) -> Place | None:
    """The open or waiting place at that step."""
    while place and place.step != step:
        place = place.below
    return place


def carried_over(there: Standing, here: Standing, who: str) -> Standing:
    """What was said elsewhere, at an address of hers where she speaks again; who holds the phone is asked at each."""
    place = only(there.place, lambda one: one.conversation != who)
    if here.place and here.place.conversation == who:
        place = replace(here.place, below=place)
    return replace(there, place=place)


def about_else(place: Place, argument: str) -> bool:
    """True when the conversation there is about something else than what is asked for now."""
    return argument not in ("", place.draft.get("argument"))


def only(place: Place | None, wanted: Callable[[Place], bool]) -> Place | None:
    """The same stack without the places that are not wanted."""
    if place is None:
        return None
    below = only(place.below, wanted)
    return replace(place, below=below) if wanted(place) else below
