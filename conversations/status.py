"""Where her registrations stand."""

from conversations.answers import Answers
from conversations.steps import Conversation, End
from conversations.talk import Talk
from conversations.words import N_, _
from domain.application import ApplicationStatus as Status
from storage.queries import applications
from storage.tables import Application

LATEST = 3


class Draft(Answers):
    """Nothing is kept."""


def tell_status(talk: Talk[Draft]) -> End:
    found = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    if not found:
        return End(_('Belum ada pendaftaran yang dikirim. Untuk mendaftar, ketik "daftar".'))
    return End("\n".join(line(application) for application in found[:LATEST]))


def line(application: Application) -> str:
    """One application in one sentence."""
    sentences = {
        Status.SUBMITTED: _("{number}: menunggu diperiksa petugas."),
        Status.RETURNED: _('{number}: ada yang perlu diperbaiki. Ketik "perbaiki".'),
        Status.WITHDRAWN: _("{number}: sudah dibatalkan."),
        Status.REFUSED: _("{number}: belum bisa diterima. {reason}"),
        Status.VERIFIED: _(
            "{number}: sudah disetujui petugas, menunggu didaftarkan ke BPJS. Perlindungan belum berlaku."
        ),
        Status.SENT_TO_BPJS: _("{number}: sudah dikirim ke BPJS. Perlindungan belum berlaku."),
        Status.ACTIVE: _("{number}: sudah terdaftar di BPJS."),
        Status.REFUSED_BY_BPJS: _("{number}: belum diterima BPJS. Petugas akan menghubungi."),
    }
    return sentences[Status(application.status)].format(number=application.number, reason=_(application.reason)).strip()


status = Conversation(name="status", title=N_("status"), version=1, draft=Draft, start=tell_status)
