import asyncio
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fpdf.enums import EncryptionMethod
from PIL import ExifTags, Image, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo

from bot import darkroom, photos
from bot.photos import Broken, EmptyFile, Lab, Locked, NoDarkroom, NotAPhoto, TooBig, TookTooLong, TooManyPixels
from conversations import hints
from tests.fakes import pdfs
from tests.fakes.photos import sample_ktp

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.close()


@pytest.fixture
def own_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab that the test may ruin, with little patience for one photo."""
    lab = Lab(at_once=1, seconds=1)
    yield lab
    lab.close()


def encoded(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def jpeg_markers(data: bytes) -> list[int]:
    """The markers before the scan, as in 0xE1 for EXIF."""
    markers, at = [], 2
    while data[at + 1] != 0xDA:
        markers.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return markers


# What is kept


def test_a_photo_is_kept_in_full_size_as_a_jpeg_with_its_hashes(lab):
    upload = sample_ktp("Siti Aminah")
    photo = lab.check(upload)
    assert (photo.width, photo.height) == opened(photo.jpeg).size == (1012, 638)
    assert photo.sha256 == sha256(photo.jpeg).hexdigest()
    assert photo.original_sha256 == sha256(upload).hexdigest()
    assert len(photo.phash) == 16
    assert opened(photo.jpeg).format == "JPEG"


def test_the_picture_itself_is_not_in_the_repr(lab):
    assert "jpeg" not in repr(lab.check(sample_ktp("Siti Aminah")))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_every_allowed_kind_keeps_its_colours(lab, kind):
    photo = lab.check(encoded(Image.new("RGB", (64, 48), (200, 30, 40)), kind))
    assert opened(photo.jpeg).getpixel((5, 5)) == pytest.approx((200, 30, 40), abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16"])
def test_a_photo_in_any_colour_mode_becomes_one_that_everybody_can_open(lab, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    photo = lab.check(encoded(Image.new(mode, (20, 10)), kind))
    assert opened(photo.jpeg).mode in ("L", "RGB")


def test_a_grey_of_sixteen_bits_stays_that_grey(lab):
    photo = lab.check(encoded(Image.new("I;16", (20, 10), 128 * 256), "PNG"))
    assert opened(photo.jpeg).getpixel((5, 5)) == pytest.approx(128, abs=2)


def test_what_is_transparent_becomes_white(lab):
    photo = lab.check(encoded(Image.new("RGBA", (20, 10), (0, 0, 0, 0)), "PNG"))
    assert opened(photo.jpeg).getpixel((5, 5)) == (255, 255, 255)


def test_a_photo_taken_sideways_ends_upright_and_without_its_place(lab):
    picture = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 40, 40), "red")
    sideways = picture.rotate(90, expand=True)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turn it clockwise to see it upright
    exif[ExifTags.Base.Make] = "Kamera Contoh"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (8.0, 35.0, 0.0)
    upload = encoded(sideways, exif=exif, comment=b"catatan", xmp=b"<x:xmpmeta/>", icc_profile=b"profil")
    assert {0xE1, 0xE2, 0xFE} < set(jpeg_markers(upload))

    photo = lab.check(upload + b"appended")

    kept = opened(photo.jpeg)
    assert (photo.width, photo.height) == kept.size == (200, 100)
    assert kept.getpixel((10, 10)) == pytest.approx((254, 0, 0), abs=8)
    assert kept.getpixel((190, 10)) == pytest.approx((255, 255, 255), abs=8)
    assert not kept.getexif()
    assert {marker for marker in jpeg_markers(photo.jpeg) if marker >= 0xE0} == {0xE0}
    assert b"appended" not in photo.jpeg


def test_a_png_loses_its_texts_and_its_orientation_too(lab):
    exif, texts = Image.Exif(), PngInfo()
    exif[ExifTags.Base.Orientation] = 8
    texts.add_text("Comment", "catatan")
    photo = lab.check(encoded(Image.new("RGB", (20, 10)), "PNG", exif=exif, pnginfo=texts))
    assert (photo.width, photo.height) == (10, 20)
    assert b"catatan" not in photo.jpeg


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_whose_exif_is_rubbish_is_still_a_photo(lab, kind):
    assert lab.check(encoded(Image.new("RGB", (20, 10)), kind, exif=b"Exif\0\0rubbish")).width == 20


def test_of_an_animation_the_first_picture_is_kept(lab):
    red, blue = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    photo = lab.check(encoded(red, "WEBP", save_all=True, append_images=[blue], duration=100, quality=90))
    assert opened(photo.jpeg).getpixel((20, 15)) == pytest.approx((255, 0, 0), abs=12)


def test_a_phone_that_packs_two_jpegs_into_one_file_gets_its_first_kept(lab):
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (20, 10), "blue")
    photo = lab.check(encoded(first, "MPO", save_all=True, append_images=[second]))
    assert (photo.width, photo.height) == (40, 30)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_forty_million_pixels_fit_into_the_darkroom(lab, kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    how = {"quality": 50, "method": 0} if kind == "WEBP" else {"progressive": True, "subsampling": 0}
    mode = "RGBA" if kind == "WEBP" else "RGB"
    photo = lab.check(encoded(Image.new(mode, (8000, 5000), "teal"), kind, exif=exif, **how))
    assert (photo.width, photo.height) == (5000, 8000)


# Perceptual hash


def test_the_same_photo_encoded_again_smaller_is_near(lab):
    card = opened(sample_ktp("Siti Aminah"))
    original = lab.check(encoded(card, quality=92))
    for copy in (encoded(card, quality=30), encoded(card.resize((506, 319)), "PNG"), encoded(card, "WEBP")):
        again = lab.check(copy)
        assert again.original_sha256 != original.original_sha256
        assert photos.distance(again.phash, original.phash) <= 6


def test_another_picture_is_far(lab):
    first, second = (Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90))
    hashes = [lab.check(encoded(picture)).phash for picture in (first, second)]
    assert photos.distance(*hashes) > 16


def test_the_hash_compares_each_pixel_with_its_right_neighbour():
    darker_to_the_right = ImageOps.invert(Image.linear_gradient("L").rotate(90))
    brighter_to_the_right = ImageOps.mirror(darker_to_the_right)
    assert darkroom.difference_hash(darker_to_the_right) == 0
    assert darkroom.difference_hash(brighter_to_the_right) == 2**64 - 1


# PDFs

CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"


def colours(photo: photos.Photo) -> list[Any]:
    """A photo's colours in its middle from above to below, one for each change."""
    column = opened(photo.jpeg).convert("RGB").crop((photo.width // 2, 0, photo.width // 2 + 1, photo.height))
    seen = [tuple(round(part / 64) * 64 for part in colour) for colour in column.get_flattened_data()]
    return [colour for before, colour in zip([None, *seen], seen, strict=False) if colour != before]


def test_a_pdf_becomes_a_picture_and_is_not_kept(lab):
    upload = pdfs.slip()
    photo = lab.check(upload)
    assert opened(photo.jpeg).size == (photo.width, photo.height) == (1600, 2262)
    assert photo.original_sha256 == sha256(upload).hexdigest()
    assert photo.sha256 == sha256(photo.jpeg).hexdigest()
    assert b"PDF" not in photo.jpeg
    assert {marker for marker in jpeg_markers(photo.jpeg) if marker >= 0xE0} == {0xE0}


def test_the_same_pdf_sent_twice_is_known_by_its_bytes(lab):
    upload = pdfs.slip()
    first, again = (lab.check(upload) for _ in range(2))
    assert (first.original_sha256, first.phash) == (again.original_sha256, again.phash)


def test_a_pdf_and_its_screenshot_are_near(lab):
    upload = pdfs.slip()
    screen = pypdfium2.PdfDocument(upload)[0].render(scale=1.7).to_pil()
    shot = lab.check(encoded(screen.resize((720, 1018)), quality=60))
    assert photos.distance(lab.check(upload).phash, shot.phash) <= 6


def test_a_card_packed_into_a_pdf_is_near_to_its_photo(lab):
    card = sample_ktp("Siti Aminah")
    packed = lab.check(encoded(opened(card), "PDF", resolution=300))
    assert packed.width == 1600
    assert photos.distance(packed.phash, lab.check(card).phash) <= 6


def test_up_to_three_pages_stand_under_one_another_as_wide_as_each_other(lab):
    paint = [b"%b rg -900 -900 9000 9000 re f" % colour for colour in (b"1 0 0", b"0 1 0", b"0 0 1", b"0 0 0")]
    drawn = zip([(100, 50), (300, 300), (50, 100), (50, 50)], paint, strict=True)  # each beyond its own page
    photo = lab.check(pdfs.pages(*drawn))
    assert (photo.width, photo.height) == (1600, 800 + 1600 + 3200)
    assert [colour for colour in colours(photo) if max(colour) == 256] == [(256, 0, 0), (0, 256, 0), (0, 0, 256)]


def test_a_turned_page_is_drawn_upright(lab):
    photo = lab.check(pdfs.page(b"0 0 99 99 re f", size=(200, 100), facts=b"/Rotate 90"))
    assert (photo.width, photo.height) == (1600, 3200)


@pytest.mark.parametrize("heights", [[9000], [9000, 3000, 600], [60_000]])
def test_long_pages_are_drawn_narrower(lab, heights):
    photo = lab.check(pdfs.pages(*(((600, height), b"0 0 99 99 re f") for height in heights)))
    assert photo.width == pytest.approx(photo.height * 600 / sum(heights), rel=0.01)
    assert photo.width <= 1600
    assert photo.width * photo.height <= darkroom.MOST_PIXELS
    assert photo.height <= darkroom.LONGEST_SIDE


def test_stamps_and_fields_are_drawn_too(lab):
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/F 4/Rect[0 50 100 100]/AP<</N 6 0 R>>>>"
    stamp = b"<</Type/Annot/Subtype/Stamp/F 4/Rect[0 0 100 50]/AP<</N 8 0 R>>>>"
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 100 50]"
    photo = lab.check(
        pdfs.by_hand(
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Annots[5 0 R 7 0 R]>>",
            pdfs.stream(b"", b""),
            field,
            pdfs.stream(form, b"1 0 0 rg 0 0 100 50 re f"),
            stamp,
            pdfs.stream(form, b"0 0 1 rg 0 0 100 50 re f"),
        )
    )
    assert [colours(photo)[0], colours(photo)[-1]] == [(256, 0, 0), (0, 0, 256)]


def test_no_script_in_a_pdf_can_run():
    assert not {"V8", "XFA"} & set(pypdfium2.PDFIUM_INFO.flags)


def test_some_bytes_may_stand_before_a_pdf(lab):
    assert lab.check(b"\n\n" + pdfs.slip()).width == 1600


def test_a_jpeg_that_speaks_of_pdfs_is_a_jpeg(lab):
    assert lab.check(encoded(Image.new("RGB", (60, 40)), comment=pdfs.slip())).width == 60


@pytest.mark.parametrize("method", [EncryptionMethod.RC4, EncryptionMethod.AES_128, EncryptionMethod.AES_256])
def test_a_pdf_that_asks_for_a_password_is_locked_and_one_that_only_forbids_printing_is_not(lab, method):
    with pytest.raises(Locked):
        lab.check(pdfs.locked_slip("rahasia", method))
    assert lab.check(pdfs.locked_slip("", method)).width == 1600


def test_a_broken_pdf_is_not_taken_for_a_locked_one_that_came_before(own_lab):
    with pytest.raises(Locked):
        own_lab.check(pdfs.locked_slip("rahasia"))
    with pytest.raises(Broken):
        own_lab.check(pdfs.by_hand(CATALOGUE, b"null"))


def test_a_pdf_that_is_cut_short_is_broken(lab):
    for whole in (pdfs.slip(), encoded(opened(sample_ktp("Siti Aminah")), "PDF")):
        for length in (9, 200, len(whole) // 2, len(whole) - 8):
            with pytest.raises(Broken):
                lab.check(whole[:length])


@pytest.mark.parametrize(
    "empty",
    [
        pdfs.page(b""),
        pdfs.by_hand(CATALOGUE, b"<</Type/Pages/Kids[]/Count 0>>"),
        pdfs.by_hand(CATALOGUE, b"<</Type/Pages/Kids[]/Count 1000000000>>"),
        pdfs.by_hand(CATALOGUE, b"<</Type/Pages/Kids[2 0 R]/Count 5>>"),
        pdfs.by_hand(CATALOGUE, b"null"),
        b"%PDF-1.7\n%%EOF\n",
        b"%PDF-1.7\n" + b"rubbish" * 99 + b"%%EOF\n",
    ],
    ids=["a blank page", "no page", "a billion pages, none there", "pages in themselves", "null", "nothing", "rubbish"],
)
def test_a_pdf_that_shows_nothing_is_broken(lab, empty):
    with pytest.raises(Broken):
        lab.check(empty)


@pytest.mark.parametrize("size", [(14_400, 14_400), (100_000, 100_000), (100_000, 1), (6_400, 6_400)])
def test_a_pdf_with_an_enormous_page_is_refused(lab, size):
    with pytest.raises(TooManyPixels):
        lab.check(pdfs.pages((pdfs.A4, b"0 0 9 9 re f"), (size, b"0 0 9 9 re f")))


def test_a_pdf_with_a_picture_of_nine_hundred_million_pixels_is_refused_unseen(lab):
    bomb = pdfs.picture_of_zeros(30_000)
    assert len(bomb) < 1_000_000
    began = time.monotonic()
    with pytest.raises(TooManyPixels):
        lab.check(bomb)
    assert time.monotonic() - began < 3


def test_a_pdf_with_forty_million_pixels_on_a_long_page_fits_into_the_darkroom(lab):
    facts = b"/Width 7000/Height 5700/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode"
    scan = encoded(Image.new("RGB", (7000, 5700), "teal"), progressive=True, subsampling=0)
    photo = lab.check(pdfs.picture(facts, scan, size=(600, 9000)))
    assert (photo.width, photo.height) == (1600, 24_000)
    assert opened(photo.jpeg).getpixel((800, 12_000)) == pytest.approx((0, 128, 128), abs=4)


@pytest.mark.parametrize("bomb", [pdfs.unfolding(1 << 30), pdfs.nested()], ids=["unfolds to a gigabyte", "nested"])
def test_a_pdf_that_needs_more_memory_than_there_is_ends_its_process_only(own_lab, bomb):
    own_lab._seconds = 20
    own_lab.check(pdfs.slip())
    first = own_lab.idle[0].pid
    with pytest.raises(Broken):
        own_lab.check(bomb)
    assert own_lab.check(pdfs.slip()).width == 1600
    assert own_lab.idle[0].pid != first


def test_a_pdf_that_draws_without_end_is_ended(own_lab):
    own_lab.check(pdfs.slip())
    with pytest.raises(TookTooLong):
        own_lab.check(pdfs.endless())
    assert own_lab.check(pdfs.slip()).width == 1600


def test_a_pdf_that_is_refused_costs_no_process(own_lab):
    own_lab.check(pdfs.slip())
    first = own_lab.idle[0].pid
    for upload in (pdfs.slip()[:500], pdfs.locked_slip("rahasia"), pdfs.page(b"", size=(99_000, 99_000))):
        with pytest.raises((Broken, Locked, TooManyPixels)):
            own_lab.check(upload)
    assert own_lab.idle[0].pid == first


# What is refused, and as what


def test_every_refusal_has_its_own_advice():
    advice = {
        refusal.__name__: hints.photo_trouble(refusal.__name__) for refusal in photos.PhotoRefused.__subclasses__()
    }
    assert [name for name, words in advice.items() if words == hints.photo_trouble("")] == []


def test_an_empty_file_is_refused(lab):
    with pytest.raises(EmptyFile):
        lab.check(b"")


def test_one_byte_more_than_twenty_megabytes_is_refused(lab):
    with pytest.raises(TooBig):
        lab.check(sample_ktp("Siti Aminah").ljust(20_000_001, b"\0"))


def test_twenty_megabytes_are_not_too_big(lab):
    assert lab.check(sample_ktp("Siti Aminah").ljust(20_000_000, b"\0")).width == 1012


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (encoded(Image.new("L", (9, 9)), "GIF"), "gif"),
        (encoded(Image.new("L", (9, 9)), "BMP"), "bmp"),
        (encoded(Image.new("L", (9, 9)), "TIFF"), "tiff"),
        (encoded(Image.new("RGB", (9, 9)), "AVIF"), "avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isom", "video"),
        (b'<?xml version="1.0"?>\n<SVG onload="x"/>', "svg"),
        (b"PK\x03\x04word", "zip"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"Nama: Siti", "unknown"),
        (b"\xff", "unknown"),
    ],
)
def test_what_only_bears_the_name_of_a_photo_is_refused_as_what_it_is(lab, data, kind):
    with pytest.raises(NotAPhoto) as refused:
        lab.check(data)
    assert refused.value.kind == kind


def test_a_jpeg_that_is_cut_short_is_broken(lab):
    whole = sample_ktp("Siti Aminah")
    for length in (4, 200, len(whole) // 2, len(whole) - 2000):
        with pytest.raises(Broken):
            lab.check(whole[:length])


def test_rubbish_behind_the_first_bytes_is_broken(lab):
    for magic in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBPVP8 "):
        with pytest.raises(Broken):
            lab.check(magic + b"\xe0rubbish" * 40)


def test_the_darkroom_itself_opens_nothing_but_the_allowed_kinds():
    gif = encoded(Image.new("L", (9, 9)), "GIF")
    assert darkroom.HEADER.unpack(darkroom.answer(gif))[0] == darkroom.BROKEN


def png_of_zeros(side: int) -> bytes:
    """A black PNG of so many pixels each way, one bit each, which packs to almost nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    packer, row = zlib.compressobj(9), bytes(1 + (side + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = side.to_bytes(4, "big") * 2 + b"\x01\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_small_png_that_unfolds_to_nine_hundred_million_pixels_is_refused_unseen(lab):
    bomb = png_of_zeros(30_000)
    assert len(bomb) < 200_000
    began = time.monotonic()
    with pytest.raises(TooManyPixels):
        lab.check(bomb)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("size", [(10_000, 10_000), (6_400, 6_400), (65_500, 620)])
def test_a_jpeg_of_more_than_forty_million_pixels_is_refused(lab, size):
    with pytest.raises(TooManyPixels):
        lab.check(encoded(Image.new("L", size)))


def test_a_png_longer_than_any_jpeg_is_refused(lab):
    with pytest.raises(TooManyPixels):
        lab.check(encoded(Image.new("1", (65_501, 8)), "PNG"))


# The process that may die


def test_the_same_process_develops_photo_after_photo(own_lab):
    processes = set()
    for _ in range(3):
        own_lab.check(sample_ktp("Siti Aminah"))
        processes.add(own_lab.idle[0].pid)
    assert len(processes) == 1


def test_a_broken_photo_costs_no_process(own_lab):
    own_lab.check(sample_ktp("Siti Aminah"))
    first = own_lab.idle[0].pid
    with pytest.raises(Broken):
        own_lab.check(sample_ktp("Siti Aminah")[:999])
    assert own_lab.idle[0].pid == first


def test_a_process_killed_in_the_middle_breaks_one_photo_and_no_more(own_lab):
    own_lab.check(sample_ktp("Siti Aminah"))
    pid = own_lab.idle[0].pid
    os.kill(pid, signal.SIGSTOP)  # so that it is surely in the middle
    threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(Broken):
        own_lab.check(sample_ktp("Siti Aminah"))
    assert own_lab.check(sample_ktp("Siti Aminah")).width == 1012
    assert own_lab.idle[0].pid != pid


def test_a_process_killed_while_idle_breaks_no_photo(own_lab):
    own_lab.check(sample_ktp("Siti Aminah"))
    os.kill(own_lab.idle[0].pid, signal.SIGKILL)
    time.sleep(0.05)
    assert own_lab.check(sample_ktp("Siti Aminah")).width == 1012


def test_a_process_that_hangs_is_ended_and_replaced(own_lab):
    own_lab.check(sample_ktp("Siti Aminah"))
    pid = own_lab.idle[0].pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(TookTooLong):
        own_lab.check(sample_ktp("Siti Aminah"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert own_lab.check(sample_ktp("Siti Aminah")).width == 1012


def test_a_worn_process_is_replaced(own_lab, monkeypatch):
    monkeypatch.setattr(photos, "PHOTOS_EACH", 2)
    processes = []
    for _ in range(4):
        own_lab.check(sample_ktp("Siti Aminah"))
        processes.append(own_lab.idle[0].pid)
    assert processes[0] == processes[1] != processes[2] == processes[3]


def darkroom_that(does: str) -> tuple[str, ...]:
    """A command that starts a darkroom of another make; `does` runs when the first photo arrives."""
    ready = "import os, signal, sys; sys.stdout.buffer.write(bytes(4)); sys.stdout.flush(); sys.stdin.buffer.read(4); "
    return (sys.executable, "-c", ready + does)


@pytest.mark.parametrize(
    ("does", "refused"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", Broken),
        ("os.kill(os.getpid(), signal.SIGXCPU)", TookTooLong),
        ("sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xff'); sys.stdout.flush(); sys.stdin.read()", Broken),
        ("sys.stdout.buffer.write(b'\\0\\0\\0\\x01G')", Broken),
        ("pass", Broken),
    ],
)
def test_however_the_darkroom_fails_the_server_only_sees_a_refusal(own_lab, monkeypatch, does, refused, caplog):
    monkeypatch.setattr(photos, "COMMAND", darkroom_that(does))
    with pytest.raises(refused):
        own_lab.check(sample_ktp("Siti Aminah"))
    assert "ended the process" in caplog.text
    assert not own_lab.idle


def test_a_photo_that_needs_more_memory_than_there_is_ends_its_process_only(own_lab, monkeypatch):
    small = "from bot import darkroom; darkroom.MEMORY = 150 << 20; darkroom.lock(); import sys; "
    serve = "darkroom.serve(sys.stdin.buffer, sys.stdout.buffer)"
    monkeypatch.setattr(photos, "COMMAND", (sys.executable, "-c", small + serve))
    own_lab.check(sample_ktp("Siti Aminah"))
    first = own_lab.idle[0].pid
    with pytest.raises(Broken):
        own_lab.check(png_of_zeros(6_300))
    assert own_lab.check(sample_ktp("Siti Aminah")).width == 1012
    assert own_lab.idle[0].pid != first


@pytest.mark.parametrize("command", [("/no/such/python",), (sys.executable, "-c", "raise SystemExit(3)")])
def test_a_darkroom_that_does_not_start_is_not_blamed_on_the_photo(own_lab, monkeypatch, command):
    monkeypatch.setattr(photos, "COMMAND", command)
    with pytest.raises(NoDarkroom):
        own_lab.check(sample_ktp("Siti Aminah"))


def test_computing_longer_than_allowed_ends_the_darkroom():
    endless = "from bot import darkroom; darkroom._allow_cpu(0)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", endless], check=False, timeout=20).returncode == -signal.SIGXCPU


@linux
def test_the_darkroom_has_no_secret_little_memory_and_leaves_no_dump(own_lab, monkeypatch):
    monkeypatch.setenv("SECRET_KEYS", "k1:secret")
    own_lab.check(sample_ktp("Siti Aminah"))
    process = Path("/proc") / str(own_lab.idle[0].pid)
    limits = {line[:25].strip(): line[25:].split()[:2] for line in (process / "limits").read_text().splitlines()}
    assert b"SECRET" not in (process / "environ").read_bytes()
    assert limits["Max address space"] == [str(darkroom.MEMORY)] * 2
    assert limits["Max core file size"] == limits["Max file size"] == ["0", "0"]
    assert limits["Max cpu time"][0] != "unlimited"
    assert (process / "oom_score_adj").read_text() == "1000\n"


@linux
def test_the_memory_of_the_server_does_not_grow_with_the_pixels(tmp_path):
    (tmp_path / "photo.png").write_bytes(png_of_zeros(6_300))
    check = f"""
        from bot.photos import Lab
        from pathlib import Path
        def most(): return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
        lab, upload, before = Lab(), Path("{tmp_path}/photo.png").read_bytes(), most()
        assert lab.check(upload).width == 6300
        lab.close()
        print(most() - before)
    """
    grown = subprocess.check_output([sys.executable, "-c", check.replace("\n        ", "\n")])
    assert int(grown) < 8_000  # kB; 39.7 million pixels are 40,000 even in grey


# Many at once


async def test_a_burst_of_photos_is_developed_by_two_at_most():
    try:
        names = [f"Pedagang {number}" for number in range(12)]
        kept = await asyncio.gather(*(photos.check_photo(sample_ktp(name)) for name in names))
        assert len({photo.original_sha256 for photo in kept}) == 12
        assert 1 <= len(photos._lab.idle) <= 2
    finally:
        photos.close()


async def test_the_server_goes_on_while_a_photo_is_developed():
    try:
        developing = asyncio.create_task(photos.check_photo(png_of_zeros(4_000)))
        turns = 0
        while not developing.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert (await developing).width == 4_000
        assert turns > 10
    finally:
        photos.close()


async def test_after_closing_the_next_photo_opens_the_darkroom_again():
    await photos.check_photo(sample_ktp("Siti Aminah"))
    pid = photos._lab.idle[0].pid
    photos.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    try:
        assert (await photos.check_photo(sample_ktp("Siti Aminah"))).width == 1012
    finally:
        photos.close()


def runs(pid: int) -> bool:
    """The process is there and more than the memory of one that ended."""
    status = Path("/proc") / str(pid) / "status"
    return status.exists() and "(zombie)" not in status.read_text()


@linux
def test_whoever_forgets_to_close_leaves_no_process_behind():
    forget = """
        import io
        from PIL import Image
        from bot.photos import Lab
        file = io.BytesIO()
        Image.new("L", (9, 9)).save(file, "JPEG")
        lab = Lab()
        lab.check(file.getvalue())
        print(lab.idle[0].pid)
    """
    pid = int(subprocess.check_output([sys.executable, "-c", forget.replace("\n        ", "\n")], timeout=20))
    deadline = time.monotonic() + 5
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(pid)
