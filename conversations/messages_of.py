"""An officer sees what became of our messages to a member, never their words.

find → ask_name → choose_member → list_messages → see_life
"""

from functools import partial

from conversations import delivery_words, member_words
from conversations.answers import Answers
from conversations.member_search import search, wanted
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import deliveries, members
from storage.queries.deliveries import Sent

MOST = 6  # messages


class Draft(Answers):
    """Whose messages, and which of them."""

    argument: str
    query: str
    member: str
    message: int


T = Talk[Draft]


def find(talk: T) -> Show:
    try:
        return Show("", keep={"query": wanted(talk.draft.get("argument", ""))}, then=choose_member)
    except Unclear:
        return Show("", then=ask_name)


def ask_name(talk: T) -> Question:
    return Ask(
        _("Pesan ke siapa? Ketik nama anggota, atau 4 angka terakhir NIK."),
        read=partial(somebody, talk),
        save="query",
        then=choose_member,
        options=[Option(_("Selesai"), finished)],
        example=_("Contoh: Siti, atau 0001."),
    )


def somebody(talk: T, text: str) -> str:
    """What to look for, where it leads to anybody."""
    said = wanted(text)
    if not search(talk.db, talk.house.id, said):
        raise Unclear(_("Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK."))
    return said


def choose_member(talk: T) -> Question | Show:
    found = search(talk.db, talk.house.id, talk.draft.query)
    if not found:
        return Show(_("Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK."), then=ask_name)
    if len(found) == 1:
        return Show("", keep={"member": found[0].id}, then=list_messages)
    labels = member_words.names_of(found)
    options = [Option(label, value=one.id, key=one.id[-16:]) for label, one in zip(labels, found, strict=True)]
    return Choose(
        _("Yang mana?"),
        [*options, Option(_("Cari nama lain"), ask_name, key="again")],
        save="member",
        then=list_messages,
    )


def list_messages(talk: T) -> Question | Show:
    member = members.find(talk.db, talk.house.id, talk.draft.member)
    if member is None:
        return Show(_("Anggota itu tidak ada lagi."), then=ask_name)
    sent = latest(talk)
    further = [Option(_("Cari nama lain"), ask_name, key="again"), Option(_("Selesai"), finished)]
    if not sent:
        return Choose(_("Belum ada pesan ke {name}.").format(name=member.name), further)
    head = _("Pesan terakhir ke {name}, yang terbaru dulu. Pilih untuk melihat ceritanya.").format(name=member.name)
    each = [Option(label(talk, one), value=one.id, key=str(one.id)) for one in sent]
    return Choose(head, [*each, *further], save="message", then=see_life)


def label(talk: T, message: Sent) -> str:
    """One message in one line."""
    return f"{delivery_words.titled(message, talk.house.zone)}: {delivery_words.stands(message.status, message.code)}"


def latest(talk: T) -> list[Sent]:
    """The last messages to the member at hand."""
    member = members.find(talk.db, talk.house.id, talk.draft.member)
    return deliveries.to_person(talk.db, talk.house.id, member.person_id, most=MOST) if member else []


def see_life(talk: T) -> Question | Show:
    if not any(one.id == talk.draft.message for one in latest(talk)):
        return Show(_("Pesan itu sudah tidak termasuk yang terakhir."), then=list_messages)
    steps = deliveries.life_of(talk.db, talk.draft.message)
    lines = [delivery_words.told(step, talk.house.zone) for step in steps]
    return Choose(
        "\n".join(lines),
        [Option(_("Lihat pesan lain"), list_messages), Option(_("Selesai"), finished)],
    )


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "pesan keluar" kapan saja.'))


messages_of = Conversation(
    name="messages_of",
    title=N_("pesan keluar"),
    version=1,
    draft=Draft,
    start=find,
    further_steps=(ask_name, choose_member, list_messages, see_life, finished),
    words=("pesan keluar", "cek pesan", "outgoing"),
    takes_argument=True,
    only_for=frozenset({"officer", "admin"}),
)
