"""Announcements in the small association: one waits for a second officer, one goes out, one rests, one is over."""

from datetime import timedelta

from sqlmodel import Session, col, select, update

from domain.audience import Audience
from storage.columns import new_id
from storage.queries import associations, campaigns
from storage.tables import CampaignRecipient, Member
from tests.transcript import Player

SOME_WORDS = "Besok ada pelatihan di balai desa."
BEFORE = timedelta(days=2)  # so that nobody has made enough for today


def make_announcements(db: Session, play: Player) -> None:
    """Sri's waits; of Lalu's one goes out, one rests, and one reached nobody; there is a market."""
    now = play.clock.now() - BEFORE
    association = associations.get(db, "main")
    db.exec(update(Member).where(col(Member.collector_id).is_not(None)).values(market="Pasar Kebon Roek"))
    association.approve_above = 0
    made(db, play, "sri", "Rapat hari Minggu.")
    association.approve_above = 1_000
    for words, end in (("Libur besok.", ""), ("Iuran naik bulan depan.", "pause"), ("Selamat hari raya.", "finish")):
        campaign = made(db, play, "lalu", words)
        campaigns.begin(db, campaign)
        if end == "pause":
            campaigns.pause(db, "main", campaign.id, reason="by_officer")
        if end == "finish":
            hold_back(db, campaign.id)
            campaigns.finish(db, campaign, now)


def made(db: Session, play: Player, who: str, words: str) -> campaigns.Campaign:
    """An announcement to everybody."""
    wanted = campaigns.Wanted(
        id=new_id(),
        words=words,
        audience=Audience(everybody=True),
        made_by=play.person(db, who),
        send_at=play.clock.now() - BEFORE,
    )
    return campaigns.create(db, "main", wanted, now=play.clock.now() - BEFORE)


def hold_back(db: Session, campaign_id: str) -> None:
    """Nobody could be reached when it went out."""
    for row in db.exec(select(CampaignRecipient).where(CampaignRecipient.campaign_id == campaign_id)):
        row.status, row.reason = "held_back", "unreachable"
    db.flush()


WRITTEN = ["umumkan", SOME_WORDS, "tulisan saja", "1"]
NARROWED = [
    "persempit",
    "kabupaten",
    "mataram",
    "semua kecamatan",
    "persempit",
    "pasar",
    "1",
    "persempit",
    "status",
]
NARROWED += ["yang ditagih iuran"]
ANNOUNCEMENT_WALKS: dict[str, list[tuple[str, list[str]]]] = {
    "announcing": [
        (
            "lalu",
            [*WRITTEN, *NARROWED, "persempit", "tunggakan", "punya tunggakan"],
        ),
        ("lalu", [*WRITTEN, "persempit", "pengumpul", "amat", "persempit", "bahasa", "yang memakai bahasa indonesia"]),
        ("lalu", [*WRITTEN, "persempit", "hanya peserta jht"]),
        ("lalu", [*WRITTEN, "kecualikan orang", "bukan siapa siapa", "a", "ani", "1", "lanjut"]),
        (
            "lalu",
            [*WRITTEN, "lanjut", "kirim uji ke saya", "lanjut", "sekarang", "lihat lagi", "lanjut", "besok", "ya"],
        ),
        ("lalu", ["umumkan", "[photo]", "tanpa tulisan", "2", "lanjut", "ganti isi"]),
        ("lalu", ["umumkan", SOME_WORDS, "[photo]"]),
    ],
    "approving": [
        ("lalu", ["menu", "setujui pengumuman", "nanti saja"]),
        ("lalu", ["persetujuan", "setujui"]),
        ("lalu", ["persetujuan", "uji", "tolak", "2"]),
        ("lalu", ["persetujuan", "nanti saja"]),
    ],
    "announcements": [
        ("lalu", ["pengumuman saya", "U-2026-0002", "perbarui", "isi pengumuman", "hentikan", "ya", "1", "tunda dulu"]),
        ("lalu", ["pengumuman saya", "U-2026-0003", "teruskan", "pengumuman lain", "selesai"]),
        ("lalu", ["pengumuman saya", "U-2026-0004", "kirim ulang", "ya", "1", "laporan", "berikutnya", "sebelumnya"]),
    ],
}
