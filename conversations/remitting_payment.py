"""The treasurer says that a batch was paid to BPJS.

begin → (lines_changed) → choose_source → ask_amount → (ask_more) → ask_day → ask_reference → ask_proof → paid
"""

from datetime import date
from functools import partial

from sqlmodel import Session

from conversations import readers
from conversations import remittance_words as words
from conversations.batches import OfBatch, at_hand, back, changed, done, find, locked
from conversations.notices import opening, tell
from conversations.settling import ready_made
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, long_date, rupiah
from domain.ledger import Account
from domain.money import Rupiah
from domain.remittance import LineStatus
from storage.database import Overtaken
from storage.queries import associations, ledger, people, remittances
from storage.queries.remittances import UNPAID, Paying
from storage.tables import Remittance

FEW = 3  # lines that are named in one message
SECONDERS = ("treasurer", "officer")
"""The roles of those who may be the second to say that a batch was paid."""
MORE = (N_("Tagihan resmi BPJS lebih besar."), N_("Biaya admin bank."))
"""Why more was paid than the lines cost."""


class Draft(OfBatch):
    """What was paid."""

    source: str  # "bank" | "till"
    amount: int
    reason: str
    paid_on: date
    reference: str
    proof: str  # a photo


T = Talk[Draft]


def begin(talk: T) -> Show:
    if find(talk) is None:
        return Show("", then=back)
    remittance = at_hand(talk)
    if remittance.status not in UNPAID:
        return changed(talk)
    if not cost_of(talk):
        return Show(_("Tidak ada baris lagi di setoran ini. Masukkan lagi, atau batalkan setorannya."), then=back)
    renewing = remittances.changes(talk.db, remittance)
    return Show("", then=lines_changed if renewing else choose_source)


def cost_of(talk: T) -> Rupiah:
    """What the lines of the batch cost."""
    return remittances.totals(talk.db, at_hand(talk)).get(LineStatus.OPEN, (0, Rupiah(0)))[1]


# ── since it was composed ────────────────────────────────────────────────────────────────────────────────────────


def lines_changed(talk: T) -> Question | Show:
    found = remittances.changes(talk.db, at_hand(talk)) if at_hand(talk).status in UNPAID else []
    if not found:
        return Show("", then=begin)
    named = [words.changed(one) for one in found[:FEW]]
    if len(found) > FEW:
        named.append(_("… dan {count} lagi").format(count=len(found) - FEW))
    return Choose(
        "\n".join([_("Ada yang berubah sejak disusun:"), *named]),
        [Option(_("Perbarui setoran"), renewed, words=("ya",)), Option(_("Tidak jadi"), back)],
    )


def renewed(talk: T) -> End | Show:
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    return done(_("Setoran diperbarui. Periksa lagi jumlahnya sebelum membayar."), talk, renew)


def renew(db: Session, talk: T) -> None:
    """Bring the batch up to date. Raises `Overtaken`."""
    remittances.renew(db, locked(db, talk), by=talk.person_id, now=talk.now)


# ── how much, from where, when ───────────────────────────────────────────────────────────────────────────────────


def choose_source(talk: T) -> Question | Show:
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    text = _("{number}, {amount}. Dibayar dari mana?")
    return Choose(
        text.format(number=at_hand(talk).number, amount=rupiah(cost_of(talk))),
        [
            *(from_place(talk, account) for account in (Account.BANK, Account.TILL)),
            Option(_("Tidak jadi"), back),
        ],
        save="source",
        then=ask_amount,
    )


def from_place(talk: T, account: Account) -> Option:
    """The bank or the till, with what lies there."""
    place = _(words.PLACES[account.value])
    label = _("{place} ({amount})").format(
        place=words.begun(place), amount=rupiah(ledger.balance(talk.db, talk.house.id, account))
    )
    return Option(label, value=account.value, key=account.value, words=(place,))


def ask_amount(talk: T) -> Question:
    cost = cost_of(talk)
    return Ask(
        _("Berapa yang dibayar ke BPJS, menurut struknya?"),
        read=readers.amount,
        save="amount",
        then=check_amount,
        options=[Option(rupiah(cost), value=int(cost), key="cost", words=("pas",)), Option(_("Tidak jadi"), back)],
    )


def check_amount(talk: T) -> Show:
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    amount, cost = Rupiah(talk.draft.amount), cost_of(talk)
    there = lies_there(talk)
    if amount < cost:
        text = _("{amount} kurang dari {cost}. Keluarkan dulu baris yang tidak ikut dibayar, lalu catat lagi.")
        return Show(text.format(amount=rupiah(amount), cost=rupiah(cost)), then=back)
    if amount > there:
        text = _('Menurut catatan, di {place} ada {there}. Terima uang pengumpul atau setor ke bank dulu: ketik "kas".')
        return Show(text.format(place=_(words.PLACES[talk.draft.source]), there=rupiah(there)), then=back)
    return Show("", then=ask_more if amount > cost else ask_day)


def lies_there(talk: T) -> Rupiah:
    """What lies where it was paid from."""
    return ledger.balance(talk.db, talk.house.id, Account(talk.draft.source))


def ask_more(talk: T) -> Question:
    more = max(0, talk.draft.amount - cost_of(talk))
    return Choose(
        _("Itu {more} lebih dari jumlah barisnya. Kenapa? Pilih, atau ketik sendiri.").format(more=rupiah(more)),
        [*ready_made(MORE), Option(_("Ulangi jumlahnya"), ask_amount)],
        save="reason",
        read=readers.long_text,
        then=ask_day,
    )


def ask_day(talk: T) -> Question:
    return Ask(
        _("Kapan dibayar?"),
        read=partial(readers.paid_on, today=talk.today),
        save="paid_on",
        then=ask_reference,
        options=[Option(_("Hari ini"), value=talk.today, key="today")],
        example=_("Contoh: 5 Desember, atau kemarin."),
    )


def ask_reference(talk: T) -> Question:
    return Ask(
        _("Nomor referensi di struk? Ketik, atau pilih tidak ada."),
        read=readers.reference,
        save="reference",
        then=ask_proof,
        options=[Option(_("Tidak ada"), value="", key="none", words=("lewati", "skip", "lupa"))],
    )


def ask_proof(talk: T) -> Question:
    return Ask(
        _("Kirim foto buktinya, atau pilih tidak ada."),
        read=None,
        save="proof",
        then=confirm,
        photo=True,
        options=[Option(_("Tidak ada"), value="", key="none", words=("lewati", "skip"))],
    )


# ── paid ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm(talk: T) -> Question:
    draft = talk.draft
    text = _("{number}: {amount} dari {place}, {day}, referensi {reference}. Sudah dibayar ke BPJS?")
    return Choose(
        text.format(
            number=at_hand(talk).number,
            amount=rupiah(draft.amount),
            place=_(words.PLACES[draft.source]),
            day=long_date(draft.paid_on),
            reference=draft.reference or "-",
        ),
        [Option(_("Ya, sudah dibayar"), paid), Option(_("Ulangi"), begin), Option(_("Tidak jadi"), back)],
    )


def paid(talk: T) -> End | Show:
    remittance = at_hand(talk)
    if remittance.status not in UNPAID:
        return changed(talk)
    if is_wrong(talk, remittance):
        return Show(_("Setoran atau uangnya baru saja berubah. Kita ulangi."), then=begin)
    limit, amount = associations.get(talk.db, talk.house.id).second_above, talk.draft.amount
    if amount > limit:
        text = _("Dicatat. Di atas {limit} perlu orang kedua: petugas dan bendahara lain kami beri tahu.")
        return done(text.format(limit=rupiah(limit)), talk, pay)
    text = _("{number} sudah dibayar, {amount}. Catat hasilnya setelah BPJS menjawab.")
    return done(text.format(number=remittance.number, amount=rupiah(amount)), talk, pay)


def is_wrong(talk: T, remittance: Remittance) -> bool:
    """True when what was answered does not fit the batch or the money any more."""
    cost, amount = cost_of(talk), talk.draft.amount
    fits = cost and (amount == cost or (amount > cost and talk.draft.get("reason"))) and amount <= lies_there(talk)
    return not fits or bool(remittances.changes(talk.db, remittance))


def pay(db: Session, talk: T) -> None:
    """It is in the ledger, or waits for the second. Raises `Overtaken`."""
    draft, remittance = talk.draft, locked(db, talk)
    paying = Paying(
        amount=Rupiah(draft.amount),
        source=Account(draft.source),
        on=draft.paid_on,
        reference=draft.reference,
        document_id=draft.proof or None,
        reason=draft.get("reason", ""),
    )
    try:
        settled = remittances.pay(db, remittance, paying, by=talk.person_id, now=talk.now)
    except remittances.NotPayable as error:
        raise Overtaken("the batch or the money changed") from error
    if not settled:
        tell_seconders(db, talk, remittance)


def tell_seconders(db: Session, talk: T, remittance: Remittance) -> None:
    """Whoever may be the second hears that he is needed, once."""
    holders = [who for role in SECONDERS for who in people.with_role(db, talk.house.id, role)]
    for person_id in dict.fromkeys(holders):
        if person_id != talk.person_id:
            tell_seconder(db, talk, remittance, person_id)


def tell_seconder(db: Session, talk: T, remittance: Remittance, person_id: str) -> None:
    """One of them."""
    who = people.name_of(db, talk.person_id)

    def text() -> str:
        return _("{who} mencatat setoran {number} ke BPJS, {amount}. Tolong dipastikan.").format(
            who=who, number=remittance.number, amount=rupiah(remittance.paid or 0)
        )

    def button() -> tuple[str, str]:
        return _("Pastikan"), opening("seconding", remittance.id, person_id=person_id)

    key = f"remittance:{remittance.id}:proposed:{remittance.updated_at.isoformat()}"
    tell(db, person_id, text, key=key, now=talk.now, button=button)


remitting_payment = Conversation(
    name="remitting_payment",
    title=N_("catatan bayar ke BPJS"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(
        lines_changed,
        renewed,
        choose_source,
        ask_amount,
        check_amount,
        ask_more,
        ask_day,
        ask_reference,
        ask_proof,
        confirm,
        paid,
        back,
    ),
    only_for=frozenset({"treasurer"}),
    kept=True,
)
