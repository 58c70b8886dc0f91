"""The menu, the status of dues and of registrations, and the language."""

from dataclasses import replace
from datetime import UTC, date, datetime

from domain.dues import Terms, Way
from domain.month import Month
from domain.rates import Funding, Programme
from storage.queries import charges
from tests.conversations.enrolled import alter, enrol, has_paid, registered_by, tell_payment
from tests.conversations.people import BUDI, arrive, begin, register, staff
from tests.storage.house import DECEMBER, JANUARY


def test_the_menu_leads_back_to_what_was_open(play):
    arrive(play, "siti")
    begin(play, "siti", "name")
    play("""
        siti: menu
        bot: Ada yang bisa dibantu?
            1. Lanjutkan pendaftaran
            2. Daftar BPJS
            3. Tanya petugas
            4. Ganti bahasa
            5. Atur pesan dari kami
        siti: 1
        bot: Kita lanjutkan: pendaftaran.

            (3/14) Nama lengkap seperti di KTP?
        siti: 0
        bot: …
        siti: daftar bpjs
        bot: Kita lanjutkan: pendaftaran.

            (3/14) Nama lengkap seperti di KTP?
    """)


def test_the_menu_of_somebody_whose_registration_came_back(play):
    staff(play, "lalu", "officer")
    register(play, "siti")
    play.say_all("lalu", ["antrean", "minta perbaikan", "nama", "belum lengkap"])
    play("""
        siti: menu
        bot: Ada yang bisa dibantu?
            1. Perbaiki pendaftaran
            2. Daftar BPJS
            3. Lihat status
            4. Tanya petugas
            5. Ganti bahasa
            6. Atur pesan dari kami
        siti: 3
        bot: P-2026-0001: ada yang perlu diperbaiki. Ketik "perbaiki".
        siti: menu
        bot: …
        siti: perbaiki
        bot: Pendaftaran P-2026-0001, yang perlu diperbaiki: Nama. Belum lengkap.

            Nama lengkap seperti di KTP?
    """)


def test_the_status_from_the_beginning_to_the_approval(play):
    staff(play, "lalu", "officer")
    arrive(play, "siti")
    play("""
        siti: status
        bot: Belum ada pendaftaran yang dikirim. Untuk mendaftar, ketik "daftar".
    """)
    begin(play, "siti", "review")
    play.say("siti", "kirim")
    play.say_all("lalu", ["antrean", "setujui"])
    play("""
        siti: status
        bot: Belum ada iuran yang harus dibayar.
            Berikutnya: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026.
            Mulai Januari 2027 Rp16.800 sebulan, kecuali ada aturan baru.
            P-2026-0001: sudah disetujui petugas, menunggu didaftarkan ke BPJS. Perlindungan belum berlaku.
    """)


def test_the_status_tells_of_the_latest_three(play):
    register(play, "siti")
    for serial in (3, 4, 5):
        nik = {"nik": [f"5271 0105 0587 000{serial}", "benar"]}
        whom = ["orang lain", "sesama pedagang", "sudah setuju"]
        begin(play, "siti", "review", **{**BUDI, **nik, "whom": whom})
        play.say("siti", "kirim")
    play("""
        siti: status
        bot: P-2026-0004: menunggu diperiksa petugas.
            P-2026-0003: menunggu diperiksa petugas.
            P-2026-0002: menunggu diperiksa petugas.
    """)


# ── dues ─────────────────────────────────────────────────────────────────────────────────────────────────────────

WAITS = "P-0001: sudah disetujui petugas, menunggu didaftarkan ke BPJS. Perlindungan belum berlaku."


def on(play, month: int, day: int, year: int = 2026) -> None:
    """It is ten in the morning of that day in Mataram."""
    play.clock.moment = datetime(year, month, day, 2, 0, tzinfo=UTC)


def test_what_is_due_is_told_with_its_day_and_the_next_price(play):
    enrol(play, "siti")
    on(play, 12, 5)
    play(f"""
        siti: status
        bot: Perlu dibayar: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026. Ketik "bayar".
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 15 Januari 2027.
            {WAITS}
    """)
    on(play, 12, 15)
    assert "Perlu dibayar" in play.say("siti", "status")
    on(play, 12, 16)
    play(f"""
        siti: status
        bot: Belum dibayar: Rp8.400 untuk Desember 2026. Ketik "bayar".
            Selama belum lunas, perlindungan tidak bisa dipastikan.
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 15 Januari 2027.
            {WAITS}
    """)


def test_in_arrears_nothing_is_promised_and_the_days_are_counted(play):
    enrol(play, "siti", first=Month(2026, 9))
    play(f"""
        siti: status
        bot: Belum dibayar: Rp25.200 untuk September–November 2026. Ketik "bayar".
            Selama belum lunas, perlindungan tidak bisa dipastikan. \
Kepesertaan bisa berakhir 30 November 2026 (8 hari lagi).
            Berikutnya: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026.
            Mulai Januari 2027 Rp16.800 sebulan, kecuali ada aturan baru.
            {WAITS}
    """)
    on(play, 11, 30)
    assert "Kepesertaan bisa berakhir hari ini." in play.say("siti", "status")
    on(play, 12, 1)
    assert "Tunggakan sudah 3 bulan atau lebih: kepesertaan bisa berakhir." in play.say("siti", "status")


def test_a_payment_that_waits_is_told_and_nobody_is_asked_to_pay_twice(play):
    enrol(play, "siti")
    on(play, 12, 5)
    tell_payment(play, "siti", DECEMBER)
    play(f"""
        siti: status
        bot: Perlu dibayar: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026.
            Pembayaran B-2026-0001 sebesar Rp8.400 menunggu diperiksa petugas.
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 15 Januari 2027.
            {WAITS}
    """)
    for _again in range(2):
        tell_payment(play, "siti", JANUARY)
    told = play.say("siti", "status")
    assert "3 pembayaran menunggu diperiksa petugas." in told
    assert "Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027." in told


def test_what_was_paid_to_the_association_is_on_its_way_and_what_is_left_of_it_is_counted(play):
    enrol(play, "siti")
    has_paid(play, "siti", 30_000, DECEMBER, JANUARY)
    play(f"""
        siti: status
        bot: Iuran lunas sampai Januari 2027.
            Iuran sampai Januari 2027 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp12.000 untuk Februari 2027, paling lambat 15 Februari 2027.
            Titipan Rp4.800 sudah dikurangkan di sini.
            {WAITS}
    """)


def test_what_bpjs_has_is_told_and_no_more_than_that(play):
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER, way=Way.BPJS)
    play("""
        siti: status
        bot: Iuran lunas sampai Desember 2026.
            Iuran sudah masuk ke BPJS sampai Desember 2026. \
Tanggal perlindungan belum dikabarkan BPJS; cek di JMO atau 175.
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 15 Januari 2027.
    """)
    alter(play, "siti", protected_until=date(2027, 1, 9))
    play("""
        siti: status
        bot: Iuran lunas sampai Desember 2026.
            Perlindungan menurut BPJS sampai 9 Januari 2027.
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 9 Januari 2027.
    """)
    on(play, 1, 10, 2027)
    assert "menurut BPJS" not in play.say("siti", "status")


def test_last_month_at_bpjs_and_this_one_open(play):
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER, way=Way.BPJS)
    on(play, 1, 5, 2027)
    play(f"""
        siti: status
        bot: Perlu dibayar: Rp16.800 untuk Januari 2027, paling lambat 15 Januari 2027. Ketik "bayar".
            Iuran sudah masuk ke BPJS sampai Desember 2026.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            {WAITS}
    """)


def test_whom_the_government_pays_is_sent_to_bpjs(play):
    enrol(play, "siti", hers=Terms(1, (Programme.JKK, Programme.JKM), funding=Funding.GOVERNMENT))
    play(f"""
        siti: status
        bot: Belum ada iuran yang harus dibayar.
            Iuran BPJS dibayar pemerintah. Cek perlindungan di JMO atau 175.
            {WAITS}
    """)


def test_whoever_lapsed_is_told_the_way_back(play):
    enrol(play, "siti", first=Month(2026, 6))
    now = play.clock.now()
    play.database.transact(lambda db: [charges.charge_month(db, "main", Month(2026, n), now=now) for n in range(6, 11)])
    play.database.transact(lambda db: charges.lapse(db, "main", Month(2026, 10), now=now))
    play("""
        siti: status
        bot: Lebih dari 3 bulan belum dibayar, jadi iuran dan tunggakan lama tidak ditagih lagi.
            Perlindungan tidak bisa dipastikan. Mau ikut lagi? Ketik "bayar".
    """)


def test_whoever_left_is_told_of_her_money(play):
    enrol(play, "siti")
    has_paid(play, "siti", 10_000)
    alter(play, "siti", status="left")
    play("""
        siti: status
        bot: Bapak/Ibu sudah tidak tercatat sebagai anggota.
            Titipan Rp10.000 diurus bendahara.
    """)


def test_whoever_registered_others_sees_one_line_for_each(play):
    enrol(play, "amat", "budi", "cici", "dedi", "eni")
    for who in ("budi", "cici", "dedi", "eni"):
        registered_by(play, who, "amat")
    has_paid(play, "budi", 8400, DECEMBER)
    on(play, 12, 5)
    tell_payment(play, "cici", DECEMBER)
    alter(play, "eni", status="left")
    play("""
        amat: status
        bot: Perlu dibayar: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026. Ketik "bayar".
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), \
paling lambat 15 Januari 2027.
            Budi: lunas sampai Desember 2026.
            Cici: pembayaran menunggu diperiksa petugas.
            Dedi: belum dibayar Rp8.400 (Desember 2026).
            P-0001: sudah disetujui petugas, menunggu didaftarkan ke BPJS. Perlindungan belum berlaku.
        budi: status
        bot: Iuran lunas sampai Desember 2026.
            …
    """)


def test_of_many_whom_somebody_registered_the_first_are_told(play):
    arrive(play, "amat")
    names = [f"m{letter}" for letter in "abcdefghij"]
    enrol(play, *names)
    for who in names:
        registered_by(play, who, "amat")
    told = play.say("amat", "status").splitlines()
    assert told[0] == "bot: Ma: belum ada yang harus dibayar."
    assert told[8:] == ["    dan 2 orang lagi"]


def test_the_language_changes_at_once_and_in_the_middle(play):
    arrive(play, "siti")
    begin(play, "siti", "name")
    play("""
        siti: bahasa
        bot: Pilih bahasa / choose a language:
            1. Bahasa Indonesia
            2. English
        siti: english
        bot: Let us go on: registration.

            (3/14) Full name as on the KTP?
        siti: menu
        bot: …
        siti: change language
        bot: …
        siti: id
        bot: Kita lanjutkan: pendaftaran.

            (3/14) Nama lengkap seperti di KTP?
    """)


def test_changing_the_language_with_nothing_open_is_answered_too(play):
    arrive(play, "siti")
    play.say_all("siti", ["bahasa"])
    assert play.say("siti", "2").startswith("bot: How can I help?")


def test_a_language_learned_from_the_app_is_spoken_from_the_first_word(play):
    play.send(replace(play.incoming("siti", "hello"), language="en-GB"))
    assert play.heard("siti")[0].startswith("bot: Welcome to Asosiasi Contoh.")


def test_officers_are_told_in_the_last_month_before_a_rate_changes(play):
    staff(play, "lalu", "officer")
    play.clock.moment = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    assert "berubah" not in play.say("lalu", "menu")
    play.clock.moment = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    told = "Iuran JKK + JKM terendah berubah mulai Januari 2027: dari Rp8.400 menjadi Rp16.800"
    assert told in play.say("lalu", "menu")
    play.clock.moment = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
    assert "berubah" not in play.say("lalu", "menu")


def test_vendors_are_not(play):
    arrive(play, "siti")
    play.clock.moment = datetime(2026, 12, 20, 0, 0, tzinfo=UTC)
    assert "berubah" not in play.say("siti", "menu")
