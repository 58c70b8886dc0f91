"""Officers settle disputes: next_dispute → decide → choose_why_right | choose_why_wrong → confirm_undoing → ask_next"""

from functools import partial

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.cash_words import in_hand
from conversations.dispute_words import both_sides, number_of, payment_of, settled
from conversations.notices import tell
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from storage.database import Overtaken
from storage.queries import audit, cash, disputes, members, payments, people
from storage.tables import Dispute

RIGHT = (
    N_("Uangnya memang diterima, kedua pihak sudah cocok."),
    N_("Sudah dicocokkan dengan catatan pengumpul."),
)
WRONG = (
    N_("Uangnya tidak pernah diserahkan."),
    N_("Salah catat orang."),
    N_("Jumlahnya salah, akan dicatat ulang."),
)


class Draft(Answers):
    """The dispute at hand, and why it is settled so."""

    dispute: str
    reason: str
    put_back: list[str]  # those that he left for later just now


T = Talk[Draft]


def next_dispute(talk: T) -> Show | End:
    left = talk.draft.get("put_back", [])
    found = disputes.oldest_open(talk.db, talk.house.id, officer_id=talk.person_id, but=left)
    if found is None:
        return End(_("Tidak ada keberatan yang menunggu Bapak/Ibu."))
    return Show("", keep={"dispute": found.id}, then=decide)


def at_hand(talk: T) -> Dispute:
    """The dispute that this officer looks at."""
    row = disputes.find(talk.db, talk.house.id, talk.draft.dispute)
    assert row is not None
    return row


def was_settled(talk: T) -> Show | None:
    """Another officer was faster, or it is not for this one to settle."""
    row = at_hand(talk)
    if talk.person_id in disputes.concerned(talk.db, row):
        return Show(_("{number} diselesaikan petugas yang tidak terlibat.").format(number=row.number), then=ask_next)
    if row.status == "open":
        return None
    who = people.name_of(talk.db, row.settled_by or "")
    return Show(_("{number} sudah diselesaikan {who}.").format(number=row.number, who=who), then=ask_next)


def decide(talk: T) -> Question | Show:
    row = at_hand(talk)
    return was_settled(talk) or Choose(
        both_sides(talk.db, row, payment_of(talk.db, row), talk.house.zone),
        [
            Option(_("Pembayaran benar"), choose_why_right),
            Option(_("Batalkan pembayaran"), choose_why_wrong),
            Option(_("Nanti saja"), put_back, words=("lewati",)),
        ],
    )


def choose_why_right(talk: T) -> Question:
    return Choose(
        _("Kenapa benar? Pilih, atau ketik sendiri. Kedua pihak akan membacanya."),
        [*ready_made(RIGHT), Option(_("Tidak jadi"), decide)],
        save="reason",
        read=readers.long_text,
        then=upheld,
    )


def choose_why_wrong(talk: T) -> Question:
    return Choose(
        _("Kenapa dibatalkan? Pilih, atau ketik sendiri. Kedua pihak akan membacanya."),
        [*ready_made(WRONG), Option(_("Tidak jadi"), decide)],
        save="reason",
        read=readers.long_text,
        then=confirm_undoing,
    )


def ready_made(sentences: tuple[str, ...]) -> list[Option]:
    """Sentences to choose from; kept in Indonesian, and said in the language of whoever reads them."""
    return [Option(_(words), value=words, key=str(number)) for number, words in enumerate(sentences)]


def confirm_undoing(talk: T) -> Question | Show:
    row = at_hand(talk)
    text = _("{receipt} dibatalkan dengan alasan: {reason}\nUang dan iurannya kembali seperti sebelum dicatat. Benar?")
    return was_settled(talk) or Choose(
        text.format(receipt=number_of(talk.db, payment_of(talk.db, row)), reason=_(talk.draft.reason)),
        {_("Ya, lakukan"): undone, _("Ganti alasan"): choose_why_wrong, _("Tidak jadi"): decide},
    )


def upheld(talk: T) -> Show:
    text = _("{number}: pembayaran tetap tercatat.").format(number=at_hand(talk).number)
    return was_settled(talk) or Show(text, do=partial(settle, "upheld"), then=ask_next)


def undone(talk: T) -> Show:
    text = _("{number}: pembayaran dibatalkan.").format(number=at_hand(talk).number)
    return was_settled(talk) or Show(text, do=partial(settle, "reversed"), then=ask_next)


def settle(how: str, db: Session, talk: T) -> None:
    """Settle it in this officer's name, and tell both sides. Raises `Overtaken`."""
    deed = disputes.uphold if how == "upheld" else disputes.reverse
    try:
        row = deed(db, talk.house.id, talk.draft.dispute, reason=talk.draft.reason, by=talk.person_id, now=talk.now)
    except payments.OwnMoney as error:
        raise Overtaken("this officer has a part in it by now") from error
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=f"dispute_{how}",
        subject=f"payment/{row.payment_id}",
        now=talk.now,
    )
    tell_both(db, talk, row)


def tell_both(db: Session, talk: T, row: Dispute) -> None:
    """Whoever disputed it, the member, and whoever took the money hear what was decided."""
    payment = payment_of(db, row)
    member = members.get(db, talk.house.id, payment.member_id)
    for person_id in dict.fromkeys((row.by_person, member.person_id)):
        at = row.address_id if person_id == row.by_person else None
        key = f"dispute:{row.id}:settled:{person_id}"
        tell(db, person_id, partial(settled, db, row), key=key, now=talk.now, at=at)
    collector = payment.collector_id
    if collector and collector not in (row.by_person, member.person_id):

        def words() -> str:
            return settled(db, row) + "\n" + hands_of(db, talk, collector)

        tell(db, collector, words, key=f"dispute:{row.id}:settled:{collector}", now=talk.now)


def hands_of(db: Session, talk: T, collector_id: str) -> str:
    """What lies in a collector's hands after that."""
    amount = cash.in_hand(db, talk.house.id, collector_id)
    since = cash.oldest_since(db, talk.house.id, collector_id)
    return in_hand(amount, since, today=talk.today, zone=talk.house.zone)


def put_back(talk: T) -> Show:
    left = [*talk.draft.get("put_back", []), talk.draft.dispute]
    return Show(_("Baik, dibiarkan menunggu."), keep={"put_back": left}, then=ask_next)


def ask_next(talk: T) -> Question:
    return Choose(
        _("Lanjut ke keberatan berikutnya?"),
        [Option(_("Ya, berikutnya"), next_dispute, words=("sengketa",)), Option(_("Cukup"), rest)],
    )


def rest(talk: T) -> End:
    return End(_('Baik. Ketik "sengketa" kapan saja.'))


settling = Conversation(
    name="settling",
    title=N_("pemeriksaan keberatan"),
    version=1,
    draft=Draft,
    start=next_dispute,
    further_steps=(
        decide,
        choose_why_right,
        choose_why_wrong,
        confirm_undoing,
        upheld,
        undone,
        put_back,
        ask_next,
        rest,
    ),
    words=("sengketa", "periksa keberatan", "disputes"),
    only_for=frozenset({"officer"}),
)
