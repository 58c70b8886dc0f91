"""Talking to a human."""

import pytest

from storage.queries import tickets
from tests.conversations.people import arrive, begin, staff

ASKED = """
    siti: petugas
    bot: Tulis pertanyaan Bapak/Ibu dalam satu pesan, nanti petugas menjawab di sini.
        Kecelakaan kerja? Lapor paling lambat 2x24 jam ke 175 atau kantor cabang BPJS Ketenagakerjaan.
    siti: Kapan kartunya jadi?
        Sudah dua minggu.
    bot to lalu: Ada pertanyaan menunggu: T-2026-0001. Ketik "tiket" untuk menjawab.
        [Buka]
    bot: Sudah kami teruskan ke petugas, nomor T-2026-0001. Jawabannya datang di sini.
"""


def test_a_question_reaches_an_officer_and_the_answer_comes_back(play):
    staff(play, "lalu", "officer")
    arrive(play, "siti")
    play(ASKED)
    play("""
        lalu: [tap Buka]
        bot: T-2026-0001, Siti (bertanya):
            Kapan kartunya jadi?
            Sudah dua minggu.

            Tulis jawabannya, atau pilih:
            1. Tutup tanpa jawaban
            2. Nanti saja
        lalu: Minggu depan, Bu.
        bot to siti: Jawaban petugas untuk T-2026-0001:
            Minggu depan, Bu.
        bot: Jawaban kami kirim begitu bisa. Ketik "tiket" untuk pertanyaan berikutnya.
        lalu: tiket
        bot: Tidak ada pertanyaan yang menunggu.
    """)


@pytest.mark.parametrize("said", ["Minggu depan.", "1", "[tap Tutup tanpa jawaban]", "nanti saja"])
def test_a_question_is_answered_once(play, said):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    arrive(play, "siti")
    play.say_all("siti", ["petugas", "Kapan kartunya jadi?"])
    play.say("lalu", "tiket")
    play.say("dewi", "tiket")
    play.say("lalu", "Besok.")
    assert play.say("dewi", said) == "bot: Pertanyaan itu sudah dijawab petugas lain."


def test_of_two_officers_who_answer_together_one_is_told(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    arrive(play, "siti")
    play.say_all("siti", ["petugas", "Kapan kartunya jadi?"])
    play.say("lalu", "tiket")
    play.say("dewi", "tiket")
    answers = play.say_together([("lalu", "Besok."), ("dewi", "Lusa.")])
    assert answers.count("bot to siti: Jawaban petugas") == 1
    assert answers.count("Pertanyaan itu sudah dijawab petugas lain.") == 1


def test_a_question_may_wait(play):
    staff(play, "lalu", "officer")
    arrive(play, "siti")
    play(ASKED)
    play("""
        lalu: tiket
        bot: …
        lalu: nanti saja
        bot: Baik, dibiarkan menunggu.

            Tidak ada pertanyaan lain yang menunggu.
        lalu: menu
        bot: Ada yang bisa dibantu?
            1. Periksa pembayaran (0)
            2. Periksa pendaftaran (0)
            3. Jawab pertanyaan (1)
            4. Data anggota
            5. Pengumuman
            6. Daftar BPJS
            7. Tanya petugas
            8. Ganti bahasa
            9. Lihat berikutnya
    """)


def test_a_nik_in_a_question_is_hidden_from_whoever_reads_it(play):
    staff(play, "lalu", "officer")
    arrive(play, "siti")
    play.say_all("siti", ["petugas", "NIK saya 5271 0145 0587 0001, telepon 0812 0000 0001, kok salah?"])
    assert "NIK saya ••••0001, telepon 0812 0000 0001, kok salah?" in play.say("lalu", "tiket")


def test_who_is_stuck_gets_an_officer_once(play):
    staff(play, "lalu", "officer")
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: 5271 0145
        bot: NIK itu 16 angka, yang diketik 8 angka. Coba ketik lagi.

            (2/14) Lihat KTP, baris NIK di atas nama. Ketik semua angkanya.
        siti: 5271 0145
        bot: NIK itu 16 angka, yang diketik 8 angka. Coba ketik lagi.

            Contoh NIK: 5271 0145 0587 0002.

            (2/14) Ketik 16 angka NIK di KTP.
        siti: 5271 0145
        bot: NIK itu 16 angka, yang diketik 8 angka. Coba ketik lagi.

            Belum berhasil juga, tidak apa-apa. Mau bagaimana?
            1. Coba lagi
            2. Kembali
            3. Dibantu petugas
        siti: 5271 0145 0587 00011
        bot to lalu: Ada pertanyaan menunggu: T-2026-0001. Ketik "tiket" untuk menjawab.
            [Buka]
        bot: NIK itu 16 angka, yang diketik 17 angka. Coba ketik lagi.

            Petugas sudah kami beri tahu dan akan membantu Bapak/Ibu. Boleh dicoba lagi sambil menunggu.

            (2/14) Ketik 16 angka NIK di KTP.
    """)
    for _again in range(8):
        assert "bot to lalu" not in play.say("siti", "5271 0145")
    assert play.database.read(lambda db: tickets.count_open(db, "main")) == 1
    play("""
        lalu: tiket
        bot: T-2026-0001, Siti (kesulitan saat mengisi):
            Ketik 16 angka NIK di KTP. → ••••0011

            Tulis jawabannya, atau pilih:
            1. Tutup tanpa jawaban
            2. Nanti saja
    """)


def test_the_ways_out_when_stuck(play):
    arrive(play, "siti")
    begin(play, "siti", "phone")
    play.say_all("siti", ["12", "12"])
    play("""
        siti: 12
        bot: Itu belum seperti nomor HP. Contoh: 0812 3456 7890.

            Belum berhasil juga, tidak apa-apa. Mau bagaimana?
            1. Coba lagi
            2. Lewati
            3. Kembali
            4. Dibantu petugas
        siti: coba lagi
        bot: (6/14) Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".
            [Bagikan nomor saya]
            [Lewati]
        siti: 12
        bot: …
        siti: 12
        bot: …
        siti: 12
        bot: …
        siti: kembali ke pertanyaan sebelumnya
        bot: (5/14) Nama ibu kandung? BPJS memakainya untuk memastikan orangnya benar.
        siti: Inaq Rahmah
        bot: …
        siti: 12
        bot: …
        siti: 12
        bot: …
        siti: 12
        bot: …
        siti: lewati
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            …
    """)


def test_asking_a_human_in_the_middle_loses_nothing(play):
    arrive(play, "siti")
    begin(play, "siti", "mother")
    play.say_all("siti", ["petugas"])
    play("""
        siti: Nama ibu yang mana?
        bot: Sudah kami teruskan ke petugas, nomor T-2026-0001. Jawabannya datang di sini.

            Kita lanjutkan: pendaftaran.

            (5/14) Nama ibu kandung? BPJS memakainya untuk memastikan orangnya benar.
    """)
