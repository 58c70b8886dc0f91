"""What an announcement says, and how its life is told to officers in plain words."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_time
from sqlmodel import Session

from conversations.notices import opening
from conversations.templates import announced
from conversations.words import LANGUAGES, N_, _, long_date, rupiah, spoken
from domain.audience import Audience
from domain.campaign import CampaignStatus
from domain.cost import Billed, Estimate
from domain.message import Button, Reply
from domain.region import find_region
from storage.queries import people
from storage.queries.progress import Progress
from storage.tables import Campaign

AS_FILE = ("pdf", "voice")  # media that are a file, not a picture
STATUSES = {
    CampaignStatus.WAITING: N_("menunggu persetujuan petugas lain"),
    CampaignStatus.SCHEDULED: N_("terjadwal"),
    CampaignStatus.SENDING: N_("sedang dikirim"),
    CampaignStatus.PAUSED: N_("ditunda"),
    CampaignStatus.DONE: N_("selesai"),
    CampaignStatus.STOPPED: N_("dihentikan"),
    CampaignStatus.REFUSED: N_("ditolak"),
}
OF_MEMBERS = {
    "active": N_("anggota yang ditagih iuran"),
    "lapsed": N_("anggota yang tidak ditagih lagi"),
    "left": N_("bekas anggota"),
    "": N_("semua anggota"),
}
PAUSED_BECAUSE = {
    "by_officer": N_("oleh petugas"),
    "officer_gone": N_("petugas yang membuat atau menyetujuinya tidak bertugas lagi"),
    "template": N_("WhatsApp belum menyetujui bentuk pesannya"),
    "limit": N_("batas pengiriman hari ini sudah penuh"),
    "restored": N_("data dipulihkan dari cadangan, sebagian orang mungkin sudah menerima"),
}


# ── the announcement itself ──────────────────────────────────────────────────────────────────────────────────────


def announcement(
    association: str, words: str, *, document: str = "", medium: str = "", for_name: str = "", person_id: str = ""
) -> Reply:
    """The announcement as one person gets it, with a way to want no more of them.

    `for_name`, `person_id`: whom it is for, on a phone that several people share.
    """
    head = _("Pengumuman {association}").format(association=association)
    text = f"{head}:\n{words}" if words else head
    if for_name:
        text = _("Untuk {name}:").format(name=for_name) + "\n" + text
    if document:  # below which not every channel shows a button
        text += "\n" + _('Tidak mau pengumuman lagi? Ketik "berhenti".')
        return with_template(Reply(text, document=document, file=medium in AS_FILE), association, words, for_name)
    stop = Button(_("Berhenti"), opening("stop", person_id=person_id if for_name else ""))
    return with_template(Reply(text, (stop,), numbered=False), association, words, for_name)


def with_template(reply: Reply, association: str, words: str, for_name: str) -> Reply:
    """The reply, and what may go in its place to whoever has not written for too long; wordless ones wait."""
    return announced(reply, association, for_name or _("Bapak/Ibu"), words) if words else reply


# ── whom it is for ───────────────────────────────────────────────────────────────────────────────────────────────


def audience_words(db: Session, audience: Audience) -> str:
    """Whom it is for, in one line."""
    said = [_(OF_MEMBERS[audience.status]) if audience.of_members else _("semua yang bicara dengan kami")]
    region = find_region(audience.district or audience.regency)
    if audience.district or audience.regency:
        said.append(region.name if region else audience.district or audience.regency)
    if audience.market:
        said.append(audience.market)
    if audience.collector:
        said.append(_("pengumpul {name}").format(name=people.name_of(db, audience.collector)))
    if audience.arrears is not None:
        said.append(_("yang menunggak") if audience.arrears else _("yang tidak menunggak"))
    if audience.programme:
        said.append(_("peserta {programme}").format(programme=audience.programme))
    if audience.language:
        said.append(LANGUAGES.get(audience.language, audience.language))
    if audience.without:
        said.append(_("kecuali {count} orang").format(count=len(audience.without)))
    return ", ".join(said)


def left_out_words(opted_out: int, unreachable: int) -> str:
    """Who gets nothing, and why; "" when that is nobody."""
    said = []
    if opted_out:
        said.append(_("{count} tidak mau pengumuman").format(count=opted_out))
    if unreachable:
        said.append(_("{count} tidak bisa dihubungi").format(count=unreachable))
    return _("Tidak dikirimi: {whom}.").format(whom=", ".join(said)) if said else ""


def moment_words(moment: datetime) -> str:
    """A day and a time, as in "20 Desember 2026 pukul 08.00"."""
    clock = format_time(moment.time(), "HH.mm" if spoken.get() == "id" else "HH:mm", locale=spoken.get())
    return _("{day} pukul {time}").format(day=long_date(moment.date()), time=clock)


def cost_words(estimate: Estimate, pieces: Mapping[str, int]) -> str:
    """What it will cost, as far as anybody knows; "" where it costs nothing. `pieces`: messages to each, by account."""
    paid = [part for part in estimate.parts if part.billed not in (Billed.NOTHING, Billed.WAITS)]
    said = []
    if any(part.amount is None for part in paid):
        said.append(_("Biaya WhatsApp belum diketahui."))
    elif paid:
        amount = sum((part.amount or Decimal(0)) * pieces.get(part.account, 1) for part in paid)
        said.append(_("Biaya kira-kira {amount}.").format(amount=amount_words(Decimal(amount), estimate.currency)))
    if estimate.waiting:
        said.append(_("{count} orang menerimanya setelah mereka menulis.").format(count=estimate.waiting))
    return " ".join(said)


def amount_words(amount: Decimal, currency: str) -> str:
    """An amount of money in the currency in which the provider bills."""
    if currency == "IDR":
        return rupiah(int(amount.to_integral_value(ROUND_CEILING)))
    return f"{currency} {amount.quantize(Decimal('0.01'), ROUND_CEILING)}"


# ── how far it is ────────────────────────────────────────────────────────────────────────────────────────────────


def progress_words(number: str, found: Progress) -> str:
    """How far it is, while it goes out."""
    every = found.people - sum(found.held_back.values())
    done = every - found.left
    lines = [_("{number}: {done} dari {all} sudah diproses.").format(number=number, done=done, all=every)]
    return "\n".join([*lines, *counts_words(found)])


def counts_words(found: Progress) -> list[str]:
    """How many stand where, in two lines at most."""
    good = [
        (found.reached, _("{count} terkirim")),
        (found.read, _("{count} sudah dibaca")),
        (found.left, _("{count} menunggu dikirim")),
        (found.parked, _("{count} menunggu mereka menulis")),
    ]
    bad = [
        (found.failed, _("{count} gagal")),
        (found.uncertain, _("{count} belum pasti sampai")),
        (sum(found.held_back.values()), _("{count} tidak dikirimi")),
    ]
    lines = [", ".join(words.format(count=count) for count, words in some if count) for some in (good, bad)]
    return [f"{line[0].upper()}{line[1:]}." for line in lines if line]


def end_words(number: str, found: Progress) -> str:
    """What became of it, once it has gone out."""
    return "\n".join([_("Pengumuman {number} sudah selesai dikirim.").format(number=number), *counts_words(found)])


def status_words(campaign: Campaign, zone: ZoneInfo) -> str:
    """Where an announcement stands, in a few words."""
    words = _(STATUSES[CampaignStatus(campaign.status)])
    if campaign.status == CampaignStatus.SCHEDULED:
        return _("{status} {moment}").format(status=words, moment=moment_words(campaign.send_at.astimezone(zone)))
    if campaign.status == CampaignStatus.PAUSED and campaign.reason in PAUSED_BECAUSE:
        return _("{status}: {reason}").format(status=words, reason=_(PAUSED_BECAUSE[campaign.reason]))
    return words


# ── what became of each ──────────────────────────────────────────────────────────────────────────────────────────

ENDED: Mapping[str, str] = {
    "waiting": N_("menunggu dikirim"),
    "queued": N_("menunggu dikirim"),
    "leased": N_("sedang dikirim"),
    "retry_wait": N_("dicoba lagi sebentar lagi"),
    "parked": N_("menunggu dia menulis dulu"),
    "accepted": N_("terkirim"),
    "sent": N_("terkirim"),
    "delivered": N_("sampai di HP"),
    "read": N_("sudah dibaca"),
    "uncertain": N_("belum pasti sampai, tidak dikirim dua kali"),
    "expired": N_("tidak terkirim: waktunya sudah lewat"),
}
BECAUSE: Mapping[str, str] = {
    "opted_out": N_("tidak mau pengumuman"),
    "unreachable": N_("tidak bisa dihubungi lewat chat"),
    "stopped": N_("pengiriman dihentikan petugas"),
    "blocked_us": N_("memblokir kami"),
    "no_such_address": N_("nomor atau akunnya tidak ada lagi"),
    "elsewhere": N_("dikirim lewat aplikasi lain"),
    "not_opened": N_("pesannya tidak bisa dibuka di sini"),
    "no_picture": N_("lampirannya tidak ada"),
    "key_missing": N_("kunci data belum terpasang"),
    "template": N_("bentuk pesannya belum disetujui WhatsApp"),
    "people_per_day": N_("WhatsApp membatasi jumlah orang sehari"),
    "63003": N_("nomornya tidak ada di WhatsApp"),
    "63024": N_("nomornya tidak ada di WhatsApp"),
    "21211": N_("nomornya tidak ada di WhatsApp"),
    "21614": N_("nomornya tidak ada di WhatsApp"),
    "chat_not_found": N_("akunnya tidak ada lagi di Telegram"),
    "user_not_found": N_("akunnya tidak ada lagi di Telegram"),
    "30003": N_("HP-nya tidak bisa dihubungi"),
    "30005": N_("HP-nya tidak bisa dihubungi"),
    "63032": N_("WhatsApp tidak mengirim ke orang ini sekarang"),
    "63049": N_("WhatsApp tidak mengirim ke orang ini sekarang"),
    "63019": N_("lampirannya tidak terbaca WhatsApp"),
    "63013": N_("WhatsApp menolak isi pesannya"),
}
"""A code, as officers read it; every other one stands as it is."""


def ended_words(status: str, code: str) -> str:
    """What became of one person's message, and why."""
    known = "template" if code.startswith("template") else code
    if status in ENDED and not (status == "parked" and known in BECAUSE):
        return _(ENDED[status])
    why = _(BECAUSE[known]) if known in BECAUSE else _("ditolak dengan kode {code}").format(code=code)
    if status in ("held_back", "suppressed", "cancelled"):
        return _("tidak dikirimi: {why}").format(why=why)
    return _("tidak terkirim: {why}").format(why=why) if status != "parked" else _("menunggu: {why}").format(why=why)
