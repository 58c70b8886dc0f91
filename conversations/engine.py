"""The conversation engine: (standing, message, facts) → (standing, replies, effects). It reads, and never writes.

Every step of every conversation gets from here: the words that work everywhere, one step back, changing an earlier
answer, cancelling with a day to undo it, help that grows with every answer that we cannot read, going on after any
pause, and buttons that are safe to press long after.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from conversations import asides, choices, hints
from conversations.answers import Answers
from conversations.place import Place, Standing
from conversations.repertoire import NoWayOn, Repertoire
from conversations.steps import Conversation, Effect, End, Option, Question, Show, Step, Unclear
from conversations.talk import Facts, Talk
from conversations.words import _, speaking, spoken
from domain.message import Button, Incoming, Kind, Reply

PAUSE = timedelta(minutes=30)  # after such a silence she is told where she was
UNDO = timedelta(days=1)
HOPS = 20  # steps that may follow one another without a question
PAGE = 8  # choices on one screen
LONGEST = 2_000  # characters of one answer
TURNING = "page:"  # begins the key of a choice that shows another page
OPENING = ">"  # begins the data of a button that opens a conversation (`notices.opening`)


Planned = tuple[Effect, Talk[Any]]


@dataclass(frozen=True)
class Turn:
    """What one message leads to: stored together, or not at all."""

    standing: Standing
    replies: tuple[Reply, ...]
    effects: tuple[Planned, ...] = ()
    notice: str = ""  # a passing word beside the chat, where a channel has such


def reply(repertoire: Repertoire, standing: Standing, facts: Facts, heard: Incoming, silence: timedelta) -> Turn:
    """Answer one message. `silence`: how long it was since her last one."""
    with speaking(facts.language):
        scene = Scene(repertoire, standing, facts, heard)
        scene.hear(paused=silence >= PAUSE)
        return scene.turn()


class Scene:
    """One message being answered: where she stands, and what has been said so far."""

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
        self.decoded: tuple[Mapping[str, Any], Answers] | None = None
        self.understood: tuple[Place, Question | None] | None = None
        self.welcomed = False  # consent was asked and answered in this very turn
        self.question: Question | None = None  # what is asked at the end

    def turn(self) -> Turn:
        """Everything that was decided."""
        standing = replace(self.standing, place=self.place)
        return Turn(standing, self.replies(), tuple(self.effects), self.notice)

    def replies(self) -> tuple[Reply, ...]:
        """All that was said as one message, the question last, with its choices."""
        if self.question is None or self.place is None:
            text = "\n\n".join(part for part in self.parts if part)
            return (Reply(text, document=self.document),) if text or self.document else ()
        text = "\n\n".join(part for part in [*self.parts, self.question_text()] if part)
        buttons = tuple(Button(o.label, self.data(o)) for o in self.on_screen(self.question))
        if self.question.contact and self.facts.shares_contact:
            share = Button(self.question.contact, "")
            return (Reply(text, (share, *buttons), numbered=False, asks_contact=True),)
        return (Reply(text, buttons, document=self.document),)

    def question_text(self) -> str:
        """The question, with its place in the whole."""
        assert self.question is not None and self.place is not None
        return progress(self.repertoire, self.place) + self.question.text

    def data(self, option: Option) -> str:
        """What a button of the open question carries: the turn and the question it belongs to, and the choice."""
        assert self.place is not None
        return f"{self.place.asked}|{self.place.aside.partition(':')[0] or self.place.step}|{option.id}"

    def on_screen(self, question: Question) -> tuple[Option, ...]:
        """The choices that she sees with this question."""
        assert self.place is not None
        return visible(question, self.place)

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────

    def hear(self, *, paused: bool) -> None:
        """Find out what the message is, and answer it."""
        self.place = self.where_she_may_be(self.where_she_is(self.standing.place))
        if self.heard.kind is not Kind.TAP:
            self.standing = replace(self.standing, last_tap="")
        if self.heard.kind is Kind.EDITED:
            self.parts.append(_('Pesan yang diubah tidak kami baca lagi. Untuk mengganti jawaban, ketik "ubah".'))
        elif self.parts:  # where she was, she cannot stay: what she said was for there
            if not self.said_everywhere():
                self.recap() if self.place else self.open(self.repertoire.menu)
        elif self.heard.kind is Kind.TAP:
            self.tapped()
        elif len(self.typed) > LONGEST:
            self.unclear(_("Pesan itu terlalu panjang. Tulis yang pendek saja."))
        elif paused and not self.is_surely_an_answer():
            self.came_back()
        elif self.place is None:
            self.greeted()
        else:
            self.answered()

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

    def greeted(self) -> None:
        """Somebody begins, with nothing open."""
        if self.said_everywhere() or self.began_by_word(self.typed):
            return
        if self.heard.kind is not Kind.TEXT:
            self.parts.append(hints.not_now(self.heard.kind))
        self.open(self.repertoire.menu)

    def came_back(self) -> None:
        """She writes after a pause: a word that begins something counts, anything else is not taken for an answer."""
        self.place = without_menu(self.place, self.repertoire.menu)
        if self.place is None:
            self.greeted()
        elif not (self.said_everywhere() or self.began_by_word(self.typed)):
            self.recap()

    def began_by_word(self, text: str) -> bool:
        """Begin the conversation whose word she said. False: it is no such word, or not one for her."""
        found = self.begun_by(text)
        if found is None:
            return False
        self.open(found[0].name, found[1])
        return True

    def begun_by(self, text: str) -> tuple[Conversation, str] | None:
        """The conversation that she may hold and whose word this is, and what she said after the word."""
        found = self.repertoire.by_word(text)
        return found if found and self.may_hold(found[0].name) else None

    def tapped(self) -> None:
        """A button was pressed: of the open question, of an older one, or one that opens a conversation."""
        turn, step, key = ([*self.heard.tap.split("|", 2), "", ""])[:3]
        if turn == OPENING and step in self.repertoire.conversations and self.may_hold(step):
            self.open(step, key)
            return
        if self.heard.tap and self.heard.tap == self.standing.last_tap:
            self.notice = _("Jawaban itu sudah kami terima.")
            return
        if self.place and self.place.aside and step == self.place.step:
            self.place = replace(self.place, aside="")
        question = self.open_question()
        option = next((o for o in every_button(question) if o.id == key), None)
        if self.place and option and self.is_of_open_question(turn, step):
            self.standing = replace(self.standing, last_tap=self.heard.tap)
            self.picked(option)
            return
        if self.place and question is None and self.is_of_open_question(turn, step):
            self.ask_here()
            return
        self.notice = _("Tombol itu sudah lewat.")
        self.parts.append(_("Tombol itu untuk pertanyaan yang sudah lewat, jadi tidak mengubah apa-apa."))
        self.ask_again_or_menu()

    def is_of_open_question(self, turn: str, step: str) -> bool:
        """True when a button was shown since the open question was first asked."""
        assert self.place is not None
        name = self.place.aside.partition(":")[0] or self.place.step
        return step == name and turn.isdecimal() and int(turn) >= self.place.asked

    def answered(self) -> None:
        """An answer to the open question, or a word that works everywhere."""
        question = self.open_question()
        assert self.place is not None
        if question is None:  # what was asked is settled by now, as when another officer was faster
            self.ask_here()
        elif option := choices.match(self.typed, self.on_screen(question), question.options):
            self.picked(option)
        elif self.said_everywhere():
            return
        elif self.place.aside:
            self.place = replace(self.place, aside="")
            self.answered()
        elif self.heard.kind is not Kind.TEXT:
            self.sent_something(question)
        elif not (self.said_word_of_a_conversation(question) or self.read(question)):
            self.guess(question)

    def said_word_of_a_conversation(self, question: Question) -> bool:
        """Begin it, or ask first where the word could be an answer: nobody is called "Daftar", but who knows."""
        found = self.begun_by(self.typed)
        if found and question.read and not found[1]:
            self.set_aside(f"word:{choices.bare(self.typed)}")
            return True
        return self.began_by_word(self.typed)

    def read(self, question: Question) -> bool:
        """Read what she typed; several lines may answer several questions. False: there is nothing to say about it."""
        advice = ""
        try:
            if question.read:
                self.saved(question, question.read(self.typed.strip()))
                return True
        except Unclear as unclear:
            advice = str(unclear)
        return self.read_lines() or (bool(advice) and self.advise(advice))

    def read_lines(self) -> bool:
        """Each line answers the next question, as far as they can be read. False: not even the first can."""
        lines = [line.strip() for line in self.typed.splitlines() if line.strip()]
        began = self.place
        for number, line in enumerate(lines if len(lines) > 1 else ()):
            if not (self.takes_lines(began) and self.read_line(line)):
                if number:
                    self.parts.insert(0, _("Pesan itu berisi beberapa jawaban. Selebihnya kita isi satu per satu."))
                return number > 0
        return len(lines) > 1

    def takes_lines(self, began: Place | None) -> bool:
        """True while one answer after the other is asked for; what wants a look first, as a review, takes no line."""
        if self.place is None or began is None:
            return False
        went_on = (self.place.conversation, self.place.editing) == (began.conversation, began.editing)
        return went_on and self.place.step in self.repertoire.at(self.place).chapters_by_step

    def read_line(self, line: str) -> bool:
        """Take one line for an answer to the open question. False: we cannot read it."""
        question = self.open_question()
        if question is None:
            return False
        if option := choices.match(line, self.on_screen(question), question.options):
            self.picked(option)
            return True
        try:
            if question.read:
                self.saved(question, question.read(line))
        except Unclear:
            return False
        return question.read is not None

    def advise(self, advice: str) -> bool:
        """A near miss of a word that works everywhere is asked about; anything else gets the reader's advice."""
        word = asides.nearest_word(self.typed, self.repertoire)
        if word:
            self.set_aside(f"word:{word}")
        else:
            self.unclear(advice)
        return True

    def guess(self, question: Question) -> None:
        """None of the choices: a part of a long list, a near miss, or unclear."""
        found = choices.search(self.typed, question.options) if in_pages(question) else []
        nearest = found[0] if found else choices.nearest(self.typed, question.options)
        if len(found) > 1:
            assert self.place is not None
            self.place = replace(self.place, search=choices.bare(self.typed), page=0)
            self.parts.append(_("Ini yang mirip:"))
            self.question = question
        elif nearest:
            self.set_aside(f"meant:{nearest.id}")
        elif question.photo:
            self.advise(hints.not_here(self.heard.kind, wants_photo=True))
        else:
            self.advise(_("Pilih salah satu: ketik nomornya atau tekan tombolnya."))

    def sent_something(self, question: Question) -> None:
        """Not text: the photo or the number that we asked for, or something we cannot use here."""
        if question.photo and self.heard.kind in (Kind.PHOTO, Kind.FILE):
            self.sent_photo(question)
        elif question.contact and self.heard.kind is Kind.CONTACT and self.heard.contact:
            self.sent_contact(question)
        else:
            self.unclear(hints.not_here(self.heard.kind, wants_photo=question.photo))

    def sent_photo(self, question: Question) -> None:
        """One good photo answers; anything else is explained."""
        photos = self.facts.photos
        if len(photos) > 1:
            self.unclear(_("Kami menerima {count} foto. Kirim satu saja.").format(count=len(photos)))
        elif not photos or photos[0].trouble:
            self.unclear(hints.photo_trouble(photos[0].trouble if photos else ""))
        else:
            self.saved(question, photos[0].document_id)

    def sent_contact(self, question: Question) -> None:
        """Only her own number counts: a card from the address book is somebody else's."""
        contact = self.heard.contact
        assert contact is not None and question.read is not None
        if not contact.own:
            self.unclear(_("Itu nomor orang lain. Bagikan nomor Bapak/Ibu sendiri, atau ketik nomornya."))
            return
        try:
            self.saved(question, question.read(contact.phone))
        except Unclear as advice:
            self.unclear(str(advice))

    # ── words that work everywhere ───────────────────────────────────────────────────────────────────────────

    def said_everywhere(self) -> bool:
        """Do what a word asks that works at every question. False: it is none of them."""
        return self.do_word(asides.word_in(self.typed, self.repertoire))

    def do_word(self, word: str) -> bool:
        """Do what one of the words that work everywhere asks."""
        if word in self.repertoire.everywhere:
            self.open(self.repertoire.everywhere[word])
            return True
        deeds = {
            "bantuan": self.help,
            "kembali": self.back,
            "ubah": self.edit,
            "batal": self.cancel,
            "urungkan": self.undo,
            "ulang": self.ask_again_or_menu,
            "lanjutkan": self.go_on_below,
        }
        if word in deeds:
            deeds[word]()
        return word in deeds

    def help(self) -> None:
        """What this question wants, and what can be said at any time; then the question again."""
        question = self.step_question()
        if question and (question.example or question.simple):
            self.parts.append(question.example or question.simple)
        self.parts.append(hints.words_everywhere(self.facts.house.help_contact))
        self.ask_again_or_menu()

    def back(self) -> None:
        """One question back; the answers stay until they are given anew."""
        place = self.place
        if place is None:
            self.open(self.repertoire.menu)
        elif place.aside:
            self.ask_again()
        elif place.editing:
            self.place = place.unchanged(self.facts.turn)
            self.ask_here()
        elif place.trail:
            self.place = replace(place.at(place.trail[-1], self.facts.turn), trail=place.trail[:-1])
            self.ask_here()
        elif place.below and not self.would_be_missed(place):
            self.place = place.below
            self.recap()
        else:
            self.parts.append(_("Ini pertanyaan yang pertama."))
            self.ask_again()

    def would_be_missed(self, place: Place) -> bool:
        """True when leaving this conversation unasked would lose answers, or its consent."""
        answered = self.repertoire.at(place).kept and place.draft
        return bool(answered) or place.conversation == self.repertoire.welcome

    def edit(self) -> None:
        """Which earlier answer shall be changed?"""
        if self.place and asides.changeable(self.repertoire, self.place):
            self.set_aside("edit")
            return
        self.parts.append(_("Belum ada jawaban yang bisa diubah."))
        self.ask_again_or_menu()

    def cancel(self) -> None:
        """Leave the conversation; one that took effort only after a question."""
        if self.place is None:
            self.parts.append(_("Tidak ada yang perlu dibatalkan."))
            self.open(self.repertoire.menu)
        elif self.repertoire.at(self.place).kept:
            self.set_aside("cancel")
        else:
            self.parts.append(_("Baik, tidak jadi."))
            self.leave()

    def undo(self) -> None:
        """Take back a cancellation of the last day."""
        standing = self.standing
        lasts = standing.undo_until is not None and self.facts.now <= standing.undo_until
        restored = self.where_she_may_be(self.where_she_is(standing.undo)) if lasts else None
        if restored is None:
            self.parts.append(_("Tidak ada yang bisa dikembalikan."))
            self.ask_again_or_menu()
            return
        self.set_undo(lying_below(self.place, restored.conversation))
        others = only(self.place, lambda one: one.conversation not in (restored.conversation, self.repertoire.menu))
        self.place = replace(restored, below=others)
        self.recap()

    def set_undo(self, left: Place | None) -> None:
        """What she can come back to for a day."""
        left = replace(left, aside="", below=None) if left else None
        self.standing = replace(self.standing, undo=left, undo_until=self.facts.now + UNDO if left else None)

    def go_on_below(self) -> None:
        """From the menu back to what was open before it."""
        self.place = without_menu(self.place, self.repertoire.menu)
        if self.place:
            self.recap()
        else:
            self.open(self.repertoire.menu)

    # ── going on ─────────────────────────────────────────────────────────────────────────────────────────────

    def picked(self, option: Option) -> None:
        """A choice was made."""
        assert self.place is not None
        if option.key.startswith(TURNING):
            self.place = replace(self.place, search="", page=int(option.key.removeprefix(TURNING)))
            self.question = self.open_question()
        elif self.place.aside:
            asides.picked(self, option)
        elif option.says:
            self.do_word(option.says)
        else:
            question = self.step_question()
            assert question is not None
            then = option.then or question.then
            assert then is not None, f"{option.id} leads nowhere"
            saves = question.save and option.value is not None
            self.go_on(then, {question.save: option.value} if saves else {})

    def saved(self, question: Question, value: Any) -> None:
        """An answer was read."""
        assert question.then is not None
        self.go_on(question.then, {question.save: value} if question.save else {})

    def go_on(self, step: Step, answer: dict[str, Any]) -> None:
        """Keep the answer and go to the next step."""
        assert self.place is not None
        place = self.with_answers(self.place, answer)
        trail = place.trail if place.editing else (*place.trail, place.step)
        self.place = replace(place, trail=trail)
        self.arrive(step)

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
                self.document = said.document or self.document
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
        self.document = said.document
        self.question = None
        self.welcomed = self.welcomed or self.place.conversation == self.repertoire.welcome
        if self.place.editing:  # a change that led nowhere leaves everything as it was
            self.place = self.place.unchanged(self.facts.turn)
            self.ask_here()
            return
        self.place = None if said.drops else self.place.below
        if said.opens:
            self.open(said.opens)
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

    # ── looking ──────────────────────────────────────────────────────────────────────────────────────────────

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
            said = self.repertoire.step(self.place)(self.talk(self.place))
            self.understood = (self.place, said if isinstance(said, Question) else None)
        return self.understood[1]

    def open_question(self) -> Question | None:
        """The question that is open: the engine's own where it stands before the step's."""
        if self.place and self.place.aside:
            return asides.question(self)
        return self.step_question()

    def is_surely_an_answer(self) -> bool:
        """True when the message can be nothing but an answer to the open question, however late it comes."""
        question = self.step_question()
        if question is None or not question.sure:
            return False
        if self.heard.kind is not Kind.TEXT:
            return question.photo and self.heard.kind in (Kind.PHOTO, Kind.FILE)
        try:
            return question.read is not None and question.read(self.typed.strip()) is not None
        except Unclear:
            return False

    def may_hold(self, name: str) -> bool:
        """True when this person may be in this conversation."""
        only_for = self.repertoire.conversations[name].only_for if name in self.repertoire.conversations else ()
        return not only_for or bool(self.facts.roles & frozenset(only_for))

    def must_be_welcomed(self, name: str) -> bool:
        """True when language and consent come first: at the first word, and before we keep anything."""
        if self.welcomed or name == self.repertoire.welcome:
            return False
        if name == self.repertoire.menu:
            return self.facts.is_new
        return self.repertoire.conversations[name].needs_consent and not self.facts.consented


def visible(question: Question, place: Place) -> tuple[Option, ...]:
    """The choices on the screen: a page of a long list, or what a search found in it."""
    options = tuple(question.options)
    if not in_pages(question):
        return options
    if place.search:
        found = choices.search(place.search, options)
        return (*found, turning(_("Tampilkan semua"), 0))
    first = place.page * PAGE
    page = list(options[first : first + PAGE])
    if first + PAGE < len(options):
        page.append(turning(_("Lihat berikutnya"), place.page + 1, "berikutnya", "lagi"))
    if first:
        page.append(turning(_("Lihat sebelumnya"), place.page - 1, "sebelumnya"))
    return tuple(page)


def in_pages(question: Question) -> bool:
    """True when there are more choices than one screen shows."""
    return len(question.options) > PAGE + 1


def turning(label: str, page: int, *words: str) -> Option:
    """The choice that shows another page. It names the page: pressed twice, it does not turn twice."""
    return Option(label, key=f"{TURNING}{page}", words=words)


def every_button(question: Question | None) -> tuple[Option, ...]:
    """Every choice that a button may carry, the ones that turn pages included."""
    if question is None:
        return ()
    pages = -(-len(question.options) // PAGE) if in_pages(question) else 0
    return (*question.options, *(turning("", page) for page in range(pages)))


def progress(repertoire: Repertoire, place: Place) -> str:
    """ "(3/14) " before the question of a counted conversation; nothing while a single answer is changed."""
    conversation = repertoire.at(place)
    chapter = conversation.chapters_by_step.get(place.step)
    if not conversation.counted or chapter is None or place.aside or place.editing:
        return ""
    return f"({conversation.chapters.index(chapter) + 1}/{len(conversation.chapters)}) "


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


def about_else(place: Place, argument: str) -> bool:
    """True when the conversation there is about something else than what is asked for now."""
    return argument not in ("", place.draft.get("argument"))


def only(place: Place | None, wanted: Callable[[Place], bool]) -> Place | None:
    """The same stack without the places that are not wanted."""
    if place is None:
        return None
    below = only(place.below, wanted)
    return replace(place, below=below) if wanted(place) else below
