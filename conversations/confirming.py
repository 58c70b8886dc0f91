"""Officers and treasurers look for the money that vendors told of.

next_payment → decide → accepted | ask_received → received_other | choose_reason → confirm_refusal → refused → ask_next
"""

from datetime import timedelta
from functools import partial

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.payment_news import tell_checkers, tell_paid, tell_refused
from conversations.payment_words import details, seconding, told_who
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, rupiah
from domain.money import Rupiah
from domain.payment import PaymentStatus as Status
from storage.database import Overtaken
from storage.queries import audit, payments
from storage.tables import Payment

CLAIM = timedelta(minutes=15)
REASONS = (
    N_("Uangnya belum masuk."),
    N_("Fotonya tidak terbaca."),
    N_("Bukti itu bukan untuk pembayaran ini."),
    N_("Bukti itu sudah pernah dipakai."),
)


class Draft(Answers):
    """The payment at hand, and what is decided about it."""

    payment: str
    shown: int  # the amount that stood on the button when he was asked
    received: int
    reason: str
    put_back: list[str]  # the payments that he left to others just now


T = Talk[Draft]


def next_payment(talk: T) -> Show | End:
    found = payments.oldest_waiting(
        talk.db, talk.house.id, officer_id=talk.person_id, now=talk.now, but=talk.draft.get("put_back", [])
    )
    if found is None:
        return End(_("Tidak ada pembayaran yang menunggu. Terima kasih."))
    return Show("", keep={"payment": found.id}, do=claim, then=decide)


def claim(db: Session, talk: T) -> None:
    """Hold it for this officer. Raises `Overtaken`."""
    payments.claim(db, talk.house.id, talk.draft.payment, by=talk.person_id, now=talk.now, until=talk.now + CLAIM)


def at_hand(talk: T) -> Payment:
    """The payment that this officer looks at."""
    found = payments.find(talk.db, talk.house.id, talk.draft.payment)
    assert found
    return found


def is_gone(talk: T, payment: Payment) -> bool:
    """True when it is not his to decide any more."""
    return not payments.may_be_decided_by(talk.db, payment, talk.person_id, talk.now)


def overtaken(talk: T, payment: Payment) -> Show:
    """Who was faster, and what came of it."""
    return Show(told_who(talk.db, payment, talk.person_id), then=ask_next)


def decide(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    amount = suggested(payment)
    accept = [
        Option(
            _("Terima {amount}").format(amount=rupiah(amount)),
            accepted,
            key=f"accept:{amount}",  # a button of before another officer named another amount does nothing
            words=("terima", "setuju", "ok"),
        )
    ]
    proof = [Option(_("Lihat bukti"), see_proof, words=("bukti", "foto"))] if proof_of(talk, payment) else []
    return Choose(
        details(talk.db, payment),
        [
            *(accept if amount else []),
            Option(_("Jumlah lain"), ask_received, words=("lain", "sebagian")),
            *proof,
            Option(_("Tolak"), choose_reason),
            Option(_("Nanti saja"), put_back, words=("lewati",)),
        ],
        keep={"shown": amount},
    )


def suggested(payment: Payment) -> int:
    """The amount to accept: what the first of two has seen, else what she says that she paid."""
    seen = payment.received if payment.status == Status.SECONDED else payment.declared
    return seen or 0


# ── the proof ────────────────────────────────────────────────────────────────────────────────────────────────────


def proof_of(talk: T, payment: Payment) -> str:
    """The picture that was sent last; "" when there is none."""
    found = payments.proofs_of(talk.db, payment.id)
    return found[-1].document_id if found else ""


def see_proof(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    if not talk.facts.nik_in_chat:
        return on_page(payment)
    return Choose(
        _("Bukti bayar {number}. Hanya untuk pemeriksaan, jangan disebarkan.").format(number=payment.number),
        {_("Lihat pembayaran"): decide},
        do=note_look,
        document=proof_of(talk, payment),
    )


def on_page(payment: Payment) -> Question:
    """What this chat must not carry is shown on a page; whoever opens it leaves a trace."""
    text = _("{number}: buka di halaman ini, paling lama 30 menit. Hanya untuk pemeriksaan, jangan disebarkan.\n{link}")
    return Choose(
        text.replace("{number}", payment.number),
        [Option(_("Lihat pembayaran"), decide), Option(_("Minta tautan baru"), says="ulang", words=("tautan",))],
        look=f"proof/{payment.id}",
    )


def note_look(db: Session, talk: T) -> None:
    """Whoever looks at a proof leaves a trace."""
    note(db, talk, "saw_proof")


# ── received ─────────────────────────────────────────────────────────────────────────────────────────────────────


def accepted(talk: T) -> Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    if talk.draft.get("shown") != suggested(payment):  # the number that he typed meant another amount
        return Show(_("Jumlahnya baru saja berubah. Tolong lihat lagi."), then=decide)
    return received(talk, payment, Rupiah(suggested(payment)))


def ask_received(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    return Ask(
        _("{number}: berapa yang benar-benar masuk?").format(number=payment.number),
        read=readers.amount,
        save="received",
        then=confirm_received,
        options=[Option(_("Tidak ada yang masuk"), choose_reason, words=("nol", "0", "rp0")), not_now()],
        example=_("Contoh: 16.800 atau 16rb800."),
    )


def not_now() -> Option:
    """Back to the payment."""
    return Option(_("Tidak jadi"), decide)


def confirm_received(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    text = _("{number}: yang masuk {amount}, menurut pengirim {declared}. Benar {amount}?")
    amount = talk.draft.received
    return Choose(
        text.format(number=payment.number, amount=rupiah(amount), declared=rupiah(payment.declared or 0)),
        [
            Option(_("Ya, {amount}").format(amount=rupiah(amount)), received_other, key=f"yes:{amount}", words=("ya",)),
            Option(_("Ketik ulang"), ask_received),
            not_now(),
        ],
    )


def received_other(talk: T) -> Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    return received(talk, payment, Rupiah(talk.draft.received))


def received(talk: T, payment: Payment, amount: Rupiah) -> Show:
    """He has seen this much: a receipt, or above the limit the turn of a second one."""
    number, seen = payment.number, rupiah(amount)
    if payments.needs_second(talk.db, payment, amount, by=talk.person_id):
        text = _("{number}: {amount} menunggu orang kedua. Yang lain sudah kami beri tahu.")
        return Show(text.format(number=number, amount=seen), do=partial(propose, amount), then=ask_next)
    text = _("{number}: {amount} diterima. Kwitansi {receipt} sudah dikirim.")
    text = text.replace("{number}", number).replace("{amount}", seen)
    return Show(text, do=partial(confirm, amount), then=ask_next)


def confirm(amount: Rupiah, db: Session, talk: T) -> dict[str, str]:
    """The money is in the ledger, and she has a receipt; the words for "{receipt}". Raises `Overtaken`."""
    payment = held(db, talk)
    receipt = payments.confirm(db, payment, amount, by=talk.person_id, now=talk.now)
    if receipt is None:
        raise Overtaken("it needs a second one by now")
    note(db, talk, "confirmed_payment")
    tell_paid(db, payment, receipt, pages=talk.facts.pages, now=talk.now)
    return {"receipt": receipt.printed}


def propose(amount: Rupiah, db: Session, talk: T) -> None:
    """The others hear that it needs one of them. Raises `Overtaken`."""
    payment = held(db, talk)
    if payments.confirm(db, payment, amount, by=talk.person_id, now=talk.now):
        raise Overtaken("it needs nobody else by now")
    note(db, talk, "proposed_payment")
    words = partial(seconding, payment)
    key = f"payment:{payment.id}:second:{talk.now.isoformat()}"
    tell_checkers(db, payment, words, key=key, now=talk.now, but=[talk.person_id])


def held(db: Session, talk: T) -> Payment:
    """The payment at hand, locked. Raises `Overtaken` when it is not his to decide any more."""
    payment = payments.lock(db, talk.house.id, talk.draft.payment)
    if not payments.may_be_decided_by(db, payment, talk.person_id, talk.now):
        raise Overtaken("another officer was faster")
    return payment


# ── refused, or left to others ───────────────────────────────────────────────────────────────────────────────────


def choose_reason(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    ready_made = [Option(_(words), value=words, key=str(number)) for number, words in enumerate(REASONS)]
    return Choose(
        _("Alasannya? Pilih, atau ketik sendiri. Pengirim akan membacanya."),
        [*ready_made, not_now()],
        save="reason",
        read=readers.long_text,
        then=confirm_refusal,
    )


def confirm_refusal(talk: T) -> Question | Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    return Choose(
        _("Tolak {number} dengan alasan: {reason}").format(number=payment.number, reason=_(talk.draft.reason)),
        {_("Ya, tolak"): refused, _("Ganti alasan"): choose_reason, _("Tidak jadi"): decide},
    )


def refused(talk: T) -> Show:
    payment = at_hand(talk)
    if is_gone(talk, payment):
        return overtaken(talk, payment)
    return Show(_("{number} ditolak.").format(number=payment.number), do=refuse, then=ask_next)


def refuse(db: Session, talk: T) -> None:
    """She hears why, and what she can do. Raises `Overtaken`."""
    payment = held(db, talk)
    payments.refuse(db, payment, reason=talk.draft.reason, by=talk.person_id, now=talk.now)
    note(db, talk, "refused_payment")
    tell_refused(db, payment, now=talk.now)


def put_back(talk: T) -> Show:
    return Show(
        _("Baik, {number} kembali ke antrean.").format(number=at_hand(talk).number),
        keep={"put_back": [*talk.draft.get("put_back", []), talk.draft.payment]},
        do=leave_to_others,
        then=ask_next,
    )


def leave_to_others(db: Session, talk: T) -> None:
    """The payment is free again."""
    payments.put_back(db, talk.house.id, talk.draft.payment, by=talk.person_id)


def note(db: Session, talk: T, action: str) -> None:
    """One row in the audit trail about the payment at hand."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"payment/{talk.draft.payment}",
        now=talk.now,
    )


def ask_next(talk: T) -> Question:
    return Choose(
        _("Lanjut ke pembayaran berikutnya?"),
        [
            Option(_("Ya, berikutnya"), next_payment, words=("pembayaran", "bukti", "payments")),
            Option(_("Cukup"), rest),
        ],
    )


def rest(talk: T) -> End:
    return End(_('Ketik "pembayaran" untuk melanjutkan kapan saja.'))


confirming = Conversation(
    name="confirming",
    title=N_("pemeriksaan pembayaran"),
    version=1,
    draft=Draft,
    start=next_payment,
    further_steps=(
        decide,
        see_proof,
        accepted,
        ask_received,
        confirm_received,
        received_other,
        choose_reason,
        confirm_refusal,
        refused,
        put_back,
        ask_next,
        rest,
    ),
    words=("pembayaran", "bukti", "payments"),
    only_for=frozenset({"officer", "treasurer"}),
)
