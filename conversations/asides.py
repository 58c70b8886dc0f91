"""The engine's own questions, which stand before a step's, and the words that work at every question.

"cancel": leave? · "edit": which answer? · "stuck": what now? · "meant:KEY" and "word:WORD": did you mean this?
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from conversations.choices import bare
from conversations.place import Place
from conversations.repertoire import Repertoire
from conversations.steps import Chapter, Option, Question
from conversations.words import _

if TYPE_CHECKING:
    from conversations.hearing import Hearing
    from conversations.scene import Scene

WORDS = {
    "menu": ("menu", "0", "start", "home", "menu utama"),
    "bantuan": ("bantuan", "help", "tolong", "9"),
    "kembali": ("kembali", "mundur", "back"),
    "ubah": ("ubah", "ganti", "edit", "perbaiki jawaban", "change"),
    "batal": ("batal", "batalkan", "cancel"),
    "urungkan": ("urungkan", "undo", "tidak jadi batal"),
    "ulang": ("ulang", "ulangi", "repeat"),
    "lanjutkan": ("lanjutkan", "lanjut", "continue"),
    "status": ("status",),
    "bahasa": ("bahasa", "language"),
    "petugas": ("petugas", "pengurus", "operator", "orang", "officer", "human"),
    "berhenti": ("berhenti", "stop", "unsubscribe"),
    "mulai": ("mulai", "mulai lagi", "langganan", "subscribe"),
    "ganti orang": ("ganti orang", "ganti pengguna", "switch person"),
    "sambung": ("sambung", "sambungkan", "connect"),
    "pisah": ("pisah", "pisahkan", "disconnect"),
    "nomor saya": ("nomor saya", "nomor lama", "my number"),
}
SPELLINGS = {spelling: word for word, spellings in WORDS.items() for spelling in spellings}
OWN = ("bantuan", "kembali", "ubah", "batal", "urungkan", "ulang", "lanjutkan")  # which the engine does itself
ALIKE = 80  # of 100
SHORTEST = 4  # letters: shorter words resemble too much


def word_in(text: str, repertoire: Repertoire) -> str:
    """The word that works everywhere, if the message is one; else ""."""
    word = SPELLINGS.get(bare(text), "")
    opens = word in repertoire.everywhere
    return word if opens or word in OWN else ""


def nearest_word(text: str, repertoire: Repertoire) -> str:
    """The word that was perhaps meant; else ""."""
    said = bare(text)
    if len(said) < SHORTEST or any(letter.isdigit() for letter in said):
        return ""
    long_enough = [spelling for spelling in SPELLINGS if len(spelling) >= SHORTEST]
    best = process.extractOne(said, long_enough, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return word_in(best[0], repertoire) if best else ""


def changeable(repertoire: Repertoire, place: Place) -> list[Chapter]:
    """The chapters that she has answered already, this one not included."""
    conversation = repertoire.at(place)
    draft = conversation.draft.from_json(place.draft)
    here = conversation.chapters_by_step.get(place.step)
    return [chapter for chapter in conversation.chapters if chapter is not here and shown(chapter, draft)]


def shown(chapter: Chapter, draft: object) -> str:
    """How her answer to a chapter reads; "" while it is not complete."""
    if chapter.shows is None:
        return ""
    try:
        return chapter.shows(draft)
    except AttributeError:
        return ""


def question(scene: "Scene") -> Question:
    """The question of the engine's own that is open."""
    assert scene.place is not None
    name, _colon, about = scene.place.aside.partition(":")
    if name == "cancel":
        return cancelling(scene)
    if name == "edit":
        return editing(scene)
    if name == "stuck":
        return stuck(scene)
    return meaning(scene, name, about)


def cancelling(scene: "Scene") -> Question:
    """Leave the conversation?"""
    assert scene.place is not None
    title = _(scene.repertoire.at(scene.place).title)
    return Question(
        _("Batalkan {title}? Jawaban Bapak/Ibu masih bisa dikembalikan selama sehari.").format(title=title),
        options=(
            Option(_("Tidak, lanjutkan"), key="no"),
            Option(_("Ya, batalkan"), key="yes", words=("batal", "batalkan", "cancel")),
        ),
    )


def editing(scene: "Scene") -> Question:
    """Which answer?"""
    assert scene.place is not None
    chapters = changeable(scene.repertoire, scene.place)
    options = [Option(_(chapter.title), key=chapter.name) for chapter in chapters]
    return Question(_("Jawaban mana yang mau diganti?"), options=(*options, Option(_("Tidak jadi"), key="no")))


def stuck(scene: "Scene") -> Question:
    """She answered three times what we could not read: what now?"""
    asked = scene.step_question()
    around = [option for option in (asked.options if asked and (asked.read or asked.photo) else ()) if option.then]
    return Question(
        _("Belum berhasil juga, tidak apa-apa. Mau bagaimana?"),
        options=(
            Option(_("Coba lagi"), key="again"),
            *(replace(option, key=f"=={option.id}") for option in around),
            Option(_("Kembali"), key="back", words=("sebelumnya", "kembali ke pertanyaan sebelumnya")),
            Option(_("Dibantu petugas"), key="human", words=("petugas",)),
        ),
    )


def meaning(scene: "Scene", name: str, about: str) -> Question:
    """Did she mean this?"""
    asked = scene.step_question()
    named = next((o.label for o in (asked.options if asked else ()) if o.id == about), about)
    meant = named if name == "meant" else about
    return Question(
        _('Maksudnya "{meant}"?').format(meant=meant),
        options=(Option(_("Ya"), key="yes"), Option(_("Bukan"), key="no")),
    )


def picked(scene: "Hearing", option: Option) -> None:
    """Do what was chosen in a question of the engine's own."""
    assert scene.place is not None
    name, _colon, about = scene.place.aside.partition(":")
    if name == "cancel" and option.key == "yes":
        cancelled(scene)
    elif name == "edit" and option.key != "no":
        change(scene, option.key)
    elif name == "meant" and option.key == "yes":
        pick_there(scene, about)
    elif name == "word" and option.key == "yes":
        scene.place = replace(scene.place, aside="")
        if not (scene.do_word(about) or scene.began_by_word(about)):
            scene.ask_again()
    elif name == "stuck":
        unstuck(scene, option.key)
    else:
        scene.ask_again()


def cancelled(scene: "Hearing") -> None:
    """She leaves; for a day she can come back."""
    scene.set_undo(scene.place)
    scene.parts.append(_('Sudah dibatalkan. Berubah pikiran? Ketik "urungkan" sebelum besok jam segini.'))
    scene.leave()


def change(scene: "Hearing", chapter_name: str) -> None:
    """Ask one chapter anew, then return to where she is now."""
    assert scene.place is not None
    place = replace(scene.place, aside="").unchanged(scene.facts.turn)
    chapter = scene.repertoire.at(place).chapter(chapter_name)
    scene.place = place.changing(chapter_name, place.step)
    scene.arrive(chapter.steps[0])


def unstuck(scene: "Hearing", key: str) -> None:
    """Try again, go around, go back, or call a human."""
    assert scene.place is not None
    scene.place = replace(scene.place, aside="", tries=0)
    if key == "human":
        scene.do_word("petugas")
    elif key == "back":
        scene.back()
    elif key.startswith("=="):
        pick_there(scene, key[2:])
    else:
        scene.ask_again()


def pick_there(scene: "Hearing", option_id: str) -> None:
    """Choose that option of the step's own question, if it is still offered."""
    assert scene.place is not None
    scene.place = replace(scene.place, aside="")
    asked = scene.step_question()
    option = next((o for o in (asked.options if asked else ()) if o.id == option_id), None)
    if option:
        scene.picked(option)
    else:
        scene.ask_again()
