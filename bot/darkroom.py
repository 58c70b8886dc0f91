"""Where photos are developed: a process of its own that holds no secret and may die of what it is shown.

`bot.photos` starts it as a plain script. It imports Pillow and nothing of ours, and speaks frames on its standard
input and output: four bytes of length (big endian), then the content. The first thing it says is an empty frame:
ready. Then in comes a photo as it was uploaded, and out comes `HEADER` (verdict, width, height, perceptual hash),
followed by a JPEG where the verdict is GOOD. It ends when its input ends.
"""

import contextlib
import io
import os
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Loaded before the first photo comes; TIFF because EXIF is written in it, MPO because phones put two JPEGs in one."""

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 20_000_000  # of an upload; no more than Telegram lets a bot fetch
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 65_500  # pixels; no JPEG is longer
QUALITY = 92  # the small print of a KTP stays readable

MEMORY = 768 * 1024 * 1024
"""Address space in bytes. 40 million pixels need 345 MB from a JPEG, 420 from a progressive one, 710 from a WebP."""

CPU_SECONDS = 20  # for one photo

HEADER = struct.Struct("!cIIQ")
GOOD, TOO_MANY_PIXELS, BROKEN = b"G", b"P", b"B"


def develop(data: bytes) -> tuple[Image.Image, int]:
    """The photo upright, opaque and with nothing but its pixels, and its perceptual hash.

    Only the first picture of an animation counts. EXIF turns the photo and is then dropped, with everything else that
    is no pixel: place, time, comments, colour profile, whatever was appended to the file.
    """
    opened = Image.open(io.BytesIO(data), formats=FORMATS)  # refuses too many pixels by the header, see `lock`
    if max(opened.size) > LONGEST_SIDE:
        raise Image.DecompressionBombError
    opened.load()
    image = _opaque(_upright(opened))
    image.info.clear()  # or Pillow would copy the comment
    return image, difference_hash(image)


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
    except MemoryError:
        raise
    except Exception:  # Pillow raises whatever a broken file leads it to
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
