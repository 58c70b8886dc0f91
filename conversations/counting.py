"""The treasurer's cash: overview → ask_counted → (ask_reason → confirm_difference) → counted; and on to the bank."""

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.cash_readers import at_most
from conversations.cash_readers import counted as counted_amount
from conversations.cash_words import SHOWN, holder, in_hand
from conversations.notices import tell
from conversations.settling import ready_made
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, rupiah
from domain.money import Rupiah
from storage.database import Overtaken
from storage.queries import audit, cash, hand_overs, people
from storage.queries.payments import OwnMoney
from storage.tables import HandOver

REASONS = (
    N_("Salah hitung di lapangan."),
    N_("Salah uang kembalian."),
    N_("Uang hilang atau rusak."),
)


class Draft(Answers):
    """What is counted, or brought to the bank."""

    argument: str  # a hand-over, from a notice
    hand_over: str  # "" where nobody offered it
    giver: str
    declared: int  # what she offers; where she offers nothing, what lies in her hands
    counted: int
    reason: str
    amount: int  # to the bank


T = Talk[Draft]


def begin(talk: T) -> Show:
    named = talk.draft.get("argument", "")
    if not named:
        return Show("", then=overview)
    row = hand_overs.find(talk.db, talk.house.id, named)
    if row is None or row.collector_id == talk.person_id:
        return Show(_("Setoran itu bukan untuk Bapak/Ibu hitung."), then=overview)
    if row.status == "withdrawn":
        return Show(_("{number} sudah ditarik kembali.").format(number=row.number), then=overview)
    if row.status == "counted":
        return Show(who_counted(talk, row), then=overview)
    return Show("", keep={"hand_over": row.id, "giver": row.collector_id, "declared": row.declared}, then=ask_counted)


def overview(talk: T) -> Question:
    waiting = hand_overs.waiting(talk.db, talk.house.id, but=[talk.person_id])
    in_till = cash.till(talk.db, talk.house.id)
    return Choose(
        where_it_lies(talk, in_till),
        [
            *(counting_of(talk, row) for row in waiting),
            *([Option(_("Hitung tanpa setoran"), choose_giver)] if givers(talk) else []),
            *([Option(_("Setor ke bank"), ask_deposit, words=("bank",))] if in_till > 0 else []),
            Option(_("Selesai"), finished, words=("cukup",)),
        ],
        save="hand_over",
        then=chosen,
    )


def where_it_lies(talk: T, in_till: Rupiah) -> str:
    """Where all of the association's own money lies."""
    holders = cash.everybody(talk.db, talk.house.id)
    lines = [holder(one, today=talk.today, zone=talk.house.zone) for one in holders[:SHOWN]]
    rest = holders[SHOWN:]
    if rest:
        lines.append(
            _("{count} pengumpul lain: {amount}").format(
                count=len(rest), amount=rupiah(sum(one.amount for one in rest))
            )
        )
    box = _("Kas bendahara: {till}. Bank: {bank}.").format(
        till=rupiah(in_till), bank=rupiah(cash.bank(talk.db, talk.house.id))
    )
    return "\n".join([*(lines or [_("Tidak ada uang di tangan pengumpul.")]), box])


def givers(talk: T) -> dict[str, Rupiah]:
    """In whose hands cash lies that nobody offers, and how much; but for this treasurer's own."""
    holders = [one.person_id for one in cash.everybody(talk.db, talk.house.id) if one.amount > 0]
    free = {one: hand_overs.free(talk.db, talk.house.id, one) for one in holders if one != talk.person_id}
    return {one: amount for one, amount in free.items() if amount}


def counting_of(talk: T, row: HandOver) -> Option:
    """One hand-over that waits."""
    label = _("{who}: {amount}, {number}").format(
        number=row.number, who=people.name_of(talk.db, row.collector_id), amount=rupiah(row.declared)
    )
    return Option(label, value=row.id, key=row.id[-16:], words=(row.number,))


def chosen(talk: T) -> Show:
    row = hand_overs.find(talk.db, talk.house.id, talk.draft.hand_over)
    if row is None or row.status != "offered":
        return Show(_("Setoran itu tidak menunggu lagi."), then=overview)
    return Show("", keep={"giver": row.collector_id, "declared": row.declared}, then=ask_counted)


def choose_giver(talk: T) -> Question:
    options = [
        Option(
            _("{who}: {amount}").format(who=people.name_of(talk.db, one), amount=rupiah(amount)),
            value=one,
            key=one[-16:],
        )
        for one, amount in givers(talk).items()
    ]
    return Choose(
        _("Uang dari siapa? Dihitung langsung, walau belum ditawarkan."),
        [*options, Option(_("Tidak jadi"), overview)],
        save="giver",
        then=giver_chosen,
    )


def giver_chosen(talk: T) -> Show:
    free = hand_overs.free(talk.db, talk.house.id, talk.draft.giver)
    return Show("", keep={"hand_over": "", "declared": int(free)}, then=ask_counted)


def ask_counted(talk: T) -> Question | Show:
    if gone := gone_meanwhile(talk):
        return gone
    return Ask(
        _("{what}: {amount}. Hitung uangnya. Berapa yang Bapak/Ibu terima?").format(
            what=what(talk), amount=rupiah(talk.draft.declared)
        ),
        read=counted_amount,
        save="counted",
        then=compared,
        options=[
            Option(
                _("Pas {amount}").format(amount=rupiah(talk.draft.declared)), value=talk.draft.declared, key="exact"
            ),
            Option(_("Belum diterima"), overview, words=("belum", "nanti")),
        ],
        simple=_("Berapa rupiah hasil hitungnya?"),
    )


def what(talk: T) -> str:
    """What is being counted."""
    who = people.name_of(talk.db, talk.draft.giver)
    row = hand_overs.find(talk.db, talk.house.id, talk.draft.hand_over)
    return (
        _("{number} dari {who}").format(number=row.number, who=who)
        if row
        else _("Uang di tangan {who}").format(who=who)
    )


def gone_meanwhile(talk: T) -> Show | None:
    """Somebody else counted it, or it is another amount by now; None while it waits."""
    row = hand_overs.find(talk.db, talk.house.id, talk.draft.hand_over)
    if row is None and hand_overs.free(talk.db, talk.house.id, talk.draft.giver) == talk.draft.declared:
        return None
    if row is None:
        return Show(_("Uang di tangannya berubah sejak tadi."), then=overview)
    if row.status == "counted":
        return Show(who_counted(talk, row), then=overview)
    return (
        Show(_("{number} sudah ditarik kembali.").format(number=row.number), then=overview)
        if row.status != "offered"
        else None
    )


def who_counted(talk: T, row: HandOver) -> str:
    """Another treasurer was faster."""
    who = people.name_of(talk.db, row.treasurer_id or "")
    return _("{number} sudah dihitung {who}.").format(number=row.number, who=who)


def compared(talk: T) -> Show:
    if talk.draft.counted == 0 and not talk.draft.hand_over:
        return Show(_("Baik, belum ada yang diterima."), then=overview)
    return Show("", then=ask_reason if differs(talk) else counted)


def differs(talk: T) -> bool:
    """True when something is missing or too much; what nobody offered may stay in her hands."""
    more = talk.draft.counted > talk.draft.declared
    return more or bool(talk.draft.hand_over and talk.draft.counted < talk.draft.declared)


def ask_reason(talk: T) -> Question:
    return Choose(
        difference(talk) + "\n" + _("Kenapa? Pilih, atau ketik sendiri. Pengumpul akan membacanya."),
        [
            *ready_made(REASONS),
            Option(_("Hitung ulang"), ask_counted),
            Option(_("Biarkan menunggu dulu"), overview, words=("nanti",)),
        ],
        save="reason",
        read=readers.long_text,
        then=confirm_difference,
    )


def difference(talk: T) -> str:
    """How what was counted differs from what was declared."""
    short = talk.draft.declared - talk.draft.counted
    sentence = (
        _("Terhitung {counted}, kurang {difference} dari {declared}.")
        if short > 0
        else _("Terhitung {counted}, lebih {difference} dari {declared}.")
    )
    return sentence.format(
        counted=rupiah(talk.draft.counted), difference=rupiah(abs(short)), declared=rupiah(talk.draft.declared)
    )


def confirm_difference(talk: T) -> Question | Show:
    return gone_meanwhile(talk) or Choose(
        difference(talk)
        + "\n"
        + _("Alasan: {reason}\nSelisihnya dicatat tersendiri. Benar?").format(reason=_(talk.draft.reason)),
        {_("Ya, catat"): counted, _("Hitung ulang"): ask_counted, _("Ganti alasan"): ask_reason},
    )


def counted(talk: T) -> Show | End:
    if gone := gone_meanwhile(talk):
        return gone
    text = _('{number} tercatat: {amount} masuk kas. Ketik "kas" untuk melihat semuanya.')
    return End(text.replace("{amount}", rupiah(talk.draft.counted)), do=keep_count)


def keep_count(db: Session, talk: T) -> dict[str, str]:
    """It lies in the cash box, and the collector hears of it. Raises `Overtaken`."""
    row = waiting_row(db, talk)
    try:
        row = hand_overs.count(
            db,
            talk.house.id,
            row.id,
            Rupiah(talk.draft.counted),
            reason=talk.draft.reason if differs(talk) else "",
            by=talk.person_id,
            now=talk.now,
        )
    except OwnMoney as error:
        raise Overtaken("a treasurer does not count his own cash") from error
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action="counted",
        subject=f"hand_over/{row.id}",
        now=talk.now,
        facts={"declared": row.declared, "counted": row.counted},
    )
    tell_collector(db, talk, row)
    return {"number": row.number}


def waiting_row(db: Session, talk: T) -> HandOver:
    """What was offered; what nobody offered is offered now, in the collector's name. Raises `Overtaken`."""
    if talk.draft.hand_over:
        return hand_overs.lock(db, talk.house.id, talk.draft.hand_over)
    amount = Rupiah(min(talk.draft.counted, talk.draft.declared))
    giver = talk.draft.giver
    row = hand_overs.offer(db, amount, association_id=talk.house.id, collector_id=giver, address_id=None, now=talk.now)
    if hand_overs.free(db, talk.house.id, giver) != talk.draft.declared - amount:
        raise Overtaken("more or less lies in her hands by now")
    return row


def tell_collector(db: Session, talk: T, row: HandOver) -> None:
    """What was counted, what differs and why, and what is left in her hands."""
    who = people.name_of(db, talk.person_id)

    def words() -> str:
        facts = {
            "number": row.number,
            "who": who,
            "counted": rupiah(row.counted or 0),
            "declared": rupiah(row.declared),
            "reason": _(row.reason),
        }
        if row.counted == row.declared:
            told = _("{who} sudah menerima setoran {number}: {counted}.").format(**facts)
        else:
            told = _("{who} menghitung setoran {number}: {counted}, tercatat {declared}. Alasan: {reason}").format(
                **facts
            )
        left = cash.in_hand(db, talk.house.id, row.collector_id)
        since = cash.oldest_since(db, talk.house.id, row.collector_id)
        return told + "\n" + in_hand(left, since, today=talk.today, zone=talk.house.zone)

    tell(db, row.collector_id, words, key=f"hand_over:{row.id}:counted", now=talk.now, at=row.address_id)


# ── to the bank ──────────────────────────────────────────────────────────────────────────────────────────────────


def ask_deposit(talk: T) -> Question | Show:
    till = cash.till(talk.db, talk.house.id)
    if till <= 0:
        return Show(_("Kas kosong."), then=overview)
    return Ask(
        _("Di kas ada {till}. Berapa yang disetor ke bank?").format(till=rupiah(till)),
        read=at_most(till),
        save="amount",
        then=confirm_deposit,
        options=[
            Option(_("Semua, {amount}").format(amount=rupiah(till)), value=int(till), key="all"),
            Option(_("Tidak jadi"), overview),
        ],
    )


def confirm_deposit(talk: T) -> Question | Show:
    left = cash.till(talk.db, talk.house.id) - talk.draft.amount
    if left < 0:
        return Show(_("Isi kas berubah sejak tadi."), then=ask_deposit)
    return Choose(
        _("Sudah disetor ke bank: {amount}? Sisa kas {left}.").format(
            amount=rupiah(talk.draft.amount), left=rupiah(left)
        ),
        {_("Ya, sudah"): deposited, _("Ubah jumlah"): ask_deposit, _("Tidak jadi"): overview},
    )


def deposited(talk: T) -> Show | End:
    if talk.draft.amount > cash.till(talk.db, talk.house.id):
        return Show(_("Isi kas berubah sejak tadi."), then=ask_deposit)
    text = _("Tercatat: {amount} dari kas ke bank.").format(amount=rupiah(talk.draft.amount))
    return End(text, do=keep_deposit)


def keep_deposit(db: Session, talk: T) -> None:
    """It lies at the bank now. Raises `Overtaken`."""
    entry = cash.deposit(db, talk.house.id, Rupiah(talk.draft.amount), by=talk.person_id, now=talk.now)
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action="deposited",
        subject=f"entry/{entry}",
        now=talk.now,
        facts={"amount": talk.draft.amount},
    )


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "kas" kapan saja.'))


counting = Conversation(
    name="counting",
    title=N_("kas"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(
        overview,
        chosen,
        choose_giver,
        giver_chosen,
        ask_counted,
        compared,
        ask_reason,
        confirm_difference,
        counted,
        ask_deposit,
        confirm_deposit,
        deposited,
        finished,
    ),
    words=("hitung", "kas", "count"),
    only_for=frozenset({"treasurer"}),
)
