"""Every conversation that we can hold, and the words that begin one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from conversations.choices import bare
from conversations.place import Place
from conversations.steps import Conversation, Effect, Migration, Step


class NoWayOn(Exception):
    """A talk began on a version of a conversation from which no migration leads to today's."""


@dataclass(frozen=True)
class Repertoire:
    """The conversations by name, and which of them the engine itself opens."""

    conversations: Mapping[str, Conversation]
    welcome: str  # asks for consent
    menu: str
    everywhere: Mapping[str, str]  # word → the conversation that it opens from any question
    call_human: Effect  # tells the officers that somebody is stuck
    who: str = ""  # asks who it is, on a phone from which several people speak

    @classmethod
    def of(
        cls,
        conversations: Iterable[Conversation],
        *,
        welcome: Conversation,
        menu: Conversation,
        everywhere: Mapping[str, Conversation],
        call_human: Effect,
        who: Conversation | None = None,
    ) -> "Repertoire":
        """A repertoire of these conversations."""
        by_name = {conversation.name: conversation for conversation in conversations}
        opened = {word: conversation.name for word, conversation in everywhere.items()}
        return cls(by_name, welcome.name, menu.name, opened, call_human, who.name if who else "")

    def at(self, place: Place) -> Conversation:
        """The conversation in which somebody stands."""
        return self.conversations[place.conversation]

    def step(self, place: Place) -> Step:
        """The step at which somebody stands."""
        return self.at(place).steps[place.step]

    def by_word(self, text: str) -> tuple[Conversation, str] | None:
        """The conversation that a word begins, and what was said after the word."""
        said = bare(text)
        for conversation in self.conversations.values():
            if said in conversation.words:
                return conversation, ""
            begun = [word for word in conversation.words if said.startswith(f"{word} ")]
            if conversation.takes_argument and begun:
                return conversation, said[len(max(begun, key=len)) :].strip()
        return None

    def migrated(self, place: Place) -> Place:
        """The same place in today's version; what waits below stays as it is. Raises `NoWayOn`."""
        conversation = self.conversations.get(place.conversation)
        if conversation is None:
            raise NoWayOn(f"{place.conversation} is no conversation any more")
        while place.version != conversation.version:
            migration = conversation.migrations.get(place.version)
            if migration is None or place.step not in migration.steps:
                raise NoWayOn(f"{conversation.name}: no way on from version {place.version}, {place.step}")
            place = moved_on(place, migration)
        if place.step not in conversation.steps:
            raise NoWayOn(f"{conversation.name} has no {place.step} any more")
        return place

    def is_current(self, place: Place) -> bool:
        """True when nothing in the place needs a migration."""
        conversation = self.conversations.get(place.conversation)
        fits = conversation and conversation.version == place.version and place.step in conversation.steps
        return bool(fits) and (place.below is None or self.is_current(place.below))


def moved_on(place: Place, migration: Migration) -> Place:
    """A place one version later. A question behind her that is gone is left out; so is a change that led to one."""
    draft, before = (
        migration.draft(dict(answers)) if answers is not None else None for answers in (place.draft, place.before)
    )
    back_to = migration.steps.get(place.back_to, "")
    return replace(
        place,
        version=place.version + 1,
        step=migration.steps[place.step],
        trail=tuple(migration.steps[step] for step in place.trail if step in migration.steps),
        draft=draft or {},
        aside="",
        editing=place.editing if back_to else "",
        back_to=back_to,
        before=before if back_to else None,
    )
