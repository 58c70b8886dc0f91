"""A large payment to BPJS is confirmed by a second one: look_at → agreed | ask_why → confirm_objection → objected."""

from sqlmodel import Session

from conversations import readers
from conversations import remittance_words as words
from conversations.answers import Answers
from conversations.notices import opening, tell
from conversations.settling import ready_made
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, rupiah
from domain.remittance import RemittanceStatus as Status
from storage.database import Overtaken
from storage.queries import people, remittances
from storage.tables import Remittance

WHY_NOT = (N_("Belum terlihat di rekening."), N_("Jumlahnya berbeda."))


class Draft(Answers):
    """The batch, and what is wrong with what was said of it."""

    argument: str  # from a notice
    remittance: str
    why_not: str


T = Talk[Draft]


def begin(talk: T) -> Show | End:
    named = remittances.find(talk.db, talk.house.id, talk.draft.get("argument", ""))
    if named:
        return Show("", keep={"remittance": named.id}, then=look_at)
    found = remittances.to_second(talk.db, talk.house.id, but_of=talk.person_id)
    if not found:
        return End(_("Tidak ada setoran yang perlu dipastikan. Terima kasih."))
    return Show("", keep={"remittance": found[0].id}, then=look_at)


def at_hand(talk: T) -> Remittance:
    """The batch that is looked at."""
    found = remittances.find(talk.db, talk.house.id, talk.draft.remittance)
    assert found is not None
    return found


def look_at(talk: T) -> Question | End:
    remittance = at_hand(talk)
    if remittance.status != Status.PROPOSED:
        return End(words.heading(remittance))
    if remittance.proposed_by == talk.person_id:
        return End(_("{number} dicatat Bapak/Ibu sendiri, jadi harus orang lain.").format(number=remittance.number))
    return Choose(
        _("Kata {who}: {details}\nApakah benar sudah dibayar ke BPJS?").format(
            who=words.who_said(talk.db, remittance), details=f"{remittance.number}. {words.payment_of(remittance)}"
        ),
        [
            Option(_("Ya, benar"), agreed),
            Option(_("Belum benar"), ask_why),
            Option(_("Nanti saja"), later, words=("lewati",)),
        ],
        document=remittance.document_id or "",
    )


def later(talk: T) -> End:
    return End(_('Baik. Ketik "pastikan" kapan saja.'))


def agreed(talk: T) -> End | Show:
    remittance = at_hand(talk)
    if not is_waiting(talk, remittance):
        return Show("", then=look_at)
    if not remittances.is_payable(talk.db, remittance):
        text = _("Barisnya atau uangnya sudah berubah sejak dicatat. Pilih belum benar, supaya dicatat ulang.")
        return Show(text, then=look_at)
    return End(
        _("Terima kasih. {number} tercatat dibayar, {amount}.").format(
            number=remittance.number, amount=rupiah(remittance.paid or 0)
        ),
        do=agree,
    )


def is_waiting(talk: T, remittance: Remittance) -> bool:
    """True while this one may be the second."""
    return remittance.status == Status.PROPOSED and remittance.proposed_by != talk.person_id


def agree(db: Session, talk: T) -> None:
    """It is in the ledger, and the first one hears of it. Raises `Overtaken`."""
    remittance = remittances.lock(db, talk.house.id, talk.draft.remittance)
    first = remittance.proposed_by or ""
    try:
        remittances.second(db, remittance, by=talk.person_id, now=talk.now)
    except (remittances.NotPayable, remittances.SamePerson) as error:
        raise Overtaken("the batch or the money changed") from error
    who = people.name_of(db, talk.person_id)

    def text() -> str:
        return _("{number} sudah dipastikan {who}.").format(number=remittance.number, who=who)

    tell_first(db, talk, remittance, first, text)


def ask_why(talk: T) -> Question | Show:
    if not is_waiting(talk, at_hand(talk)):
        return Show("", then=look_at)
    return Choose(
        _("Apa yang belum benar? Pilih, atau ketik sendiri. Bendahara akan membacanya."),
        [*ready_made(WHY_NOT), Option(_("Tidak jadi"), look_at)],
        save="why_not",
        read=readers.long_text,
        then=confirm_objection,
    )


def confirm_objection(talk: T) -> Question | Show:
    remittance = at_hand(talk)
    if not is_waiting(talk, remittance):
        return Show("", then=look_at)
    text = _("Kembalikan {number} ke bendahara dengan alasan: {why}")
    return Choose(
        text.format(number=remittance.number, why=_(talk.draft.why_not)),
        {_("Ya, kirim alasan"): objected, _("Ganti alasan"): ask_why, _("Tidak jadi"): look_at},
    )


def objected(talk: T) -> End | Show:
    if not is_waiting(talk, at_hand(talk)):
        return Show("", then=look_at)
    return End(_("Baik, catatan itu dikembalikan ke bendahara."), do=object_to)


def object_to(db: Session, talk: T) -> None:
    """What the first one said is taken back, and he hears why. Raises `Overtaken`."""
    remittance = remittances.lock(db, talk.house.id, talk.draft.remittance)
    first = remittance.proposed_by or ""
    remittances.object_to(db, remittance, by=talk.person_id, now=talk.now)
    who = people.name_of(db, talk.person_id)

    def text() -> str:
        return _("{number} belum bisa dipastikan {who}: {why}").format(
            number=remittance.number, who=who, why=_(talk.draft.why_not)
        )

    tell_first(db, talk, remittance, first, text)


def tell_first(db: Session, talk: T, remittance: Remittance, first: str, text: words.Words) -> None:
    """Whoever said first that it was paid hears what the second one said."""

    def button() -> tuple[str, str]:
        return _("Buka"), opening("remitting", remittance.id, person_id=first)

    key = f"remittance:{remittance.id}:seconded:{remittance.updated_at.isoformat()}"
    tell(db, first, text, key=key, now=talk.now, button=button)


seconding = Conversation(
    name="seconding",
    title=N_("pemastian setoran BPJS"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(look_at, later, agreed, ask_why, confirm_objection, objected),
    words=("pastikan", "pastikan setoran"),
    only_for=frozenset({"treasurer", "officer"}),
)
