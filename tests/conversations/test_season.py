"""A season in full words: three members, a collector, a treasurer and an officer, December 2026 into January 2027."""

from datetime import UTC, datetime

from beancount import loader

from bot.beancount import journal
from bot.charging import Charging
from domain.ledger import Account
from storage.queries import ledger, ledger_check
from tests.conversations.money import at, credit, open_bank, owed
from tests.conversations.people import RINA, register, staff

WAYAN = {"nik": ["5271 0145 0589 0006", "benar"], "name": ["Wayan Sari"], "phone": ["lewati"]}


def test_a_season(play):
    open_office(play)
    siti_pays_a_month_by_transfer(play)
    rina_pays_ahead_across_the_change_of_rates(play)
    wayan_pays_in_cash(play)
    amat_hands_over_and_sri_counts(play)
    december_goes_to_bpjs(play)
    bpjs_has_all_three(play)
    they_look_where_they_stand(play)
    january_costs_what_the_new_rate_says(play)
    wayan_is_late(play)
    january_goes_to_bpjs(play)
    bpjs_does_not_take_one(play)
    the_month_that_came_back_is_ready_again(play)
    nothing_is_lost(play)


def open_office(play):
    """Everybody is there: Budi has approved the members, and Wayan is on Amat's list."""
    staff(play, "budi", "officer", "admin")
    staff(play, "amat", "collector")
    staff(play, "sri", "treasurer")
    open_bank(play)
    register(play, "siti")
    register(play, "rina", **RINA)
    register(play, "wayan", **WAYAN)
    play.say_all("budi", ["antrean", "setujui", "ya", "setujui", "ya", "setujui", "cukup"])
    play.say_all("budi", ["anggota", "wayan", "ganti pengumpul", "amat", "selesai"])


def charge(play):
    """The program looks whether a month has begun."""
    Charging(play.database).charge_due(play.clock.now())


def siti_pays_a_month_by_transfer(play):
    """She sends a proof; the officer finds the money, and she has her receipt."""
    at(play, datetime(2026, 12, 1, 1, tzinfo=UTC))
    charge(play)
    play("""
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp8.400
            2. 3 bulan: Rp42.000
            3. 6 bulan: Rp92.400
            4. 12 bulan: Rp193.200
        siti: 1 bulan
        bot: Iuran: Desember 2026 Rp8.400.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
        siti: transfer
        bot: Transfer Rp8.400 ke:
            Bank Contoh 0011 2233, Asosiasi Contoh
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
        siti: 8.400
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            1. Hari ini, 01/12/2026
            2. Kemarin, 30/11/2026
        siti: hari ini
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        siti: TF 8801
        bot: Iuran Siti Aminah (NIK berakhir 0001): Desember 2026, transfer ke asosiasi.
            Dibayar Rp8.400 pada 1 Desember 2026.
            Referensi TF8801, bukti sudah dikirim.
            Kirim ke petugas?
            1. Kirim
            2. Ubah
        siti: kirim
        bot to budi: Ada pembayaran menunggu: B-2026-0001, Rp8.400, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot to sri: Ada pembayaran menunggu: B-2026-0001, Rp8.400, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: Terkirim, nomor B-2026-0001. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya.
        budi: pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Desember 2026
            Cara: transfer ke asosiasi
            Jumlah: Rp8.400
            Tanggal: 1 Desember 2026, referensi TF8801
            1. Terima Rp8.400
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        budi: lihat bukti
        bot: [photo] Bukti bayar B-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pembayaran
        budi: lihat pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Desember 2026
            Cara: transfer ke asosiasi
            Jumlah: Rp8.400
            Tanggal: 1 Desember 2026, referensi TF8801
            1. Terima Rp8.400
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        budi: terima
        bot to siti: [photo] Pembayaran B-2026-0001 diterima: Rp8.400, iuran Siti Aminah. Kwitansi KW-2026-000001.
            Untuk Desember 2026.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: B-2026-0001: Rp8.400 diterima. Kwitansi KW-2026-000001 sudah dikirim.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        budi: cukup
        bot: Ketik "pembayaran" untuk melanjutkan kapan saja.
    """)


def rina_pays_ahead_across_the_change_of_rates(play):
    """She sees both rates before she pays."""
    at(play, datetime(2026, 12, 3, 1, tzinfo=UTC))
    play("""
        rina: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp8.400
            2. 3 bulan: Rp42.000
            3. 6 bulan: Rp92.400
            4. 12 bulan: Rp193.200
        rina: 3 bulan
        bot: Iuran: Desember 2026 Rp8.400, Januari–Februari 2027 Rp16.800 sebulan, kecuali ada aturan baru.
            Jumlahnya Rp42.000.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
        rina: transfer
        bot: Transfer Rp42.000 ke:
            Bank Contoh 0011 2233, Asosiasi Contoh
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        rina: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp42.000
        rina: 42rb
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            1. Hari ini, 03/12/2026
            2. Kemarin, 02/12/2026
        rina: hari ini
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        rina: tidak ada
        bot: Iuran Rina Wati (NIK berakhir 0003): Desember 2026–Februari 2027, transfer ke asosiasi.
            Dibayar Rp42.000 pada 3 Desember 2026.
            Referensi tidak ada, bukti sudah dikirim.
            Kirim ke petugas?
            1. Kirim
            2. Ubah
        rina: kirim
        bot to budi: Ada pembayaran menunggu: B-2026-0002, Rp42.000, Rina Wati. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot to sri: Ada pembayaran menunggu: B-2026-0002, Rp42.000, Rina Wati. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: Terkirim, nomor B-2026-0002. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya.
        sri: [tap Buka]
        bot: B-2026-0002: Rina Wati (NIK berakhir 0003)
            Bulan: Desember 2026–Februari 2027
            Cara: transfer ke asosiasi
            Jumlah: Rp42.000
            Tanggal: 3 Desember 2026, tanpa referensi
            1. Terima Rp42.000
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        sri: terima
        bot to rina: [photo] Pembayaran B-2026-0002 diterima: Rp42.000, iuran Rina Wati. Kwitansi KW-2026-000002.
            Untuk Desember 2026–Februari 2027.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: B-2026-0002: Rp42.000 diterima. Kwitansi KW-2026-000002 sudah dikirim.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        sri: cukup
        bot: Ketik "pembayaran" untuk melanjutkan kapan saja.
    """)


def wayan_pays_in_cash(play):
    """Her collector hears that she comes; her receipt is there at that moment, and she has nothing against it."""
    at(play, datetime(2026, 12, 5, 1, tzinfo=UTC))
    play("""
        wayan: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp8.400
            2. 3 bulan: Rp42.000
            3. 6 bulan: Rp92.400
            4. 12 bulan: Rp193.200
        wayan: 1 bulan
        bot: Iuran: Desember 2026 Rp8.400.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Tunai ke Amat
            4. Ganti bulan
        wayan: tunai
        bot: Serahkan Rp8.400 ke Amat. Uangnya baru tercatat kalau Amat sudah menerima, dan kwitansinya langsung datang di sini.
            Kami beri tahu Amat sekarang?
            1. Ya, beri tahu
            2. Cara lain
        wayan: ya
        bot to amat: Wayan Sari (NIK berakhir 0006) mau membayar iuran tunai Rp8.400, untuk Desember 2026.
            [Terima uang]
        bot: Amat sudah kami beri tahu. Belum ada yang tercatat sampai uangnya diterima.
        amat: [tap Terima uang]
        bot: Wayan Sari: Rp8.400 untuk Desember 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp8.400
        amat: 8400
        bot: Wayan Sari: Rp8.400 untuk Desember 2026.
            Jumlahnya pas.
            1. Ya, catat
            2. Ubah total
        amat: ya
        bot to wayan: [photo]
        bot to wayan: Amat menerima Rp8.400 tunai, iuran Wayan Sari. Kwitansi KW-2026-000003.
            Untuk Desember 2026.
            Berikutnya asosiasi menyetorkannya ke BPJS.
            [Bukan saya]
            [Belum bayar]
        bot: Tercatat S-2026-0001: Rp8.400 dari 1 orang. Setiap orang mendapat kwitansi.
            Wayan Sari: KW-2026-000003
            Uang di tangan: Rp8.400, paling lama sejak hari ini.
            Ketik "setor" kalau mau menyetor.
    """)  # noqa: E501


def amat_hands_over_and_sri_counts(play):
    """And she brings it to the bank."""
    at(play, datetime(2026, 12, 7, 1, tzinfo=UTC))
    play("""
        amat: setor
        bot: Uang di tangan: Rp8.400, paling lama sejak 5 Desember 2026 (2 hari).
            S-2026-0001, 5 Desember 2026: Rp8.400
            Mau setor berapa ke bendahara?
            1. Semua, Rp8.400
            2. Tidak sekarang
        amat: semua
        bot to sri: Amat mau setor Rp8.400, H-2026-0001. Hitung uangnya kalau sudah diterima.
            [Hitung]
        bot: Setoran H-2026-0001: Rp8.400. Serahkan uangnya ke bendahara; kami kabari kalau sudah dihitung.
        sri: [tap Hitung]
        bot: H-2026-0001 dari Amat: Rp8.400. Hitung uangnya. Berapa yang Bapak/Ibu terima?
            1. Pas Rp8.400
            2. Belum diterima
        sri: 8.400
        bot to amat: Sri sudah menerima setoran H-2026-0001: Rp8.400.
            Uang di tangan: tidak ada.
        bot: H-2026-0001 tercatat: Rp8.400 masuk kas. Ketik "kas" untuk melihat semuanya.
        sri: kas
        bot: Tidak ada uang di tangan pengumpul.
            Kas bendahara: Rp8.400. Bank: Rp50.400.
            1. Setor ke bank
            2. Selesai
        sri: setor ke bank
        bot: Di kas ada Rp8.400. Berapa yang disetor ke bank?
            1. Semua, Rp8.400
            2. Tidak jadi
        sri: semua
        bot: Sudah disetor ke bank: Rp8.400? Sisa kas Rp0.
            1. Ya, sudah
            2. Ubah jumlah
            3. Tidak jadi
        sri: ya
        bot: Tercatat: Rp8.400 dari kas ke bank.
    """)


def december_goes_to_bpjs(play):
    """One batch, one payment code."""
    at(play, datetime(2026, 12, 10, 1, tzinfo=UTC))
    play("""
        sri: setor bpjs
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            1. Susun baru
            2. Selesai
        sri: susun baru
        bot: Setor iuran sampai bulan apa?
            1. Sampai Desember 2026: 3 baris, Rp25.200
            2. Sampai Januari 2027: 4 baris, Rp42.000
            3. Sampai Februari 2027: 5 baris, Rp58.800
            4. Tidak jadi
        sri: 1
        bot: Siap disetor: 3 baris, Rp25.200.
            Uang di bank Rp58.800, di kas Rp0, di tangan pengumpul Rp0.
            1. Susun sekarang
            2. Lihat atau keluarkan baris
            3. Ganti bulan
            4. Tidak jadi
        sri: susun sekarang
        bot: R-2026-0001 disusun: 3 baris, Rp25.200.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: ya
        bot: R-2026-0001: belum dibayar
            3 baris, Rp25.200.
            Kode bayar: -.
            1. Isi kode bayar
            2. Catat pembayaran
            3. Lihat baris
            4. Unduh lembar
            5. Batalkan setoran ini
            6. Setoran lain
        sri: isi kode bayar
        bot: Kode bayar dari BPJS: satu untuk semua, atau satu untuk setiap anggota?
            1. Satu untuk semua
            2. Per anggota
            3. Tidak jadi
        sri: satu untuk semua
        bot: Ketik kode bayarnya.
            1. Tidak jadi
        sri: 260112345678
        bot: Kode bayar 260112345678 dicatat.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: ya
        bot: R-2026-0001: belum dibayar
            3 baris, Rp25.200.
            Kode bayar: 260112345678.
            1. Isi kode bayar
            2. Catat pembayaran
            3. Lihat baris
            4. Unduh lembar
            5. Batalkan setoran ini
            6. Setoran lain
        sri: catat pembayaran
        bot: R-2026-0001, Rp25.200. Dibayar dari mana?
            1. Bank (Rp58.800)
            2. Kas (Rp0)
            3. Tidak jadi
        sri: bank
        bot: Berapa yang dibayar ke BPJS, menurut struknya?
            1. Rp25.200
            2. Tidak jadi
        sri: 25.200
        bot: Kapan dibayar?
            1. Hari ini
        sri: hari ini
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        sri: BP 7781
        bot: Kirim foto buktinya, atau pilih tidak ada.
            1. Tidak ada
        sri: [photo]
        bot: R-2026-0001: Rp25.200 dari bank, 10 Desember 2026, referensi BP7781. Sudah dibayar ke BPJS?
            1. Ya, sudah dibayar
            2. Ulangi
            3. Tidak jadi
        sri: ya
        bot: R-2026-0001 sudah dibayar, Rp25.200. Catat hasilnya setelah BPJS menjawab.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: cukup
        bot: Baik. Ketik "setor bpjs" kapan saja.
    """)


def bpjs_has_all_three(play):
    """Each hears of it."""
    at(play, datetime(2026, 12, 14, 1, tzinfo=UTC))
    play("""
        sri: setor bpjs
        bot: Ada 1 setoran ke BPJS yang belum selesai.
            1. R-2026-0001, Rp25.200, sudah dibayar, menunggu hasil BPJS
            2. Susun baru
            3. Selesai
        sri: 1
        bot: R-2026-0001: sudah dibayar, menunggu hasil BPJS
            3 baris, Rp25.200.
            Dibayar Rp25.200 dari bank, 10 Desember 2026, referensi BP7781.
            3 menunggu
            1. Unggah hasil BPJS
            2. Catat hasil
            3. Lihat baris
            4. Unduh lembar
            5. Setoran lain
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2026-0001?
            1. Semua diterima (3)
            2. Satu per satu
            3. Lihat setoran
        sri: semua diterima
        bot: BPJS sudah menerima 3 baris, Rp25.200? Anggotanya langsung diberi tahu.
            1. Ya, semua diterima
            2. Belum tentu
        sri: ya
        bot to rina: BPJS sudah menerima iuran Desember 2026 atas nama Rina Wati. Lihat kapan saja: ketik "status".
        bot to siti: BPJS sudah menerima iuran Desember 2026 atas nama Siti Aminah. Lihat kapan saja: ketik "status".
        bot to wayan: BPJS sudah menerima iuran Desember 2026 atas nama Wayan Sari. Lihat kapan saja: ketik "status".
        bot: 3 baris diterima BPJS.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: cukup
        bot: Baik. Ketik "setor bpjs" kapan saja.
    """)


def they_look_where_they_stand(play):
    """Before the rates change."""
    at(play, datetime(2026, 12, 16, 1, tzinfo=UTC))
    play("""
        siti: status
        bot: Iuran lunas sampai Desember 2026.
            Iuran sudah masuk ke BPJS sampai Desember 2026. Tanggal perlindungan belum dikabarkan BPJS; cek di JMO atau 175.
            Berikutnya: Rp16.800 untuk Januari 2027 (sebelumnya Rp8.400, kecuali ada aturan baru), paling lambat 15 Januari 2027.
        siti: buku
        bot: [photo] Buku iuran Siti Aminah, per 16 Desember 2026
            Lunas: Desember 2026
            Nanti, kecuali ada aturan baru: Januari–November 2027 Rp16.800 sebulan
        rina: status
        bot: Iuran lunas sampai Februari 2027.
            Iuran sudah masuk ke BPJS sampai Desember 2026. Tanggal perlindungan belum dikabarkan BPJS; cek di JMO atau 175.
            Berikutnya: Rp16.800 untuk Maret 2027, paling lambat 15 Maret 2027.
        wayan: buku
        bot: [photo] Buku iuran Wayan Sari, per 16 Desember 2026
            Lunas: Desember 2026
            Nanti, kecuali ada aturan baru: Januari–November 2027 Rp16.800 sebulan
    """)  # noqa: E501


def january_costs_what_the_new_rate_says(play):
    """Siti is asked for it, and pays; Rina has paid already."""
    at(play, datetime(2027, 1, 4, 1, tzinfo=UTC))
    charge(play)
    play("""
        siti: status
        bot: Perlu dibayar: Rp16.800 untuk Januari 2027, paling lambat 15 Januari 2027. Ketik "bayar".
            Iuran sudah masuk ke BPJS sampai Desember 2026.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            P-2026-0001: sudah terdaftar di BPJS.
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Januari 2027?
            1. 1 bulan: Rp16.800
            2. 3 bulan: Rp50.400
            3. 6 bulan: Rp100.800
            4. 12 bulan: Rp201.600
        siti: 1 bulan
        bot: Iuran: Januari 2027 Rp16.800.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
        siti: transfer
        bot: Transfer Rp16.800 ke:
            Bank Contoh 0011 2233, Asosiasi Contoh
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp16.800
        siti: 16rb800
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            1. Hari ini, 04/01/2027
            2. Kemarin, 03/01/2027
        siti: hari ini
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        siti: tidak ada
        bot: Iuran Siti Aminah (NIK berakhir 0001): Januari 2027, transfer ke asosiasi.
            Dibayar Rp16.800 pada 4 Januari 2027.
            Referensi tidak ada, bukti sudah dikirim.
            Kirim ke petugas?
            1. Kirim
            2. Ubah
        siti: kirim
        bot to budi: Ada pembayaran menunggu: B-2027-0001, Rp16.800, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot to sri: Ada pembayaran menunggu: B-2027-0001, Rp16.800, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: Terkirim, nomor B-2027-0001. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya.
        budi: pembayaran
        bot: B-2027-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Januari 2027
            Cara: transfer ke asosiasi
            Jumlah: Rp16.800
            Tanggal: 4 Januari 2027, tanpa referensi
            1. Terima Rp16.800
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        budi: terima
        bot to siti: [photo] Pembayaran B-2027-0001 diterima: Rp16.800, iuran Siti Aminah. Kwitansi KW-2027-000001.
            Untuk Januari 2027.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: B-2027-0001: Rp16.800 diterima. Kwitansi KW-2027-000001 sudah dikirim.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        budi: cukup
        bot: Ketik "pembayaran" untuk melanjutkan kapan saja.
        siti: status
        bot: Iuran lunas sampai Januari 2027.
            Iuran sampai Januari 2027 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            P-2026-0001: sudah terdaftar di BPJS.
        rina: status
        bot: Iuran lunas sampai Februari 2027.
            Iuran sampai Februari 2027 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp16.800 untuk Maret 2027, paling lambat 15 Maret 2027.
            P-2026-0002: sudah terdaftar di BPJS.
    """)


def wayan_is_late(play):
    """Nothing is promised to her before Amat has her money."""
    at(play, datetime(2027, 1, 20, 1, tzinfo=UTC))
    play("""
        wayan: status
        bot: Belum dibayar: Rp16.800 untuk Januari 2027. Ketik "bayar".
            Selama belum lunas, perlindungan tidak bisa dipastikan.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            P-2026-0003: sudah terdaftar di BPJS.
        wayan: buku
        bot: [photo] Buku iuran Wayan Sari, per 20 Januari 2027
            Lunas: Desember 2026
            Belum dibayar: Januari 2027 Rp16.800
            Nanti, kecuali ada aturan baru: Februari–November 2027 Rp16.800 sebulan
        amat: terima
        bot: Uang di tangan: tidak ada.
            Terima uang dari siapa?
            1. Pilih dari daftar
            2. Ketik nama atau NIK
            3. Sama seperti bulan lalu
        amat: pilih dari daftar
        bot: Siapa yang bayar? Tekan namanya, tekan lagi untuk membatalkan. Boleh ketik beberapa nomor, contoh "1 3".
            Dipilih: 0 orang, Rp0.
            1. Wayan Sari (0006): Rp16.800
            2. Selesai
            3. Pilih semua
        amat: 1
        bot: Siapa yang bayar? Tekan namanya, tekan lagi untuk membatalkan. Boleh ketik beberapa nomor, contoh "1 3".
            Dipilih: 1 orang, Rp16.800.
            1. ✓ Wayan Sari (0006): Rp16.800
            2. Selesai
            3. Kosongkan
        amat: selesai
        bot: Wayan Sari: Rp16.800 untuk Januari 2027. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp16.800
        amat: 16.800
        bot: Wayan Sari: Rp16.800 untuk Januari 2027.
            Jumlahnya pas.
            1. Ya, catat
            2. Ubah total
        amat: ya
        bot to wayan: [photo]
        bot to wayan: Amat menerima Rp16.800 tunai, iuran Wayan Sari. Kwitansi KW-2027-000002.
            Untuk Januari 2027.
            Berikutnya asosiasi menyetorkannya ke BPJS.
            [Bukan saya]
            [Belum bayar]
        bot: Tercatat S-2027-0001: Rp16.800 dari 1 orang. Setiap orang mendapat kwitansi.
            Wayan Sari: KW-2027-000002
            Uang di tangan: Rp16.800, paling lama sejak hari ini.
            Ketik "setor" kalau mau menyetor.
        wayan: status
        bot: Iuran lunas sampai Januari 2027.
            Iuran sampai Januari 2027 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            P-2026-0003: sudah terdaftar di BPJS.
        amat: setor
        bot: Uang di tangan: Rp16.800, paling lama sejak hari ini.
            S-2027-0001, 20 Januari 2027: Rp16.800
            Mau setor berapa ke bendahara?
            1. Semua, Rp16.800
            2. Tidak sekarang
        amat: semua
        bot to sri: Amat mau setor Rp16.800, H-2027-0001. Hitung uangnya kalau sudah diterima.
            [Hitung]
        bot: Setoran H-2027-0001: Rp16.800. Serahkan uangnya ke bendahara; kami kabari kalau sudah dihitung.
        sri: [tap Hitung]
        bot: H-2027-0001 dari Amat: Rp16.800. Hitung uangnya. Berapa yang Bapak/Ibu terima?
            1. Pas Rp16.800
            2. Belum diterima
        sri: pas
        bot to amat: Sri sudah menerima setoran H-2027-0001: Rp16.800.
            Uang di tangan: tidak ada.
        bot: H-2027-0001 tercatat: Rp16.800 masuk kas. Ketik "kas" untuk melihat semuanya.
    """)


def january_goes_to_bpjs(play):
    """Wayan's part of it is still in the cash box."""
    at(play, datetime(2027, 1, 21, 1, tzinfo=UTC))
    play("""
        sri: setor bpjs
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            1. Susun baru
            2. Selesai
        sri: susun baru
        bot: Setor iuran sampai bulan apa?
            1. Sampai Januari 2027: 3 baris, Rp50.400
            2. Sampai Februari 2027: 4 baris, Rp67.200
            3. Tidak jadi
        sri: 1
        bot: Siap disetor: 3 baris, Rp50.400.
            Uang di bank Rp50.400, di kas Rp16.800, di tangan pengumpul Rp0.
            1. Susun sekarang
            2. Lihat atau keluarkan baris
            3. Ganti bulan
            4. Tidak jadi
        sri: susun sekarang
        bot: R-2027-0001 disusun: 3 baris, Rp50.400.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: ya
        bot: R-2027-0001: belum dibayar
            3 baris, Rp50.400.
            Kode bayar: -.
            1. Isi kode bayar
            2. Catat pembayaran
            3. Lihat baris
            4. Unduh lembar
            5. Batalkan setoran ini
            6. Setoran lain
        sri: catat pembayaran
        bot: R-2027-0001, Rp50.400. Dibayar dari mana?
            1. Bank (Rp50.400)
            2. Kas (Rp16.800)
            3. Tidak jadi
        sri: bank
        bot: Berapa yang dibayar ke BPJS, menurut struknya?
            1. Rp50.400
            2. Tidak jadi
        sri: 50.400
        bot: Kapan dibayar?
            1. Hari ini
        sri: hari ini
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        sri: tidak ada
        bot: Kirim foto buktinya, atau pilih tidak ada.
            1. Tidak ada
        sri: tidak ada
        bot: R-2027-0001: Rp50.400 dari bank, 21 Januari 2027, referensi -. Sudah dibayar ke BPJS?
            1. Ya, sudah dibayar
            2. Ulangi
            3. Tidak jadi
        sri: ya
        bot: R-2027-0001 sudah dibayar, Rp50.400. Catat hasilnya setelah BPJS menjawab.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: cukup
        bot: Baik. Ketik "setor bpjs" kapan saja.
    """)


def bpjs_does_not_take_one(play):
    """It gives the money back, and that month can go into another batch."""
    at(play, datetime(2027, 1, 25, 1, tzinfo=UTC))
    play("""
        sri: setor bpjs
        bot: Ada 1 setoran ke BPJS yang belum selesai.
            1. R-2027-0001, Rp50.400, sudah dibayar, menunggu hasil BPJS
            2. Susun baru
            3. Selesai
        sri: 1
        bot: R-2027-0001: sudah dibayar, menunggu hasil BPJS
            3 baris, Rp50.400.
            Dibayar Rp50.400 dari bank, 21 Januari 2027, referensi -.
            3 menunggu
            1. Unggah hasil BPJS
            2. Catat hasil
            3. Lihat baris
            4. Unduh lembar
            5. Setoran lain
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2027-0001?
            1. Semua diterima (3)
            2. Satu per satu
            3. Lihat setoran
        sri: satu per satu
        bot: R-2027-0001: 3 baris belum selesai. Pilih satu.
            1. Rina Wati 0003, Januari 2027, Rp16.800: menunggu
            2. Siti Aminah 0001, Januari 2027, Rp16.800: menunggu
            3. Wayan Sari 0006, Januari 2027, Rp16.800: menunggu
            4. Cukup dulu
        sri: wayan
        bot: Wayan Sari 0006, Januari 2027, Rp16.800: menunggu
            1. Diterima BPJS
            2. Jumlahnya lain
            3. Gagal
            4. Kembali ke daftar
        sri: gagal
        bot: Kenapa gagal menurut BPJS? Pilih, atau ketik sendiri.
            1. NIK tidak cocok.
            2. Data belum terdaftar di BPJS.
            3. Pembayaran ditolak.
            4. Tidak jadi
        sri: 1
        bot: Wayan Sari 0006, Januari 2027, Rp16.800: gagal. Uangnya masih di BPJS sampai kembali.

            Baris berikutnya?
            1. Ya, berikutnya
            2. Cukup
        sri: cukup
        bot: R-2027-0001: sudah dibayar, menunggu hasil BPJS
            3 baris, Rp50.400.
            Dibayar Rp50.400 dari bank, 21 Januari 2027, referensi -.
            2 menunggu, 1 gagal
            1. Unggah hasil BPJS
            2. Catat hasil
            3. Lihat baris
            4. Unduh lembar
            5. Setoran lain
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2027-0001?
            1. Semua diterima (2)
            2. Satu per satu
            3. Uang kembali (1)
            4. Lihat setoran
        sri: semua diterima
        bot: BPJS sudah menerima 2 baris, Rp33.600? Anggotanya langsung diberi tahu.
            1. Ya, semua diterima
            2. Belum tentu
        sri: ya
        bot to rina: BPJS sudah menerima iuran Januari 2027 atas nama Rina Wati. Lihat kapan saja: ketik "status".
        bot to siti: BPJS sudah menerima iuran Januari 2027 atas nama Siti Aminah. Lihat kapan saja: ketik "status".
        bot: 2 baris diterima BPJS.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: 1
        bot: R-2027-0001: sudah dibayar, menunggu hasil BPJS
            3 baris, Rp50.400.
            Dibayar Rp50.400 dari bank, 21 Januari 2027, referensi -.
            2 diterima BPJS, 1 gagal
            1. Unggah hasil BPJS
            2. Catat hasil
            3. Lihat baris
            4. Unduh lembar
            5. Setoran lain
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2027-0001?
            1. Satu per satu
            2. Uang kembali (1)
            3. Lihat setoran
        sri: uang kembali
        bot: Uang siapa yang dikembalikan BPJS?
            1. Semua yang gagal (1), Rp16.800
            2. Wayan Sari 0006, Januari 2027, Rp16.800
            3. Belum ada yang kembali
        sri: semua
        bot: Rp16.800 kembali ke mana?
            1. Bank
            2. Kas
            3. Belum kembali
        sri: bank
        bot: Rp16.800 untuk 1 baris sudah kembali ke bank? Barisnya lalu bisa disetor lagi.
            1. Ya, sudah kembali
            2. Belum
        sri: ya
        bot: Rp16.800 tercatat kembali ke bank.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: cukup
        bot: Baik. Ketik "setor bpjs" kapan saja.
    """)


def the_month_that_came_back_is_ready_again(play):
    """Siti's and Rina's are through."""
    at(play, datetime(2027, 1, 26, 1, tzinfo=UTC))
    play("""
        wayan: status
        bot: Iuran lunas sampai Januari 2027.
            Iuran sampai Januari 2027 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            P-2026-0003: sudah terdaftar di BPJS.
        siti: status
        bot: Iuran lunas sampai Januari 2027.
            Iuran sudah masuk ke BPJS sampai Januari 2027. Tanggal perlindungan belum dikabarkan BPJS; cek di JMO atau 175.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
        siti: buku
        bot: [photo] Buku iuran Siti Aminah, per 26 Januari 2027
            Lunas: Desember 2026–Januari 2027
            Nanti, kecuali ada aturan baru: Februari–November 2027 Rp16.800 sebulan
        sri: setor bpjs
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            1. Susun baru
            2. Selesai
        sri: susun baru
        bot: Setor iuran sampai bulan apa?
            1. Sampai Januari 2027: 1 baris, Rp16.800
            2. Sampai Februari 2027: 2 baris, Rp33.600
            3. Tidak jadi
        sri: tidak jadi
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            1. Susun baru
            2. Selesai
    """)  # noqa: E501


def nothing_is_lost(play):
    """Nobody owes anything, and every rupiah lies where it should."""
    assert [owed(play, who)["2027-01"] for who in ("siti", "rina", "wayan")] == [0, 0, 0]
    assert [credit(play, who) for who in ("siti", "rina", "wayan")] == [(0, 0)] * 3
    lying = {account: play.database.read(lambda db, of=account: ledger.balance(db, "main", of)) for account in Account}
    assert {account: amount for account, amount in lying.items() if amount} == {
        Account.TILL: 16_800,
        Account.BANK: 16_800,
        Account.BPJS: -33_600,  # Rina's February, which she has paid, and Wayan's January, which came back
    }
    with play.database.reading() as db:
        assert ledger_check.broken(db, "main") == []
        _entries, errors, _options = loader.load_string("\n".join(journal(db, "main")))
        assert errors == []
