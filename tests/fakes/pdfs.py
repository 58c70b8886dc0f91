"""PDFs for tests: slips as a bank's app makes them, and files that only a mischievous mind makes."""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import EncryptionMethod

LINES = ("Transfer berhasil", "Contoh Bank, bukan bank sungguhan", "Rp33.600", "Kepada: Asosiasi Contoh", "24-11-2026")
A4 = (595, 842)  # points


def slip(*, pages: int = 1, lines: Sequence[str] = LINES) -> bytes:
    """The proof of a transfer, with its number on every page; the same one gives the same bytes."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 11, 24, tzinfo=UTC))
    for page in range(pages):
        pdf.add_page()
        pdf.set_font("helvetica", size=22)
        for line in (*lines, f"Halaman {page + 1}"):
            pdf.cell(0, 18, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def locked_slip(password: str, method: EncryptionMethod = EncryptionMethod.AES_256) -> bytes:
    """A slip that opens with this password; with "" everybody may read it, but not change it."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=22)
    pdf.cell(0, 18, LINES[0])
    pdf.set_encryption(owner_password="only the bank", user_password=password, encryption_method=method)
    return bytes(pdf.output())


def by_hand(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    file, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(b"%010d 00000 n \n" % len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, b"".join(places))
    return file + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(file))


def stream(facts: bytes, content: bytes) -> bytes:
    """An object with content."""
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (facts, len(content), content)


def page(drawing: bytes, *more: bytes, size: tuple[float, float] = A4, facts: bytes = b"") -> bytes:
    """A PDF of one page; `more` are objects from 5 on."""
    return pages((size, drawing), more=more, facts=facts)


def pages(*drawn: tuple[tuple[float, float], bytes], more: Sequence[bytes] = (), facts: bytes = b"") -> bytes:
    """A PDF of pages, each of that size in points and with that drawing; `more` are objects behind theirs."""
    numbers = range(3, 3 + 2 * len(drawn), 2)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    objects.append(b"<</Type/Pages/Kids[%b]/Count %d>>" % (b" ".join(b"%d 0 R" % at for at in numbers), len(drawn)))
    for at, ((width, height), drawing) in zip(numbers, drawn, strict=True):
        box = b"/MediaBox[0 0 %a %a]" % (width, height)
        objects += [b"<</Type/Page/Parent 2 0 R%b/Contents %d 0 R%b>>" % (box, at + 1, facts), stream(b"", drawing)]
    return by_hand(*objects, *more)


def picture(facts: bytes, content: bytes, *, size: tuple[float, float] = A4) -> bytes:
    """A PDF of one page that is all picture."""
    drawing = b"%a 0 0 %a 0 0 cm /I Do" % size
    image = stream(b"/Type/XObject/Subtype/Image" + facts, content)
    return page(drawing, image, size=size, facts=b"/Resources<</XObject<</I 5 0 R>>>>")


def picture_of_zeros(side: int) -> bytes:
    """A black picture of so many pixels each way, which packs to almost nothing."""
    facts = b"/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode" % (side, side)
    return picture(facts, packed_zeros(side * side))


def unfolding(size: int) -> bytes:
    """A drawing that unfolds to so many bytes."""
    return by_hand(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        stream(b"/Filter/FlateDecode", packed_zeros(size)),
    )


def endless() -> bytes:
    """A drawing that takes minutes: a shade that is computed for every point, thousands of times over."""
    function = b"/FunctionType 4/Domain[0 600 0 900]/Range[0 1 0 1 0 1]"
    return page(
        b"/S sh " * 3000,
        b"<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 600 0 900]/Function 6 0 R>>",
        stream(function, b"{ sin exch cos 2 copy mul }"),
        facts=b"/Resources<</Shading<</S 5 0 R>>>>",
    )


def nested(depth: int = 20, fan: int = 10) -> bytes:
    """A drawing that holds another ten times, which holds another ten times, and so on."""
    inner = [b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + at) for at in range(depth - 1)]
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 900]"
    forms = [stream(form + facts, b"/F Do " * fan) for facts in inner]
    return page(b"/F Do", *forms, stream(form, b"0 0 9 9 re f"), facts=b"/Resources<</XObject<</F 5 0 R>>>>")


def packed_zeros(size: int) -> bytes:
    """So many zeros, packed."""
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    whole = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join(whole) + packer.compress(bytes(size % (1 << 20))) + packer.flush()
