"""Pictures for the demonstration that nobody can take for real ones: proofs of payment, and a code to pay by."""

import io
from hashlib import sha256
from random import Random

import segno
from PIL import Image, ImageDraw, ImageFont

from bot.darkroom import difference_hash
from storage.columns import new_id
from storage.queries.documents import NewDocument

SIZE = (480, 640)
ACROSS, DOWN = 9, 8  # squares of paper
INK, BRAND, WARNING = "#16324f", "#0e4f49", "#c0392b"
NOT_REAL = "CONTOH: tidak untuk membayar"


def proof(amount: str, day: str, reference: str, chance: Random) -> NewDocument:
    """A slip that shows a payment, on paper of its own: two slips are two pictures."""
    slip = paper(chance)
    draw = ImageDraw.Draw(slip)
    draw.rectangle((0, 0, SIZE[0], 96), BRAND)
    middle = SIZE[0] // 2
    draw.text((middle, 48), "BUKTI BAYAR (CONTOH)", "white", font(30), anchor="mm")
    draw.text((middle, 190), "Pembayaran berhasil", INK, font(26), anchor="mm")
    draw.text((middle, 260), amount, INK, font(54), anchor="mm")
    for row, (label, value) in enumerate({"Tanggal": day, "Referensi": reference}.items()):
        draw.text((40, 390 + 60 * row), label, "#5d6a66", font(24), anchor="lm")
        draw.text((SIZE[0] - 40, 390 + 60 * row), value, INK, font(24), anchor="rm")
    return developed(stamped(slip))


def qris() -> NewDocument:
    """What stands for the association's QR code: a phone that reads it finds that it is none."""
    picture = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(picture)
    middle = SIZE[0] // 2
    draw.text((middle, 60), "QRIS (CONTOH)", INK, font(40), anchor="mm")
    module = 12
    rows = segno.make_qr(NOT_REAL, error="m").matrix
    left, top = (SIZE[0] - module * len(rows)) // 2, 140
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                at = (left + x * module, top + y * module)
                draw.rectangle((*at, at[0] + module - 1, at[1] + module - 1), "black")
    draw.text((middle, 590), NOT_REAL, WARNING, font(22), anchor="mm")
    return developed(picture)


def paper(chance: Random) -> Image.Image:
    """Squares in pale shades; the bot compares pictures by just such squares."""
    squares = Image.new("RGB", (ACROSS, DOWN))
    greys = [chance.randrange(234, 251) for _square in range(ACROSS * DOWN)]
    squares.putdata([(grey, grey + 5, grey) for grey in greys])
    return squares.resize(SIZE, Image.Resampling.NEAREST)


def stamped(picture: Image.Image) -> Image.Image:
    """The same with a word across it."""
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).text((picture.width // 2, picture.height // 2), "CONTOH", 90, font(120), anchor="mm")
    picture.paste(WARNING, mask=mask.rotate(30, Image.Resampling.BICUBIC))
    return picture


def developed(picture: Image.Image) -> NewDocument:
    """As it comes out of the darkroom."""
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=85)
    content = jpeg.getvalue()
    return NewDocument(
        new_id(), content, sha256(content).hexdigest(), f"{difference_hash(picture):016x}", *picture.size
    )


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Letters of that height."""
    return ImageFont.load_default(size)
