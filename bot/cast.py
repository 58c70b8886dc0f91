"""The people of the demonstration, all of them invented: whose phones lie on the page, and what each of them is."""

from collections.abc import Mapping

from bot.channels.webchat_looks import Look
from bot.web.simulator_world import PhoneInfo

VENDORS_WORDS = ("halo", "daftar", "bayar", "status", "buku")

SITI = PhoneInfo(
    "siti", "Siti Aminah", "Pedagang (fiktif)", "demo-siti", "+62 812-0000-0001", Look.WHATSAPP, VENDORS_WORDS
)
WAYAN = PhoneInfo(
    "wayan", "Wayan Sari", "Pedagang (fiktif)", "demo-wayan", "+62 812-0000-0002", Look.TELEGRAM, VENDORS_WORDS
)
RINA = PhoneInfo(
    "rina", "Rina Wati", "Pedagang (fiktif)", "demo-rina", "+62 812-0000-0003", Look.WHATSAPP, VENDORS_WORDS
)
AMAT = PhoneInfo(
    "amat",
    "Amat Saleh",
    "Pengumpul (fiktif)",
    "demo-amat",
    "+62 812-0000-0004",
    Look.TELEGRAM,
    ("terima", "setor", "telepon"),
    side="right",
)
SRI = PhoneInfo(
    "sri",
    "Sri Handayani",
    "Bendahara (fiktif)",
    "demo-sri",
    "+62 812-0000-0005",
    Look.TELEGRAM,
    ("hitung", "setor bpjs", "pembayaran"),
    side="right",
)
BUDI = PhoneInfo(
    "budi",
    "Budi Santoso",
    "Petugas (fiktif)",
    "demo-budi",
    "+62 812-0000-0006",
    Look.TELEGRAM,
    ("antrean", "pembayaran", "anggota", "pengumuman"),
    side="right",
)

VENDORS = (SITI, WAYAN, RINA)
STAFF: Mapping[PhoneInfo, tuple[str, ...]] = {AMAT: ("collector",), SRI: ("treasurer",), BUDI: ("officer", "admin")}
"""Who works for the association, and in which roles."""

PHONES = (*VENDORS, BUDI, AMAT, SRI)
"""On each side, the first one lies in front."""
