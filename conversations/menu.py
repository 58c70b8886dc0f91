"""The menu: what somebody can do here, by what she is."""

from conversations import price_words
from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Option, Question
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import applications, tickets


class Draft(Answers):
    """Nothing is kept."""


def choose_from_menu(talk: Talk[Draft]) -> Question:
    options = [*continuing(talk), *for_vendors(talk), *for_staff(talk)]
    return Choose("\n".join([*warnings(talk), _("Ada yang bisa dibantu?")]), options)


def warnings(talk: Talk[Draft]) -> list[str]:
    """What officers and treasurers must know before anybody asks them."""
    concerned = talk.facts.roles & {"officer", "treasurer"}
    return list(filter(None, [price_words.warning(talk.today)])) if concerned else []


def continuing(talk: Talk[Draft]) -> list[Option]:
    """Back to what is open below the menu."""
    if not talk.facts.waiting:
        return []
    return [Option(_("Lanjutkan {title}").format(title=talk.facts.waiting), says="lanjutkan")]


def for_vendors(talk: Talk[Draft]) -> list[Option]:
    """What everybody can do."""
    mine = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    returned = [Option(_("Perbaiki pendaftaran"), to_repair)] if any(a.status == "returned" for a in mine) else []
    status = [Option(_("Lihat status"), says="status")] if mine else []
    return [
        *returned,
        Option(_("Daftar BPJS"), to_registration, words=("daftar",)),
        *status,
        Option(_("Tanya petugas"), says="petugas"),
        Option(_("Ganti bahasa"), says="bahasa"),
        Option(_("Atur pesan dari kami"), says="berhenti"),
        *([Option(_("Ganti orang"), says="ganti orang")] if talk.facts.shared else []),
    ]


def for_staff(talk: Talk[Draft]) -> list[Option]:
    """What officers and administrators can do."""
    roles = talk.facts.roles
    options: list[Option] = []
    if "officer" in roles:
        waiting = applications.count_waiting(talk.db, talk.house.id, officer_id=talk.person_id)
        asking = tickets.count_open(talk.db, talk.house.id)
        options.append(Option(_("Periksa pendaftaran ({count})").format(count=waiting), to_verification))
        options.append(Option(_("Jawab pertanyaan ({count})").format(count=asking), to_tickets))
    if "admin" in roles:
        options.append(Option(_("Atur peran"), to_roles))
    return options


def to_registration(talk: Talk[Draft]) -> End:
    return End("", opens="registration")


def to_repair(talk: Talk[Draft]) -> End:
    return End("", opens="repair")


def to_verification(talk: Talk[Draft]) -> End:
    return End("", opens="verification")


def to_tickets(talk: Talk[Draft]) -> End:
    return End("", opens="tickets")


def to_roles(talk: Talk[Draft]) -> End:
    return End("", opens="roles")


menu = Conversation(
    name="menu",
    title=N_("menu"),
    version=1,
    draft=Draft,
    start=choose_from_menu,
    further_steps=(to_registration, to_repair, to_verification, to_tickets, to_roles),
)
