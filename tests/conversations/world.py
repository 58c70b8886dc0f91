"""A small association in which every question can be met, and the ways that lead to each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session

from conversations.ours import repertoire
from domain.message import Kind
from storage.database import Database
from storage.queries import applications, people
from tests.conversations.people import BUDI, arrive, register, staff
from tests.conversations.pure import Phone
from tests.transcript import Player


@dataclass(frozen=True)
class World:
    """Who lives there: person ids by name, and a look into storage."""

    people: dict[str, str]
    returned: str  # Siti's application, which waits for her
    code: str  # of an invitation
    db: Session

    def phone(self, who: str) -> Phone:
        """Somebody's phone, before she says anything today."""
        found = people.roles_of(self.db, "main", self.people[who]) if who in self.people else frozenset()
        return Phone(
            repertoire,
            person_id=self.people.get(who, who),
            roles=found,
            look=lambda: self.db,
            is_new=who not in self.people,
        )


@contextmanager
def founded(database: Database) -> Iterator[World]:
    """Rina consented and no more; Siti's registration came back; Budi's waits; Lalu is officer and administrator."""
    play = Player(database)
    staff(play, "lalu", "officer", "admin")
    arrive(play, "rina")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "minta perbaikan", "nama", "belum lengkap", "cukup"])
    register(play, "budi", **BUDI)
    play.say_all("budi", ["petugas", "Kapan kartunya jadi?"])
    invitation = play.say_all("lalu", ["peran", "beri peran", "bendahara"])
    with database.reading() as db:
        names = {who: play.person(db, who) for who in ("lalu", "rina", "siti", "budi")}
        returned = applications.of_applicant(db, "main", names["siti"])[0].id
        yield World(names, returned, invitation.rsplit("gabung ", 1)[1].split("\n")[0], db)


ELSEWHERE = ["di luar ntb", "kota denpasar", "Denpasar Barat", "Padangsambian", "Gang Melati 4"]
REST = ["jualan lain", "mutiara", "Pantai Ampenan", "seharian", "900rb", "jht", "Ahmad Fauzi", "anak", "cukup"]
HOME = ["mataram", "ampenan", "bintaro", "Jalan Mawar 3"]

WALKS: dict[str, list[tuple[str, list[str]]]] = {
    "welcome": [
        ("new", ["halo", "1", "baca selengkapnya", "setuju", "ya", "ya"]),
        ("new", ["halo", "2", "do not agree"]),
        ("new", ["halo", "1", "setuju", "tidak usah", "tidak perlu"]),
    ],
    "menu": [
        *(
            ("lalu", ["menu", word])
            for word in ("daftar bpjs", "periksa pendaftaran", "jawab pertanyaan", "atur peran")
        ),
        ("siti", ["menu", "perbaiki pendaftaran"]),
    ],
    "registration": [
        ("rina", ["daftar", "saya sendiri", "5271014505870007", "benar", "Rina", "Bima", "Inaq", "lewati", *HOME]),
        ("rina", ["daftar", "1", "5271014505870007", "3", "5 Mei 1988", "2", "Rina"]),
        ("rina", ["daftar", "1", "5271014505500007", "2", "5 Mei 1950", "1"]),
        ("rina", ["daftar", "orang lain", "3", "belum"]),
        (
            "rina",
            ["daftar", "2", "3", "ya", "5271014505870007", "1", "Rina", "Bima", "Inaq", "08120000007", *ELSEWHERE],
        ),
        ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "Bima", "Inaq", "lewati", *HOME, *REST, "[photo]"]),
        (
            "rina",
            ["daftar", "1", "5271014505870007", "1", "Rina", "Bima", "Inaq", "lewati", *HOME, *REST, "nanti", "1"],
        ),
    ],
    "repair": [("siti", ["perbaiki", "Siti Amina", "belum", "Siti Amina", "ya"])],
    "status": [("siti", ["status"])],
    "language": [("siti", ["bahasa", "english"])],
    "handover": [("siti", ["petugas", "Kapan jadi?"])],
    "stop": [("siti", ["berhenti", word]) for word in ("1", "2", "3", "4")],
    "begin": [("siti", ["mulai", word]) for word in ("1", "2", "3", "4")],
    "verification": [
        ("lalu", ["antrean", "setujui", "ya"]),
        ("lalu", ["antrean", "minta perbaikan", "nama", "1", "cukup"]),
        ("lalu", ["antrean", "tolak", "1", "ya"]),
        ("lalu", ["antrean", "lihat foto ktp", "1", "lihat nik lengkap", "Untuk mencocokkan", "nanti saja"]),
    ],
    "tickets": [
        ("lalu", ["tiket", "Besok."]),
        ("lalu", ["tiket", "tutup tanpa jawaban"]),
        ("lalu", ["tiket", "nanti saja"]),
    ],
    "roles": [
        ("lalu", ["peran", "beri peran", "bendahara"]),
        ("lalu", ["peran", "cabut peran", "Lalu: Petugas pemeriksa", "ya", "selesai"]),
    ],
    "joining": [("rina", ["gabung", "00000000", "tidak jadi"])],
}
"""Conversation → who holds it, and what she says: together these meet every step."""

ENGINES_OWN = [
    ("rina", ["daftar", "1", "5271014505870007", "1", "batal"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "ubah"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "ubah", "nik"]),
    ("rina", ["daftar", "1", "1", "1", "1"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "Bima", "Inaq", "lewati", "bima"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "Bima", "Inaq", "lewati", "lihat berikutnya"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "Rina", "Bima", "Inaq", "lewati", "matram"]),
    ("rina", ["daftar", "1", "bantaun"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "petugas"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "menu"]),
    ("lalu", ["antrean", "daftar", "1"]),
    ("rina", ["daftar", "1", "5271014505870007", "1", "batal", "ya"]),
]
"""What stands before a step's question, or on top of it."""


def walk(phone: Phone, said: str) -> None:
    """One line of a walk."""
    if said == "[photo]":
        phone.send(Kind.PHOTO, photos=("",))
    else:
        phone.send(text=said)
