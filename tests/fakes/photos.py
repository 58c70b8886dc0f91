"""Pictures for tests: a card that nobody can take for a real one."""

import io
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFont

CARD = (1012, 638)  # pixels: 85.6 mm by 54 mm, the shape of a real card, at 300 dpi
PAPER, INK, WARNING = "#d7ecf7", "#16324f", "#c0392b"


def sample_ktp(name: str) -> bytes:
    """A JPEG of a made-up KTP in this name, CONTOH / SPECIMEN across it; the same name gives the same bytes."""
    card = Image.new("RGB", CARD, PAPER)
    draw = ImageDraw.Draw(card)
    draw.text((CARD[0] // 2, 44), "PROVINSI CONTOH", INK, _font(38), anchor="mm")
    draw.text((CARD[0] // 2, 88), "KOTA CONTOH", INK, _font(30), anchor="mm")
    for row, (label, value) in enumerate(_facts(name).items()):
        draw.text((40, 150 + 56 * row), label, INK, _font(30))
        draw.text((230, 150 + 56 * row), f": {value}", INK, _font(30))
    _draw_face(draw, name)
    card.paste(WARNING, mask=_across("CONTOH / SPECIMEN"))
    jpeg = io.BytesIO()
    card.save(jpeg, "JPEG", quality=90)
    return jpeg.getvalue()


def _facts(name: str) -> dict[str, str]:
    number = sha256(name.encode()).digest()[0]
    return {
        "NIK": f"527101010187000{number % 9 + 1}",
        "Nama": name.upper(),
        "Lahir": "CONTOH, 01-01-1987",
        "Alamat": f"JL. CONTOH NO. {number}",
        "Pekerjaan": "PEDAGANG",
        "Berlaku": "TIDAK BERLAKU",
    }


def _draw_face(draw: ImageDraw.ImageDraw, name: str) -> None:
    """A bust in colours of its own for every name, so that two cards are two pictures."""
    wall, shirt, skin = (tuple(sha256(f"{part} {name}".encode()).digest()[:3]) for part in ("wall", "shirt", "skin"))
    draw.rectangle((740, 150, 970, 450), wall)
    draw.pieslice((765, 340, 945, 560), 180, 360, shirt)
    draw.ellipse((795, 195, 915, 345), skin)


def _across(words: str) -> Image.Image:
    """These words from corner to corner, as a half transparent mask."""
    mask = Image.new("L", CARD, 0)
    ImageDraw.Draw(mask).text((CARD[0] // 2, CARD[1] // 2), words, 110, _font(104), anchor="mm")
    return mask.rotate(25, Image.Resampling.BICUBIC)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
