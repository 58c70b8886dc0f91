"""The commands that a channel lists beside the text field."""

COMMANDS = {
    "menu": ("Pilihan utama", "Main menu"),
    "daftar": ("Daftar BPJS Ketenagakerjaan", "Register"),
    "status": ("Lihat status pendaftaran", "See where it stands"),
    "bantuan": ("Bantuan", "Help"),
    "petugas": ("Bicara dengan petugas", "Talk to an officer"),
    "bahasa": ("Ganti bahasa", "Change language"),
    "sambung": ("Lanjut di aplikasi atau HP lain", "Go on in another app"),
    "ganti_orang": ("HP dipakai bersama", "Share this phone"),
    "berhenti": ("Atur pesan dari kami", "Choose our messages"),
}
INDONESIAN = [(command, words[0]) for command, words in COMMANDS.items()]
ENGLISH = [(command, words[1]) for command, words in COMMANDS.items()]
