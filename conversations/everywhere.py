"""The words that work at every question: help, one step back, another answer, cancel, undo."""

from dataclasses import replace

from conversations import asides, hints
from conversations.place import Place, lying_below, only, without_menu
from conversations.scene import Scene
from conversations.words import _


class Everywhere(Scene):
    """A scene in which these words are understood."""

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
        return self.took_effort(place) or place.conversation == self.repertoire.welcome

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

    def go_on_below(self) -> None:
        """From the menu back to what was open before it."""
        self.place = without_menu(self.place, self.repertoire.menu)
        if self.place:
            self.recap()
        else:
            self.open(self.repertoire.menu)
