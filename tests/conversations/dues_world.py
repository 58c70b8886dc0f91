"""Members in the world of every question: Eka has left, and BPJS once told until when she was protected."""

from datetime import date

from sqlmodel import Session

from storage.queries import members
from tests.transcript import Player

EKA = {"nik": ["5271 0145 0594 0008", "benar"], "name": ["Eka Safitri"], "phone": ["0812 0000 0008"]}


def make_left(db: Session, play: Player) -> None:
    """Eka is no member any more."""
    member = members.find_of_person(db, "main", play.person(db, "eka"))
    assert member
    member.status, member.protected_until = "left", date(2026, 12, 15)
    db.flush()


DUES_WALKS: dict[str, list[tuple[str, list[str]]]] = {
    "book": [("ani", ["buku"]), ("amat", ["buku", "ani lestari"]), ("rina", ["buku"])],
    "receipts": [
        ("mia", ["kwitansi", "1", "minta pdf"]),
        ("mia", ["kwitansi", "2", "kwitansi lain", "1", "selesai"]),
        ("amat", ["kwitansi", "ani lestari"]),
    ],
    "members": [
        (
            "lalu",
            ["anggota", "tidak ada ini", "ani", "ubah dasar iuran", "golongan", "2 juta", "1", "1", "ya", "lihat"],
        ),
        ("lalu", ["anggota ani", "ubah dasar iuran", "tambah jht", "september 2026", "salah catat", "tidak jadi"]),
        ("lalu", ["anggota a", "anggota an", "ana kurnia", "ganti pengumpul", "tanpa pengumpul", "selesai"]),
        ("lalu", ["anggota mia", "tanggal dari bpjs", "15 Januari 2027", "ya", "cari nama lain"]),
        ("lalu", ["anggota mia", "catat keluar", "ya", "selesai"]),
        ("lalu", ["anggota eka", "tanggal dari bpjs", "hapus tanggal", "selesai"]),
        ("lalu", ["anggota 0008", "jadi anggota lagi", "ya", "selesai"]),
    ],
}
