"""Whole registrations, as vendors hold them."""

from typing import Any

import pytest
from sqlmodel import select

from conversations.registration import registration
from conversations.welcome import VERSION
from storage.queries import applications, consents, documents, tickets
from storage.tables import Application, Consent
from tests.conftest import sqlite_only
from tests.conversations.people import ANSWERS, BUDI, arrive, begin, register, staff
from tests.transcript import ACCOUNT, Player

CHAPTERS = [chapter.name for chapter in registration.chapters]


def sent_in(play: Player) -> list[Application]:
    """Every application, in the order of their numbers."""
    return play.database.read(lambda db: list(db.exec(select(Application).order_by(Application.number))))


def answers(play: Player, number: int = 0) -> dict[str, Any]:
    """What was answered in one application."""
    return applications.answers_of(sent_in(play)[number])


def agreed_to(play: Player, who: str) -> list[Consent]:
    """Every consent of one person."""
    return play.database.read(lambda db: consents.history(db, "main", play.person(db, who)))


def test_siti_registers_herself(play):
    play("""
        siti: halo
        bot: Selamat datang di Asosiasi Contoh. Saya penjawab otomatis, bukan orang. Saya bantu urusan BPJS \
            Ketenagakerjaan.
            Pilih bahasa / choose a language:
            1. Bahasa Indonesia
            2. English
        siti: 1
        bot: Untuk mengurus BPJS Ketenagakerjaan, Asosiasi Contoh perlu menyimpan: isi dan foto KTP, nama ibu, nomor \
            HP, pekerjaan, penghasilan, dan ahli waris.
            Yang melihat hanya petugas kami dan BPJS. Pesan di sini lewat server di luar negeri.
            Data boleh diminta, diperbaiki atau dihapus: ketik "petugas".
            Setuju datanya kami simpan?
            1. Setuju
            2. Tidak setuju
            3. Baca selengkapnya
        siti: setuju
        bot: Boleh kami ingatkan di sini sebelum iuran jatuh tempo?
            1. Ya, ingatkan saya
            2. Tidak usah
        siti: ya
        bot: Boleh kami kirim pengumuman dari asosiasi?
            1. Ya, boleh
            2. Tidak perlu
        siti: tidak perlu
        bot: Terima kasih. Kalau pilihan ini mau diganti, ketik "berhenti" atau "mulai".

            Ada yang bisa dibantu?
            1. Daftar BPJS
            2. Tanya petugas
            3. Ganti bahasa
            4. Atur pesan dari kami
        siti: 1
        bot: (1/14) Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?
            1. Saya sendiri
            2. Orang lain
        siti: [tap Saya sendiri]
        bot: (2/14) Ketik 16 angka NIK di KTP.
        siti: 5271 0145 0587 0001
        bot: (2/14) Menurut NIK: perempuan, lahir 5 Mei 1987. Benar?
            1. Benar
            2. Ulangi NIK
            3. Di KTP tertulis lain
        siti: benar
        bot: (3/14) Nama lengkap seperti di KTP?
        siti: siti aminah
        bot: (4/14) Tempat lahir seperti di KTP?
        siti: Mataram
        bot: (5/14) Nama ibu kandung? BPJS memakainya untuk memastikan orangnya benar.
        siti: Inaq Rahmah
        bot: (6/14) Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".
            [Bagikan nomor saya]
            [Lewati]
        siti: [my number 081200000001]
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            1. Kota Mataram
            2. Kota Bima
            3. Kabupaten Lombok Barat
            4. Kabupaten Lombok Tengah
            5. Kabupaten Lombok Timur
            6. Kabupaten Sumbawa
            7. Kabupaten Dompu
            8. Kabupaten Bima
            9. Lihat berikutnya
        siti: mataram
        bot: (7/14) Kecamatan apa? Boleh ketik namanya.
            1. Ampenan
            2. Mataram
            3. Cakranegara
            4. Sekarbela
            5. Selaparang
            6. Sandubaya
        siti: ampenn
        bot: Maksudnya "Ampenan"?
            1. Ya
            2. Bukan
        siti: iya
        bot: (7/14) Desa atau kelurahan apa? Boleh ketik namanya.
            1. Ampenan Selatan
            2. Ampenan Tengah
            3. Pejeruk
            4. Ampenan Utara
            5. Taman Sari
            6. Banjar
            7. Kebun Sari
            8. Pejarakan Karya
            9. Lihat berikutnya
        siti: bintaro
        bot: (7/14) Jalan atau dusun apa? Tulis juga RT/RW kalau ada.
        siti: Jalan Mawar 3, RT 02
        bot: (8/14) Jualan apa?
            1. Makanan atau minuman
            2. Kerajinan atau oleh-oleh
            3. Pakaian atau kain
            4. Mainan
            5. Rokok, tisu, koran
            6. Sayur atau buah
            7. Jualan lain
        siti: jualan lain
        bot: (8/14) Jualannya apa? Ketik saja.
        siti: mutiara
        bot: (9/14) Biasanya berjualan di mana?
        siti: Pantai Ampenan
        bot: (10/14) Biasanya berjualan jam berapa?
            1. Pagi sampai siang
            2. Siang sampai sore
            3. Sore sampai malam
            4. Seharian
            5. Tidak tentu
        siti: empat
        bot: (11/14) Kira-kira berapa penghasilan sebulan? Boleh ketik angkanya.
            1. Sampai Rp1.099.000
            2. Rp1.100.000–1.299.000
            3. Rp1.300.000–1.499.000
            4. Rp1.500.000–1.699.000
            5. Rp1.700.000–1.899.000
            6. Rp1.900.000–2.099.000
            7. Rp2.100.000–2.299.000
            8. Rp2.300.000–2.499.000
            9. Lihat berikutnya
        siti: 900rb
        bot: (12/14) Mau ikut yang mana?
            Kecelakaan kerja + kematian (JKK, JKM): Rp8.400 sebulan sampai Desember 2026; mulai Januari 2027 \
                Rp16.800, kecuali ada aturan baru
            Ditambah tabungan hari tua (JHT): Rp28.400 sebulan sampai Desember 2026; mulai Januari 2027 Rp36.800, \
                kecuali ada aturan baru
            1. JKK + JKM
            2. JKK + JKM + JHT
        siti: 2
        bot: (13/14) Siapa ahli warisnya, keluarga yang menerima santunan? Ketik satu nama. Kalau nanti saja, ketik \
            "lewati".
            1. Lewati
        siti: Ahmad Fauzi
        bot: (13/14) Ahmad Fauzi itu siapanya Bapak/Ibu?
            1. Suami atau istri
            2. Anak
            3. Orang tua
            4. Saudara kandung
            5. Lainnya
        siti: suami
        bot: (13/14) Ahli waris: Ahmad Fauzi (Suami atau istri). Masih ada lagi?
            1. Tidak, cukup
            2. Ya, tambah lagi
        siti: tambah lagi
        bot: (13/14) Siapa ahli warisnya, keluarga yang menerima santunan? Ketik satu nama. Kalau nanti saja, ketik \
            "lewati".
            1. Lewati
        siti: Nur Aini
        bot: (13/14) Nur Aini itu siapanya Bapak/Ibu?
            …
        siti: anak
        bot: (13/14) Ahli waris: Ahmad Fauzi (Suami atau istri), Nur Aini (Anak). Masih ada lagi?
            1. Tidak, cukup
            2. Ya, tambah lagi
        siti: cukup
        bot: (14/14) Kirim foto KTP: terang, tidak miring, semua tulisannya terbaca.
            1. Nanti saja
        siti: [photo]
        bot: Tolong diperiksa:
            Yang didaftarkan: Saya sendiri
            NIK: berakhir 0001, perempuan, lahir 5 Mei 1987
            Nama: Siti Aminah
            Tempat lahir: Mataram
            Ibu kandung: Inaq Rahmah
            Nomor HP: ••••••••••0001
            Alamat: Jalan Mawar 3, RT 02, Bintaro, Ampenan, Kota Mataram
            Jualan: mutiara
            Tempat jualan: Pantai Ampenan
            Jam jualan: Seharian
            Penghasilan sebulan: Sampai Rp1.099.000
            Perlindungan: JKK + JKM + JHT
            Ahli waris: Ahmad Fauzi (Suami atau istri), Nur Aini (Anak)
            Foto KTP: sudah dikirim
            Sudah benar semua?
            1. Benar, kirim
            2. Ubah jawaban
        siti: kirim
        bot: Terima kasih. Pendaftaran sudah terkirim, nomor P-2026-0001. Petugas akan memeriksa dan mengabari di \
            sini.
            Perlindungan belum berlaku sebelum terdaftar di BPJS dan iuran pertama dibayar.
            Ketik "status" kapan saja.
        siti: status
        bot: P-2026-0001: menunggu diperiksa petugas.
    """)
    kept = answers(play)
    assert (kept["nik"], kept["phone"], kept["sex"]) == ("5271014505870001", "+6281200000001", "female")
    assert kept["heirs"] == [
        {"name": "Ahmad Fauzi", "relation": "spouse"},
        {"name": "Nur Aini", "relation": "child"},
    ]
    photo = play.database.read(lambda db: documents.get_content(db, "main", kept["ktp"]))
    assert photo == b"jpeg"


def test_a_vendor_registers_a_colleague_who_agreed(play):
    arrive(play, "siti")
    play("""
        siti: daftar
        bot: (1/14) Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?
            1. Saya sendiri
            2. Orang lain
        siti: orang lain
        bot: (1/14) Siapanya Bapak/Ibu?
            1. Suami atau istri
            2. Keluarga lain
            3. Sesama pedagang
        siti: 3
        bot: (1/14) Apakah orangnya sudah setuju datanya dikirim ke Asosiasi Contoh untuk didaftarkan ke BPJS \
            Ketenagakerjaan?
            1. Ya, sudah setuju
            2. Belum
        siti: belum
        bot: Tidak apa-apa. Minta persetujuannya dulu, lalu ketik "daftar" lagi.
        siti: daftar
        bot: …
        siti: 2
        bot: …
        siti: 3
        bot: …
        siti: sudah setuju
        bot: (2/14) Ketik 16 angka NIK di KTP.
    """)
    begun = {**ANSWERS, **BUDI}
    play.say_all("siti", [line for chapter in CHAPTERS[1:-2] for line in begun[chapter]])
    assert "itu siapanya Budi Santoso?" in play.say("siti", "Rina Wati")
    play.say_all("siti", ["lainnya", "cukup", "nanti saja", "benar"])

    (application,) = sent_in(play)
    siti = play.database.read(lambda db: play.person(db, "siti"))
    assert application.applicant_id == siti
    assert application.person_id != siti
    assert application.doubts == ["ktp_missing"]
    consent = agreed_to(play, "siti")[-1]
    assert (consent.purpose, consent.given) == ("registration_for_another", True)
    assert consent.words.startswith("Apakah orangnya sudah setuju")


def test_who_has_a_registration_cannot_send_a_second_one_for_herself_but_one_for_another(play):
    register(play, "siti")
    play.say("siti", "daftar")
    play("""
        siti: saya sendiri
        bot: Pendaftaran Bapak/Ibu sudah ada, nomor P-2026-0001. Ketik "status" untuk melihatnya.
    """)
    begin(play, "siti", "review", whom=["orang lain", "sesama pedagang", "sudah setuju"], **BUDI)
    play.say_all("siti", ["ubah", "yang didaftarkan"])
    answer = play.say("siti", "saya sendiri")
    assert "sudah ada, nomor P-2026-0001" in answer
    assert "Yang didaftarkan: Sesama pedagang" in answer, "nothing that was answered is lost"
    play.say("siti", "benar")
    assert [a.number for a in sent_in(play)] == ["P-2026-0001", "P-2026-0002"]


# ── age and birth date ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_of_65_is_told_what_bpjs_says_and_may_correct_it(play):
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: 5271 0122 1161 0001
        bot: (2/14) Menurut tanggal lahirnya, umurnya 65 tahun. BPJS Ketenagakerjaan menerima yang belum 65 tahun.
            1. Ulangi NIK
            2. Di KTP tertulis lain
            3. Tanya petugas
        siti: di ktp tertulis lain
        bot: (2/14) Tanggal lahir yang tertulis di KTP?
        siti: 22 November 1960
        bot: (2/14) Jenis kelamin di KTP?
            1. Perempuan
            2. Laki-laki
        siti: laki-laki
        bot: (2/14) Menurut tanggal lahirnya, umurnya 66 tahun. BPJS Ketenagakerjaan menerima yang belum 65 tahun.
            …
        siti: 1
        bot: (2/14) Ketik 16 angka NIK di KTP.
        siti: 5271 0122 1161 0002
        bot: (2/14) Menurut tanggal lahirnya, umurnya 65 tahun. BPJS Ketenagakerjaan menerima yang belum 65 tahun.
            …
        siti: 3
        bot: Tulis pertanyaan Bapak/Ibu dalam satu pesan, nanti petugas menjawab di sini.
            Kecelakaan kerja? Lapor paling lambat 2x24 jam ke 175 atau kantor cabang BPJS Ketenagakerjaan.
        siti: Masih bisa daftar?
        bot: Sudah kami teruskan ke petugas, nomor T-2026-0001. Jawabannya datang di sini.

            Kita lanjutkan: pendaftaran.

            (2/14) Menurut tanggal lahirnya, umurnya 65 tahun. BPJS Ketenagakerjaan menerima yang belum 65 tahun.
            …
    """)


def test_a_vendor_who_turns_65_tomorrow_is_taken(play):
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: 5271 0123 1161 0001
        bot: (2/14) Menurut NIK: laki-laki, lahir 23 November 1961. Benar?
            …
    """)


def test_another_birth_date_on_the_ktp_is_kept_as_a_doubt_for_the_officer(play):
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: 5271 0145 0587 0001
        bot: …
        siti: di ktp tertulis lain
        bot: (2/14) Tanggal lahir yang tertulis di KTP?
        siti: 31 Februari 1988
        bot: Ketik tanggal, bulan dan tahun. Contoh: 5 Mei 1987.

            (2/14) Tanggal lahir yang tertulis di KTP?
        siti: 5-5-2031
        bot: …
        siti: 2
        bot: Tanggal itu belum terjadi.

            (2/14) Tanggal lahir yang tertulis di KTP?
        siti: 5 mei 1988
        bot: …
        siti: 2
        bot: (3/14) Nama lengkap seperti di KTP?
    """)
    play.say_all("siti", [line for chapter in CHAPTERS[2:] for line in ANSWERS[chapter]] + ["kirim"])
    assert sent_in(play)[0].doubts == ["birth_date_differs", "sex_differs"]


# ── phone ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_elses_number_is_not_hers(play):
    arrive(play, "siti")
    begin(play, "siti", "phone")
    play("""
        siti: [somebody's number 081200000009]
        bot: Itu nomor orang lain. Bagikan nomor Bapak/Ibu sendiri, atau ketik nomornya.

            (6/14) Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".
            [Bagikan nomor saya]
            [Lewati]
        siti: 12345
        bot: Itu belum seperti nomor HP. Contoh: 0812 3456 7890.

            (6/14) Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".
            [Bagikan nomor saya]
            [Lewati]
        siti: +62 812-0000-0001
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            …
    """)


def test_a_vendor_without_a_phone_number_goes_on(play):
    register(play, "siti", phone=["tidak punya"])
    assert answers(play)["phone"] == ""


# ── home ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_long_lists_are_turned_searched_and_named(play):
    arrive(play, "siti")
    begin(play, "siti", "home")
    play("""
        siti: [tap Lihat berikutnya]
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            1. Kabupaten Sumbawa Barat
            2. Kabupaten Lombok Utara
            3. Di luar NTB
            4. Lihat sebelumnya
        siti: [tap Lihat sebelumnya]
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            1. Kota Mataram
            …
        siti: bima
        bot: Ini yang mirip:

            (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            1. Kota Bima
            2. Kabupaten Bima
            3. Tampilkan semua
        siti: tampilkan semua
        bot: (7/14) Tinggal di kabupaten atau kota mana? Boleh ketik namanya.
            1. Kota Mataram
            …
        siti: lotim
        bot: (7/14) Kecamatan apa? Boleh ketik namanya.
            1. Keruak
            2. Sakra
            3. Terara
            4. Sikur
            5. Masbagik
            6. Sukamulia
            7. Selong
            8. Pringgabaya
            9. Lihat berikutnya
        siti: [tap Lihat berikutnya]
        bot: (7/14) Kecamatan apa? Boleh ketik namanya.
            1. Aikmel
            2. Sambelia
            3. Montong Gading
            4. Pringgasela
            5. Suralaga
            6. Wanasaba
            7. Sembalun
            8. Suwela
            9. Lihat berikutnya
            10. Lihat sebelumnya
        siti: berikutnya
        bot: (7/14) Kecamatan apa? Boleh ketik namanya.
            1. Labuhan Haji
            2. Sakra Timur
            3. Sakra Barat
            4. Jerowaru
            5. Lenek
            6. Lihat sebelumnya
        siti: sakra
        bot: (7/14) Desa atau kelurahan apa? Boleh ketik namanya.
            …
    """)


def test_turning_a_page_twice_by_accident_turns_it_once(play):
    arrive(play, "siti")
    begin(play, "siti", "home")
    play.say("siti", "lombok timur")
    play.say("siti", "[tap Lihat berikutnya]")
    play("""
        siti: [tap first Lihat berikutnya]
        notice: Tombol itu sudah lewat.
        bot: …
    """)


def test_a_vendor_who_lives_outside_ntb_types_where(play):
    arrive(play, "siti")
    begin(play, "siti", "home")
    play("""
        siti: di luar ntb
        bot: (7/14) Kabupaten atau kota mana?
        siti: jakarta
        bot: Yang mana? Ketik lengkap: Kota Administrasi Jakarta Pusat, Kota Administrasi Jakarta Utara, Kota \
            Administrasi Jakarta Barat, Kota Administrasi Jakarta Selatan, Kota Administrasi Jakarta Timur.

            (7/14) Kabupaten atau kota mana?
        siti: zzzz
        bot: Kabupaten atau kota itu belum kami kenal. Contoh: Kota Denpasar.

            (7/14) Kabupaten atau kota mana?
        siti: denpasar
        bot: (7/14) Kecamatan apa?
        siti: Denpasar Barat
        bot: (7/14) Desa atau kelurahan apa?
        siti: Padangsambian
        bot: (7/14) Jalan atau dusun apa? Tulis juga RT/RW kalau ada.
        siti: Gang Melati 4
        bot: (8/14) Jualan apa?
            …
    """)
    play.say_all("siti", [line for chapter in CHAPTERS[7:] for line in ANSWERS[chapter]])
    assert "Alamat: Gang Melati 4, Padangsambian, Denpasar Barat, Kota Denpasar" in play.said[-1]


# ── several answers at once ──────────────────────────────────────────────────────────────────────────────────────


def test_lines_of_one_message_answer_one_question_each(play):
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: 5271 0145 0587 0001
            benar
            Siti Aminah
            Mataram
            Inaq Rahmah
        bot: (6/14) Nomor HP yang bisa dihubungi? Kalau tidak punya, ketik "lewati".
            [Bagikan nomor saya]
            [Lewati]
        siti: 0812 0000 0001
            kota mataram
            entahlah
            Jalan Mawar 3
        bot: Pesan itu berisi beberapa jawaban. Selebihnya kita isi satu per satu.

            (7/14) Kecamatan apa? Boleh ketik namanya.
            …
    """)


def test_lines_begin_with_a_choice_too_and_stop_at_the_review(play):
    arrive(play, "siti")
    play.say("siti", "daftar")
    everything = "\n".join(line for chapter in CHAPTERS[:-1] for line in ANSWERS[chapter])
    assert play.say("siti", everything).startswith("bot: (14/14) Kirim foto KTP")
    play.say("siti", "[photo]")
    play.say("siti", "benar\nkirim\nya")
    assert sent_in(play) == [], "a review is looked at before it is sent"


# ── the photo ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_only_one_good_photo_will_do(play):
    arrive(play, "siti")
    begin(play, "siti", "ktp")
    play("""
        siti: [album of 3]
        bot: Kami menerima 3 foto. Kirim satu saja.

            (14/14) Kirim foto KTP: terang, tidak miring, semua tulisannya terbaca.
            1. Nanti saja
        siti: [photo Broken]
        bot: Foto atau PDF-nya rusak di jalan. Coba kirim sekali lagi.

            Letakkan KTP di meja yang terang, foto dari atas, lalu kirim.

            (14/14) Kirim foto KTP: terang, tidak miring, semua tulisannya terbaca.
            1. Nanti saja
        siti: [file NotAPhoto]
        bot: Itu bukan foto atau PDF. Ambil foto dengan kamera HP, lalu kirim.

            Belum berhasil juga, tidak apa-apa. Mau bagaimana?
            1. Coba lagi
            2. Nanti saja
            3. Kembali
            4. Dibantu petugas
        siti: [file]
        bot: Tolong diperiksa:
            …
    """)
    assert "Foto KTP: sudah dikirim" in play.said[-1]


def test_words_where_a_photo_is_wanted(play):
    arrive(play, "siti")
    begin(play, "siti", "ktp")
    play("""
        siti: sudah saya kirim kemarin
        bot: Di sini kami perlu foto.

            (14/14) Kirim foto KTP: terang, tidak miring, semua tulisannya terbaca.
            1. Nanti saja
    """)


def test_the_ktp_may_come_later(play):
    register(play, "siti", ktp=["nanti saja"], heirs=["lewati"])
    assert sent_in(play)[0].doubts == ["ktp_missing"]
    assert answers(play)["heirs"] == []


# ── review ───────────────────────────────────────────────────────────────────────────────────────────────────────

CHANGES = {
    "whom": (["orang lain", "keluarga lain", "sudah setuju"], "Yang didaftarkan: Keluarga lain"),
    "nik": (["5271 0145 0687 0004", "benar"], "NIK: berakhir 0004, perempuan, lahir 5 Juni 1987"),
    "name": (["Siti Maryam"], "Nama: Siti Maryam"),
    "birth_place": (["Bima"], "Tempat lahir: Bima"),
    "mother": (["Inaq Sumi"], "Ibu kandung: Inaq Sumi"),
    "phone": (["lewati"], "Nomor HP: tidak ada"),
    "home": (
        ["lombok barat", "gerung", "gerung utara", "Dusun Anyar"],
        "Alamat: Dusun Anyar, Gerung Utara, Gerung, Kabupaten Lombok Barat",
    ),
    "trade": (["mainan"], "Jualan: Mainan"),
    "workplace": (["Pelabuhan Lembar"], "Tempat jualan: Pelabuhan Lembar"),
    "hours": (["seharian"], "Jam jualan: Seharian"),
    "income": (["1,5 juta"], "Penghasilan sebulan: Rp1.500.000–1.699.000"),
    "programmes": (["dengan jht"], "Perlindungan: JKK + JKM + JHT"),
    "heirs": (["lewati"], "Ahli waris: nanti"),
    "ktp": (["nanti"], "Foto KTP: nanti"),
}
TITLES = {chapter.name: chapter.title for chapter in registration.chapters}


@pytest.mark.parametrize("chapter", CHAPTERS)
@sqlite_only
def test_every_chapter_can_be_changed_from_the_review_and_nothing_else_changes(play, chapter):
    arrive(play, "siti")
    before = begin(play, "siti", "review").splitlines()
    lines, shown = CHANGES[chapter]
    answer = play.say_all("siti", ["ubah", TITLES[chapter], *lines]).splitlines()
    assert answer[0] == "bot: Sudah diganti."
    changed = [line.strip() for line in answer if line.startswith("    ") and line not in before]
    assert changed == [shown, "Tolong diperiksa:"] or changed == ["Tolong diperiksa:", shown]


@pytest.mark.parametrize("chapter", CHAPTERS)
@sqlite_only
def test_a_change_that_is_broken_off_leaves_every_answer_as_it_was(play, chapter):
    arrive(play, "siti")
    before = begin(play, "siti", "review")
    lines, _shown = CHANGES[chapter]
    play.say_all("siti", ["ubah", TITLES[chapter], *lines[:-1]])
    assert play.say("siti", "kembali") == before
    play.say_all("siti", ["ubah", TITLES[chapter], *lines[:-1], "ubah", "nama" if chapter != "name" else "jualan"])
    assert play.say("siti", "kembali") == before


def test_a_new_nik_of_somebody_too_old_is_judged_by_itself(play):
    arrive(play, "siti")
    begin(play, "siti", "review")
    play.say_all("siti", ["ubah", "nik"])
    assert "umurnya 76 tahun" in play.say("siti", "5271 0145 0550 0009")


def test_going_back_to_an_heir_does_not_double_her(play):
    arrive(play, "siti")
    begin(play, "siti", "heirs")
    play.say_all("siti", ["Ahmad Fauzi", "suami", "kembali"])
    assert "Ahli waris: Ahmad Fauzi (Anak). Masih ada lagi?" in play.say("siti", "anak")


def test_applications_are_numbered_without_gaps(play):
    for number, who in enumerate(["siti", "budi", "rina"], start=1):
        nik = [f"5271 0145 0587 000{number}", "benar"]
        assert f"nomor P-2026-000{number}." in register(play, who, nik=nik)


def test_a_double_tap_sends_one_application(play):
    arrive(play, "siti")
    begin(play, "siti", "review")
    play.say("siti", "[tap Benar, kirim]")
    for _again in range(3):
        assert play.say("siti", "[tap Benar, kirim]") == "notice: Jawaban itu sudah kami terima."
    assert len(sent_in(play)) == 1


def test_answers_taken_back_cannot_become_a_second_registration(play):
    arrive(play, "siti")
    begin(play, "siti", "review")
    play.say_all("siti", ["batal", "ya"])
    begin(play, "siti", "review")
    play.say_all("siti", ["benar", "urungkan"])
    play("""
        siti: benar
        bot: Pendaftaran Bapak/Ibu sudah ada, nomor P-2026-0001. Ketik "status" untuk melihatnya.
    """)
    assert len(sent_in(play)) == 1


# ── prices ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "two", "three"),
    [
        (
            38,  # 30 December 2026
            "Rp8.400 sebulan sampai Desember 2026; mulai Januari 2027 Rp16.800, kecuali ada aturan baru",
            "Rp28.400 sebulan sampai Desember 2026; mulai Januari 2027 Rp36.800, kecuali ada aturan baru",
        ),
        (40, "Rp16.800 sebulan", "Rp36.800 sebulan"),  # 1 January 2027
    ],
)
@sqlite_only
def test_the_price_is_told_with_its_change(play, days, two, three):
    play.say("siti", f"[after {days} days]")
    arrive(play, "siti")
    begin(play, "siti", "programmes")
    assert play.said[-1].splitlines()[:3] == [
        "bot: (12/14) Mau ikut yang mana?",
        f"    Kecelakaan kerja + kematian (JKK, JKM): {two}",
        f"    Ditambah tabungan hari tua (JHT): {three}",
    ]


def test_an_income_that_is_no_income_is_asked_again(play):
    arrive(play, "siti")
    begin(play, "siti", "income")
    assert play.say("siti", "900").startswith('bot: Tulis lengkap, misalnya "900 ribu" atau "1,5 juta".')
    play.say_all("siti", ["1jt800rb", "tanpa jht"])
    assert "Ketik satu nama" in play.said[-1]


# ── the same NIK twice ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_nik_used_twice_is_a_matter_for_officers_and_says_nothing_to_the_vendor(play):
    told_siti = register(play, "siti")
    told_budi = register(play, "budi", name=["Budi Santoso"])
    assert told_budi == told_siti.replace("P-2026-0001", "P-2026-0002")
    assert sent_in(play)[0].doubts == []
    assert sent_in(play)[1].doubts == ["duplicate_nik"]
    ticket = play.database.read(lambda db: tickets.oldest_open(db, "main"))
    assert ticket.kind == "duplicate_nik"
    assert tickets.words_of(ticket) == "NIK pada P-2026-0002 sama dengan: P-2026-0001."
    staff(play, "lalu", "officer")
    play("""
        lalu: tiket
        bot: T-2026-0001, Budi (NIK sama):
            NIK pada P-2026-0002 sama dengan: P-2026-0001.
            1. Tutup tanpa jawaban
            2. Nanti saja
        lalu: tutup
        bot: Sudah ditutup. Ketik "tiket" untuk pertanyaan berikutnya.
    """)


# ── consent ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_consent_is_kept_with_its_words_version_and_message(play):
    play.say_all("siti", ["halo", "1", "setuju", "tidak usah", "[tap Ya, boleh]"])
    data, reminders, announcements = agreed_to(play, "siti")
    assert data.words == (
        "Untuk mengurus BPJS Ketenagakerjaan, Asosiasi Contoh perlu menyimpan: isi dan foto KTP, nama ibu, nomor HP, "
        "pekerjaan, penghasilan, dan ahli waris.\n"
        "Yang melihat hanya petugas kami dan BPJS. Pesan di sini lewat server di luar negeri.\n"
        'Data boleh diminta, diperbaiki atau dihapus: ketik "petugas".\n'
        "Setuju datanya kami simpan?"
    )
    assert [(c.purpose, c.given, c.answer) for c in (data, reminders, announcements)] == [
        ("data", True, "Setuju"),
        ("reminders", False, "Tidak usah"),
        ("announcements", True, "Ya, boleh"),
    ]
    assert {(c.version, c.language, c.account) for c in (data, reminders, announcements)} == {(VERSION, "id", ACCOUNT)}
    assert [c.provider_id for c in (data, reminders, announcements)] == ["update:3", "update:4", "update:5"]
    assert data.at < reminders.at < announcements.at == play.clock.now()


def test_who_does_not_consent_is_not_registered_and_may_change_her_mind(play):
    play("""
        siti: daftar
        bot: …
        siti: 1
        bot: …
        siti: baca selengkapnya
        bot: Dasarnya persetujuan Bapak/Ibu (UU 27/2022 tentang Pelindungan Data Pribadi).
            Dipakai untuk pendaftaran, iuran, pengingat kalau diminta, dan membantu klaim.
            NIK, nama ibu, ahli waris dan foto KTP disimpan terkunci. Setiap petugas yang membuka NIK lengkap atau \
                foto KTP dicatat.
            Disimpan selama menjadi anggota. Persetujuan boleh dicabut lewat "petugas"; kami berhenti paling lama \
                3x24 jam sesudahnya.

            Untuk mengurus BPJS Ketenagakerjaan, Asosiasi Contoh perlu menyimpan: isi dan foto KTP, nama ibu, nomor \
                HP, pekerjaan, penghasilan, dan ahli waris.
            …
        siti: tidak setuju
        bot: Baik, tidak ada data yang kami simpan untuk pendaftaran. Berubah pikiran? Ketik "daftar".
        siti: daftar
        bot: Selamat datang di Asosiasi Contoh. Saya penjawab otomatis, bukan orang. Saya bantu urusan BPJS \
            Ketenagakerjaan.
            …
        siti: 1
        bot: …
        siti: setuju
        bot: …
        siti: ya
        bot: …
        siti: ya
        bot: Terima kasih. Kalau pilihan ini mau diganti, ketik "berhenti" atau "mulai".

            Kita lanjutkan: pendaftaran.

            (1/14) Siapa yang mau didaftarkan ke BPJS Ketenagakerjaan?
            1. Saya sendiri
            2. Orang lain
    """)
    assert [(c.purpose, c.given) for c in agreed_to(play, "siti")][:2] == [("data", False), ("data", True)]


def test_a_word_said_during_the_welcome_is_not_forgotten(play):
    play.say_all("siti", ["halo", "1", "daftar", "setuju", "ya"])
    assert "(1/14) Siapa yang mau didaftarkan" in play.say("siti", "ya")


IN_ENGLISH = """
    hello / english / agree / yes / yes / register / myself / 5271014505870001 / correct / Siti Aminah / Mataram /
    Inaq Rahmah / skip / kota mataram / ampenan / bintaro / Jalan Mawar 3 / food / Market / all day / 900 ribu / 1 /
    Ahmad Fauzi / child / no / later
"""


def test_a_whole_registration_in_english(play):
    review = play.say_all("siti", [line.strip() for line in IN_ENGLISH.split("/")])
    assert review.startswith("bot: Please check:")
    play.say("siti", "send")
    assert [c.language for c in agreed_to(play, "siti")] == ["en"] * 3
    assert agreed_to(play, "siti")[0].answer == "Agree"
    assert answers(play)["hours"] == "all_day"
    indonesian = ("Bapak/Ibu", "etik ", "ilih ", " yang ", " dan ", "Kota ")
    english = "\n".join(play.said[4:]).replace("Kota Mataram", "").replace("Kota Bima", "")
    assert [word for word in indonesian if word in english] == []


# ── pauses, changes of mind ──────────────────────────────────────────────────────────────────────────────────────


def test_a_registration_over_several_days(play):
    arrive(play, "siti")
    begin(play, "siti", "nik")
    play("""
        siti: [after 2 hours]
        siti: 5271 0145 0587 0001
        bot: (2/14) Menurut NIK: perempuan, lahir 5 Mei 1987. Benar?
            …
        siti: [after 3 days]
        siti: ya
        bot: Kita lanjutkan: pendaftaran.

            (2/14) Menurut NIK: perempuan, lahir 5 Mei 1987. Benar?
            1. Benar
            2. Ulangi NIK
            3. Di KTP tertulis lain
        siti: ya
        bot: (3/14) Nama lengkap seperti di KTP?
        siti: [after 31 minutes]
        siti: Siti Aminah
        bot: Kita lanjutkan: pendaftaran.

            (3/14) Nama lengkap seperti di KTP?
        siti: Siti Aminah
        bot: (4/14) Tempat lahir seperti di KTP?
        siti: [edits Siti Maryam]
        bot: Pesan yang diubah tidak kami baca lagi. Untuk mengganti jawaban, ketik "ubah".
        siti: batal
        bot: Batalkan pendaftaran? Jawaban Bapak/Ibu masih bisa dikembalikan selama sehari.
            1. Tidak, lanjutkan
            2. Ya, batalkan
        siti: [tap Ya, batalkan]
        bot: Sudah dibatalkan. Berubah pikiran? Ketik "urungkan" sebelum besok jam segini.

            Ada yang bisa dibantu?
            …
        siti: [after 20 hours]
        siti: urungkan
        bot: Kita lanjutkan: pendaftaran.

            (4/14) Tempat lahir seperti di KTP?
    """)
    play.say_all("siti", [line for chapter in CHAPTERS[3:] for line in ANSWERS[chapter]])
    assert "Nama: Siti Aminah\n" in play.said[-1]


def test_a_cancelled_registration_is_gone_after_a_day(play):
    arrive(play, "siti")
    begin(play, "siti", "mother")
    play.say_all("siti", ["batal", "ya", "[after 25 hours]"])
    assert play.say("siti", "urungkan").startswith("bot: Tidak ada yang bisa dikembalikan.")
