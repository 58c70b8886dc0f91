"""A number that may have changed hands.

begin_proving → ask_nik_end → ask_birth → check_proof → reinstated | asked_officer
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.handover import hand_over
from conversations.notices import tell
from conversations.steps import Ask, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from storage.database import Overtaken
from storage.queries import attempts, identities, tickets


class Draft(Answers):
    """What she says about herself."""

    nik_end: str
    birth_date: date


T = Talk[Draft]


def begin_proving(talk: T) -> Show | End:
    if not identities.doubted_here(talk.db, talk.address_id):
        return End(_('Nomor ini tidak perlu dibuktikan. Ketik "menu" untuk melihat pilihan.'))
    return Show("", then=ask_nik_end)


def ask_nik_end(talk: T) -> Question:
    return Ask(
        _("Untuk memastikan: 4 angka terakhir NIK Bapak/Ibu?"),
        read=readers.four_digits,
        save="nik_end",
        then=ask_birth,
        options=[Option(_("Tidak jadi"), not_proving)],
        example=_("Contoh: 0001."),
    )


def ask_birth(talk: T) -> Question:
    return Ask(
        _("Tanggal lahir yang tertulis di KTP?"),
        read=readers.birth_date,
        save="birth_date",
        then=check_proof,
        example=_("Contoh: 5 Mei 1987."),
    )


def check_proof(talk: T) -> Show | End:
    if not attempts.are_left(talk.db, talk.address_id, "proof", talk.now):
        return Show("", then=asked_officer)
    if whom_it_fits(talk.db, talk):
        return End(_("Terima kasih. Nomor ini kembali terhubung dengan data Bapak/Ibu."), do=reinstate, switches=True)
    return Show(_("Belum cocok. Coba sekali lagi."), do=note_attempt, then=ask_nik_end)


def whom_it_fits(db: Session, talk: T) -> str:
    """The person who spoke here before and whom these answers describe; "" when they describe nobody."""
    said = (talk.draft.nik_end, talk.draft.birth_date)
    before = identities.doubted_here(db, talk.address_id)
    return next((person for person in before if said in identities.proofs(db, talk.house.id, person)), "")


def reinstate(db: Session, talk: T) -> None:
    """The number is hers again. Raises `Overtaken`."""
    person_id = whom_it_fits(db, talk)
    if not person_id:
        raise Overtaken("somebody else proved it just now")
    identities.reinstate(db, talk.address_id, person_id, talk.now)


def note_attempt(db: Session, talk: T) -> None:
    """The answers describe nobody."""
    attempts.note(db, association_id=talk.house.id, address_id=talk.address_id, what="proof", now=talk.now)


def asked_officer(talk: T) -> End:
    return End(_("Sudah beberapa kali belum cocok. Petugas kami beri tahu dan akan membantu."), do=ask_officer)


def ask_officer(db: Session, talk: T) -> None:
    """A human must find out who it is."""
    if not tickets.has_open(db, talk.house.id, talk.person_id, "identity"):
        hand_over(db, talk, "identity", _("Nomor yang pernah dipakai anggota lain; belum bisa dibuktikan sendiri."))


def not_proving(talk: T) -> End:
    return End(_("Baik, tidak jadi."))


def tell_before(db: Session, persons: Collection[str], now: datetime) -> None:
    """Whoever spoke there before hears of it where she still can be reached."""

    def words() -> str:
        return _(
            "Nomor WhatsApp yang dulu Bapak/Ibu pakai mungkin dipegang orang lain sekarang. "
            'Data Bapak/Ibu tidak kami tunjukkan di sana. Ada yang salah? Ketik "petugas".'
        )

    for person_id in persons:
        tell(db, person_id, words, key=f"doubted:{person_id}:{now.isoformat()}", now=now)


proving = Conversation(
    name="proving",
    title=N_("pembuktian nomor"),
    version=1,
    draft=Draft,
    start=begin_proving,
    further_steps=(ask_nik_end, ask_birth, check_proof, asked_officer, not_proving),
    words=("nomor saya", "buktikan"),
)
