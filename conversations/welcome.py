"""The first words: choose_language → ask_consent → ask_reminders → ask_announcements → welcomed

Consent is asked before anything is kept, once for each purpose, and every answer is recorded with the very words that
were shown (UU 27/2022 Art. 20–24).
"""

from functools import partial
from typing import Any

from sqlmodel import Session

from conversations.answers import Answers
from conversations.steps import Choose, Conversation, Effect, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import LANGUAGES, N_, _
from storage.queries import consents, people

VERSION = "2026-11-22"
"""Changes with every change of the words below that changes their meaning."""


class Draft(Answers):
    """What is chosen on the way in."""

    language: str


def choose_language(talk: Talk[Draft]) -> Question:
    return Choose(
        _(
            "Selamat datang di {house}. Saya penjawab otomatis, bukan orang. Saya bantu urusan BPJS Ketenagakerjaan.\n"
            "Pilih bahasa / choose a language:"
        ).format(house=talk.house.name),
        [Option(label, value=code, words=(code,)) for code, label in LANGUAGES.items()],
        save="language",
        then=speak,
    )


def speak(talk: Talk[Draft]) -> Show:
    return Show("", speaks=talk.draft.language, do=keep_language, then=ask_consent)


def notice(talk: Talk[Draft]) -> str:
    return _(
        "Untuk mengurus BPJS Ketenagakerjaan, {house} perlu menyimpan: isi dan foto KTP, nama ibu, nomor HP, "
        "pekerjaan, penghasilan, dan ahli waris.\n"
        "Yang melihat hanya petugas kami dan BPJS. Pesan di sini lewat server di luar negeri.\n"
        'Data boleh diminta, diperbaiki atau dihapus: ketik "petugas".\n'
        "Setuju datanya kami simpan?"
    ).format(house=talk.house.name)


def ask_consent(talk: Talk[Draft]) -> Question:
    return Choose(
        notice(talk),
        {_("Setuju"): agreed, _("Tidak setuju"): refused, _("Baca selengkapnya"): read_all},
    )


def read_all(talk: Talk[Draft]) -> Show:
    return Show(
        _(
            "Dasarnya persetujuan Bapak/Ibu (UU 27/2022 tentang Pelindungan Data Pribadi).\n"
            "Dipakai untuk pendaftaran, iuran, pengingat kalau diminta, dan membantu klaim.\n"
            "NIK, nama ibu, ahli waris dan foto KTP disimpan terkunci. "
            "Setiap petugas yang membuka NIK lengkap atau foto KTP dicatat.\n"
            "Disimpan selama menjadi anggota. "
            'Persetujuan boleh dicabut lewat "petugas"; kami berhenti paling lama 3x24 jam sesudahnya.'
        ),
        then=ask_consent,
    )


def agreed(talk: Talk[Draft]) -> Show:
    return Show("", do=recording("data", True, notice(talk), _("Setuju")), then=ask_reminders)


def refused(talk: Talk[Draft]) -> End:
    return End(
        _('Baik, tidak ada data yang kami simpan untuk pendaftaran. Berubah pikiran? Ketik "daftar".'),
        do=recording("data", False, notice(talk), _("Tidak setuju")),
        drops=True,
    )


def reminders_words() -> str:
    return _("Boleh kami ingatkan di sini sebelum iuran jatuh tempo?")


def ask_reminders(talk: Talk[Draft]) -> Question:
    return Choose(reminders_words(), {_("Ya, ingatkan saya"): reminders_wanted, _("Tidak usah"): reminders_unwanted})


def reminders_wanted(talk: Talk[Draft]) -> Show:
    return Show("", do=recording("reminders", True, reminders_words(), _("Ya, ingatkan saya")), then=ask_announcements)


def reminders_unwanted(talk: Talk[Draft]) -> Show:
    return Show("", do=recording("reminders", False, reminders_words(), _("Tidak usah")), then=ask_announcements)


def announcements_words() -> str:
    return _("Boleh kami kirim pengumuman dari asosiasi?")


def ask_announcements(talk: Talk[Draft]) -> Question:
    return Choose(
        announcements_words(), {_("Ya, boleh"): announcements_wanted, _("Tidak perlu"): announcements_unwanted}
    )


def announcements_wanted(talk: Talk[Draft]) -> End:
    return welcomed(do_record=recording("announcements", True, announcements_words(), _("Ya, boleh")))


def announcements_unwanted(talk: Talk[Draft]) -> End:
    return welcomed(do_record=recording("announcements", False, announcements_words(), _("Tidak perlu")))


def welcomed(do_record: Effect) -> End:
    return End(_('Terima kasih. Kalau pilihan ini mau diganti, ketik "berhenti" atau "mulai".'), do=do_record)


def keep_language(db: Session, talk: Talk[Draft]) -> None:
    people.speak(db, talk.address_id, talk.draft.language)


def recording(purpose: str, given: bool, words: str, answer: str) -> Effect:
    """The effect that keeps what she answered to which words."""
    return partial(record, purpose=purpose, given=given, words=words, answer=answer)


def record(db: Session, talk: Talk[Any], *, purpose: str, given: bool, words: str, answer: str) -> None:
    """Keep what she answered to which words, and in which message."""
    incoming = talk.facts.incoming
    consents.record(
        db,
        association_id=talk.house.id,
        person_id=talk.person_id,
        purpose=purpose,
        given=given,
        version=VERSION,
        words=words,
        answer=answer,
        language=talk.facts.language,
        account=incoming.sender.account,
        provider_id=incoming.provider_id,
        at=talk.now,
    )


welcome = Conversation(
    name="welcome",
    title=N_("perkenalan"),
    version=1,
    draft=Draft,
    start=choose_language,
    further_steps=(
        speak,
        ask_consent,
        read_all,
        agreed,
        refused,
        ask_reminders,
        reminders_wanted,
        reminders_unwanted,
        ask_announcements,
        announcements_wanted,
        announcements_unwanted,
    ),
)
