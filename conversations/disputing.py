"""A member says that a payment in her name is not so: choose_payment → choose_kind → ask_words → disputed"""

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.dispute_words import amount_of, barred, in_short, number_of
from conversations.notices import tell, tell_staff
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import audit, disputes, members, payments, people
from storage.queries.disputes import Kind
from storage.tables import Dispute, Payment


class Draft(Answers):
    """The payment, and what is wrong with it."""

    argument: str  # a payment and what she says, as in "…/not_me", from the button below the receipt
    payment: str
    kind: str
    words: str


T = Talk[Draft]


def begin(talk: T) -> Show | End:
    payment_id, _slash, kind = talk.draft.get("argument", "").partition("/")
    if not payment_id:
        return Show("", then=choose_payment)
    payment = payments.find(talk.db, talk.house.id, payment_id)
    if payment is None:
        return End(_("Pembayaran itu tidak ditemukan."))
    if bar := disputes.bar(talk.db, payment, talk.person_id, talk.now):
        return End(barred(bar))
    known = kind in set(Kind)
    return Show(
        "",
        keep={"payment": payment.id, **({"kind": kind} if known else {})},
        then=ask_words if known else choose_kind,
    )


def choose_payment(talk: T) -> Question | Show | End:
    found = disputes.may_be_disputed(talk.db, talk.house.id, talk.person_id, talk.now)
    if not found:
        return End(_('Tidak ada pembayaran yang perlu diperiksa. Ada pertanyaan? Ketik "petugas".'))
    if len(found) == 1:
        return Show("", keep={"payment": found[0].id}, then=choose_kind)
    options = [Option(label(talk, one), value=one.id, key=one.id[-16:]) for one in found]
    text = _("Pembayaran yang mana yang tidak cocok?")
    return Choose(text, [*options, Option(_("Tidak jadi"), all_is_well)], save="payment", then=choose_kind)


def label(talk: T, payment: Payment) -> str:
    """One payment among several."""
    return _("{receipt}: {amount}, {name}").format(
        receipt=number_of(talk.db, payment),
        amount=amount_of(payment),
        name=members.get(talk.db, talk.house.id, payment.member_id).name,
    )


def at_hand(talk: T) -> Payment:
    """The payment that she means."""
    payment = payments.find(talk.db, talk.house.id, talk.draft.payment)
    assert payment is not None
    return payment


def choose_kind(talk: T) -> Question | End:
    payment = at_hand(talk)
    if bar := disputes.bar(talk.db, payment, talk.person_id, talk.now):
        return End(barred(bar))
    return Choose(
        in_short(talk.db, payment) + "\n" + _("Apa yang tidak cocok?"),
        [
            Option(_("Bukan saya yang bayar"), value=Kind.NOT_ME.value, words=("bukan saya",)),
            Option(_("Saya belum bayar"), value=Kind.NOT_PAID.value, words=("belum bayar",)),
            Option(_("Jumlahnya lain"), value=Kind.OTHER_AMOUNT.value),
            Option(_("Tidak jadi, sudah benar"), all_is_well),
        ],
        save="kind",
        then=ask_words,
    )


def ask_words(talk: T) -> Question | End:
    payment = at_hand(talk)
    if bar := disputes.bar(talk.db, payment, talk.person_id, talk.now):
        return End(barred(bar))
    asked = {
        Kind.NOT_ME: _("Bapak/Ibu tidak merasa membayar ini. Ceritakan singkat, atau pilih Lewati."),
        Kind.NOT_PAID: _("Bapak/Ibu belum membayar ini. Ceritakan singkat, atau pilih Lewati."),
        Kind.OTHER_AMOUNT: _("Berapa yang sebenarnya dibayar, dan kapan? Ceritakan singkat, atau pilih Lewati."),
    }
    return Ask(
        in_short(talk.db, payment) + "\n" + asked[Kind(talk.draft.kind)],
        read=readers.long_text,
        save="words",
        then=disputed,
        options=[
            Option(_("Lewati"), value="", key="skip", then=disputed, words=("skip", "lewat")),
            Option(_("Tidak jadi, sudah benar"), all_is_well),
        ],
    )


def all_is_well(talk: T) -> End:
    return End(_("Baik, tidak ada yang diubah."))


def disputed(talk: T) -> End:
    if bar := disputes.bar(talk.db, at_hand(talk), talk.person_id, talk.now):
        return End(barred(bar))
    text = _("Sudah dicatat, nomor {number}. Petugas akan bertanya ke kedua pihak, lalu mengabari di sini.")
    return End(text, do=keep_dispute)


def keep_dispute(db: Session, talk: T) -> dict[str, str]:
    """An officer must look into it; the collector hears of it without blame. Raises `Overtaken`."""
    row = disputes.dispute(
        db,
        talk.house.id,
        talk.draft.payment,
        Kind(talk.draft.kind),
        words=talk.draft.get("words", ""),
        by=talk.person_id,
        address_id=talk.address_id,
        now=talk.now,
    )
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action="disputed",
        subject=f"payment/{row.payment_id}",
        now=talk.now,
        facts={"kind": row.kind},
    )
    tell_officers(db, talk, row)
    tell_collector(db, talk, row)
    return {"number": row.number}


def tell_officers(db: Session, talk: T, row: Dispute) -> None:
    """Every officer who has no part in it; where there is none, the administrators must appoint one."""
    concerned = disputes.concerned(db, row)
    officers = set(people.with_role(db, talk.house.id, "officer")) - concerned

    def waits() -> str:
        return _('Ada keberatan menunggu: {number}. Ketik "sengketa" untuk memeriksa.').format(number=row.number)

    def nobody_may() -> str:
        return _("Keberatan {number} perlu petugas yang tidak terlibat. Tolong tunjuk petugas lain.").format(
            number=row.number
        )

    key = f"dispute:{row.id}"
    if officers:
        tell_staff(db, talk.house.id, "officer", waits, key=key, now=talk.now, but=concerned, opens="settling")
    else:
        tell_staff(db, talk.house.id, "admin", nobody_may, key=key, now=talk.now, but={talk.person_id})


def tell_collector(db: Session, talk: T, row: Dispute) -> None:
    """Whoever took the cash hears that two records differ, and no more than that."""
    payment = payments.find(db, talk.house.id, row.payment_id)
    if payment is None or payment.collector_id in (None, talk.person_id):
        return

    def words() -> str:
        return _(
            "{receipt}, {amount}, {name}: catatannya perlu dicocokkan. "
            "Petugas akan bertanya ke kedua pihak, jadi sekarang belum ada yang berubah."
        ).format(
            receipt=number_of(db, payment),
            amount=amount_of(payment),
            name=members.get(db, talk.house.id, payment.member_id).name,
        )

    tell(db, str(payment.collector_id), words, key=f"dispute:{row.id}:collector", now=talk.now)


disputing = Conversation(
    name="disputing",
    title=N_("keberatan pembayaran"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(choose_payment, choose_kind, ask_words, all_is_well, disputed),
    words=("keberatan", "bukan saya", "belum bayar", "dispute"),
)
