"""What a message means at the question that is open: an answer, a tap, a word, or something to ask about."""

from dataclasses import replace
from typing import Any

from conversations import asides, choices, hints
from conversations.everywhere import Everywhere
from conversations.pages import TURNING, every_button, in_pages
from conversations.place import Place, lying_at, without_menu
from conversations.steps import Conversation, Option, Question, Unclear
from conversations.words import _
from domain.message import Kind

LONGEST = 2_000  # characters of one answer
OPENING = ">"  # begins the data of a button that opens a conversation (`notices.opening`)


class Hearing(Everywhere):
    """A scene that takes a message in."""

    def hear(self, *, paused: bool) -> None:
        """Find out what the message is, and answer it; a number that was somebody else's is told so first."""
        self.find_out(paused=paused)
        if self.facts.is_new and self.facts.was_anothers:
            hint = _('Nomor ini pernah dipakai di sini. Kalau oleh Bapak/Ibu sendiri, ketik "nomor saya".')
            self.parts.insert(0, hint)

    def find_out(self, *, paused: bool) -> None:
        """Find out what the message is, and answer it."""
        self.place = self.where_she_may_be(self.where_she_is(self.standing.place))
        if self.heard.kind is not Kind.TAP:
            self.standing = replace(self.standing, last_tap="")
        if self.facts.shared and self.place and self.place.conversation == self.repertoire.who:
            self.said_who()
        elif self.facts.shared and paused and self.repertoire.who and self.may_be_another():
            self.open(self.repertoire.who)
        elif self.heard.kind is Kind.EDITED:
            self.parts.append(_('Pesan yang diubah tidak kami baca lagi. Untuk mengganti jawaban, ketik "ubah".'))
        elif self.parts:  # where she was, she cannot stay: what she said was for there
            if not self.said_everywhere():
                self.recap() if self.place else self.open(self.repertoire.menu)
        elif self.heard.kind is Kind.TAP:
            self.tapped()
        elif self.heard.kind is Kind.FORM:
            self.sent_form()
        elif len(self.typed) > LONGEST:
            self.unclear(_("Pesan itu terlalu panjang. Tulis yang pendek saja."))
        elif paused and not self.is_surely_an_answer():
            self.came_back()
        elif self.place is None:
            self.greeted()
        else:
            self.answered()

    def said_who(self) -> None:
        """While nobody knows who writes, no word does anything in anybody's name: only the question is answered."""
        question = self.step_question()
        assert question is not None and self.place is not None
        _head, step, key = ([*self.heard.tap.split("|", 2), "", ""])[:3]
        option = (
            next((one for one in question.options if one.id == key and step == self.place.step), None)
            if self.heard.kind is Kind.TAP
            else choices.match(self.typed, self.on_screen(question), question.options)
        )
        if option:
            self.picked(option)
        elif question.read is None:
            self.parts.append(_("Pilih dulu siapa yang memakai HP ini."))
            self.ask_again()
        elif not self.read(question):
            self.ask_again()

    def may_be_another(self) -> bool:
        """True when nobody can say who of those who share this phone wrote this: it names nobody, after a silence."""
        named = self.heard.kind in (Kind.TAP, Kind.FORM) or asides.word_in(self.typed, self.repertoire) == "lanjutkan"
        return not named and self.begun_by(self.typed) is None

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
        head, step, key = ([*self.heard.tap.split("|", 2), "", ""])[:3]
        turn, _dot, whose = head.partition(".")
        if whose and whose != self.facts.tag:
            self.parts.append(_('Tombol itu untuk orang lain di HP ini. Ketik "ganti orang" kalau mau berganti.'))
            self.ask_again_or_menu()
            return
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
        if found and found[1] and question.prose:
            return False
        if found and question.read and not found[1]:
            self.set_aside(f"word:{choices.bare(self.typed)}")
            return True
        return self.began_by_word(self.typed)

    def read(self, question: Question) -> bool:
        """Read what she typed; several lines may answer several questions. False: there is nothing to say about it."""
        advice = ""
        try:
            if question.read:
                value = question.read(self.typed.strip())
                self.say_that_a_page_is_safer(question)
                self.saved(question, value)
                return True
        except Unclear as unclear:
            advice = str(unclear)
        return self.read_lines() or (bool(advice) and self.advise(advice))

    def say_that_a_page_is_safer(self, question: Question) -> None:
        """What came through the chat although a page asks for it is taken; next time it should not."""
        if question.form:
            self.parts.append(
                _("Sudah kami terima. Lain kali lewat halaman saja, dan pesan tadi boleh Bapak/Ibu hapus.")
            )

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
        if question.photo and (self.heard.kind in (Kind.PHOTO, Kind.FILE) or self.is_listened_to()):
            self.sent_photo(question)
        elif question.contact and self.heard.kind is Kind.CONTACT and self.heard.contact:
            self.sent_contact(question)
        else:
            advice = hints.not_here(self.heard.kind, wants_photo=question.photo, by_page=bool(question.form))
            if question.form and self.heard.kind in (Kind.PHOTO, Kind.FILE):
                self.parts.append(advice)  # however many photos: they are no tries at an answer
                self.ask_again()
            else:
                self.unclear(advice)

    def is_listened_to(self) -> bool:
        """True when a voice note answers the open question."""
        assert self.place is not None
        hears = self.repertoire.at(self.place).hears
        return self.heard.kind is Kind.VOICE and bool(self.facts.photos) and self.place.step in hears

    def sent_photo(self, question: Question) -> None:
        """One good photo answers; anything else is explained."""
        photos = self.facts.photos
        if len(photos) > 1:
            self.unclear(_("Kami menerima {count} foto. Kirim satu saja.").format(count=len(photos)))
        elif not photos or photos[0].trouble:
            self.unclear(hints.photo_trouble(photos[0].trouble if photos else ""))
        else:
            self.say_that_a_page_is_safer(question)
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

    def sent_form(self) -> None:
        """A page of ours was sent: it answers the question for which it was opened, and no other."""
        form = dict(self.heard.form)
        opened_at = lying_at(self.place, form.pop("step", ""))
        question = self.question_at(opened_at)
        if question is None or opened_at is None or not question.form:
            self.parts.append(_("Halaman tadi untuk pertanyaan yang sudah lewat, jadi tidak mengubah apa-apa."))
            self.ask_again_or_menu()
            return
        self.place = replace(opened_at, aside="")  # what stood above it, as the menu, she left for the page
        try:
            value = form.pop(question.save)
            read = question.read(value) if question.read else value
        except (KeyError, Unclear) as unclear:
            self.unclear(str(unclear) if isinstance(unclear, Unclear) else _("Halaman itu belum terisi."))
            return
        self.place = self.with_answers(self.place, {f"{field}_early": value for field, value in form.items() if value})
        self.saved(question, read)

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

    def names_it_again(self, question: Question) -> bool:
        """True for the word that begins the open conversation where it is an answer too, as at "the next one?"."""
        begun = self.begun_by(self.typed)
        here = begun is not None and self.place is not None and begun[0].name == self.place.conversation
        return here and choices.match(self.typed, self.on_screen(question), question.options) is not None

    def is_surely_an_answer(self) -> bool:
        """True when the message can be nothing but an answer to the open question, however late it comes."""
        question = self.step_question()
        return question is not None and (self.names_it_again(question) or self.fits_nowhere_else(question))

    def fits_nowhere_else(self, question: Question) -> bool:
        """True for what the open question reads, where nothing else looks like that: a NIK, a photo."""
        if not question.sure:
            return False
        if self.heard.kind is not Kind.TEXT:
            return question.photo and self.heard.kind in (Kind.PHOTO, Kind.FILE)
        try:
            return question.read is not None and question.read(self.typed.strip()) is not None
        except Unclear:
            return False
