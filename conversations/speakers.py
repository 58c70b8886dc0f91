"""Several people on one phone: choose_speaker → switched | ask_name → added"""

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.steps import Ask, Choose, Conversation, End, Option, Question
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import identities


class Draft(Answers):
    """Who it is now."""

    speaker: str  # person id
    name: str  # of somebody new


T = Talk[Draft]


def choose_speaker(talk: T) -> Question:
    here = identities.speakers(talk.db, talk.address_id)
    options = [Option(one.name, value=one.person_id, key=one.person_id[-16:]) for one in here]
    return Choose(
        _("Siapa yang memakai HP ini sekarang?"),
        [*options, Option(_("Orang baru"), ask_name, words=("baru", "orang lain"))],
        save="speaker",
        then=switched,
    )


def switched(talk: T) -> End:
    here = {one.person_id: one.name for one in identities.speakers(talk.db, talk.address_id)}
    if talk.draft.speaker not in here:
        return End(_("Orang itu tidak memakai HP ini lagi."))
    if talk.draft.speaker == talk.person_id:
        return End("")
    return End(_("Baik, sekarang untuk {name}.").format(name=here[talk.draft.speaker]), do=switch, switches=True)


def switch(db: Session, talk: T) -> None:
    """She speaks from now on."""
    identities.switch(db, talk.address_id, talk.draft.speaker, talk.now)


def ask_name(talk: T) -> Question:
    return Ask(
        _("Siapa namanya?"),
        read=readers.name,
        save="name",
        then=added,
        options=[Option(_("Tidak jadi"), choose_speaker)],
        example=_("Contoh: Pak Amat."),
    )


def added(talk: T) -> End:
    return End(_("Baik, sekarang untuk {name}.").format(name=talk.draft.name), do=add, switches=True)


def add(db: Session, talk: T) -> None:
    """Somebody new speaks from now on; she is asked for her own consent."""
    identities.add_speaker(db, talk.address_id, talk.draft.name, talk.now)


who = Conversation(
    name="who",
    title=N_("ganti orang"),
    version=1,
    draft=Draft,
    start=choose_speaker,
    further_steps=(switched, ask_name, added),
    words=("ganti orang", "ganti pengguna"),
)
