"""Who may do what.

choose_deed → choose_role → invited | choose_holder → confirm_taking → taken; and whoever was invited: ask_code → joined
"""

import secrets
from datetime import timedelta

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.notices import tell
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import Talk
from conversations.words import N_, _
from storage.database import Overtaken
from storage.queries import attempts, audit, people

LASTS = timedelta(days=1)
ROLES = {
    "officer": N_("Petugas pemeriksa"),
    "collector": N_("Pengumpul iuran"),
    "treasurer": N_("Bendahara"),
    "admin": N_("Pengelola"),
}


class Draft(Answers):
    """The role, and who holds it."""

    role: str
    holder: str  # person id and role


class JoinDraft(Answers):
    """The code that was said."""

    argument: str
    code: str


def choose_deed(talk: Talk[Draft]) -> Question:
    holders = [f"{holder.name}: {_(ROLES[holder.role])}" for holder in people.role_holders(talk.db, talk.house.id)]
    return Choose(
        "\n".join([_("Yang bertugas sekarang:"), *holders]),
        {_("Beri peran"): choose_role, _("Cabut peran"): choose_holder, _("Selesai"): finished},
    )


def choose_role(talk: Talk[Draft]) -> Question:
    options = [Option(_(label), value=role) for role, label in ROLES.items()]
    return Choose(_("Peran apa?"), options, save="role", then=invited)


def invited(talk: Talk[Draft]) -> End:
    return End(
        _(
            "Kode untuk {role}: {code}\nOrangnya mengetik di sini: gabung {code}\nBerlaku sehari, untuk satu orang."
        ).replace("{role}", _(ROLES[talk.draft.role])),
        do=invite,
    )


def invite(db: Session, talk: Talk[Draft]) -> dict[str, str]:
    """Keep an invitation; the words for "{code}"."""
    code = f"{secrets.randbelow(10**8):08}"
    people.invite(
        db,
        association_id=talk.house.id,
        role=talk.draft.role,
        code=code,
        by=talk.person_id,
        expires_at=talk.now + LASTS,
    )
    note(db, talk, "invited", {"role": talk.draft.role})
    return {"code": f"{code[:4]} {code[4:]}"}


def choose_holder(talk: Talk[Draft]) -> Question:
    options = [
        Option(
            f"{holder.name}: {_(ROLES[holder.role])}",
            value=f"{holder.person_id}/{holder.role}",
            key=f"{holder.person_id[-16:]}/{holder.role}",  # the whole id would not fit into a button
        )
        for holder in people.role_holders(talk.db, talk.house.id)
    ]
    return Choose(
        _("Peran siapa yang dicabut?"),
        [*options, Option(_("Tidak jadi"), choose_deed)],
        save="holder",
        then=confirm_taking,
    )


def confirm_taking(talk: Talk[Draft]) -> Question:
    person_id, _slash, role = talk.draft.holder.partition("/")
    text = _("Cabut peran {role} dari {who}?").format(role=_(ROLES[role]), who=people.name_of(talk.db, person_id))
    return Choose(text, {_("Ya, cabut"): taken, _("Tidak jadi"): choose_deed})


def taken(talk: Talk[Draft]) -> Show:
    person_id, _slash, role = talk.draft.holder.partition("/")
    if role == "admin" and people.with_role(talk.db, talk.house.id, "admin") == [person_id]:
        return Show(_("Itu pengelola terakhir, jadi tidak bisa dicabut. Tunjuk pengelola lain dulu."), then=choose_deed)
    if role not in people.roles_of(talk.db, talk.house.id, person_id):
        return Show(_("Peran itu sudah dicabut."), then=choose_deed)
    return Show(_("Peran sudah dicabut."), do=take, then=after_taking)


def take(db: Session, talk: Talk[Draft]) -> None:
    """Take the role away, leave a trace, and tell who held it. Raises `Overtaken`."""
    person_id, _slash, role = talk.draft.holder.partition("/")
    try:
        if not people.take(db, association_id=talk.house.id, person_id=person_id, role=role):
            raise Overtaken("another administrator was faster")
    except people.LastAdmin as error:
        raise Overtaken("she is the last administrator by now") from error
    note(db, talk, "took_role", {"role": role, "person": person_id})
    key = f"role:{person_id}:{role}:taken:{talk.facts.turn}:{talk.person_id}"
    tell(db, person_id, lambda: _("Peran {role} sudah dicabut.").format(role=_(ROLES[role])), key=key, now=talk.now)


def after_taking(talk: Talk[Draft]) -> Question:
    return Choose(_("Ada lagi?"), {_("Ya"): choose_deed, _("Selesai"): finished})


def finished(talk: Talk[Draft]) -> End:
    return End(_('Baik. Ketik "peran" kapan saja.'))


# ── whoever was invited ──────────────────────────────────────────────────────────────────────────────────────────


def take_code(talk: Talk[JoinDraft]) -> Show:
    try:
        return Show("", keep={"code": readers.code(talk.draft.get("argument", ""))}, then=check_code)
    except Unclear:
        return Show("", then=ask_code)


def ask_code(talk: Talk[JoinDraft]) -> Question:
    return Ask(
        _("Ketik kode 8 angka dari pengelola."),
        read=readers.code,
        save="code",
        then=check_code,
        options=[Option(_("Tidak jadi"), not_joining)],
    )


def check_code(talk: Talk[JoinDraft]) -> Show | End:
    if not attempts.are_left(talk.db, talk.address_id, "invitation", talk.now):
        return End(_("Sudah terlalu banyak dicoba. Tunggu 10 menit, lalu minta kode baru."))
    invitation = people.find_invitation(talk.db, talk.house.id, talk.draft.code, talk.now)
    if invitation is None:
        return Show(_("Kode itu tidak berlaku. Minta kode baru ke pengelola."), do=note_attempt, then=ask_code)
    if invitation.role in talk.facts.roles:
        return End(_("Bapak/Ibu sudah memegang peran itu."))
    text = _('Selamat bertugas: {role}. Ketik "menu" untuk melihat tugasnya.').format(role=_(ROLES[invitation.role]))
    return End(text, do=join)


def note_attempt(db: Session, talk: Talk[JoinDraft]) -> None:
    """A wrong code was tried here."""
    attempts.note(db, association_id=talk.house.id, address_id=talk.address_id, what="invitation", now=talk.now)


def not_joining(talk: Talk[JoinDraft]) -> End:
    return End(_("Baik, tidak jadi."))


def join(db: Session, talk: Talk[JoinDraft]) -> None:
    """Use the invitation up and grant its role; whoever invited hears of it. Raises `Overtaken`."""
    invitation = people.find_invitation(db, talk.house.id, talk.draft.code, talk.now, lock=True)
    if invitation is None:
        raise Overtaken("the code was used just now")
    role = invitation.role
    invitation.used_by, invitation.used_at = talk.person_id, talk.now
    people.grant(
        db,
        association_id=talk.house.id,
        person_id=talk.person_id,
        role=role,
        by=invitation.invited_by,
        now=talk.now,
    )
    note(db, talk, "joined", {"role": role})
    who = people.name_of(db, talk.person_id)

    def words() -> str:
        return _("{who} sekarang: {role}.").format(who=who, role=_(ROLES[role]))

    if invitation.invited_by:
        tell(db, invitation.invited_by, words, key=f"invitation:{invitation.id}", now=talk.now)


def note(db: Session, talk: Talk[Draft] | Talk[JoinDraft], action: str, facts: dict[str, str]) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"person/{facts.get('person', talk.person_id)}",
        now=talk.now,
        facts=facts,
    )


roles = Conversation(
    name="roles",
    title=N_("peran"),
    version=1,
    draft=Draft,
    start=choose_deed,
    further_steps=(choose_role, invited, choose_holder, confirm_taking, taken, after_taking, finished),
    words=("peran", "role", "roles"),
    only_for=frozenset({"admin"}),
)
joining = Conversation(
    name="joining",
    title=N_("bergabung"),
    version=1,
    draft=JoinDraft,
    start=take_code,
    further_steps=(ask_code, check_code, not_joining),
    words=("gabung", "bergabung", "join"),
    takes_argument=True,
)
