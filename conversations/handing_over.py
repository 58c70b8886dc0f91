"""A collector brings her cash to the treasurer: ask_amount → offered | choose_offer → taken_back"""

from collections.abc import Callable
from functools import partial

from sqlmodel import Session

from conversations.answers import Answers
from conversations.cash_readers import at_most
from conversations.cash_words import by_collection, in_hand
from conversations.notices import opening, tell
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, rupiah
from domain.money import Rupiah
from storage.queries import audit, cash, hand_overs, people
from storage.tables import HandOver


class Draft(Answers):
    """How much, or which offer is taken back."""

    amount: int
    offer: str


T = Talk[Draft]


def ask_amount(talk: T) -> Question | End:
    free = hand_overs.free(talk.db, talk.house.id, talk.person_id)
    offers = hand_overs.offers_of(talk.db, talk.house.id, talk.person_id)
    if not free and not offers:
        return End(in_hands(talk))
    everything = [Option(_("Semua, {amount}").format(amount=rupiah(free)), value=int(free), key="all")] if free else []
    back = [Option(_("Tarik kembali setoran"), choose_offer)] if offers else []
    question = _("Mau setor berapa ke bendahara?") if free else _("Semuanya sudah ditawarkan, tinggal dihitung.")
    return Choose(
        "\n".join([told(talk, offers), question]),
        [*everything, *back, Option(_("Tidak sekarang"), not_now, words=("nanti", "cukup"))],
        save="amount",
        read=at_most(free) if free else None,
        then=offered,
    )


def in_hands(talk: T) -> str:
    """What lies in her hands, and since when."""
    amount = cash.in_hand(talk.db, talk.house.id, talk.person_id)
    since = cash.oldest_since(talk.db, talk.house.id, talk.person_id)
    return in_hand(amount, since, today=talk.today, zone=talk.house.zone)


def told(talk: T, offers: list[HandOver]) -> str:
    """Her cash, by collection, and what of it is on its way."""
    lots = cash.lots(talk.db, talk.house.id, talk.person_id)
    waiting = [
        _("Menunggu dihitung: {number}, {amount}.").format(number=one.number, amount=rupiah(one.declared))
        for one in offers
    ]
    return "\n".join([in_hands(talk), *by_collection(lots, talk.house.zone), *waiting])


def offered(talk: T) -> Show | End:
    if talk.draft.amount > hand_overs.free(talk.db, talk.house.id, talk.person_id):
        return Show(_("Uang di tangan berubah sejak tadi."), then=ask_amount)
    text = _("Setoran {number}: {amount}. Serahkan uangnya ke bendahara; kami kabari kalau sudah dihitung.")
    return End(text.replace("{amount}", rupiah(talk.draft.amount)), do=keep_offer)


def keep_offer(db: Session, talk: T) -> dict[str, str]:
    """It waits to be counted, and the treasurers hear of it. Raises `Overtaken`."""
    row = hand_overs.offer(
        db,
        Rupiah(talk.draft.amount),
        association_id=talk.house.id,
        collector_id=talk.person_id,
        address_id=talk.address_id,
        now=talk.now,
    )
    note(db, talk, "offered", row)
    who = people.name_of(db, talk.person_id)

    def words() -> str:
        return _("{who} mau setor {amount}, {number}. Hitung uangnya kalau sudah diterima.").format(
            who=who, amount=rupiah(row.declared), number=row.number
        )

    tell_treasurers(db, talk, words, key=f"hand_over:{row.id}:offered", hand_over_id=row.id)
    return {"number": row.number}


def tell_treasurers(db: Session, talk: T, words: Callable[[], str], *, key: str, hand_over_id: str = "") -> None:
    """Every treasurer but herself, with a button that begins to count."""
    for person_id in people.with_role(db, talk.house.id, "treasurer"):
        if person_id != talk.person_id:
            button = partial(to_count, hand_over_id, person_id) if hand_over_id else None
            tell(db, person_id, words, key=key, now=talk.now, button=button)


def to_count(hand_over_id: str, person_id: str) -> tuple[str, str]:
    """The button that begins to count."""
    return _("Hitung"), opening("counting", hand_over_id, person_id=person_id)


def choose_offer(talk: T) -> Question | Show:
    offers = hand_overs.offers_of(talk.db, talk.house.id, talk.person_id)
    options = [
        Option(
            _("{number}: {amount}").format(number=one.number, amount=rupiah(one.declared)),
            value=one.id,
            key=one.id[-16:],
        )
        for one in offers
    ]
    return Choose(
        _("Setoran mana yang ditarik kembali? Uangnya tetap di tangan Bapak/Ibu."),
        [*options, Option(_("Tidak jadi"), ask_amount)],
        save="offer",
        then=taken_back,
    )


def taken_back(talk: T) -> Show | End:
    row = hand_overs.find(talk.db, talk.house.id, talk.draft.offer)
    if row is None or row.status != "offered":
        return Show(_("Setoran itu sudah dihitung bendahara."), then=ask_amount)
    return End(_("{number} ditarik kembali. Uangnya masih di tangan.").format(number=row.number), do=take_back)


def take_back(db: Session, talk: T) -> None:
    """It is not on its way any more. Raises `Overtaken` when a treasurer counted it just now."""
    row = hand_overs.withdraw(db, talk.house.id, talk.draft.offer, by=talk.person_id)
    note(db, talk, "offer_withdrawn", row)
    who = people.name_of(db, talk.person_id)

    def words() -> str:
        return _("{who} menarik kembali setoran {number}, {amount}.").format(
            who=who, number=row.number, amount=rupiah(row.declared)
        )

    tell_treasurers(db, talk, words, key=f"hand_over:{row.id}:withdrawn")


def not_now(talk: T) -> End:
    return End(_('Baik. Ketik "setor" kalau mau menyetor.'))


def note(db: Session, talk: T, action: str, row: HandOver) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"hand_over/{row.id}",
        now=talk.now,
        facts={"amount": row.declared},
    )


handing_over = Conversation(
    name="handing_over",
    title=N_("setoran"),
    version=1,
    draft=Draft,
    start=ask_amount,
    further_steps=(offered, choose_offer, taken_back, not_now),
    words=("setor", "setoran", "hand over"),
    only_for=frozenset({"collector"}),
)
