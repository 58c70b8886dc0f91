"""Her receipts: open_receipts → choose_receipt → show_receipt → as_file"""

from sqlmodel import Session

from conversations.answers import Answers
from conversations.keepsakes import DRAWING, keeping
from conversations.month_words import spans
from conversations.receipt_words import receipt_picture, sums
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.whose import hers_to_see, names, one_of
from conversations.words import N_, _, long_date, rupiah
from domain.payment import PaymentStatus
from storage.queries import payments
from storage.queries import receipts as kept
from storage.tables import Receipt

LATEST = 8


class Draft(Answers):
    """Whose receipts, and which one."""

    member: str
    receipt: str


T = Talk[Draft]


def open_receipts(talk: T) -> Question | Show | End:
    found = hers_to_see(talk.db, talk.house.id, talk.person_id)
    if not found:
        return End(_('Kwitansi ada setelah pembayaran pertama. Untuk mendaftar, ketik "daftar".'))
    if len(found) == 1:
        return Show("", keep={"member": found[0].id}, then=choose_receipt)
    return Choose(_("Kwitansi siapa?"), names(found), save="member", then=choose_receipt)


def choose_receipt(talk: T) -> Question | Show | End:
    if one_of(hers_to_see(talk.db, talk.house.id, talk.person_id), talk.draft.member) is None:
        return not_hers()
    found = kept.of_member(talk.db, talk.draft.member, LATEST)
    if not found:
        return End(_('Belum ada kwitansi. Kwitansi dibuat setelah petugas melihat uangnya. Ketik "status".'))
    if len(found) == 1:
        return Show("", keep={"receipt": found[0].id}, then=show_receipt)
    return Choose(_("Kwitansi yang mana?"), [option(talk.db, one) for one in found], save="receipt", then=show_receipt)


def option(db: Session, receipt: Receipt) -> Option:
    """One receipt to choose, with a word where it does not hold any more; its number alone means it too."""
    label = f"{receipt.printed} {rupiah(receipt.amount)}"
    payment = payments.find(db, receipt.association_id, receipt.payment_id)
    if payment and payment.status == PaymentStatus.REVERSED:
        label = _("{receipt} batal").format(receipt=label)
    words = (receipt.printed, f"{receipt.number:06}")
    return Option(label, value=receipt.id, key=receipt.id[-16:], words=words)


def not_hers() -> End:
    return End(_("Kwitansi itu bukan untuk Bapak/Ibu lagi."))


def at_hand(talk: T) -> Receipt | None:
    """The receipt that was chosen, while she may see it."""
    receipt = kept.find(talk.db, talk.house.id, talk.draft.receipt)
    hers = hers_to_see(talk.db, talk.house.id, talk.person_id)
    return receipt if receipt and one_of(hers, receipt.member_id) else None


def show_receipt(talk: T) -> Question | End:
    receipt = at_hand(talk)
    if receipt is None:
        return not_hers()
    others = [Option(_("Kwitansi lain"), choose_receipt)] if several(talk, receipt) else []
    return Choose(
        in_words(talk.db, receipt),
        [Option(_("Minta PDF"), as_file, words=("pdf", "file")), *others, Option(_("Selesai"), finished)],
        do=keeping(receipt_picture(talk.db, receipt, talk.facts.pages)),
        document=DRAWING,
    )


def several(talk: T, receipt: Receipt) -> bool:
    """True when she has others."""
    return len(kept.of_member(talk.db, receipt.member_id, 2)) > 1


def in_words(db: Session, receipt: Receipt) -> str:
    """What the picture shows, for those to whom it does not come."""
    payment = payments.find(db, receipt.association_id, receipt.payment_id)
    assert payment
    by_month, _by_part = sums(receipt)
    text = _("Kwitansi {number}: {amount}, {day}.")
    day = long_date(payment.paid_on or payment.queued_at.date())
    lines = [
        text.format(number=receipt.printed, amount=rupiah(receipt.amount), day=day),
        _("Untuk {months}.").format(months=spans(by_month)) if by_month else "",
        _("Disimpan untuk bulan berikutnya: {amount}.").format(amount=rupiah(receipt.credit)) if receipt.credit else "",
        _("Kwitansi ini sudah dibatalkan.") if payment.status == PaymentStatus.REVERSED else "",
    ]
    return "\n".join(filter(None, lines))


def as_file(talk: T) -> End:
    receipt = at_hand(talk)
    if receipt is None:
        return not_hers()
    return End(
        _("Kwitansi {number} sebagai PDF.").format(number=receipt.printed),
        do=keeping(receipt_picture(talk.db, receipt, talk.facts.pages)),
        document=DRAWING,
        file=True,
    )


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "kwitansi" kapan saja.'))


receipts = Conversation(
    name="receipts",
    title=N_("kwitansi"),
    version=1,
    draft=Draft,
    start=open_receipts,
    further_steps=(choose_receipt, show_receipt, as_file, finished),
    words=("kwitansi", "kuitansi", "receipt", "receipts"),
)
