"""What a file is, whatever its name says."""

_FIRST_BYTES = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"%PDF-": "pdf",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"PK\x03\x04": "zip",
    b"\x1aE\xdf\xa3": "video",
}
_BRANDS = dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "heic")
_BRANDS |= dict.fromkeys((b"avif", b"avis"), "avif")


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes.

    jpeg, png, webp, pdf, gif, heic, avif, svg, bmp, tiff, zip, video, voice (Opus in Ogg), audio, unknown.
    """
    for magic, kind in _FIRST_BYTES.items():
        if data.startswith(magic):
            return kind
    if data[:4] == b"OggS":
        return "voice" if b"OpusHead" in data[:64] else "audio"
    if data[:4] == b"RIFF":
        return "webp" if data[8:12] == b"WEBP" else "video"
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video")
    head = data[:1024].lower()
    if b"%pdf-" in head:
        return "pdf"
    return "svg" if b"<svg" in head else "unknown"
