"""Repair the one thing that an officer sent back: begin_repair → (the chapter's own steps) → confirm → repaired"""

from dataclasses import replace

from conversations import submission
from conversations.registration import registration
from conversations.registration_answers import Draft
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from domain.application import ApplicationStatus as Status
from storage.queries import applications
from storage.tables import Application


def begin_repair(talk: Talk[Draft]) -> Show | End:
    application = returned(talk)
    if application is None:
        return End(_('Tidak ada yang perlu diperbaiki. Ketik "status" untuk melihat pendaftaran.'))
    answers = Draft.from_json(applications.answers_of(application)).with_(argument=application.id)
    chapter = registration.chapter(application.to_repair)
    text = _("Pendaftaran {number}, yang perlu diperbaiki: {what}. {reason}").format(
        number=application.number, what=_(chapter.title), reason=_(application.reason)
    )
    return Show(text.strip(), keep=vars(answers), changes=chapter, back_to=confirm, then=chapter.steps[0])


def returned(talk: Talk[Draft]) -> Application | None:
    """The returned application that the button named, or else her newest."""
    mine = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    waiting = [a for a in mine if a.status == Status.RETURNED and a.applicant_id == talk.person_id]
    named = talk.draft.get("argument")
    return next((a for a in waiting if named in (None, a.id)), None)


def confirm(talk: Talk[Draft]) -> Question | End:
    application = returned(talk)
    if application is None:
        return End(_("Pendaftaran itu tidak menunggu perbaikan lagi."))
    chapter = registration.chapter(application.to_repair)
    shown = chapter.shows(talk.draft) if chapter.shows else ""
    return Choose(
        _("{what}: {shown}. Kirim perbaikan ini?").format(what=_(chapter.title), shown=shown),
        [Option(_("Ya, kirim"), repaired), Option(_("Belum, ulangi"), begin_repair)],
    )


def repaired(talk: Talk[Draft]) -> End:
    return End(_("Terima kasih. Pendaftaran {number} kembali ke petugas, nomornya tetap sama."), do=submission.repair)


ONLY_ONE = tuple(replace(chapter, shows=None) for chapter in registration.chapters)
"""The chapters of a registration, without "ubah": only what was sent back is answered anew."""

repair = Conversation(
    name="repair",
    title=N_("perbaikan pendaftaran"),
    version=1,
    draft=Draft,
    start=begin_repair,
    chapters=ONLY_ONE,
    further_steps=(confirm, repaired, *registration.further_steps),
    words=("perbaiki", "perbaikan", "repair"),
)
