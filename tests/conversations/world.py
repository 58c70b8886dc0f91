"""A small association in which every question can be met, and the ways that lead to each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from conversations.ours import repertoire
from domain.message import Kind
from domain.month import Month
from storage.database import Database
from storage.queries import applications, associations, attempts, identities, members, people, terms
from storage.tables import Member, Reminder, Template
from tests.conversations.announcement_world import ANNOUNCEMENT_WALKS, make_announcements
from tests.conversations.batch_world import BATCH_WALKS, make_batches
from tests.conversations.cash_world import CASH_WALKS, MIA, make_cash
from tests.conversations.dues_world import DUES_WALKS, EKA, make_left
from tests.conversations.people import ANA, ANI, BUDI, RINA, arrive, register, staff
from tests.conversations.pure import Phone
from tests.transcript import WHATSAPP, Player


@dataclass(frozen=True)
class World:
    """Who lives there: person ids by name, and a look into storage."""

    people: dict[str, str]  # who speaks at each phone now
    addresses: dict[str, str]
    returned: str  # Siti's application, which waits for her
    code: str  # of an invitation
    db: Session

    def phone(self, who: str) -> Phone:
        """Somebody's phone, before she says anything today; "rina on whatsapp": the other app on it."""
        name, _on, app = who.partition(" on ")
        found = people.roles_of(self.db, "main", self.people[name]) if name in self.people else frozenset()
        return Phone(
            repertoire,
            person_id=self.people.get(name, name),
            address_id=self.addresses.get(name, ""),
            sender="whatsapp/main/+6281200000007" if app == "whatsapp" else f"telegram/main/{name}",
            roles=found,
            look=lambda: self.db,
            is_new=name not in self.people,
        )


@contextmanager
def founded(database: Database) -> Iterator[World]:
    """Rina consented and no more; Siti's registration came back; Budi's waits; Lalu is officer and administrator.

    Ani is a member since June and owes some months; Amat takes her cash and that of Ana, who owes nothing yet, and told
    of a payment that waits; he registered both. Sri is treasurer, and an officer too.

    Siti speaks from a second phone too. The numbers of Tuti and Wati may have changed hands, and at Wati's somebody
    has tried too often to prove that it is hers.
    """
    play = Player(database)
    staff(play, "lalu", "officer", "admin")
    staff(play, "amat", "collector")
    staff(play, "sri", "treasurer", "officer")
    register(play, "ani", **ANI)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    register(play, "ana", **ANA)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    database.transact(lambda db: make_old_members(db, play))
    play.say_all("ana", ["bayar", "1 bulan", "transfer", "[photo]", "16rb800", "hari ini", "FT26326ABC", "kirim"])
    register(play, "mia", **MIA)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    database.transact(lambda db: make_cash(db, play))
    register(play, "eka", **EKA)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    database.transact(lambda db: make_left(db, play))
    arrive(play, "rina")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "minta perbaikan", "nama", "belum lengkap", "cukup"])
    register(play, "budi", **BUDI)
    play.say_all("budi", ["petugas", "Kapan kartunya jadi?"])
    invitation = play.say_all("lalu", ["peran", "beri peran", "bendahara"])
    code = play.say("siti", "sambung").partition("Kode: ")[2][:7]
    play.say("second", f"sambung {code}")
    register(play, "tuti", **RINA)
    arrive(play, "wati")
    database.transact(lambda db: change_hands(db, play))
    database.transact(lambda db: make_batches(db, play))
    database.transact(lambda db: make_announcements(db, play))
    database.transact(lambda db: make_templates(db, play))
    with database.reading() as db:
        names = {who: play.person(db, who) for who in PHONES}
        addresses = {who: play.address(db, who) for who in PHONES}
        returned = applications.of_applicant(db, "main", names["siti"])[0].id
        yield World(names, addresses, returned, invitation.rsplit("gabung ", 1)[1].split("\n")[0], db)


def make_old_members(db: Session, play: Player) -> None:
    """Ani has been a member for a while, and both have a collector."""
    association = associations.get(db, "main")
    association.transfer_to, association.qris_document = "Bank Contoh 0011 2233, Asosiasi Contoh", "qris"
    for who in ("ani", "ana"):
        member = members.find_of_person(db, "main", play.person(db, who))
        application = applications.of_applicant(db, "main", play.person(db, who))[0]
        assert member
        application.applicant_id = play.person(db, "amat")
        member.collector_id = play.person(db, "amat")
        if who == "ani":
            member.first_month = "2026-09"
            hers = terms.at(db, member.id, Month(2026, 12))
            assert hers
            terms.add(db, member, hers, from_month=Month(2026, 9), now=play.clock.now())
            db.add(reminded(member, play.clock.now()))
    db.flush()


def reminded(member: Member, now: datetime) -> Reminder:
    """The last reminder of September went, and no word came."""
    return Reminder(
        association_id="main",
        member_id=member.id,
        month="2026-09",
        rule="due+10",
        status="queued",
        send_at=now,
        valid_until=now,
        planned_at=now,
        settled_at=now + timedelta(minutes=1),
    )


def make_templates(db: Session, play: Player) -> None:
    """WhatsApp files a reminder as promotion, and has not judged another."""
    for name, category, status in (("due_id", "marketing", "approved"), ("overdue_id", "utility", "pending")):
        about = {"asked": "utility", "category": category, "status": status, "checked_at": play.clock.now()}
        db.add(Template(account=WHATSAPP, name=name, association_id="main", sid="HX1", **about))
    db.flush()


def change_hands(db: Session, play: Player) -> None:
    """Somebody else may have these numbers now, and at one of them has tried to prove too often that it is hers."""
    now = play.clock.now()
    for who in ("tuti", "wati"):
        identities.doubt(db, people.get_address(db, play.address(db, who)), now)
    for _attempt in range(attempts.MOST):
        attempts.note(db, association_id="main", address_id=play.address(db, "wati"), what="proof", now=now)


PHONES = ("lalu", "amat", "sri", "ani", "ana", "rina", "siti", "budi", "tuti", "wati", "mia")
BY_PAGE = ["daftar", "1", "[form]", "benar", "Rina", "Bima", "Inaq"]
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
            for word in (
                "daftar bpjs",
                "periksa pendaftaran",
                "jawab pertanyaan",
                "atur peran",
                "data anggota",
                "umumkan",
                "pesan keluar",
                "pastikan setoran",
                "persetujuan",
                "izin whatsapp",
            )
        ),
        *(("ani", ["menu", word]) for word in ("bayar iuran", "buku iuran", "kwitansi")),
        *(("amat", ["menu", word]) for word in ("terima uang iuran", "setor ke bendahara", "daftar telepon")),
        *(("sri", ["menu", word]) for word in ("kas", "setor ke bpjs", "pembayaran", "keberatan")),
        ("siti", ["menu", "perbaiki pendaftaran"]),
    ],
    "registration": [
        ("rina", ["daftar", "saya sendiri", "5271014505870007", "benar", "Rina", "Bima", "Inaq", "lewati", *HOME]),
        ("rina", ["daftar", "1", "5271014505870007", "3", "5 Mei 1988", "2", "Rina"]),
        ("rina", ["daftar", "1", "5271014505500007", "2", "5 Mei 1950", "1"]),
        ("rina on whatsapp", [*BY_PAGE, "pakai nomor ini", *HOME, *REST]),
        ("rina on whatsapp", ["daftar", "1", "[form without photo]", "1", "Rina", "Bima", "Inaq", "2", *HOME, *REST]),
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
        ("lalu on whatsapp", ["antrean", "lihat foto ktp", "1", "lihat nik lengkap", "Untuk mencocokkan", "kembali"]),
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
    "who": [
        ("siti", ["ganti orang", "orang baru", "Amat"]),
        ("siti", ["ganti orang", "orang baru", "tidak jadi", "1"]),
    ],
    "linking": [("rina", ["sambung"]), ("rina", ["sambung 12"]), ("rina", ["sambung 123456", "tidak jadi"])],
    "parting": [("siti", ["pisah", "1", "ya"]), ("siti", ["pisah", "tidak jadi"])],
    "proving": [
        ("tuti", ["nomor saya", "0003", "5 Mei 1990"]),
        ("tuti", ["nomor saya", "0004", "5 Mei 1990", "tidak jadi"]),
        ("wati", ["nomor saya", "0003", "5 Mei 1990"]),
    ],
    "promising": [
        ("ani", ["bayar nanti", "tanggal 30"]),
        ("ani", ["janji bayar besok"]),
        ("ani", ["janji bayar kapan kapan", "tidak jadi"]),
    ],
    "calling": [
        ("amat", ["telepon", "ani", "janji bayar", "tanggal 30", "selesai"]),
        ("amat", ["telepon", "ani", "tidak terhubung"]),
        ("amat", ["telepon", "selesai"]),
    ],
    "paying": [
        ("rina", ["bayar"]),
        ("amat", ["bayar", "ani lestari", "tunggakan", "langsung ke bpjs", "tidak ada bukti", "1", "1", "1", "ubah"]),
        ("ani", ["bayar", "tunggakan", "tunai", "ya, beri tahu"]),
        ("ani", ["bayar", "1 bulan", "transfer", "nanti", "sudah bayar", "[photo]", "900rb", "benar", "kemarin"]),
        ("ani", ["bayar", "12 bulan", "qris", "[photo]", "1", "5 Nov", "FT26326ABC12", "kirim"]),
        ("ana", ["bayar", "tunggu saja"]),
        ("ana", ["bayar", "tarik", "ya, tarik"]),
        ("ana", ["bayar", "kirim yang lain", "3 bulan", "ganti bulan"]),
    ],
    "confirming": [
        ("lalu", ["pembayaran", "terima", "cukup"]),
        ("lalu", ["pembayaran", "jumlah lain", "10rb", "ya", "ya"]),
        ("sri", ["pembayaran", "lihat bukti", "1", "tolak", "1", "ya"]),
        ("lalu", ["pembayaran", "nanti saja"]),
        ("lalu on whatsapp", ["pembayaran", "lihat bukti", "kembali"]),
    ],
    **CASH_WALKS,
    **BATCH_WALKS,
    **ANNOUNCEMENT_WALKS,
    **DUES_WALKS,
    "waiting_news": [("siti", ["buka"])],
    "templates": [("lalu", ["templat", "pengingat sebelum jatuh tempo", word]) for word in ("ya", "tidak")],
    "messages_of": [
        ("lalu", ["pesan keluar", "ani", "1", "lihat pesan lain", "selesai"]),
        ("lalu", ["pesan keluar an", "cari nama lain", "selesai"]),
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
    elif said.startswith("[form"):
        photo = "" if "without" in said else "photo-on-the-page"
        phone.send(Kind.FORM, form={"step": phone.place.step, "nik": "5271014505870007", "ktp": photo})
    else:
        phone.send(text=said)
