"""The menu, the status of a registration, and the language."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.conversations.people import BUDI, arrive, begin, register, staff


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
        bot: P-2026-0001: sudah disetujui petugas, menunggu didaftarkan ke BPJS. Perlindungan belum berlaku.
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
