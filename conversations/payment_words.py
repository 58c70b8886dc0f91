"""How a payment reads: to whoever told of it, and to the officers who look for the money."""

from collections.abc import Sequence

from sqlmodel import Session

from conversations.month_words import prices, spans
from conversations.receipt_words import way_of
from conversations.words import N_, _, long_date, rupiah
from domain.dues import Book
from domain.money import Rupiah
from domain.month import Month
from domain.payment import PaymentStatus as Status
from storage.queries import associations, members, payments, people
from storage.tables import Member, Payment

DOUBTS = {
    "same_picture": N_("fotonya sama"),
    "similar_picture": N_("fotonya mirip"),
    "same_reference": N_("referensi dan jumlahnya sama"),
    "amount_differs": N_("jumlahnya tidak sama dengan iuran"),
    "no_proof": N_("tidak ada bukti"),
    "months_waiting": N_("bulan yang sama juga menunggu"),
}
WITH_NUMBERS = {
    "same_picture": N_("fotonya sama dengan {numbers}"),
    "similar_picture": N_("fotonya mirip {numbers}"),
    "same_reference": N_("referensi dan jumlahnya sama dengan {numbers}"),
    "months_waiting": N_("bulan yang sama juga menunggu di {numbers}"),
}
NUMBERED = 3  # other payments that are named with a doubt


def whose(member: Member) -> str:
    """A member as she is told from others of her name."""
    return _("{name} (NIK berakhir {end})").format(name=member.name, end=member.nik_end)


def months_of(payment: Payment) -> str:
    """The months that were meant."""
    return spans(Month.parse(month) for month in payment.months)


def price(book: Book, months: Sequence[Month]) -> str:
    """What is owed for each of these months; a rate that changes between them may change otherwise."""
    costs = [(one.month, one.total_owed) for one in book.months if one.month in months and one.total_owed]
    if len({cost for _month, cost in costs}) > 1:
        return _("Iuran: {prices}, kecuali ada aturan baru.").format(prices=prices(costs))
    return _("Iuran: {prices}.").format(prices=prices(costs))


def waits(payment: Payment, member: Member) -> str:
    """A payment that an officer has not looked at, in one sentence."""
    return _("{number}: {amount}, iuran {name} {months}, menunggu diperiksa petugas.").format(
        number=payment.number, amount=rupiah(payment.declared or 0), name=member.name, months=months_of(payment)
    )


# ── to officers ──────────────────────────────────────────────────────────────────────────────────────────────────


def arrived(payment: Payment, member: Member) -> str:
    """A payment waits, in one sentence."""
    return _('Ada pembayaran menunggu: {number}, {amount}, {name}. Ketik "pembayaran" untuk memeriksa.').format(
        number=payment.number, amount=rupiah(payment.declared or 0), name=member.name
    )


def details(db: Session, payment: Payment) -> str:
    """Everything that was told, what is to be doubted, and what another officer has seen."""
    member = members.get(db, payment.association_id, payment.member_id)
    lines = [
        f"{payment.number}: {whose(member)}",
        _("Bulan: {months}").format(months=months_of(payment)),
        _("Cara: {way}").format(way=way_of(db, payment)),
        amounts(payment),
        when_and_reference(payment),
        payer(db, payment, member),
        doubts(db, payment),
        seen_before(db, payment),
    ]
    return "\n".join(filter(None, lines))


def amounts(payment: Payment) -> str:
    """What was paid by her account, and what should have been where that differs."""
    declared = rupiah(payment.declared or 0)
    if payment.declared == payment.expected:
        return _("Jumlah: {amount}").format(amount=declared)
    return _("Jumlah: {amount}, seharusnya {expected}").format(amount=declared, expected=rupiah(payment.expected))


def when_and_reference(payment: Payment) -> str:
    """The day, and what the bank called it."""
    day = long_date(payment.paid_on) if payment.paid_on else "?"
    if not payment.reference:
        return _("Tanggal: {day}, tanpa referensi").format(day=day)
    return _("Tanggal: {day}, referensi {reference}").format(day=day, reference=payment.reference)


def payer(db: Session, payment: Payment, member: Member) -> str:
    """Who paid, where that is somebody else."""
    if payment.payer_id == member.person_id:
        return ""
    return _("Dibayar oleh: {who}").format(who=people.name_of(db, payment.payer_id))


def doubts(db: Session, payment: Payment) -> str:
    """What an officer should look at; never a verdict."""
    told = ", ".join(doubt(db, payment, name) for name in payment.doubts if name in DOUBTS)
    return _("Perlu dilihat: {doubts}").format(doubts=told) if told else ""


def doubt(db: Session, payment: Payment, name: str) -> str:
    """One doubt, with the payments that give rise to it."""
    proofs = payments.proofs_of(db, payment.id)
    others = {
        "same_picture": lambda: payments.same_picture(db, payment, proofs),
        "similar_picture": lambda: payments.similar_picture(db, payment, proofs, payment.queued_at),
        "same_reference": lambda: payments.same_reference(db, payment),
        "months_waiting": lambda: payments.overlapping(db, payment),
    }
    numbers = sorted({other.number for other in others[name]()}) if name in others else []
    if not numbers:
        return _(DOUBTS[name])
    return _(WITH_NUMBERS[name]).format(numbers=", ".join(numbers[:NUMBERED]))


def seen_before(db: Session, payment: Payment) -> str:
    """What the first of two has seen."""
    if payment.status != Status.SECONDED:
        return ""
    return _("{who} sudah melihat {amount}. Di atas {limit} perlu orang kedua.").format(
        who=people.name_of(db, payment.proposed_by or ""),
        amount=rupiah(payment.received or 0),
        limit=rupiah(associations.get(db, payment.association_id).second_above),
    )


def seconding(payment: Payment) -> str:
    """A payment that one has seen needs another one."""
    return _('{number}, {amount}, menunggu orang kedua. Ketik "pembayaran" untuk memeriksa.').format(
        number=payment.number, amount=rupiah(payment.received or 0)
    )


def told_who(db: Session, payment: Payment, officer_id: str) -> str:
    """Why it is not this officer's to decide: who was faster, and what came of it."""
    number = payment.number
    if payment.status == Status.SECONDED and payment.proposed_by == officer_id:
        return _("{number} menunggu orang kedua.").format(number=number)
    if payment.status in payments.WAITING:
        who = people.name_of(db, payment.claimed_by or "")
        return _("{number} sedang diperiksa {who}.").format(number=number, who=who)
    sentences = {
        Status.CONFIRMED: _("{number} sudah diterima oleh {who}: {amount}."),
        Status.REFUSED: _("{number} sudah ditolak oleh {who}."),
        Status.WITHDRAWN: _("{number} sudah ditarik oleh pengirimnya."),
    }
    return sentences.get(Status(payment.status), _("{number} sudah diurus.")).format(
        number=number, who=people.name_of(db, payment.decided_by or ""), amount=rupiah(Rupiah(payment.received or 0))
    )
