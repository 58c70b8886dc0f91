"""Cash in the world of every question: Amat holds some, offered some, and took some from Mia, who disputed a part."""

from datetime import datetime

from sqlmodel import Session

from domain.money import Rupiah
from storage.queries import collections, disputes, hand_overs, members, payments
from storage.queries.disputes import Kind
from tests.transcript import Player

MIA = {"nik": ["5271 0145 0593 0006", "benar"], "name": ["Mia Sari"], "phone": ["0812 0000 0006"]}


def make_cash(db: Session, play: Player) -> None:
    """Amat took cash from Mia four times; one payment is disputed, some is counted, and some waits for Sri."""
    now = play.clock.now().astimezone(play.house.zone)
    amat, sri, mia = (play.person(db, who) for who in ("amat", "sri", "mia"))
    first = take(db, mia, amat, now)
    for _again in range(3):
        take(db, mia, amat, now)
    disputes.dispute(
        db, "main", first, Kind.NOT_PAID, words="Belum ketemu.", by=mia, address_id=play.address(db, "mia"), now=now
    )
    for amount in (2_000, 3_000):
        row = hand_overs.offer(db, Rupiah(amount), association_id="main", collector_id=amat, address_id=None, now=now)
        if amount == 2_000:
            hand_overs.count(db, "main", row.id, Rupiah(amount), reason="", by=sri, now=now)


def take(db: Session, person_id: str, collector_id: str, now: datetime) -> str:
    """A collector takes what is due next; the payment."""
    member = members.find_of_person(db, "main", person_id)
    assert member
    due = collections.due_of(db, member, now.date())
    taken = payments.Taken(member, due.amount, due.months, due.amount)
    _collection, made = payments.collect(db, [taken], association_id="main", collector_id=collector_id, now=now)
    return made[0][0].id


BOTH = ["terima", "ketik nama", "Ani Lestari\nAna Kurnia", "lanjut"]

CASH_WALKS: dict[str, list[tuple[str, list[str]]]] = {
    "collecting": [
        ("amat", ["terima", "pilih dari daftar", "selesai", "ani", "selesai", "pas", "ya"]),
        ("amat", ["terima", "pilih dari daftar", "pilih semua", "selesai", "30rb", "titip", "ya"]),
        ("amat", ["terima", "ketik nama", "Ani Lestri", "ya", "keluarkan", "Ani Lestari"]),
        ("amat", ["terima", "ketik nama", "Ani Lestri\nFulanah", "tidak", "Ani Lestari", "lewati", "kosongkan daftar"]),
        ("amat", ["terima", "ketik nama", "Xyzzy\nQwerty", "lewati semua"]),
        ("amat", ["terima", "sama seperti bulan lalu"]),
        ("amat", [*BOTH, "100rb", "titip", "Ana Kurnia", "ya"]),
        ("amat", [*BOTH, "20rb", "ubah jumlah satu orang", "Ani Lestari", "10rb", "lihat rincian", "kembali ke"]),
        ("amat", [*BOTH, "20rb", "keluarkan satu orang", "Ana Kurnia", "bagi"]),
    ],
    "disputing": [
        ("mia", ["keberatan", "1", "jumlahnya lain", "lewati"]),
        ("mia", ["belum bayar", "2", "bukan saya", "Saya di rumah saja"]),
        ("mia", ["bukan saya", "tidak jadi"]),
    ],
    "settling": [
        ("lalu", ["sengketa", "pembayaran benar", "1", "cukup"]),
        ("lalu", ["sengketa", "batalkan pembayaran", "Salah orang", "ya", "cukup"]),
        ("lalu", ["sengketa", "nanti saja", "ya"]),
    ],
    "handing_over": [
        ("amat", ["setor", "5.000"]),
        ("amat", ["setor", "tarik kembali setoran", "1"]),
        ("amat", ["setor", "tidak sekarang"]),
    ],
    "counting": [
        ("sri", ["kas", "1", "pas"]),
        ("sri", ["kas", "1", "2.500", "salah hitung di lapangan", "ya"]),
        ("sri", ["hitung", "hitung tanpa setoran", "1", "4.000"]),
        ("sri", ["kas", "setor ke bank", "semua", "ya"]),
        ("sri", ["kas", "selesai"]),
    ],
}
