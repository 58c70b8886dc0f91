"""Which messages of ours somebody wants: choose_stop → stopped; choose_start → started

Receipts and answers always come: they are not asked here.
"""

from functools import partial

from sqlmodel import Session

from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Question
from conversations.talk import Talk
from conversations.welcome import record
from conversations.words import N_, _
from storage.queries.members import find_of_person
from storage.queries.reminders import cancel

ALL = ("reminders", "announcements")


class Draft(Answers):
    """Nothing is kept."""


def stop_words() -> str:
    return _("Pesan mana yang mau dihentikan? Jawaban dan bukti bayar tetap kami kirim.")


def choose_stop(talk: Talk[Draft]) -> Question:
    return Choose(
        stop_words(),
        {
            _("Pengingat iuran"): no_reminders,
            _("Pengumuman"): no_announcements,
            _("Dua-duanya"): neither,
            _("Tidak jadi"): unchanged,
        },
    )


def no_reminders(talk: Talk[Draft]) -> End:
    return stopped(_("Pengingat iuran dihentikan."), _("Pengingat iuran"), ("reminders",))


def no_announcements(talk: Talk[Draft]) -> End:
    return stopped(_("Pengumuman dihentikan."), _("Pengumuman"), ("announcements",))


def neither(talk: Talk[Draft]) -> End:
    return stopped(_("Pengingat dan pengumuman dihentikan."), _("Dua-duanya"), ALL)


def stopped(words: str, answer: str, purposes: tuple[str, ...]) -> End:
    """Tell what stops, and how to begin again."""
    keep = partial(record_each, purposes=purposes, given=False, words=stop_words(), answer=answer)
    return End(words + " " + _('Mau lagi? Ketik "mulai".'), do=keep)


def start_words() -> str:
    return _("Pesan mana yang mau diterima?")


def choose_start(talk: Talk[Draft]) -> Question:
    return Choose(
        start_words(),
        {
            _("Pengingat iuran"): reminders,
            _("Pengumuman"): announcements,
            _("Dua-duanya"): both,
            _("Tidak jadi"): unchanged,
        },
    )


def reminders(talk: Talk[Draft]) -> End:
    return started(_("Pengingat iuran akan kami kirim."), _("Pengingat iuran"), ("reminders",))


def announcements(talk: Talk[Draft]) -> End:
    return started(_("Pengumuman akan kami kirim."), _("Pengumuman"), ("announcements",))


def both(talk: Talk[Draft]) -> End:
    return started(_("Pengingat dan pengumuman akan kami kirim."), _("Dua-duanya"), ALL)


def started(words: str, answer: str, purposes: tuple[str, ...]) -> End:
    """Tell what comes from now on."""
    keep = partial(record_each, purposes=purposes, given=True, words=start_words(), answer=answer)
    return End(words, do=keep)


def unchanged(talk: Talk[Draft]) -> End:
    return End(_("Baik, tidak ada yang berubah."))


def record_each(
    db: Session, talk: Talk[Draft], *, purposes: tuple[str, ...], given: bool, words: str, answer: str
) -> None:
    """Record the choice for each purpose."""
    for purpose in purposes:
        record(db, talk, purpose=purpose, given=given, words=words, answer=answer)
    member = find_of_person(db, talk.house.id, talk.person_id)
    if member and not given and "reminders" in purposes:
        cancel(db, member.id, "opted_out", talk.now)


stop = Conversation(
    name="stop",
    title=N_("pilihan pesan"),
    version=1,
    draft=Draft,
    start=choose_stop,
    further_steps=(no_reminders, no_announcements, neither, unchanged),
)
begin = Conversation(
    name="begin",
    title=N_("pilihan pesan"),
    version=1,
    draft=Draft,
    start=choose_start,
    further_steps=(reminders, announcements, both, unchanged),
)
