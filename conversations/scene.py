"""One message being answered: where she stands, what has been said so far, and how one moves from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from conversations import asides, hints
from conversations.answers import Answers
from conversations.links import opening_page
from conversations.pages import progress, visible
from conversations.place import Place, Standing, about_else, lying_below, only, without_menu
from conversations.repertoire import NoWayOn, Repertoire
from conversations.steps import Effect, End, Option, Question, Show, Step
from conversations.talk import Facts, Talk
from conversations.words import _, spoken
from domain.message import Button, Incoming, Kind, Reply
from storage.queries import people

HOPS = 20  # steps that may follow one another without a question
UNDO = timedelta(days=1)

Planned = tuple[Effect, Talk[Any]]


@dataclass(frozen=True)
class Turn:
    """What one message leads to: stored together, or not at all."""

    standing: Standing
    replies: tuple[Reply, ...]
    effects: tuple[Planned, ...] = ()
    notice: str = ""  # a passing word beside the chat, where a channel has such
    switched: bool = False  # the talk that goes on here is another one from now on


class Scene:
    """Where she stands, and what has been said so far; every move ends with a question, or with an end."""

    def __init__(self, repertoire: Repertoire, standing: Standing, facts: Facts, heard: Incoming) -> None:
        self.repertoire = repertoire
        self.standing = standing
        self.facts = facts
        self.heard = heard
        self.typed = heard.text if heard.kind is Kind.TEXT else ""
        self.place: Place | None = None
        self.parts: list[str] = []
        self.effects: list[Planned] = []
        self.notice = ""
        self.document = ""
        self.file = False
        self.decoded: tuple[Mapping[str, Any], Answers] | None = None
        self.understood: tuple[Place, Question | None] | None = None
        self.welcomed = False  # consent was asked and answered in this very turn
        self.question: Question | None = None  # what is asked at the end

    def turn(self) -> Turn:
        """Everything that was decided."""
        if self.question and self.place and (open_page := opening_page(self.question, self.place)):
            self.effects.append((open_page, self.talk(self.place)))
        standing = replace(self.standing, place=self.place)
        return Turn(standing, self.replies(), tuple(self.effects), self.notice, self.facts.switched)

    def replies(self) -> tuple[Reply, ...]:
        """All that was said as one message, the question last, with its choices."""
        if self.question is None or self.place is None:
            text = self.headed(self.parts)
            return (Reply(text, document=self.document, file=self.file),) if text or self.document else ()
        text = self.headed([*self.parts, self.question_text()])
        buttons = tuple(Button(o.label, self.data(o)) for o in self.on_screen(self.question))
        if self.question.contact and self.facts.shares_contact:
            share = Button(self.question.contact, "")
            return (Reply(text, (share, *buttons), numbered=False, asks_contact=True),)
        return (Reply(text, buttons, document=self.document, file=self.file),)

    def headed(self, parts: Sequence[str]) -> str:
        """What was said; on a phone from which several people speak, with the name of whom it concerns."""
        said = "\n\n".join(part for part in parts if part)
        asks_who = self.place is not None and self.place.conversation == self.repertoire.who
        if not said or not self.facts.shared or self.facts.switched or asks_who:
            return said
        return _("Untuk {name}:").format(name=people.name_of(self.facts.db, self.facts.person_id)) + "\n" + said

    def question_text(self) -> str:
        """The question, with its place in the whole."""
        assert self.question is not None and self.place is not None
        return progress(self.repertoire, self.place) + self.question.text

    def data(self, option: Option) -> str:
        """What a button of the open question carries: the turn, whose it is and the question, and the choice."""
        assert self.place is not None
        return (
            f"{self.place.asked}.{self.facts.tag}|{self.place.aside.partition(':')[0] or self.place.step}|{option.id}"
        )

    def on_screen(self, question: Question) -> tuple[Option, ...]:
        """The choices that she sees with this question."""
        assert self.place is not None
        return visible(question, self.place)

    def where_she_is(self, place: Place | None) -> Place | None:
        """The same stack in today's version, without what no migration leads on from."""
        if place is None or self.repertoire.is_current(place):
            return place
        below = self.where_she_is(place.below)
        try:
            return replace(self.repertoire.migrated(place), below=below)
        except NoWayOn:
            self.parts.append(_("Maaf, pertanyaan yang tadi sudah kami ganti. Kita mulai lagi dari sini."))
            return below

    def where_she_may_be(self, place: Place | None) -> Place | None:
        """The same stack without what is not for this person any more."""
        allowed = only(place, lambda one: self.may_hold(one.conversation))
        if allowed != place:
            self.parts.append(_("Tugas ini sekarang bukan untuk Bapak/Ibu lagi."))
        return allowed

    def go_on(self, step: Step, answer: dict[str, Any]) -> None:
        """Keep the answer and go to the next step."""
        assert self.place is not None
        place = self.with_answers(self.place, answer)
        trail = place.trail if place.editing else (*place.trail, place.step)
        self.place = replace(place, trail=trail)
        self.arrive(step)
        if self.place and self.place.trail[-1:] == (self.place.step,):  # the same list again: it is no step back
            self.place = replace(self.place, trail=self.place.trail[:-1])

    def with_answers(self, place: Place, answers: dict[str, Any]) -> Place:
        """The place with these answers in its draft."""
        if not answers:
            return place
        draft = self.draft(place).with_(**answers)
        kept = replace(place, draft=draft.as_json())
        self.decoded = (kept.draft, draft)
        return kept

    def arrive(self, step: Step) -> None:
        """Say what the steps say, until one of them asks or ends."""
        for _hop in range(HOPS):
            assert self.place is not None
            if self.is_changed_when_at(step):
                self.place = self.place.changed(self.facts.turn)
                self.parts.append(_("Sudah diganti."))
                step = self.repertoire.step(self.place)
            said = step(self.talk(self.place))
            self.place = self.with_answers(self.place, dict(said.keep))
            if said.speaks:
                self.facts.language = said.speaks
                spoken.set(said.speaks)
            if said.do:
                self.effects.append((said.do, self.talk(self.place)))
            if isinstance(said, Question):
                self.place = self.place.at(step.__name__, self.facts.turn)
                self.question = said
                if said.document:
                    self.document, self.file = said.document, said.file
                return
            self.parts.append(said.text)
            if isinstance(said, End):
                self.end(said)
                return
            assert isinstance(said, Show)
            if said.changes and said.back_to:
                self.place = self.place.changing(said.changes.name, said.back_to.__name__)
            step = said.then
        raise RuntimeError(f"{step.__name__}: {HOPS} steps without a question")

    def is_changed_when_at(self, step: Step) -> bool:
        """True when one chapter was answered anew and this step is the first outside of it."""
        assert self.place is not None
        chapter = self.repertoire.at(self.place).chapters_by_step.get(step.__name__)
        return bool(self.place.editing) and (chapter is None or chapter.name != self.place.editing)

    def end(self, said: End) -> None:
        """A conversation is over: another opens, or what lay below goes on."""
        assert self.place is not None
        self.document, self.file = said.document, said.file
        self.question = None
        self.welcomed = self.welcomed or self.place.conversation == self.repertoire.welcome
        if said.switches:
            self.facts.switched, self.place = True, self.place.below
            return
        if self.place.editing:  # a change that led nowhere leaves everything as it was
            self.place = self.place.unchanged(self.facts.turn)
            self.ask_here()
            return
        self.place = None if said.drops else self.place.below
        if said.opens:
            self.open(said.opens, said.about)
        elif self.place:
            self.recap()
        elif not any(self.parts):
            self.open(self.repertoire.menu)

    def leave(self) -> None:
        """Step out of the conversation without ending it."""
        assert self.place is not None
        self.question = None
        unwelcome = self.place.conversation == self.repertoire.welcome
        self.place = None if unwelcome else self.place.below
        if self.place:
            self.recap()
        else:
            self.open(self.repertoire.menu)

    def open(self, name: str, argument: str = "") -> None:
        """Begin a conversation on top of the open one; one that lies below already is taken up again."""
        self.question = None
        if name != self.repertoire.welcome:
            self.place = without_menu(self.place, self.repertoire.menu)
        conversation = self.repertoire.conversations[name]
        found = lying_below(self.place, name)
        if found and about_else(found, argument):
            self.make_room(found)
            found = None
        below = only(self.place, lambda one: one.conversation != name)
        if found:
            self.place = replace(found, below=below)
        else:
            draft = {"argument": argument} if argument else {}
            self.place = Place(name, conversation.version, conversation.start.__name__, draft, below=below)
        if name == self.repertoire.menu and self.place.below:
            self.facts.waiting = _(self.repertoire.at(self.place.below).title)
        if found or self.must_be_welcomed(name):
            self.recap()
        else:
            self.arrive(conversation.start)

    def make_room(self, left: Place) -> None:
        """The same conversation begins about something else: what was answered in it can be taken up again."""
        if self.took_effort(left):
            self.set_undo(left)
            text = _('Yang tadi, {title}, kami simpan. Ketik "urungkan" untuk kembali ke sana.')
            self.parts.append(text.format(title=_(self.repertoire.at(left).title)))

    def took_effort(self, place: Place) -> bool:
        """True when answers would be lost with this place."""
        return bool(self.repertoire.at(place).kept and place.draft)

    def set_undo(self, left: Place | None) -> None:
        """What she can come back to for a day."""
        left = replace(left, aside="", below=None) if left else None
        self.standing = replace(self.standing, undo=left, undo_until=self.facts.now + UNDO if left else None)

    def ask_here(self) -> None:
        """Ask the question of the place where she stands; a step that only says something leads on."""
        assert self.place is not None
        self.arrive(self.repertoire.step(self.place))

    def recap(self) -> None:
        """Say where she was, and ask again: nothing she said since then is taken for an answer."""
        assert self.place is not None
        self.place = replace(self.place, aside="")
        conversation = self.repertoire.at(self.place)
        if self.must_be_welcomed(conversation.name):
            self.open(self.repertoire.welcome)
            return
        if conversation.name != self.repertoire.menu:
            self.parts.append(_("Kita lanjutkan: {title}.").format(title=_(conversation.title)))
        self.ask_here()

    def ask_again(self) -> None:
        """The open question once more."""
        assert self.place is not None
        self.place = replace(self.place, aside="")
        self.question = self.step_question()
        if self.question is None:
            self.ask_here()

    def ask_again_or_menu(self) -> None:
        """The open question once more, or the menu when nothing is open."""
        if self.place:
            self.ask_again()
        else:
            self.open(self.repertoire.menu)

    def set_aside(self, aside: str) -> None:
        """Put a question of the engine's own before the step's."""
        assert self.place is not None
        self.place = replace(self.place, aside=aside, page=0, search="")
        self.question = self.open_question()

    def unclear(self, advice: str) -> None:
        """We could not read it: advice, then fewer words, then an example, then choices, then a human."""
        if self.place is None:
            self.parts.append(advice)
            self.open(self.repertoire.menu)
            return
        self.place = replace(self.place, tries=self.place.tries + 1, aside="")
        self.parts.append(advice)
        self.question = self.step_question()
        if self.question:
            hints.climb(self, self.question)
        else:
            self.ask_here()

    def talk(self, place: Place) -> Talk[Any]:
        """What a step may know at this place."""
        return Talk(self.draft(place), self.facts)

    def draft(self, place: Place) -> Answers:
        """Her answers at this place, decoded once."""
        if self.decoded is None or self.decoded[0] is not place.draft:
            self.decoded = (place.draft, self.repertoire.at(place).draft.from_json(place.draft))
        return self.decoded[1]

    def step_question(self) -> Question | None:
        """The question of the step where she stands, without its effects."""
        if self.place is None:
            return None
        if self.place.conversation == self.repertoire.menu and self.place.below:
            self.facts.waiting = _(self.repertoire.at(self.place.below).title)
        if self.understood is None or self.understood[0] is not self.place:
            self.understood = (self.place, self.question_at(self.place))
        return self.understood[1]

    def question_at(self, place: Place | None) -> Question | None:
        """The question of the step at some place, without its effects."""
        if place is None:
            return None
        said = self.repertoire.step(place)(self.talk(place))
        return said if isinstance(said, Question) else None

    def open_question(self) -> Question | None:
        """The question that is open: the engine's own where it stands before the step's."""
        if self.place and self.place.aside:
            return asides.question(self)
        return self.step_question()

    def may_hold(self, name: str) -> bool:
        """True when this person may be in this conversation."""
        only_for = self.repertoire.conversations[name].only_for if name in self.repertoire.conversations else ()
        return not only_for or bool(self.facts.roles & frozenset(only_for))

    def must_be_welcomed(self, name: str) -> bool:
        """True when language and consent come first: at the first word, and before we keep anything."""
        if self.welcomed or name == self.repertoire.welcome:
            return False
        if name in (self.repertoire.menu, self.repertoire.who):
            return self.facts.is_new
        return self.repertoire.conversations[name].needs_consent and not self.facts.consented
