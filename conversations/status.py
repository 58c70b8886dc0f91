"""Where somebody stands: her dues and her cover, the members whom she registered, and registrations under way."""

from conversations import dues_words
from conversations.answers import Answers
from conversations.outlook import Outlook, outlook
from conversations.steps import Conversation, End
from conversations.talk import Talk
from conversations.words import N_, _
from domain.application import ApplicationStatus as Status
from domain.cover import Certainty
from storage.queries import applications, members
from storage.tables import Application, Member

BECAME_MEMBERS = (Status.VERIFIED, Status.SENT_TO_BPJS, Status.ACTIVE)
LATEST = 3  # registrations
MOST = 8  # members whom she registered


class Draft(Answers):
    """Nothing is kept."""


T = Talk[Draft]


def tell_status(talk: T) -> End:
    in_care = members.in_care_of(talk.db, talk.house.id, talk.person_id)
    own = members.find_of_person(talk.db, talk.house.id, talk.person_id)
    hers = outlook(talk.db, own, talk.today) if own else None
    lines = [
        *(dues_words.told(hers) if hers else []),
        *others(talk, [one for one in in_care if one.person_id != talk.person_id]),
        *registrations(talk, hers),
    ]
    if not lines:
        return End(_('Belum ada pendaftaran yang dikirim. Untuk mendaftar, ketik "daftar".'))
    return End("\n".join(lines))


def others(talk: T, registered: list[Member]) -> list[str]:
    """The members whom she registered, one line each."""
    lines = [dues_words.in_short(outlook(talk.db, one, talk.today)) for one in registered[:MOST]]
    more = len(registered) - MOST
    return [*lines, _("dan {count} orang lagi").format(count=more)] if more > 0 else lines


def registrations(talk: T, hers: Outlook | None) -> list[str]:
    """The latest registrations, but for those that became members: of these everything is told already."""
    found = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    return [line(application) for application in found if not is_told(application, talk.person_id, hers)][:LATEST]


def is_told(application: Application, person_id: str, hers: Outlook | None) -> bool:
    """True when a registration has led to what is told above: her own not before BPJS has her money."""
    if application.status not in BECAME_MEMBERS:
        return False
    if application.person_id != person_id or hers is None:
        return True
    return hers.member.status != "active" or hers.cover.certainty in (Certainty.TOLD, Certainty.PAID)


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
