"""How an application reads to an officer."""

from sqlmodel import Session

from conversations.registration import registration
from conversations.registration_answers import Draft
from conversations.words import N_, _
from domain.application import ApplicationStatus as Status
from storage.queries import applications, people
from storage.tables import Application

DOUBTS = {
    "birth_date_differs": N_("tanggal lahir berbeda dari NIK"),
    "sex_differs": N_("jenis kelamin berbeda dari NIK"),
    "not_born_yet": N_("tanggal lahir belum terjadi"),
    "under_18": N_("umur di bawah 18 tahun"),
    "too_old": N_("umur 65 tahun atau lebih"),
    "region_unknown": N_("kode daerah NIK tidak dikenal"),
    "region_retired": N_("kode daerah NIK lama"),
    "ktp_missing": N_("foto KTP belum ada"),
    "duplicate_nik": N_("NIK sama dengan pendaftaran lain"),
}


def told_who(db: Session, application: Application) -> str:
    """Who was faster, and what came of it."""
    if application.status == Status.SUBMITTED:
        who = people.name_of(db, application.claimed_by or "")
        return _("{number} sedang diperiksa {who}.").format(number=application.number, who=who)
    who = people.name_of(db, application.decided_by or "")
    sentences = {
        Status.VERIFIED: _("{number} sudah disetujui oleh {who}."),
        Status.REFUSED: _("{number} sudah ditolak oleh {who}."),
        Status.RETURNED: _("{number} sudah dikembalikan oleh {who}."),
    }
    sentence = sentences.get(Status(application.status), _("{number} sudah diurus."))
    return sentence.format(number=application.number, who=who)


def details(db: Session, application: Application) -> str:
    """What an officer sees: everything that was answered, identifiers masked."""
    answers = answers_of(application)
    lines = [f"{_(chapter.title)}: {chapter.shows(answers)}" for chapter in registration.chapters if chapter.shows]
    doubts = ", ".join(_(DOUBTS[doubt]) for doubt in application.doubts if doubt in DOUBTS)
    warning = [_("Perlu dilihat: {doubts}").format(doubts=doubts)] if doubts else []
    if application.applicant_id != application.person_id:
        who = people.name_of(db, application.applicant_id)
        lines.insert(0, _("Didaftarkan oleh: {who}").format(who=who))
    return "\n".join([application.number, *lines, *warning])


def answers_of(application: Application) -> Draft:
    """What was answered, opened."""
    return Draft.from_json(applications.answers_of(application))
