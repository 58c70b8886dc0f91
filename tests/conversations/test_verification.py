"""Officers verify registrations; vendors repair what was sent back."""

from typing import Any

import pytest
from sqlmodel import select

from conversations.registration import registration
from domain.nik import Nik
from storage.queries import applications, audit, members
from storage.sealed import bound, keys
from storage.tables import Application, Audit, Document, Heir, Member, Terms
from tests.conftest import sqlite_only
from tests.conversations.people import ANSWERS, BUDI, RINA, begin, register, staff
from tests.conversations.test_registration import CHANGES, CHAPTERS, TITLES
from tests.transcript import Player

LOOK = """
    {who}: antrean
    bot: {number}
        …
"""


def look(play: Player, who: str, number: str) -> None:
    """The officer asks for the queue, and gets this application."""
    play(LOOK.format(who=who, number=number))


def application(play: Player, number: str) -> Application:
    """The application of that number."""
    return play.database.read(lambda db: db.exec(select(Application).where(Application.number == number)).one())


def everybody(play: Player, table: type[Any]) -> list[Any]:
    """Every row of a table."""
    return play.database.read(lambda db: list(db.exec(select(table).order_by(table.id))))


def trail(play: Player) -> list[tuple[str, dict[str, Any]]]:
    """What the audit trail tells."""
    return [(row.action, row.facts) for row in everybody(play, Audit)]


# ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_came_first_is_looked_at_first(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    play.say("siti", "[after 5 minutes]")
    register(play, "budi", **BUDI)
    look(play, "lalu", "P-2026-0001")
    play("""
        lalu: setujui
        bot to siti: Kabar baik: pendaftaran P-2026-0001 disetujui petugas.
            Berikutnya data didaftarkan ke BPJS. Perlindungan belum berlaku sebelum terdaftar dan iuran pertama dibayar.
        bot: P-2026-0001 disetujui.

            Lanjut ke pendaftaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: ya
        bot: P-2026-0002
            …
        lalu: [tap Setujui]
        bot to budi: …
        bot: P-2026-0002 disetujui.
            …
        lalu: berikutnya
        bot: Antrean kosong. Terima kasih.
    """)


def test_days_later_the_word_for_the_queue_brings_the_next_one(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "setujui"])
    play.say("lalu", "[after 9 days]")
    register(play, "budi", **BUDI)
    look(play, "lalu", "P-2026-0002")


def test_what_one_officer_holds_another_does_not_get_until_the_claim_expires(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    register(play, "siti")
    register(play, "budi", **BUDI)
    look(play, "lalu", "P-2026-0001")
    look(play, "dewi", "P-2026-0002")
    play.say("dewi", "tolak")
    play.say_all("dewi", ["sudah terdaftar", "ya"])
    play("""
        dewi: antrean
        bot: Antrean kosong. Terima kasih.
        dewi: [after 16 minutes]
    """)
    look(play, "dewi", "P-2026-0001")
    play("""
        lalu: setujui
        bot: P-2026-0001 sedang diperiksa Dewi.

            Lanjut ke pendaftaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        dewi: setujui
        bot to siti: …
        bot: P-2026-0001 disetujui.
            …
    """)


def test_an_application_that_is_put_off_goes_back_to_the_queue_and_the_next_one_comes(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    register(play, "budi")
    look(play, "lalu", "P-2026-0001")
    play("""
        lalu: nanti saja
        bot: Baik, P-2026-0001 kembali ke antrean.

            Lanjut ke pendaftaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: 1
        bot: P-2026-0002
            …
        lalu: nanti saja
        bot: …
        lalu: antrean
        bot: Antrean kosong. Terima kasih.
    """)
    assert "P-2026-0001" in play.say("lalu", "antrean")


def test_officers_hear_of_every_registration_that_waits(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "admin")
    register(play, "siti")
    assert play.said[-1].splitlines()[:2] == [
        'bot to lalu: Ada pendaftaran menunggu: P-2026-0001. Ketik "antrean" untuk memeriksa.',
        "    [Buka]",
    ]
    play("""
        lalu: [tap Buka]
        bot: P-2026-0001
            …
    """)


def test_nobody_verifies_his_own_registration_or_one_that_he_sent_in(play):
    register(play, "lalu", **RINA)
    begin(play, "lalu", "review", whom=["orang lain", "sesama pedagang", "sudah setuju"], **BUDI)
    play.say("lalu", "benar")
    play.grant("lalu", "officer")
    play("""
        lalu: antrean
        bot: Antrean kosong. Terima kasih.
    """)
    staff(play, "dewi", "officer")
    look(play, "dewi", "P-2026-0001")


# ── approving ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_approved_becomes_a_member_with_sealed_identifiers_and_heirs(play):
    staff(play, "lalu", "officer")
    register(play, "siti", heirs=["Ahmad Fauzi", "suami", "lagi", "Nur Aini", "anak", "cukup"])
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "setuju")

    (member,) = everybody(play, Member)
    siti = play.database.read(lambda db: play.person(db, "siti"))
    assert (member.person_id, member.name, member.nik_end) == (siti, "Siti Aminah", "0001")
    assert (member.regency, member.district, member.village, member.home) == (
        "5271",
        "527101",
        "5271011013",
        "Jalan Mawar 3, RT 02",
    )
    (terms,) = everybody(play, Terms)
    assert (terms.tier, terms.programmes, terms.sector, terms.funding) == (1, "JKK JKM", "other", "self")
    assert (member.first_month, terms.from_month) == ("2026-12", "2026-12")
    sealed = f"{member.nik_sealed} {member.mother_sealed} {member.phone_sealed} {member.nik_index}"
    assert not any(word in sealed for word in ("5271014505870001", "Inaq Rahmah", "81200000001"))
    found = play.database.read(lambda db: members.find_by_nik(db, "main", Nik("5271014505870001")))
    assert found is not None
    assert found.id == member.id
    assert members.nik_of(found).digits == "5271014505870001"
    opened = {
        name: keys().open(sealed, bound_to=bound("main", "member", name, member.id)).decode()
        for name, sealed in (("mother", member.mother_sealed), ("phone", member.phone_sealed))
    }
    assert opened == {"mother": "Inaq Rahmah", "phone": "+6281200000001"}
    assert sorted(
        (keys().open(heir.name_sealed, bound_to=bound("main", "heir", "name", heir.id)).decode(), heir.relation)
        for heir in everybody(play, Heir)
    ) == [("Ahmad Fauzi", "spouse"), ("Nur Aini", "child")]
    assert trail(play) == [("verify", {})]


def test_a_member_from_outside_ntb_keeps_the_names_that_she_typed(play):
    staff(play, "lalu", "officer")
    register(play, "siti", home=["luar", "denpasar", "Denpasar Barat", "Padangsambian", "Gang Melati 4"])
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "setujui")
    (member,) = everybody(play, Member)
    assert (member.regency, member.district, member.village) == ("5171", "", "")
    assert member.home == "Gang Melati 4, Padangsambian, Denpasar Barat"


def test_a_second_member_with_the_same_nik_cannot_be_approved(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "setujui")
    register(play, "budi", name=["Budi Santoso"])
    play.say("lalu", "berikutnya")
    assert "Perlu dilihat: NIK sama dengan pendaftaran lain" in play.said[-1]
    play("""
        lalu: setujui
        bot: NIK ini sudah dipakai anggota lain, jadi belum bisa disetujui. Tolak, atau minta perbaikan.

            P-2026-0002
            …
    """)
    assert len(everybody(play, Member)) == 1


# ── sending back and repairing ───────────────────────────────────────────────────────────────────────────────────


REPAIRS = {  # what was asked for cannot be left out again
    "heirs": (["Nur Aini", "anak", "cukup"], "Ahli waris: Nur Aini (Anak)"),
    "ktp": (["nanti", "[photo]"], "Foto KTP: sudah dikirim"),
}


@pytest.mark.parametrize("chapter", CHAPTERS[1:])
@sqlite_only
def test_only_the_chapter_that_was_sent_back_is_asked_again(play, chapter):
    staff(play, "lalu", "officer")
    register(play, "siti")
    register(play, "budi", **BUDI)
    look(play, "lalu", "P-2026-0001")
    title = TITLES[chapter]
    lines, shown = REPAIRS.get(chapter) or CHANGES[chapter]
    play.say_all("lalu", ["minta perbaikan", title])
    play(f"""
        lalu: belum lengkap
        bot to siti: Pendaftaran P-2026-0001 hampir selesai. Tolong perbaiki satu hal: {title}. Belum lengkap.
            Ketik "perbaiki".
            [Perbaiki sekarang]
        bot: P-2026-0001 dikembalikan ke pendaftar.
            …
        siti: [tap Perbaiki sekarang]
        bot: Pendaftaran P-2026-0001, yang perlu diperbaiki: {title}. Belum lengkap.
            …
    """)
    assert play.say_all("siti", lines).startswith(f"bot: Sudah diganti.\n\n    {shown}. Kirim perbaikan ini?")
    play("""
        siti: ya
        bot to lalu: Ada pendaftaran menunggu: P-2026-0001. Ketik "antrean" untuk memeriksa.
            [Buka]
        bot: Terima kasih. Pendaftaran P-2026-0001 kembali ke petugas, nomornya tetap sama.
    """)
    play.say("lalu", "cukup")
    look(play, "lalu", "P-2026-0001")  # before Budi, who came later
    assert shown in play.said[-1]
    events = play.database.read(lambda db: applications.history(db, application(play, "P-2026-0001")))
    assert [(event.event, event.facts) for event in events] == [
        ("submit", {}),
        ("send_back", {"chapter": chapter}),
        ("repair", {"chapter": chapter}),
    ]


@sqlite_only
def test_a_repair_changes_nothing_else(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    before = applications.answers_of(application(play, "P-2026-0001"))
    look(play, "lalu", "P-2026-0001")
    play.say_all("lalu", ["minta perbaikan", "nama", "Namanya kurang lengkap"])
    play("""
        siti: perbaiki
        bot: Pendaftaran P-2026-0001, yang perlu diperbaiki: Nama. Namanya kurang lengkap

            Nama lengkap seperti di KTP?
        siti: ubah
        bot: Belum ada jawaban yang bisa diubah.

            Nama lengkap seperti di KTP?
        siti: Siti Aminah Rahman
        bot: Sudah diganti.

            Nama: Siti Aminah Rahman. Kirim perbaikan ini?
            1. Ya, kirim
            2. Belum, ulangi
        siti: belum
        bot: …
        siti: Siti Aminah Putri
        bot: …
        siti: kirim
        bot to lalu: …
        bot: Terima kasih. Pendaftaran P-2026-0001 kembali ke petugas, nomornya tetap sama.
        siti: perbaiki
        bot: Tidak ada yang perlu diperbaiki. Ketik "status" untuk melihat pendaftaran.
    """)
    after = applications.answers_of(application(play, "P-2026-0001"))
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"name", "argument"}


def test_pressing_repair_again_in_the_middle_loses_nothing(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say_all("lalu", ["minta perbaikan", "alamat", "belum lengkap"])
    play.say_all("siti", ["[tap Perbaiki sekarang]", "lombok barat"])
    play("""
        siti: [tap Perbaiki sekarang]
        bot: Kita lanjutkan: perbaikan pendaftaran.

            Kecamatan apa? Boleh ketik namanya.
            …
    """)


def test_a_repaired_nik_is_doubted_anew(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    register(play, "budi")
    assert application(play, "P-2026-0002").doubts == ["duplicate_nik"]
    look(play, "lalu", "P-2026-0001")
    play.say_all("lalu", ["setuju", "berikutnya", "minta perbaikan", "nik", "belum sama dengan ktp"])
    play.say_all("budi", ["perbaiki", "5271 0105 0587 0002", "benar", "ya"])
    assert application(play, "P-2026-0002").doubts == []
    play.say("lalu", "berikutnya")
    assert "disetujui" in play.say("lalu", "setuju")


def test_a_reason_is_read_in_the_language_of_who_reads_it(play):
    staff(play, "lalu", "officer")
    play.say_all("lalu", ["bahasa", "english"])
    register(play, "siti")
    play.say("lalu", "queue")
    play.say_all("lalu", ["refuse"])
    play("""
        lalu: 2
        bot: Refuse P-2026-0001 for this reason: The data does not match the KTP.
            …
        lalu: 1
        bot to siti: Maaf, pendaftaran P-2026-0001 belum bisa diterima. Data tidak sesuai KTP.
            Ada pertanyaan? Ketik "petugas".
        bot: P-2026-0001 is refused.
            …
    """)


def test_a_refusal_tells_the_reason_and_leaves_the_way_open(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play("""
        lalu: tolak
        bot: Alasannya? Pilih, atau ketik sendiri. Pendaftar akan membacanya.
            1. Sudah terdaftar.
            2. Data tidak sesuai KTP.
            3. Bukan anggota asosiasi.
            4. Tidak jadi
        lalu: tidak jadi
        bot: P-2026-0001
            …
        lalu: tolak
        bot: …
        lalu: Belum punya lapak
        bot: Tolak P-2026-0001 dengan alasan: Belum punya lapak
            1. Ya, tolak
            2. Ganti alasan
            3. Tidak jadi
        lalu: ya
        bot to siti: Maaf, pendaftaran P-2026-0001 belum bisa diterima. Belum punya lapak
            Ada pertanyaan? Ketik "petugas".
        bot: P-2026-0001 ditolak.
            …
        siti: status
        bot: P-2026-0001: belum bisa diterima. Belum punya lapak
        siti: daftar
        bot: (1/14) Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?
            …
        siti: 1
        bot: (2/14) Ketik 16 angka NIK di KTP.
    """)
    assert trail(play) == [("refuse", {})]


# ── two officers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_officers_who_open_the_queue_together_each_gets_another_application(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    register(play, "siti")
    register(play, "budi", **BUDI)
    answers = play.say_together([("lalu", "antrean"), ("dewi", "antrean")])
    assert sorted(word for word in answers.split() if word.startswith("P-2026")) == ["P-2026-0001", "P-2026-0002"]


def test_of_two_officers_who_decide_together_one_wins_and_the_other_is_told_who(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "[after 16 minutes]")  # now both have it on their screens
    look(play, "dewi", "P-2026-0001")
    play.say("dewi", "[after 16 minutes]")
    answers = play.say_together([("lalu", "[tap Setujui]"), ("dewi", "[tap Setujui]")])

    assert len(everybody(play, Member)) == 1
    assert answers.count("bot to siti: Kabar baik") == 1
    winner = "Lalu" if "bot to lalu: P-2026-0001 disetujui." in answers else "Dewi"
    loser = "dewi" if winner == "Lalu" else "lalu"
    assert f"bot to {loser}: P-2026-0001 sudah disetujui oleh {winner}." in answers
    assert trail(play) == [("verify", {})]


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        (["setujui"], "P-2026-0001 sudah disetujui oleh Dewi."),
        (["tolak", "1", "ya"], "P-2026-0001 sudah ditolak oleh Dewi."),
        (["minta perbaikan", "nama", "1"], "P-2026-0001 sudah dikembalikan oleh Dewi."),
    ],
)
@pytest.mark.parametrize("said", ["1", "entah", "[tap Tolak]", "[photo]"])
@sqlite_only
def test_whatever_the_slower_officer_says_he_is_told_who_was_faster(play, deeds, told, said):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "[after 16 minutes]")
    look(play, "dewi", "P-2026-0001")
    play.say_all("dewi", deeds)
    assert told in play.say("lalu", said)


@pytest.mark.parametrize("way", [["minta perbaikan", "nama"], ["tolak"], ["lihat nik lengkap"]])
def test_an_officer_halfway_through_is_told_as_well(play, way):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say("lalu", "[after 10 minutes]")
    play.say_all("lalu", way)
    play.say("lalu", "[after 10 minutes]")
    look(play, "dewi", "P-2026-0001")
    play.say("dewi", "setujui")
    assert "P-2026-0001 sudah disetujui oleh Dewi." in play.say("lalu", "Karena perlu dilihat")


# ── roles and traces ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_who_loses_the_role_sees_nothing_more(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "admin")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say_all("dewi", ["peran", "cabut peran", "Lalu: Petugas pemeriksa", "ya"])
    answers = [
        play.say("lalu", said)
        for said in ("1", "[tap Setujui]", "[tap Lihat foto KTP]", "antrean", "lanjutkan", "[tap Buka]")
    ]
    assert answers[0].startswith("bot: Tugas ini sekarang bukan untuk Bapak/Ibu lagi.")
    assert not any("P-2026" in answer or "[photo]" in answer for answer in answers)
    assert application(play, "P-2026-0001").status == "submitted"


def test_nothing_of_a_lost_role_comes_up_again_from_below(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "admin")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say_all("lalu", ["daftar", "1"])
    play.say_all("dewi", ["peran", "cabut peran", "Lalu: Petugas pemeriksa", "ya"])
    play("""
        lalu: 5271 0105 0587 0002
        bot: Tugas ini sekarang bukan untuk Bapak/Ibu lagi.

            Kita lanjutkan: pendaftaran.

            (2/14) Ketik 16 angka NIK di KTP.
        lalu: batal
        bot: …
        lalu: ya
        bot: Sudah dibatalkan. Berubah pikiran? Ketik "urungkan" sebelum besok jam segini.

            Ada yang bisa dibantu?
            …
    """)


def test_every_look_at_the_photo_leaves_a_trace_and_nothing_shows_it_again(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play("""
        lalu: lihat foto ktp
        bot: [photo] Foto KTP P-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pendaftaran
        lalu: hmm
        bot: Pilih salah satu: ketik nomornya atau tekan tombolnya.

            Foto KTP P-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pendaftaran
        lalu: bantuan
        bot: …
        lalu: 1
        bot: P-2026-0001
            …
        lalu: 4
        bot: [photo] Foto KTP P-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pendaftaran
    """)
    assert trail(play) == [("saw_ktp", {}), ("saw_ktp", {})]
    assert "lalu: bantuan" in play.said
    assert "[photo]" not in play.said[play.said.index("lalu: bantuan") + 1]


def test_without_a_photo_there_is_nothing_to_look_at(play):
    staff(play, "lalu", "officer")
    register(play, "siti", ktp=["nanti"])
    play("""
        lalu: antrean
        bot: P-2026-0001
            …
            Foto KTP: nanti
            Perlu dilihat: foto KTP belum ada
            1. Setujui
            2. Minta perbaikan
            3. Tolak
            4. Lihat NIK lengkap
            5. Nanti saja
    """)
    assert everybody(play, Document) == []


def test_the_whole_nik_is_shown_for_a_reason_and_the_reason_is_kept(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play("""
        lalu: lihat nik lengkap
        bot: Untuk apa NIK lengkapnya? Alasannya dicatat.
            1. Tidak jadi
        lalu: tidak jadi
        bot: P-2026-0001
            …
        lalu: 5
        bot: …
        lalu: ?
        bot: Tolong diketik dengan kata-kata.

            Untuk apa NIK lengkapnya? Alasannya dicatat.
            1. Tidak jadi
        lalu: Mencocokkan dengan KTP 5271 0145 0587 0001
        bot: NIK P-2026-0001: 5271014505870001

            P-2026-0001
            …
    """)
    assert trail(play) == [("saw_nik", {"purpose": "Mencocokkan dengan KTP ••••0001"})]


def test_the_trail_tells_when_somebody_tampers_with_it(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    look(play, "lalu", "P-2026-0001")
    play.say_all("lalu", ["4", "1", "setuju"])
    rows = everybody(play, Audit)
    assert [row.place for row in rows] == [1, 2]
    assert rows[1].previous_hash == rows[0].hash
    assert play.database.read(lambda db: audit.first_break(db, "main")) is None
    rows[0].action = "saw_nothing"
    assert audit.hash_of(rows[0]) != rows[0].hash


def test_every_doubt_has_words_for_the_officer():
    from conversations.application_words import DOUBTS
    from domain.nik import Doubt

    assert set(DOUBTS) == {str(doubt) for doubt in Doubt} | {"ktp_missing", "duplicate_nik"}


def test_every_chapter_that_an_officer_may_send_back_can_be_changed_in_these_tests():
    assert list(CHANGES) == [chapter.name for chapter in registration.chapters] == list(ANSWERS)
