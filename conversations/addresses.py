"""One person in several apps or on several phones.

"sambung": begin_linking → code_given | ask_code → check_code → linked; "pisah": choose_address → confirm → parted
"""

import secrets

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.notices import tell, tell_staff
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import Talk
from conversations.words import N_, _
from storage.database import Overtaken
from storage.queries import attempts, identities, people
from storage.queries.identities import Reached

APPS = {"telegram": "Telegram", "whatsapp": "WhatsApp"}
SHORT = {"telegram": "Telegram", "whatsapp": "WA"}  # on a button of 20 characters


class LinkDraft(Answers):
    """The code that was said."""

    argument: str
    code: str


class PartDraft(Answers):
    """The address to part from."""

    address: str


# ── joining ──────────────────────────────────────────────────────────────────────────────────────────────────────


def begin_linking(talk: Talk[LinkDraft]) -> Show:
    if not talk.draft.get("argument"):
        return Show("", then=code_given)
    try:
        return Show("", keep={"code": readers.join_code(talk.draft.argument)}, then=check_code)
    except Unclear as unclear:
        return Show(str(unclear), then=ask_code)


def code_given(talk: Talk[LinkDraft]) -> End:
    return End(
        _(
            "Kode: {code}\n"
            "Buka percakapan kami di aplikasi atau HP yang lain, lalu ketik di sana: sambung {code}\n"
            "Berlaku 10 menit. Jangan beri kode ini ke siapa pun; petugas tidak pernah memintanya."
        ),
        do=make_code,
    )


def make_code(db: Session, talk: Talk[LinkDraft]) -> dict[str, str]:
    """Keep a code; the words for "{code}"."""
    code = f"{secrets.randbelow(10**6):06}"
    identities.make_code(
        db,
        association_id=talk.house.id,
        person_id=talk.person_id,
        address_id=talk.address_id,
        code=code,
        now=talk.now,
    )
    return {"code": f"{code[:3]} {code[3:]}"}


def ask_code(talk: Talk[LinkDraft]) -> Question:
    return Ask(
        _("Ketik kode 6 angka dari aplikasi atau HP yang lain."),
        read=readers.join_code,
        save="code",
        then=check_code,
        options=[Option(_("Tidak jadi"), not_linking)],
    )


def check_code(talk: Talk[LinkDraft]) -> Show | End:
    if not attempts.are_left(talk.db, talk.address_id, "join_code", talk.now):
        return End(_("Sudah terlalu banyak dicoba. Tunggu 10 menit, lalu minta kode baru."))
    found = identities.find_code(talk.db, talk.house.id, talk.draft.code, talk.now)
    if found is None:
        return Show(
            _('Kode itu tidak berlaku. Ketik "sambung" di aplikasi yang lain untuk kode baru.'),
            do=note_attempt,
            then=ask_code,
        )
    if found.person_id == talk.person_id:
        return End(_("Itu kode dari percakapan ini sendiri. Ketik kodenya di aplikasi atau HP yang lain."))
    return End(_("Tersambung. Jawaban dan status Bapak/Ibu ikut ke sini."), do=link, switches=True)


def note_attempt(db: Session, talk: Talk[LinkDraft]) -> None:
    """A wrong code was tried here."""
    attempts.note(db, association_id=talk.house.id, address_id=talk.address_id, what="join_code", now=talk.now)


def link(db: Session, talk: Talk[LinkDraft]) -> None:
    """She speaks here too, and hears of it where she asked for the code. Raises `Overtaken`."""
    code = identities.find_code(db, talk.house.id, talk.draft.code, talk.now, lock=True)
    if code is None:
        raise Overtaken("the code was used just now")
    identities.join(db, talk.address_id, code, talk.now)
    app = APPS[talk.facts.incoming.sender.channel]

    def words() -> str:
        return _('Percakapan ini baru tersambung juga di {app}. Bukan Bapak/Ibu? Ketik "pisah".').format(app=app)

    tell(db, code.person_id, words, key=f"joined:{code.id}", now=talk.now, at=code.address_id)
    if people.roles_of(db, talk.house.id, code.person_id):
        tell_admins(db, talk, code.person_id, app, code.id)


def tell_admins(db: Session, talk: Talk[LinkDraft], person_id: str, app: str, code_id: str) -> None:
    """A role came to another phone: whoever grants roles hears of it."""
    name = people.name_of(db, person_id)

    def words() -> str:
        return _("{name} sekarang bertugas juga lewat {app}.").format(name=name, app=app)

    tell_staff(db, talk.house.id, "admin", words, key=f"joined:{code_id}:staff", now=talk.now, but={person_id})


def not_linking(talk: Talk[LinkDraft]) -> End:
    return End(_("Baik, tidak jadi."))


# ── parting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_address(talk: Talk[PartDraft]) -> Question | End:
    reached = identities.reached_at(talk.db, talk.person_id)
    if len(reached) < 2 and not talk.facts.shared:
        return End(_('Bapak/Ibu hanya ada di percakapan ini. Untuk menyambung yang lain, ketik "sambung".'))
    options = [Option(shown(one, here=one.address_id == talk.address_id), value=one.address_id) for one in reached]
    return Choose(
        _("Percakapan mana yang dipisahkan dari data Bapak/Ibu?"),
        [*options, Option(_("Tidak jadi"), not_parting)],
        save="address",
        then=confirm_parting,
    )


def shown(reached: Reached, *, here: bool) -> str:
    """An address as its owner knows it."""
    name = SHORT[reached.channel] + (f" ••••{reached.end}" if reached.end else "")
    return _("{address} (ini)").format(address=name) if here else name


def confirm_parting(talk: Talk[PartDraft]) -> Question:
    one = next(
        (one for one in identities.reached_at(talk.db, talk.person_id) if one.address_id == talk.draft.address), None
    )
    name = shown(one, here=one.address_id == talk.address_id) if one else ""
    return Choose(
        _("Pisahkan {address}? Di sana data Bapak/Ibu tidak bisa dilihat lagi.").format(address=name),
        {_("Ya, pisahkan"): parted, _("Tidak jadi"): not_parting},
    )


def parted(talk: Talk[PartDraft]) -> End:
    here = talk.draft.address == talk.address_id
    return End(_("Sudah dipisahkan."), do=part, drops=here)


def part(db: Session, talk: Talk[PartDraft]) -> None:
    """She speaks there no more."""
    where, who = talk.draft.address, talk.person_id
    identities.separate(db, where, who, talk.now, by=who, but_for=parting.name)


def not_parting(talk: Talk[PartDraft]) -> End:
    return End(_("Baik, tidak ada yang berubah."))


linking = Conversation(
    name="linking",
    title=N_("menyambung percakapan"),
    version=1,
    draft=LinkDraft,
    start=begin_linking,
    further_steps=(code_given, ask_code, check_code, not_linking),
    words=("sambung", "sambungkan", "pindah", "hubungkan", "connect"),
    takes_argument=True,
)
parting = Conversation(
    name="parting",
    title=N_("memisahkan percakapan"),
    version=1,
    draft=PartDraft,
    start=choose_address,
    further_steps=(confirm_parting, parted, not_parting),
    words=("pisah", "pisahkan"),
)
