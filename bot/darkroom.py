"""Where photos are developed: a process of its own that holds no secret and may die of what it is shown.

`bot.photos` starts it as a plain script. It imports Pillow, pypdfium2 and nothing of ours, and speaks frames on its
standard input and output: four bytes of length (big endian), then the content. The first thing it says is an empty
frame: ready. Then in comes a photo or a PDF as it was uploaded, and out comes `HEADER` (verdict, width, height,
perceptual hash), followed by a JPEG where the verdict is GOOD. It ends when its input ends.
"""

import contextlib
import io
import math
import os
import resource
import struct
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from pypdfium2 import PdfBitmap, PdfDocument, PdfiumError, PdfPage, raw

PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Loaded before the first photo comes; TIFF because EXIF is written in it, MPO because phones put two JPEGs in one."""

FORMATS = ("JPEG", "PNG", "WEBP")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF")  # how these begin
MOST_BYTES = 20_000_000  # of an upload; no more than Telegram lets a bot fetch
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 65_500  # pixels; no JPEG is longer
QUALITY = 92  # the small print of a KTP stays readable
PAGES = 3  # of a PDF; a proof has one
PAGE_WIDTH = 1600  # pixels at most
LOCKS = (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)  # a password, or something else that PDFium lacks

MEMORY = 768 * 1024 * 1024
"""Address space in bytes. 40 million pixels need 345 MB from a JPEG, 420 from a progressive one, 710 from a WebP.

A PDF needs 60 to 100, 440 where as many pixels lie on a page that is drawn as large.
"""

CPU_SECONDS = 20  # for one photo

HEADER = struct.Struct("!cIIQ")
GOOD, TOO_MANY_PIXELS, LOCKED, BROKEN = b"G", b"P", b"L", b"B"


def develop(data: bytes) -> tuple[Image.Image, int]:
    """The picture with nothing but its pixels, and its perceptual hash."""
    image = from_pdf(data) if is_pdf(data) else from_photo(data)
    return image, difference_hash(image)


def is_pdf(data: bytes) -> bool:
    """True when it is one by its first bytes, before which a PDF may have some others."""
    return b"%PDF-" in data[:1024] and not data.startswith(MAGIC)


def from_photo(data: bytes) -> Image.Image:
    """The photo upright and opaque.

    Only the first picture of an animation counts. EXIF turns the photo and is then dropped, with everything else that
    is no pixel: place, time, comments, colour profile, whatever was appended to the file.
    """
    opened = Image.open(io.BytesIO(data), formats=FORMATS)  # refuses too many pixels by the header, see `lock`
    if max(opened.size) > LONGEST_SIDE:
        raise Image.DecompressionBombError
    opened.load()
    image = _opaque(_upright(opened))
    image.info.clear()  # or Pillow would copy the comment
    return image


def from_pdf(data: bytes) -> Image.Image:
    """The first pages of a PDF under one another, all of one width, on white.

    PDFium mends what it can, and leaves white what it cannot: a file without an end and a drawing without a mark are
    taken as broken.
    """
    if b"%%EOF" not in data:
        raise EOFError
    with PdfDocument(data) as pdf:
        pdf.init_forms()  # or fields and signatures would not be drawn; there is no JavaScript in this PDFium
        width, heights = _fit([pdf.get_page_size(at) for at in range(min(len(pdf), PAGES))])
        paper = PdfBitmap.new_native(width, sum(heights), raw.FPDFBitmap_BGR, rev_byteorder=True)
        paper.fill_rect((255, 255, 255, 255), 0, 0, width, paper.height)
        for at, height in enumerate(heights):
            with contextlib.closing(pdf[at]) as page:
                _draw(page, paper, (0, sum(heights[:at]), width, height))
    image: Image.Image = paper.to_pil()
    if set(image.getextrema()) == {(255, 255)}:
        raise EOFError
    return image


def difference_hash(image: Image.Image) -> int:
    """A 64-bit hash that hardly changes when a picture is scaled or encoded again (dHash).

    The picture is shrunk to 9 by 8 pixels, each the mean of what it covers, and made grey. Row by row, every pixel but
    the last gives one bit, the most significant first: 1 where its right neighbour is brighter.
    """
    grey = image.resize((9, 8), Image.Resampling.BOX).convert("L").tobytes()
    bits = ["01"[grey[at] < grey[at + 1]] for row in range(8) for at in range(9 * row, 9 * row + 8)]
    return int("".join(bits), 2)


def answer(data: bytes) -> bytes:
    """What the darkroom says to one photo: header, then the JPEG if it is a good one.

    Running out of memory is not caught: the process goes, and takes with it whatever the photo did to its memory.
    """
    try:
        image, phash = develop(data)
        jpeg = io.BytesIO()
        image.save(jpeg, "JPEG", quality=QUALITY)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return HEADER.pack(TOO_MANY_PIXELS, 0, 0, 0)
    except PdfiumError as error:
        locked = error.err_code in LOCKS and b"/Encrypt" in data  # the code may be that of an earlier file
        return HEADER.pack(LOCKED if locked else BROKEN, 0, 0, 0)
    except MemoryError:
        raise
    except Exception:  # whatever a broken file leads Pillow to
        return HEADER.pack(BROKEN, 0, 0, 0)
    return HEADER.pack(GOOD, *image.size, phash) + jpeg.getbuffer()


def serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Say ready, then answer photo after photo until the input ends."""
    send(outgoing, b"")
    while (data := receive(incoming, most=MOST_BYTES)) is not None:
        _allow_cpu(CPU_SECONDS)
        send(outgoing, answer(data))


def send(outgoing: IO[bytes], content: bytes) -> None:
    """Write one frame."""
    outgoing.write(len(content).to_bytes(4, "big"))
    outgoing.write(content)
    outgoing.flush()


def receive(incoming: IO[bytes], *, most: int) -> bytes | None:
    """Read one frame; nothing if the input ends before it does, or it announces more than `most` bytes."""
    prefix = incoming.read(4)
    size = int.from_bytes(prefix, "big")
    if len(prefix) < 4 or size > most:
        return None
    content = incoming.read(size)
    return content if len(content) == size else None


def lock() -> None:
    """Give up, for good, what this process does not need to develop a photo."""
    os.nice(5)  # a vendor who writes is answered before photos are developed
    with contextlib.suppress(OSError):  # Linux only: where memory is short, this process goes and the server stays
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)  # a dump would hold somebody's card
    _limit(resource.RLIMIT_FSIZE, 0)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def _upright(image: Image.Image) -> Image.Image:
    """A copy turned as the EXIF says; as it lies where the EXIF cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:
        return image.copy()


def _opaque(image: Image.Image) -> Image.Image:
    """In grey or RGB, eight bits each, and white where the photo is transparent."""
    if image.mode == "I;16":
        image = image.point(lambda grey: grey * (1 / 256)).convert("L")
    if image.has_transparency_data:
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", image.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _fit(pages: list[tuple[float, float]]) -> tuple[int, list[int]]:
    """How wide pages of these sizes are to be drawn, and how high each."""
    _refuse_too_many(pages)  # were a point of a page a pixel
    shape = sum(height / width for width, height in pages)
    width = int(min(PAGE_WIDTH, LONGEST_SIDE / shape, math.sqrt(MOST_PIXELS / shape)))
    return width, [max(1, int(width * size[1] / size[0])) for size in pages]


def _draw(page: PdfPage, paper: PdfBitmap, place: tuple[int, int, int, int]) -> None:
    """Draw one page at its place: left, top, width, height."""
    _refuse_too_many(picture.get_px_size() for picture in page.get_objects([raw.FPDF_PAGEOBJ_IMAGE]))
    how = (paper, page, *place, 0, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)
    raw.FPDF_RenderPageBitmap(*how)
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, *how)


def _refuse_too_many(sizes: Iterable[tuple[float, float]]) -> None:
    """As Pillow does with a photo."""
    if any(max(size) > LONGEST_SIDE or math.prod(size) > MOST_PIXELS for size in sizes):
        raise Image.DecompressionBombError


def _limit(what: int, most: int) -> None:
    """Lower one limit for good, unless it is lower already or the system does not know it."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (most, most))


def _allow_cpu(seconds: int) -> None:
    """Let the system end this process when it has computed for so many seconds more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    lock()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # nothing that a photo says reaches the log
    serve(sys.stdin.buffer, sys.stdout.buffer)
