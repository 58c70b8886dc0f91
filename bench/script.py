"""What one vendor types from her first word to her numbered confirmation."""

NIKS = 99_000_000


def registration(number: int) -> list[str]:
    """The messages of vendor `number`; her NIK is plainly an example."""
    nik = f"52710{number % 6 + 1}{41 + number // 9999 % 28:02}0187{number % 9999 + 1:04}"
    return [
        "halo",
        "1",
        "setuju",
        "ya",
        "tidak",
        "daftar",
        "1",
        nik,
        "benar",
        "Siti Contoh",
        "Mataram",
        "Inaq Contoh",
        "081200000001",
        "kota mataram",
        "ampenan",
        "bintaro",
        "Jalan Contoh 1",
        "1",
        "Pasar Contoh",
        "1",
        "1",
        "1",
        "Ahmad Contoh",
        "2",
        "1",
        "nanti",
        "benar",
    ]
