"""Who may do what, and how a role is given and taken."""

import re

import pytest
from sqlmodel import select

from storage.queries import people, talks
from storage.tables import Audit
from tests.conversations.people import arrive, staff
from tests.transcript import ACCOUNT, Player


def code_in(answer: str) -> str:
    """The code that an administrator reads out."""
    found = re.search(r"gabung (\d{4} \d{4})", answer)
    assert found
    return found[1]


def invite(play: Player, who: str, role: str) -> str:
    """An administrator invites somebody; the code."""
    return code_in(play.say_all(who, ["peran", "beri peran", role]))


def roles_of(play: Player, who: str) -> set[str]:
    """What somebody may do."""
    return set(play.database.read(lambda db: people.roles_of(db, "main", play.person(db, who))))


def test_an_administrator_invites_an_officer(play):
    staff(play, "dewi", "admin")
    play("""
        dewi: peran
        bot: Yang bertugas sekarang:
            Dewi: Pengelola
            1. Beri peran
            2. Cabut peran
            3. Selesai
        dewi: 1
        bot: Peran apa?
            1. Petugas pemeriksa
            2. Pengumpul iuran
            3. Bendahara
            4. Pengelola
        dewi: petugas pemeriksa
        bot: …
    """)
    code = code_in(play.said[-1])
    assert play.said[-1] == (
        f"bot: Kode untuk Petugas pemeriksa: {code}\n"
        f"    Orangnya mengetik di sini: gabung {code}\n"
        "    Berlaku sehari, untuk satu orang."
    )
    staff(play, "lalu")
    play(f"""
        lalu: gabung {code}
        bot to dewi: Lalu sekarang: Petugas pemeriksa.
        bot: Selamat bertugas: Petugas pemeriksa. Ketik "menu" untuk melihat tugasnya.
        lalu: menu
        bot: Ada yang bisa dibantu?
            1. Periksa pembayaran (0)
            2. Periksa pendaftaran (0)
            3. Jawab pertanyaan (0)
            4. Data anggota
            5. Pengumuman
            6. Daftar BPJS
            7. Tanya petugas
            8. Ganti bahasa
            9. Lihat berikutnya
    """)
    assert roles_of(play, "lalu") == {"officer"}


@pytest.mark.parametrize("said", ["gabung {code}", "Gabung: {code}.", "join {tight}", "gabung {code}!"])
def test_the_code_is_taken_however_it_is_typed(play, said):
    staff(play, "dewi", "admin")
    code = invite(play, "dewi", "bendahara")
    play.say("lalu", said.format(code=code, tight=code.replace(" ", "")))
    assert roles_of(play, "lalu") == {"treasurer"}


def test_the_word_alone_asks_for_the_code(play):
    staff(play, "dewi", "admin")
    code = invite(play, "dewi", "pengumpul")
    staff(play, "lalu")
    play(f"""
        lalu: gabung
        bot: Ketik kode 8 angka dari pengelola.
            1. Tidak jadi
        lalu: 12
        bot: Kodenya 8 angka. Coba ketik lagi.

            Ketik kode 8 angka dari pengelola.
            1. Tidak jadi
        lalu: 0000 0000
        bot: Kode itu tidak berlaku. Minta kode baru ke pengelola.

            Ketik kode 8 angka dari pengelola.
            1. Tidak jadi
        lalu: {code}
        bot to dewi: Lalu sekarang: Pengumpul iuran.
        bot: Selamat bertugas: Pengumpul iuran. Ketik "menu" untuk melihat tugasnya.
        lalu: gabung
        bot: …
        lalu: tidak jadi
        bot: Baik, tidak jadi.
    """)


def test_a_code_counts_once(play):
    staff(play, "dewi", "admin")
    code = invite(play, "dewi", "petugas pemeriksa")
    staff(play, "lalu")
    staff(play, "rina")
    play.say("lalu", f"gabung {code}")
    play(f"""
        rina: gabung {code}
        bot: Kode itu tidak berlaku. Minta kode baru ke pengelola.

            Ketik kode 8 angka dari pengelola.
            1. Tidak jadi
    """)
    assert roles_of(play, "rina") == set()


def test_of_two_people_with_one_code_one_joins(play):
    staff(play, "dewi", "admin")
    code = invite(play, "dewi", "petugas pemeriksa")
    staff(play, "lalu")
    staff(play, "rina")
    answers = play.say_together([("lalu", f"gabung {code}"), ("rina", f"gabung {code}")])
    assert answers.count("Selamat bertugas") == 1
    assert answers.count("Kode itu tidak berlaku") == 1
    assert len(roles_of(play, "lalu") | roles_of(play, "rina")) == 1


def test_a_code_lasts_a_day(play):
    staff(play, "dewi", "admin")
    code = invite(play, "dewi", "petugas pemeriksa")
    play.say("dewi", "[after 1 day]")
    assert "Kode itu tidak berlaku" in play.say("lalu", f"gabung {code}")


def test_whoever_has_the_role_does_not_use_up_a_code(play):
    staff(play, "dewi", "admin")
    staff(play, "lalu", "officer")
    code = invite(play, "dewi", "petugas pemeriksa")
    assert play.say("lalu", f"gabung {code}") == "bot: Bapak/Ibu sudah memegang peran itu."
    assert "Selamat bertugas" in play.say("rina", f"gabung {code}")


def test_an_administrator_takes_a_role(play):
    staff(play, "dewi", "admin")
    staff(play, "lalu", "officer")
    play("""
        dewi: peran
        bot: Yang bertugas sekarang:
            Dewi: Pengelola
            Lalu: Petugas pemeriksa
            1. Beri peran
            2. Cabut peran
            3. Selesai
        dewi: 2
        bot: Peran siapa yang dicabut?
            1. Dewi: Pengelola
            2. Lalu: Petugas pemeriksa
            3. Tidak jadi
        dewi: 2
        bot: Cabut peran Petugas pemeriksa dari Lalu?
            1. Ya, cabut
            2. Tidak jadi
        dewi: ya
        bot to lalu: Peran Petugas pemeriksa sudah dicabut.
        bot: Peran sudah dicabut.

            Ada lagi?
            1. Ya
            2. Selesai
        dewi: selesai
        bot: Baik. Ketik "peran" kapan saja.
        lalu: antrean
        bot: Pilih salah satu: ketik nomornya atau tekan tombolnya.

            Ada yang bisa dibantu?
            1. Daftar BPJS
            2. Tanya petugas
            3. Ganti bahasa
            4. Atur pesan dari kami
    """)
    trail = play.database.read(lambda db: list(db.exec(select(Audit))))
    assert [(row.action, row.facts["role"]) for row in trail] == [("took_role", "officer")]


def test_the_last_administrator_stays(play):
    staff(play, "dewi", "admin")
    play.say_all("dewi", ["peran", "cabut peran", "Dewi: Pengelola"])
    play("""
        dewi: ya
        bot: Itu pengelola terakhir, jadi tidak bisa dicabut. Tunjuk pengelola lain dulu.

            Yang bertugas sekarang:
            Dewi: Pengelola
            …
    """)


def test_two_administrators_cannot_take_the_role_from_each_other_at_once(play):
    staff(play, "dewi", "admin")
    staff(play, "rina", "admin")
    play.say_all("dewi", ["peran", "cabut peran", "Rina: Pengelola"])
    play.say_all("rina", ["peran", "cabut peran", "Dewi: Pengelola"])
    play.say_together([("dewi", "ya"), ("rina", "ya")])
    assert len(roles_of(play, "dewi") | roles_of(play, "rina")) == 1


def test_a_role_taken_by_another_is_noticed(play):
    staff(play, "dewi", "admin")
    staff(play, "rina", "admin")
    staff(play, "lalu", "officer")
    for admin in ("dewi", "rina"):
        play.say_all(admin, ["peran", "cabut peran", "Lalu: Petugas pemeriksa"])
    play.say("rina", "ya")
    assert play.say("dewi", "ya").startswith("bot: Peran itu sudah dicabut.")


def test_nobody_else_sees_the_roles(play):
    staff(play, "lalu", "officer")
    assert "Yang bertugas" not in play.say("lalu", "peran")
    assert "Atur peran" not in play.say("lalu", "menu")


def test_whoever_got_a_role_before_her_first_word_is_called_by_her_name_from_then_on(play):
    def appoint(db):
        now = play.clock.now()
        dewi = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id="dewi", now=now)
        people.ensure_role(db, association_id="main", person_id=dewi.person_id, role="admin", now=now)

    play.database.transact(appoint)
    play.say("dewi", "halo")
    holders = play.database.read(lambda db: people.role_holders(db, "main"))
    assert [holder.name for holder in holders] == ["Dewi"]


def test_after_five_wrong_codes_nothing_is_looked_up_for_ten_minutes(play):
    staff(play, "lalu", "admin")
    code = play.say_all("lalu", ["peran", "beri peran", "bendahara"]).rsplit("gabung ", 1)[1].split("\n")[0]
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    arrive(play, "rina")
    play.say("rina", f"gabung {wrong}")
    for _again in range(4):
        assert "Kode itu tidak berlaku." in play.say("rina", wrong)
    assert "Sudah terlalu banyak dicoba." in play.say("rina", code)
    play.say("rina", "[after 11 minutes]")
    assert "Selamat bertugas" in play.say("rina", f"gabung {code}")
