"""What may go in place of a reply where nobody may be written to freely, and what administrators hear of it.

WhatsApp approves the words beforehand, in each language: they stand in `bot.channels.whatsapp_templates`. Here are only
their names, and what fills their gaps.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from sqlmodel import Session

from conversations.notices import tell_staff
from conversations.words import N_, _, long_date, month_name, rupiah, spoken
from domain.message import Reply
from domain.money import Rupiah
from domain.month import Month
from domain.reminder import Anchor, Rule
from storage.queries import people
from storage.queries.templates import Change
from storage.tables import Address

DUE, OVERDUE, COUNTDOWN, RECEIPT, KNOCK, ANNOUNCEMENT = (
    "due",
    "overdue",
    "countdown",
    "receipt",
    "knock",
    "announcement",
)
ROOM = 700
"""Characters of an announcement that stand in its template; a longer one waits in full for her next word."""

TITLES = {
    DUE: N_("pengingat sebelum jatuh tempo"),
    OVERDUE: N_("pengingat setelah jatuh tempo"),
    COUNTDOWN: N_("pengingat sebelum perlindungan berakhir"),
    RECEIPT: N_("kabar bukti bayar"),
    KNOCK: N_("kabar ada balasan"),
    ANNOUNCEMENT: N_("pengumuman"),
}


def as_template(reply: Reply, name: str, *variables: str) -> Reply:
    """The reply, and the template that goes in its place where it must, in the language spoken now.

    `name`: one of those above; `variables` fill its gaps in their order, however they were typed.
    """
    return replace(reply, template=named(name), variables=variables)


def is_in_short(name: str) -> bool:
    """True of a template that only tells what there is to see: the reply itself still waits for her word."""
    return name.rpartition("_")[0] == RECEIPT


def receipt_told(reply: Reply, association: str, who: str, amount: Rupiah, number: str) -> Reply:
    """News of a receipt, and the template that says that there is one."""
    return as_template(reply, RECEIPT, association, who, rupiah(amount), number)


def named(name: str) -> str:
    """The template of that name in the language spoken now."""
    return f"{name}_{spoken.get()}"


def whom(db: Session, address: Address, person_id: str) -> str:
    """How a template calls whom it is for: by name only where several people would read it."""
    return people.name_of(db, person_id) if address.shared else _("Bapak/Ibu")


def reminded(
    reply: Reply, rule: Rule, month: Month, owed: Rupiah, *, anchor: date, today: date, told: tuple[str, str]
) -> Reply:
    """A reminder, and the template that says the same; `told`: by which association, and whom."""
    if rule.anchor is Anchor.COVER:
        return as_template(reply, COUNTDOWN, *told, long_date(anchor), rupiah(owed))
    if today > anchor:
        return as_template(reply, OVERDUE, *told, month_name(month), rupiah(owed))
    return as_template(reply, DUE, *told, month_name(month), rupiah(owed), long_date(anchor))


def announced(reply: Reply, association: str, who: str, words: str) -> Reply:
    """An announcement, and the template with as much of its `words` as there is room for."""
    return as_template(reply, ANNOUNCEMENT, association, who, words)


# ── what administrators hear ─────────────────────────────────────────────────────────────────────────────────────


def title_of(name: str) -> str:
    """A template as people call it, in the language spoken now."""
    base, _dash, language = name.rpartition("_")
    if base not in TITLES:
        return name
    return _(TITLES[base]) if language == "id" else f"{_(TITLES[base])} ({language})"


def tell_changes(db: Session, association_id: str, account: str, changes: Sequence[Change], now: datetime) -> None:
    """Administrators hear once what became of templates, all of one kind together."""
    for what in sorted({change.what for change in changes}):
        names = [change.name for change in changes if change.what == what]
        opens = "templates" if what == "refiled" else ""
        key = f"template:{account}:{what}:{'+'.join(names)}:{now:%Y-%m-%d}"[:120]
        tell_staff(db, association_id, "admin", partial(said_of, what, names), key=key, now=now, opens=opens)


def said_of(what: str, names: Sequence[str]) -> str:
    """What became of these templates."""
    return sentence(what).format(templates=", ".join(title_of(name) for name in names))


def sentence(what: str) -> str:
    """What became of templates, with a gap for which they are."""
    if what == "refiled":
        return _(
            "WhatsApp menggolongkan pesan ini sebagai promosi, biayanya lain: {templates}. Sementara kami tahan. "
            'Ketik "templat" untuk memutuskan.'
        )
    if what == "paused":
        return _("WhatsApp menghentikan sementara pesan ini: {templates}. Yang belum terkirim menunggu.")
    if what == "usable":
        return _("Pesan ini bisa dikirim lagi di WhatsApp: {templates}.")
    return _(
        "WhatsApp tidak menerima pesan ini: {templates}. Yang belum terkirim menunggu sampai orangnya menulis lagi."
    )


def tell_held(db: Session, association_id: str, account: str, now: datetime) -> None:
    """Administrators hear, once a day, that the provider lets nobody more be written to for now."""

    def words() -> str:
        return _(
            "WhatsApp membatasi jumlah orang yang boleh dihubungi lebih dulu. Yang belum terkirim menunggu dan "
            "dikirim sendiri nanti."
        )

    tell_staff(db, association_id, "admin", words, key=f"held:{account}:{now:%Y-%m-%d}", now=now)


def tell_flagged(db: Session, association_id: str, account: str, now: datetime) -> None:
    """Administrators hear, once a day, that WhatsApp takes the number for a source of spam."""

    def words() -> str:
        return _(
            "WhatsApp menandai nomor asosiasi sebagai pengirim spam. Pengingat dan pengumuman di WhatsApp ditahan "
            "sehari. Tolong periksa di akun WhatsApp."
        )

    tell_staff(db, association_id, "admin", words, key=f"flagged:{account}:{now:%Y-%m-%d}", now=now)
