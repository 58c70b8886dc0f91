"""What a step may return: Ask, Choose, Show or End; and how conversations are declared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conversations.answers import Answers

if TYPE_CHECKING:
    from sqlmodel import Session

    from conversations.talk import Talk

Step = Callable[["Talk[Any]"], "Said"]
Effect = Callable[["Session", "Talk[Any]"], "Mapping[str, str] | None"]
"""What a step wants done in the turn's transaction; the words that it returns fill the gaps of the step's text."""
Reader = Callable[[str], Any]


class Unclear(Exception):
    """We could not read an answer; the text says what to type instead. The only error that a vendor sees."""


@dataclass(frozen=True)
class Option:
    """One answer to choose. `key` is stable and travels in the button; `value` is saved under the question's `save`."""

    label: str
    then: Step | None = None  # None: where the question itself leads
    value: Any = None
    key: str = ""
    words: Sequence[str] = ()  # further words that mean this option
    says: str = ""  # choosing it is like typing this word that works everywhere, as in "ubah"

    @property
    def id(self) -> str:
        """What the button carries."""
        return self.key or self.says or (self.then.__name__ if self.then else str(self.value))


Options = Mapping[str, Step] | Sequence[Option]


@dataclass(frozen=True)
class Said:
    """What every step says."""

    text: str
    do: Effect | None = field(default=None, kw_only=True)
    keep: Mapping[str, Any] = field(default_factory=dict, kw_only=True)  # facts for the draft that nobody typed
    speaks: str = field(default="", kw_only=True)  # the language from here on


@dataclass(frozen=True)
class Question(Said):
    """Something that waits for an answer; steps return `Ask` or `Choose`."""

    options: Sequence[Option] = ()
    read: Reader | None = None
    save: str = ""
    then: Step | None = None
    simple: str = ""  # the same question in fewer words, after the first answer that we could not read
    example: str = ""  # after the second
    photo: bool = False  # a photo answers it
    prose: bool = False  # whole sentences answer it: a word that begins something counts only when it stands alone
    form: tuple[str, ...] = ()  # a page of ours asks it; its "{link}" stands in the text. "ktp?": may be left out
    look: str = ""  # a page of ours shows it, as in "ktp/…"; its "{link}" stands in the text
    contact: str = ""  # label of the key that shares her own phone number
    sure: bool = False  # an answer that can be nothing else: accepted even after a long pause
    document: str = ""  # a sealed photo or drawing to show with it
    file: bool = False  # to keep, rather than to look at: a receipt is a PDF then
    paged: bool = True  # a long list is shown in pages


def Ask(  # noqa: N802 - reads as what the step returns
    text: str,
    *,
    read: Reader | None,
    save: str,
    then: Step,
    options: Options = (),
    simple: str = "",
    example: str = "",
    photo: bool = False,
    prose: bool = False,
    form: tuple[str, ...] = (),
    contact: str = "",
    sure: bool = False,
    keep: Mapping[str, Any] | None = None,
) -> Question:
    """Ask for something that is typed, photographed, shared or filled in on a page of ours.

    `options` are ways around it, such as "Lewati".
    """
    return Question(
        text,
        options=as_options(options),
        read=read,
        save=save,
        then=then,
        simple=simple,
        example=example,
        photo=photo,
        prose=prose,
        form=form,
        contact=contact,
        sure=sure,
        keep=keep or {},
    )


def Choose(  # noqa: N802 - reads as what the step returns
    text: str,
    options: Options,
    *,
    save: str = "",
    then: Step | None = None,
    read: Reader | None = None,
    do: Effect | None = None,
    keep: Mapping[str, Any] | None = None,
    document: str = "",
    file: bool = False,
    look: str = "",
) -> Question:
    """Ask to choose; with `read`, a typed answer that is none of the options may still do."""
    return Question(
        text,
        options=as_options(options),
        read=read,
        save=save,
        then=then,
        do=do,
        keep=keep or {},
        document=document,
        file=file,
        look=look,
    )


@dataclass(frozen=True)
class Show(Said):
    """Say something (or nothing) and go on by itself."""

    then: Step = field(kw_only=True)
    changes: "Chapter | None" = field(default=None, kw_only=True)  # what follows is one chapter, answered anew
    back_to: Step | None = field(default=None, kw_only=True)  # where that leads in the end


@dataclass(frozen=True)
class End(Said):
    """The conversation is over; what lay below it goes on."""

    opens: str = field(default="", kw_only=True)  # the conversation that begins now
    about: str = field(default="", kw_only=True)  # its argument, as in the button of a notice
    drops: bool = field(default=False, kw_only=True)  # what lay below is over as well
    switches: bool = field(default=False, kw_only=True)  # another talk goes on at this address from now on
    document: str = field(default="", kw_only=True)
    file: bool = field(default=False, kw_only=True)


def as_options(options: Options) -> tuple[Option, ...]:
    """Options from `{label: step}` or as they are."""
    if isinstance(options, Mapping):
        return tuple(Option(label, then) for label, then in options.items())
    return tuple(options)


@dataclass(frozen=True)
class Chapter:
    """One thing that we ask for, in one or more steps: what is counted, reviewed, changed and sent back as a whole."""

    name: str
    title: str  # marked with N_()
    steps: Sequence[Step]
    shows: Callable[[Any], str] | None = None  # draft → what she answered; None: not shown and not changed


@dataclass(frozen=True)
class Migration:
    """How a talk that began on an older version goes on: old step → new step, and the draft's new form."""

    steps: Mapping[str, str]
    draft: Callable[[dict[str, Any]], dict[str, Any]] = dict


@dataclass(frozen=True, eq=False)
class Conversation:
    """A conversation: its first step, its chapters in the order a person meets them, and who may hold it."""

    name: str
    title: str  # marked with N_()
    version: int
    draft: type[Answers]
    start: Step
    chapters: Sequence[Chapter] = ()
    further_steps: Sequence[Step] = ()  # of no chapter
    words: Sequence[str] = ()  # saying one of these begins it
    takes_argument: bool = False  # what follows the word goes into the draft as `argument`
    only_for: frozenset[str] = frozenset()  # roles; empty: anybody
    needs_consent: bool = False
    counted: bool = False  # say "(3/14)" before each chapter
    kept: bool = False  # leaving it is confirmed and can be undone for a day
    hears: frozenset[str] = frozenset()  # steps that take a photo, and a voice note as well
    migrations: Mapping[int, Migration] = field(default_factory=dict)

    @cached_property
    def steps(self) -> dict[str, Step]:
        """Every step by its name."""
        inside = [step for chapter in self.chapters for step in chapter.steps]
        return {step.__name__: step for step in [self.start, *inside, *self.further_steps]}

    @cached_property
    def chapters_by_step(self) -> dict[str, Chapter]:
        """The chapter in which each step lies; a step outside of all has none."""
        return {step.__name__: chapter for chapter in self.chapters for step in chapter.steps}

    def leads_on(self, version: int, step: str) -> bool:
        """True when a talk at that step of that version can go on today."""
        while version != self.version:
            migration = self.migrations.get(version)
            if migration is None or step not in migration.steps:
                return False
            version, step = version + 1, migration.steps[step]
        return step in self.steps

    def chapter(self, name: str) -> Chapter:
        """The chapter of that name. Raises `KeyError`."""
        for chapter in self.chapters:
            if chapter.name == name:
                return chapter
        raise KeyError(name)
