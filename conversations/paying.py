"""A vendor tells of a payment: for whom, which months, how; then the proof, the amount, the day, the reference.

begin_paying → waiting_ones → choose_member → choose_months → choose_way → ask_proof → ask_amount → ask_day →
ask_reference → review → sent; cash: choose_way → meet_collector → collector_told
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.month_words import spans
from conversations.notices import opening, tell
from conversations.payment_news import tell_checkers
from conversations.payment_words import arrived, price, waits, whose
from conversations.receipt_words import WAYS
from conversations.steps import Ask, Chapter, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, long_date, month_name, rupiah
from domain.application import ApplicationStatus
from domain.dues import BPJS_PARTS, FEE, Book, Way
from domain.money import Rupiah
from domain.month import Month
from domain.offer import ARREARS, Due, Offer, due, offers
from domain.payment import PaymentStatus
from domain.rates import Funding
from storage.database import Overtaken
from storage.queries import applications, associations, audit, dues, members, payments, people, terms
from storage.tables import Member, Payment

SHOWN = 3  # waiting payments
FAR_OFF = 10  # times: an amount so much more, or less, than expected is asked about


class Draft(Answers):
    """What somebody tells of one payment."""

    argument: str
    payment: str  # one that she wants to take back
    member: str  # for whom
    months: list[str]
    way: str
    expected: int  # what these months cost when she was told
    proof: str  # document id; "" when there is none
    amount: int
    paid_on: date
    reference: str  # "" when there is none


T = Talk[Draft]


# ── what is there already ────────────────────────────────────────────────────────────────────────────────────────


def begin_paying(talk: T) -> Show | End:
    if not members.in_care_of(talk.db, talk.house.id, talk.person_id):
        return End(why_not_yet(talk))
    return Show("", then=waiting_ones if waiting(talk) else choose_member)


def why_not_yet(talk: T) -> str:
    """Why she cannot pay, and what she can do."""
    mine = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    if not mine:
        return _('Bapak/Ibu belum terdaftar, jadi belum ada iuran. Untuk mendaftar, ketik "daftar".')
    number, status = mine[0].number, mine[0].status
    sentences = {
        ApplicationStatus.SUBMITTED: _(
            "Pendaftaran {number} masih menunggu petugas. Iuran dibayar sesudah disetujui. Nanti kami kabari."
        ),
        ApplicationStatus.RETURNED: _(
            'Pendaftaran {number} perlu diperbaiki dulu: ketik "perbaiki". Iuran dibayar sesudah disetujui.'
        ),
        ApplicationStatus.REFUSED: _('Pendaftaran {number} belum bisa diterima. Mau bertanya? Ketik "petugas".'),
        ApplicationStatus.WITHDRAWN: _('Pendaftaran {number} sudah dibatalkan. Untuk mendaftar, ketik "daftar".'),
    }
    sentence = sentences.get(ApplicationStatus(status), _('Keanggotaan sudah berhenti. Mau bertanya? Ketik "petugas".'))
    return sentence.format(number=number)


def waiting(talk: T) -> list[Payment]:
    """Her payments that no officer has decided on."""
    return payments.waiting_for(talk.db, talk.house.id, talk.person_id)


def waiting_ones(talk: T) -> Question | Show:
    found = waiting(talk)
    if not found:
        return Show("", then=choose_member)
    lines = [waits(one, members.get(talk.db, talk.house.id, one.member_id)) for one in found[:SHOWN]]
    mine = [one for one in found if may_withdraw(talk, one)]
    back = [
        Option(_("Tarik {number}").format(number=one.number), confirm_withdrawal, value=one.id, key=one.id[-16:])
        for one in mine
    ]
    options = [Option(_("Tunggu saja"), wait_for_officer), *back, Option(_("Kirim yang lain"), choose_member)]
    return Choose("\n".join(lines), options, save="payment")


def wait_for_officer(talk: T) -> End:
    return End(_("Baik. Kabarnya datang di sini."))


def confirm_withdrawal(talk: T) -> Question | Show:
    payment = to_withdraw(talk)
    if payment is None:
        return Show(_("Kiriman itu sudah diperiksa petugas, jadi tidak bisa ditarik."), then=begin_paying)
    return Choose(
        _("Tarik {number}? Petugas tidak memeriksanya lagi. Uang yang sudah dibayar tidak ikut kembali.").format(
            number=payment.number
        ),
        {_("Ya, tarik"): withdrawn, _("Tidak jadi"): waiting_ones},
    )


def to_withdraw(talk: T) -> Payment | None:
    """The payment that she wants to take back, while that is possible."""
    found = payments.find(talk.db, talk.house.id, talk.draft.payment)
    return found if found is not None and may_withdraw(talk, found) else None


def may_withdraw(talk: T, payment: Payment) -> bool:
    """True of what she told herself, while no officer has said that the money is there."""
    return payment.submitted_by == talk.person_id and payment.status == PaymentStatus.SUBMITTED


def withdrawn(talk: T) -> Show | End:
    payment = to_withdraw(talk)
    if payment is None:
        return Show(_("Kiriman itu sudah diperiksa petugas, jadi tidak bisa ditarik."), then=begin_paying)
    text = _('{number} sudah ditarik. Mau kirim lagi? Ketik "bayar".').format(number=payment.number)
    return End(text, do=withdraw)


def withdraw(db: Session, talk: T) -> None:
    """She takes it back. Raises `Overtaken` when an officer has seen the money just now."""
    payment = payments.lock(db, talk.house.id, talk.draft.payment)
    if not may_withdraw(talk, payment):
        raise Overtaken("an officer was faster")
    payments.withdraw(db, payment, by=talk.person_id, now=talk.now)
    note(db, talk, "withdrew_payment", payment)


# ── for whom ─────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_member(talk: T) -> Question | Show:
    found = members.in_care_of(talk.db, talk.house.id, talk.person_id)
    if not found:
        return Show("", then=begin_paying)
    if len(found) == 1:
        return Show("", keep={"member": found[0].id}, then=choose_months)
    options = [Option(label_of(talk, one), value=one.id, key=one.id[-16:]) for one in found]
    return Choose(_("Iuran siapa yang dibayar?"), options, save="member", then=choose_months)


def label_of(talk: T, member: Member) -> str:
    """A member as a choice."""
    return _("Saya sendiri") if member.person_id == talk.person_id else f"{member.name} ({member.nik_end})"


def payee(talk: T) -> Member | None:
    """The member whose dues are paid, while this person may pay them."""
    return payee_now(talk.db, talk)


def payee_now(db: Session, talk: T) -> Member | None:
    """The same, looked up where it is written as well."""
    found = members.in_care_of(db, talk.house.id, talk.person_id)
    return next((one for one in found if one.id == talk.draft.get("member")), None)


def not_hers() -> Show:
    """The member left, or was taken out, in the middle of the talk."""
    return Show(_("Anggota itu sekarang tidak terdaftar lagi."), then=begin_paying)


# ── which months ─────────────────────────────────────────────────────────────────────────────────────────────────


def choose_months(talk: T) -> Question | Show | End:
    member = payee(talk)
    if member is None:
        return not_hers()
    current, first = Month.of(talk.today), dues.first_to_pay(member, talk.today)
    book = dues.book_ahead(talk.db, member, talk.today)
    found = offers(book, current, first)
    if not found:
        return End(nothing_to_pay(talk, member, book))
    options = [Option(offered(one), value=[str(month) for month in one.months], key=one.key) for one in found]
    begins = min(month for one in found for month in one.months)
    lines = [
        *about_months(talk, member, book, first),
        _("Mau bayar berapa bulan, mulai {month}?").format(month=month_name(begins)),
    ]
    return Choose("\n".join(lines), options, save="months", then=choose_way)


def offered(offer: Offer) -> str:
    """Some months and their price, as a choice."""
    price = rupiah(offer.due.amount)
    if offer.key == ARREARS:
        return _("Tunggakan {count} bulan: {price}").format(count=len(offer.months), price=price)
    return _("{count} bulan: {price}").format(count=offer.key, price=price)


def about_months(talk: T, member: Member, book: Book, first: Month) -> list[str]:
    """What she should know before she chooses; of whoever lapsed, as what may be."""
    if member.status == "lapsed":
        told = _(
            "Sudah lama tidak dibayar, jadi kepesertaan BPJS mungkin berhenti. Bulan lama tidak kami tagih; "
            "mulai lagi dari {month}. Kepastiannya: telepon 175."
        )
        return [told.format(month=spans([first]))]
    lines = []
    if is_government(talk, member):
        lines.append(_("Iuran BPJS {name} dibayar pemerintah. Yang dibayar di sini hanya iuran asosiasi."))
    if arrears := book.arrears(Month.of(talk.today)):
        lines.append(_("Belum dibayar: {months}. Tidak ada denda."))
    elif member.person_id != talk.person_id:
        lines.append(_("Iuran {name}."))
    return [line.format(name=member.name, months=spans(arrears)) for line in lines]


def is_government(talk: T, member: Member) -> bool:
    """True when the government pays her contribution now."""
    first = max(Month.of(talk.today), dues.first_to_pay(member, talk.today))
    hers = terms.at(talk.db, member.id, first)
    return hers is not None and hers.funding is Funding.GOVERNMENT


def nothing_to_pay(talk: T, member: Member, book: Book) -> str:
    """Why there is nothing to pay."""
    if is_government(talk, member):
        return _("Iuran BPJS {name} dibayar pemerintah, jadi tidak ada yang perlu dibayar.").format(name=member.name)
    if book.credit + book.ahead > 0:
        return _("Titipan {name} masih cukup: {credit}. Belum ada yang perlu dibayar.").format(
            name=member.name, credit=rupiah(book.credit + book.ahead)
        )
    return _("Belum ada yang perlu dibayar untuk {name}.").format(name=member.name)


# ── how ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_way(talk: T) -> Question | Show | End:
    member = payee(talk)
    if member is None:
        return not_hers()
    book, months = book_of(talk, member), months_of(talk)
    owed = due(book, months)
    if owed.amount <= 0:
        return Show(_("Bulan itu ternyata sudah lunas."), then=choose_months)
    options = ways_open(talk, member, book)
    if not options:
        return End(_('Cara bayarnya belum ada. Tolong tanya petugas: ketik "petugas".'))
    lines = [price(book, months), total_of(owed) if len(months) > 1 or owed.credit else "", _("Bayar lewat apa?")]
    return Choose("\n".join(filter(None, lines)), [*options, Option(_("Ganti bulan"), choose_months)], save="way")


def book_of(talk: T, member: Member) -> Book:
    """Her dues, with the months that she means."""
    book = dues.book_of(talk.db, member, talk.today)
    return dues.with_months(talk.db, member, book, months_of(talk))


def months_of(talk: T) -> list[Month]:
    """The months that she means."""
    return [Month.parse(month) for month in talk.draft.months]


def total_of(owed: Due) -> str:
    """What is to be paid, her credit taken off."""
    if owed.credit:
        return _("Titipan {credit} dipakai, jadi yang dibayar {amount}.").format(
            credit=rupiah(owed.credit), amount=rupiah(owed.amount)
        )
    return _("Jumlahnya {amount}.").format(amount=rupiah(owed.amount))


def ways_open(talk: T, member: Member, book: Book) -> list[Option]:
    """How this may be paid: BPJS takes its own parts, the association where it says where to, a collector cash."""
    association = associations.get(talk.db, talk.house.id)
    found = []
    if any(part.part in BPJS_PARTS for one in book.months if one.month in months_of(talk) for part in one.open_parts):
        found.append(Option(_("Langsung ke BPJS"), ask_proof, value=Way.BPJS.value, words=("bpjs", "jmo")))
    if association.transfer_to:
        found.append(Option(_("Transfer ke asosiasi"), ask_proof, value=Way.TRANSFER.value, words=("transfer", "bank")))
    if association.qris_document:
        found.append(Option(_("QRIS asosiasi"), ask_proof, value=Way.QRIS.value, words=("qris",)))
    if collector := collector_of(talk, member):
        label = _("Tunai ke {who}").format(who=people.name_of(talk.db, collector))
        found.append(Option(label, meet_collector, value=Way.CASH.value, words=("tunai", "cash")))
    return [replace(option, key=option.value) for option in found]


def collector_of(talk: T, member: Member) -> str:
    """Who takes her cash, while he is a collector and can be told; nobody hands cash to himself."""
    collector = member.collector_id or ""
    if collector in ("", talk.person_id, member.person_id):
        return ""
    is_one = "collector" in people.roles_of(talk.db, talk.house.id, collector)
    return collector if is_one and people.reach(talk.db, collector, None) else ""


# ── in cash ──────────────────────────────────────────────────────────────────────────────────────────────────────


def meet_collector(talk: T) -> Question | Show:
    member = payee(talk)
    if member is None:
        return not_hers()
    owed, collector = due(book_of(talk, member), months_of(talk)), collector_of(talk, member)
    if owed.amount <= 0 or not collector:
        return Show("", then=choose_way)
    return Choose(
        _(
            "Serahkan {amount} ke {who}. Uangnya baru tercatat kalau {who} sudah menerima, "
            "dan kwitansinya langsung datang di sini.\nKami beri tahu {who} sekarang?"
        ).format(amount=rupiah(owed.amount), who=people.name_of(talk.db, collector)),
        {_("Ya, beri tahu"): collector_told, _("Cara lain"): choose_way},
    )


def collector_told(talk: T) -> End | Show:
    member = payee(talk)
    if member is None:
        return not_hers()
    collector = collector_of(talk, member)
    if not collector:
        return Show("", then=choose_way)
    amount = due(book_of(talk, member), months_of(talk)).amount
    return End(
        _("{who} sudah kami beri tahu. Belum ada yang tercatat sampai uangnya diterima.").format(
            who=people.name_of(talk.db, collector)
        ),
        do=partial(tell_collector, collector, rupiah(amount)),
    )


def tell_collector(collector: str, amount: str, db: Session, talk: T) -> None:
    """He hears that she wants to pay; nothing is recorded yet."""
    member = members.get(db, talk.house.id, talk.draft.member)

    def words() -> str:
        return _("{name} mau membayar iuran tunai {amount}, untuk {months}.").format(
            name=whose(member), amount=amount, months=spans(months_of(talk))
        )

    def take() -> tuple[str, str]:
        return _("Terima uang"), opening("collecting", member.id, person_id=collector)

    key = f"cash:{member.id}:{talk.today}:{amount}"  # asked again on the same day, he is not told again
    tell(db, collector, words, key=key, now=talk.now, button=take)


# ── after she paid ───────────────────────────────────────────────────────────────────────────────────────────────


def ask_proof(talk: T) -> Question | Show:
    member = payee(talk)
    if member is None:
        return not_hers()
    owed = due(book_of(talk, member), months_of(talk), Way(talk.draft.way))
    expected = owed.amount if owed.amount > 0 else Rupiah(talk.draft.get("expected", 0))
    told = how_to_pay(talk, member, expected) if owed.amount > 0 else paid_meanwhile()
    elsewhere = [Option(_("Belum bayar, nanti"), wait_for_payment, words=("nanti", "belum", "belum bayar"))]
    elsewhere += [Option(_("Cara lain"), choose_way)]
    return Question(
        told,
        options=[
            Option(_("Tidak ada bukti"), value="", key="none", words=("tanpa bukti",)),
            *(elsewhere if not talk.draft.has("amount") else ()),
        ],
        save="proof",
        then=ask_amount,
        simple=_("Kirim foto atau PDF bukti bayar, atau pilih di bawah."),
        example=_("Contoh: foto struk, atau tangkapan layar dari aplikasi bank."),
        photo=True,
        sure=True,
        keep={"expected": expected},
        document=qris_of(talk) if owed.amount > 0 else "",
    )


def paid_meanwhile() -> str:
    """Somebody else was faster; what she has paid all the same is not lost."""
    return _(
        "Bulan itu ternyata sudah lunas, jadi jangan bayar lagi.\n"
        "Sudah telanjur bayar? Kirim foto buktinya, nanti dihitung untuk bulan berikutnya."
    )


def how_to_pay(talk: T, member: Member, amount: Rupiah) -> str:
    """Where to pay how much, by the way that she chose."""
    way = Way(talk.draft.way)
    if way is Way.BPJS:
        told = _(
            "Bayar {amount} di kanal resmi BPJS Ketenagakerjaan, misalnya aplikasi JMO, bank, kantor pos, minimarket. "
            "Nomor bayarnya NIK {name}, yang berakhir {end}.\n"
            "Ikuti jumlah di tagihan BPJS. Ada yang kurang jelas? Telepon 175."
        )
        lines = [told, *beside_bpjs(talk, member)]
    elif way is Way.TRANSFER:
        lines = [_("Transfer {amount} ke:\n{account}")]
    else:
        lines = [_("Pindai QRIS ini dan bayar {amount}.")]
    account = " ".join(associations.get(talk.db, talk.house.id).transfer_to.split()) or _("(tanya petugas)")
    lines.append(_("Sesudah bayar, kirim foto atau PDF buktinya di sini."))
    return "\n".join(lines).format(amount=rupiah(amount), name=member.name, end=member.nik_end, account=account)


def beside_bpjs(talk: T, member: Member) -> list[str]:
    """What BPJS does not collect: the association's own fee."""
    book, months = book_of(talk, member), months_of(talk)
    fee = sum(part.amount for one in book.months if one.month in months for part in one.open_parts if part.part == FEE)
    return [_("Iuran asosiasi {fee} dibayar terpisah.").replace("{fee}", rupiah(fee))] if fee else []


def qris_of(talk: T) -> str:
    """The picture of the QR code, where she pays by it."""
    return associations.get(talk.db, talk.house.id).qris_document if talk.draft.way == Way.QRIS else ""


def wait_for_payment(talk: T) -> Question | Show:
    if payee(talk) is None:
        return not_hers()
    return Question(
        _('Baik, kami tunggu. Sesudah bayar, kirim foto buktinya di sini, atau ketik "bayar".'),
        options=[Option(_("Sudah bayar"), ask_proof, words=("sudah",)), Option(_("Ganti bulan"), choose_months)],
        save="proof",
        then=ask_amount,
        photo=True,
        sure=True,
    )


# ── amount, day, reference ───────────────────────────────────────────────────────────────────────────────────────


def ask_amount(talk: T) -> Question:
    expected = Rupiah(talk.draft.expected)
    exact = Option(rupiah(expected), value=int(expected), key="expected", words=("pas", "sama"))
    options = [exact] if expected else []
    return Ask(
        _("Berapa yang dibayar? Tekan, atau ketik jumlahnya.") if options else _("Berapa yang dibayar?"),
        read=readers.amount,
        save="amount",
        then=weigh_amount,
        options=options,
        example=_("Contoh: 16.800 atau 16rb800."),
    )


def weigh_amount(talk: T) -> Question | Show:
    amount, expected = talk.draft.amount, talk.draft.expected
    if not expected or (expected <= amount * FAR_OFF and amount <= expected * FAR_OFF):
        return Show("", then=ask_day)
    return Choose(
        _("{amount}, padahal iurannya {expected}. Benar {amount}?").format(
            amount=rupiah(amount), expected=rupiah(expected)
        ),
        {_("Benar"): ask_day, _("Ketik ulang"): ask_amount},
    )


def ask_day(talk: T) -> Question:
    yesterday = talk.today - timedelta(days=1)
    return Ask(
        _("Kapan dibayar? Pilih, atau ketik tanggalnya."),
        read=partial(readers.paid_on, today=talk.today),
        save="paid_on",
        then=ask_reference,
        options=[  # the key is the day itself: a button that is pressed after midnight means the day that it says
            Option(_("Hari ini, {day}").format(day=short_day(talk.today)), value=talk.today, key=str(talk.today)),
            Option(_("Kemarin, {day}").format(day=short_day(yesterday)), value=yesterday, key=str(yesterday)),
        ],
        example=_("Contoh: 5 Desember, atau 5/12."),
    )


def short_day(day: date) -> str:
    """A day that fits on a button."""
    return f"{day:%d/%m/%Y}"


def ask_reference(talk: T) -> Question:
    return Ask(
        _("Nomor referensi di struk? Ketik, atau pilih tidak ada."),
        read=readers.reference,
        save="reference",
        then=review,
        options=[Option(_("Tidak ada"), value="", key="none", words=("lewati", "skip", "lupa"))],
        example=_("Biasanya tertulis Ref, No. Ref, atau RRN. Tidak ketemu? Pilih tidak ada."),
    )


# ── sent ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def review(talk: T) -> Question | Show:
    member = payee(talk)
    if member is None:
        return not_hers()
    draft = talk.draft
    lines = [
        _("Iuran {name}: {months}, {way}.").format(
            name=whose(member), months=spans(months_of(talk)), way=_(WAYS[Way(draft.way)])
        ),
        _("Dibayar {amount} pada {day}.").format(amount=rupiah(draft.amount), day=long_date(draft.paid_on)),
        _("Referensi {reference}, bukti {proof}.").format(reference=reference_shown(draft), proof=proof_shown(draft)),
        _("Kirim ke petugas?"),
    ]
    return Choose("\n".join(lines), [Option(_("Kirim"), sent, words=("ya",)), Option(_("Ubah"), says="ubah")])


def proof_shown(draft: Draft) -> str:
    return _("sudah dikirim") if draft.proof else _("tidak ada")


def amount_shown(draft: Draft) -> str:
    return rupiah(draft.amount)


def day_shown(draft: Draft) -> str:
    return long_date(draft.paid_on)


def reference_shown(draft: Draft) -> str:
    return draft.reference or _("tidak ada")


def sent(talk: T) -> End | Show:
    if payee(talk) is None:
        return not_hers()
    return End(
        _("Terkirim, nomor {number}. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya."),
        do=submit,
    )


def submit(db: Session, talk: T) -> dict[str, str]:
    """Keep the payment under a number of its own, and tell who looks for the money; the words for "{number}"."""
    member = payee_now(db, talk)
    if member is None:
        raise Overtaken("she may not pay for this member any more")
    draft = talk.draft
    told = payments.Told(
        way=Way(draft.way),
        months=tuple(months_of(talk)),
        expected=Rupiah(draft.expected),
        declared=Rupiah(draft.amount),
        paid_on=draft.paid_on,
        reference=draft.reference,
        documents=(draft.proof,) if draft.proof else (),
    )
    payment = payments.submit(
        db, member, told, payer_id=talk.person_id, by=talk.person_id, address_id=talk.address_id, now=talk.now
    )
    note(db, talk, "submitted_payment", payment)
    tell_checkers(db, payment, partial(arrived, payment, member), key=f"payment:{payment.id}:waits", now=talk.now)
    return {"number": payment.number}


def note(db: Session, talk: T, action: str, payment: Payment) -> None:
    """One row in the audit trail about a payment."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"payment/{payment.id}",
        now=talk.now,
    )


paying = Conversation(
    name="paying",
    title=N_("pembayaran iuran"),
    version=1,
    draft=Draft,
    start=begin_paying,
    chapters=(
        Chapter("proof", N_("Bukti bayar"), (ask_proof,), proof_shown),
        Chapter("amount", N_("Jumlah"), (ask_amount, weigh_amount), amount_shown),
        Chapter("day", N_("Tanggal bayar"), (ask_day,), day_shown),
        Chapter("reference", N_("Nomor referensi"), (ask_reference,), reference_shown),
    ),
    further_steps=(
        waiting_ones,
        wait_for_officer,
        confirm_withdrawal,
        withdrawn,
        choose_member,
        choose_months,
        choose_way,
        meet_collector,
        collector_told,
        wait_for_payment,
        review,
        sent,
    ),
    words=("bayar", "iuran", "bayar iuran", "saya bayar", "mau bayar", "pay"),
    needs_consent=True,
    kept=True,
)
