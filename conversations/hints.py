"""What we say to a message that we cannot use, and how help grows with every try."""

from dataclasses import replace
from typing import TYPE_CHECKING

from conversations.steps import Question
from conversations.words import _
from domain.message import Kind

if TYPE_CHECKING:
    from conversations.scene import Scene

FEW = 3  # choices that can be named in one line
SIMPLER, EXAMPLE, WAYS_OUT, HUMAN = range(4)


def climb(scene: "Scene", question: Question) -> None:
    """One step up the ladder: fewer words, an example, ways out, a human; then from its foot again."""
    assert scene.place is not None
    step = (scene.place.tries - 1) % 4
    if step == SIMPLER and question.simple:
        scene.question = replace(question, text=question.simple)
    elif step == EXAMPLE:
        example = question.example or example_of_choice(scene, question)
        if not any(example in part for part in scene.parts):  # the advice may have given it
            scene.parts.append(example)
    elif step == WAYS_OUT:
        scene.set_aside("stuck")
    elif step == HUMAN:
        scene.facts.asked = question.text.partition("\n")[0]
        scene.effects.append((scene.repertoire.call_human, scene.talk(scene.place)))
        scene.parts.append(
            _("Petugas sudah kami beri tahu dan akan membantu Bapak/Ibu. Boleh dicoba lagi sambil menunggu.")
        )


def example_of_choice(scene: "Scene", question: Question) -> str:
    """How to choose, shown with the first choice; "" where something else is asked for."""
    if question.read or question.photo:
        return ""
    shown = list(enumerate(scene.on_screen(question), start=1))
    if len(shown) > FEW:
        return _('Contoh: ketik 1 untuk "{label}".').format(label=shown[0][1].label)
    choices = ", ".join(f"{number} = {option.label}" for number, option in shown)  # none of them is put before another
    return _("Cukup ketik nomornya: {choices}.").format(choices=choices)


def not_here(kind: Kind, *, wants_photo: bool, by_page: bool = False) -> str:
    """She sent something that does not answer the open question."""
    if by_page and kind in (Kind.PHOTO, Kind.FILE):
        return _("Foto KTP lebih aman lewat halaman ini. Tolong kirim di sana saja.")
    if wants_photo:
        return _("Di sini kami perlu foto.")
    if kind in (Kind.PHOTO, Kind.FILE):
        return _("Terima kasih fotonya, tetapi di sini kami perlu jawaban tulisan.")
    return not_now(kind)


def not_now(kind: Kind) -> str:
    """She sent something that is not text."""
    sentences = {
        Kind.VOICE: _(
            'Maaf, kami belum bisa mendengar pesan suara. Tolong diketik, atau tulis "petugas" untuk dibantu orang.'
        ),
        Kind.PHOTO: _("Foto sudah sampai, tetapi belum kami perlukan."),
        Kind.FILE: _("Berkas sudah sampai, tetapi belum kami perlukan."),
        Kind.CONTACT: _("Kartu kontak tidak kami perlukan di sini."),
        Kind.LOCATION: _("Lokasi tidak kami perlukan di sini."),
        Kind.STICKER: _("Stikernya bagus! Tetapi stiker belum bisa kami baca."),
    }
    return sentences.get(kind, _("Maaf, kami hanya bisa membaca tulisan, foto, dan PDF."))


def photo_trouble(trouble: str) -> str:
    """Why a photo, or a PDF in its place, could not be used, and what to do."""
    sentences = {
        "EmptyFile": _("Fotonya kosong. Coba kirim lagi."),
        "TooBig": _("Fotonya terlalu besar. Ambil foto biasa dengan kamera HP, lalu kirim."),
        "TooManyPixels": _("Fotonya terlalu besar. Ambil foto biasa dengan kamera HP, lalu kirim."),
        "NotAPhoto": _("Itu bukan foto atau PDF. Ambil foto dengan kamera HP, lalu kirim."),
        "Locked": _("PDF itu terkunci kata sandi. Buka di HP, ambil tangkapan layarnya, lalu kirim."),
        "Broken": _("Foto atau PDF-nya rusak di jalan. Coba kirim sekali lagi."),
        "TooLong": _("Pesan suaranya terlalu panjang. Rekam lagi, paling lama sekitar 3 menit."),
        "NotAVoice": _("Pesan suaranya belum bisa kami putar. Coba rekam sekali lagi."),
        "TookTooLong": _("Fotonya belum bisa dibuka. Coba kirim sekali lagi."),
    }
    return sentences.get(trouble, _("Fotonya belum bisa kami ambil. Coba kirim sekali lagi."))


def words_everywhere(help_contact: str) -> str:
    """What can be said at any time."""
    lines = _(
        'Kapan saja boleh ketik "kembali" (pertanyaan sebelumnya), "ubah" (ganti jawaban), "batal", "menu", "status", '
        '"bahasa", "berhenti", atau "petugas" (dibantu orang).\n'
        'HP dipakai bersama? "ganti orang". Mau lanjut di aplikasi atau HP lain? "sambung".'
    )
    if help_contact:
        return lines + "\n" + _("Bicara dengan orang: {contact}.").format(contact=help_contact)
    return lines
