"""What became of a message, in the words of whoever has to explain it to somebody."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from conversations.words import N_, _, spoken
from storage.queries import parked, templates
from storage.queries.deliveries import Sent, Step

STANDS: Mapping[str, str] = {
    "queued": N_("menunggu dikirim"),
    "leased": N_("sedang dikirim"),
    "retry_wait": N_("menunggu dicoba lagi"),
    "accepted": N_("sudah diserahkan, belum ada kabar sampai"),
    "sent": N_("terkirim, belum ada kabar sampai"),
    "delivered": N_("sampai"),
    "read": N_("dibaca"),
    "uncertain": N_("tidak pasti sampai atau tidak"),
    "expired": N_("tidak jadi dikirim, sudah lewat waktunya"),
    "attempt": N_("dikirim"),
}
WAITS: Mapping[str, str] = {
    parked.FOR_HER_WORD: N_("menunggu orangnya menulis lagi"),
    parked.FOR_A_PLACE: N_("menunggu, batas orang per hari sudah penuh"),
    "template": N_("menunggu izin WhatsApp"),
    "held": N_("menunggu jam yang pantas"),
    "key_missing": N_("menunggu kunci data"),
}
BECAUSE: Mapping[str, str] = {
    "blocked_us": N_("nomor kami diblokir"),
    "63014": N_("nomor kami diblokir"),
    "opted_out": N_("orangnya tidak mau menerima"),
    "no_such_address": N_("nomornya tidak ada"),
    "63003": N_("nomornya tidak ada di WhatsApp"),
    "63024": N_("nomornya tidak ada di WhatsApp"),
    "21211": N_("nomornya tidak ada di WhatsApp"),
    "21614": N_("nomornya tidak ada di WhatsApp"),
    "63016": N_("sudah lebih dari sehari tidak menulis"),
    "63018": N_("batas orang per hari sudah penuh"),
    "63040": N_("WhatsApp tidak menerima bentuk pesannya"),
    "63041": N_("WhatsApp menghentikan sementara bentuk pesannya"),
    "63049": N_("WhatsApp tidak meneruskan promosi ke orang ini"),
    "30003": N_("HP-nya tidak bisa dihubungi"),
    "30008": N_("HP-nya tidak bisa dihubungi"),
    "paid": N_("sudah dibayar"),
    "promised": N_("sudah janji bayar"),
    "being_checked": N_("pembayarannya sedang diperiksa"),
    "left": N_("sudah keluar"),
    "stopped": N_("dihentikan petugas"),
    "nothing_waits": N_("tidak perlu lagi"),
    "elsewhere": N_("dikirim lewat aplikasi lain"),
}
"""A code as people read it; every other one is told as it is."""


def stands(status: str, code: str) -> str:
    """Where a message stands, in the language spoken now."""
    kind = templates.PREFIX.rstrip(":") if code.startswith(templates.PREFIX) else code
    if status in ("parked", "retry_wait") and kind in WAITS:
        return _(WAITS[kind])
    if status == "parked":
        return _(WAITS[parked.FOR_HER_WORD])
    if status == "retry_wait" and code:
        return _("menunggu dicoba lagi: {why}").format(why=because(code))
    if status in STANDS:
        return _(STANDS[status])
    if status == "failed":
        return _("gagal: {why}").format(why=because(code))
    return _("tidak dikirim: {why}").format(why=because(code))


def because(code: str) -> str:
    """Why, in a few words."""
    return _(BECAUSE[code]) if code in BECAUSE else _("kode {code}").format(code=code or "?")


def kind_of(message: Sent) -> str:
    """What a message is about: never its words, which are hers."""
    if message.key.startswith("reminder:"):
        return _("pengingat")
    if message.key.startswith("campaign:"):
        return _("pengumuman")
    if message.key.startswith("knock:"):
        return _("ajakan membalas")
    return _("jawaban") if message.kind == "reply" else _("kabar")


def titled(message: Sent, zone: ZoneInfo) -> str:
    """When, where and what, as in "22 Nov 10.05 WhatsApp, pengingat"."""
    app = {"telegram": "Telegram", "whatsapp": "WhatsApp"}.get(message.account.partition("/")[0], message.account)
    return f"{moment(message.at, zone)} {app}, {kind_of(message)}"


def told(step: Step, zone: ZoneInfo) -> str:
    """One thing that happened to a message, on a line."""
    words = stands(step.what, step.code)
    if step.what == "attempt" and step.attempt > 1:
        words = _("dikirim, percobaan ke-{number}").format(number=step.attempt)
    return f"{moment(step.at, zone)} {words}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A day and a time, short."""
    clock = "HH.mm" if spoken.get() == "id" else "HH:mm"
    return format_datetime(at.astimezone(zone), f"d MMM {clock}", locale=spoken.get())
