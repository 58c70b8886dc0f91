"""A sheet to draw on. It measures as phones do: 360 units are as wide as a small phone, and 14 is a letter to read."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fpdf import FPDF

from bot.drawings.letters import inked

Ink = tuple[int, int, int]
Point = tuple[float, float]

BLACK: Ink = (0x14, 0x1F, 0x1E)
QUIET: Ink = (0x4B, 0x58, 0x55)
LINE: Ink = (0xCF, 0xD6, 0xD3)
WHITE: Ink = (0xFF, 0xFF, 0xFF)
BRAND: Ink = (0x0E, 0x4F, 0x49)
SOFT: Ink = (0xE3, 0xF0, 0xEC)
AMBER: Ink = (0xF2, 0xB0, 0x4A)
CORAL: Ink = (0xE2, 0x67, 0x4A)
RED: Ink = (0xA3, 0x1D, 0x12)

MORE = "…"
JOINTS = "/?&=-"  # after which an address may go on in the next line; the best first
WEB = ("https://", "http://")  # the beginnings of an address that a finger may open
WRITTEN = datetime(2000, 1, 1, tzinfo=UTC)  # the same facts make the same file, whenever they are drawn


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the sheet, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Face:
    """How a text is set."""

    size: float
    bold: bool = False
    ink: Ink = BLACK

    @property
    def leading(self) -> float:
        """From one line to the next."""
        return self.size * 1.28

    @property
    def rise(self) -> float:
        """From a line's upper edge to what its letters stand on."""
        return self.size * 0.98


class Sheet:
    """One page of PDF. `points` of PDF are one unit of ours; y grows downwards."""

    def __init__(self, width: float, height: float, points: float = 1.0, title: str = "") -> None:
        self.width = width
        self.height = height
        self._points = points
        self._pdf = FPDF(unit=points, format=(width, height))
        self._pdf.core_fonts_encoding = "cp1252"
        self._pdf.set_creation_date(WRITTEN)
        self._pdf.set_title(inked(title))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.add_page()

    def pdf(self) -> bytes:
        """The sheet as a file."""
        return bytes(self._pdf.output())

    # --- text ---

    def width_of(self, text: str, face: Face) -> float:
        """How wide a text is, in one line."""
        self._set(face)
        return float(self._pdf.get_string_width(text))

    def lines(self, text: str, width: float, face: Face, most: int) -> list[str]:
        """`text` in as many lines as it needs, and no more than `most`; "…" stands where something is missing."""
        found: list[str] = []
        rest = inked(text)
        while rest and len(found) < most - 1:
            line, rest = self._cut(rest, width, face)
            found.append(line)
        return [*found, self.shortened(rest, width, face)] if rest else found

    def shortened(self, text: str, width: float, face: Face) -> str:
        """`text` in one line of that width, ending in "…" where it does not fit."""
        text = inked(text)
        if self.width_of(text, face) <= width:
            return text
        kept = text[: self._fitting(text, width - self.width_of(MORE, face), face)]
        word = kept.rfind(" ")
        return kept[: word if word > len(kept) / 2 else None].rstrip(" ,") + MORE

    def fitted(self, text: str, width: float, face: Face, least: float) -> tuple[str, Face]:
        """`text` in one line, set smaller where it is too long, and shortened where `least` is still too large."""
        wide = self.width_of(inked(text), face)
        size = max(least, face.size * width / wide) if wide > width else face.size
        smaller = Face(size, face.bold, face.ink)
        return self.shortened(text, width, smaller), smaller

    def write(self, text: str, x: float, y: float, face: Face, align: float = 0.0) -> None:
        """One line whose upper edge is at `y`; it begins at `x`, is centred there (`align` 0.5) or ends there (1)."""
        left = x - align * self.width_of(text, face)
        self._pdf.set_text_color(*face.ink)
        self._pdf.text(left, y + face.rise, text)

    def write_lines(self, lines: Sequence[str], x: float, y: float, face: Face, align: float = 0.0) -> float:
        """Lines below one another; where the next thing may begin."""
        for line in lines:
            self.write(line, x, y, face, align)
            y += face.leading
        return y

    def _set(self, face: Face) -> None:
        self._pdf.set_font("Helvetica", "B" if face.bold else "", face.size * self._points)

    def _cut(self, text: str, width: float, face: Face) -> tuple[str, str]:
        """What goes into a line, and the rest: cut between words, and inside of one only where it is alone too long."""
        whole = self._fitting(text, width, face)
        if whole == len(text):
            return text, ""
        end = text.rfind(" ", 0, whole + 1)
        if end > 0:
            return text[:end], text[end + 1 :]
        joints = (text.rfind(sign, whole // 3, whole) + 1 for sign in JOINTS)
        joint = next(filter(None, joints), whole)
        return text[:joint], text[joint:]

    def _fitting(self, text: str, width: float, face: Face) -> int:
        """How many letters go into that width; one at least."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.width_of(text[:middle], face) <= width else (low, middle - 1)
        return low

    # --- shapes ---

    def rule(self, x: float, y: float, width: float, ink: Ink = LINE, thick: float = 1.0) -> None:
        """A level line."""
        self.bar(x, y - thick / 2, width, thick, ink)

    def bar(self, x: float, y: float, width: float, height: float, ink: Ink) -> None:
        """A filled rectangle."""
        self._pdf.set_fill_color(*ink)
        self._pdf.rect(x, y, width, height, style="F")

    def bars(self, boxes: Iterable[Box], ink: Ink) -> None:
        """Filled rectangles that are one shape: where two of them touch, no reader shows a gap."""
        with self._pdf.new_path() as path:
            path.style.fill_color = "#{:02x}{:02x}{:02x}".format(*ink)
            path.style.stroke_color = None
            for box in boxes:
                path.rectangle(box.x, box.y, box.width, box.height)

    def card(self, box: Box, fill: Ink, edge: Ink | None = None, thick: float = 1.0) -> None:
        """A filled rectangle with round corners, and its edge."""
        self._pdf.set_fill_color(*fill)
        self._round(box, "DF" if edge else "F", edge or fill, thick)

    def frame(self, box: Box, ink: Ink, thick: float) -> None:
        """The edge of a rectangle with round corners."""
        self._round(box, "D", ink, thick)

    def disc(self, at: Point, radius: float, fill: Ink, edge: Ink | None = None, thick: float = 1.0) -> None:
        """A filled circle around a point, and its edge."""
        self._pdf.set_fill_color(*fill)
        self._draw_with(edge or fill, thick)
        self._pdf.circle(*at, radius, style="DF" if edge else "F")

    def bowl(self, at: Point, radius: float, ink: Ink) -> None:
        """The lower half of a filled circle."""
        x, y = at
        self._pdf.set_fill_color(*ink)
        self._pdf.solid_arc(x - radius, y - radius, 2 * radius, 0, 180, style="F")

    def dashed(self, at: Point, radius: float, ink: Ink, thick: float) -> None:
        """A circle of ten dashes."""
        self._draw_with(ink, thick)
        self._pdf.set_dash_pattern(dash=radius * 0.36, gap=radius * 0.2683)
        self._pdf.circle(*at, radius, style="D")
        self._pdf.set_dash_pattern()

    def shape(self, points: Sequence[Point], ink: Ink) -> None:
        """A filled polygon."""
        self._pdf.set_fill_color(*ink)
        self._pdf.polygon(points, style="F")

    def stroke(self, points: Sequence[Point], ink: Ink, thick: float) -> None:
        """A line through points, with round ends."""
        self._draw_with(ink, thick)
        self._pdf.polyline(points)
        for point in points:
            self.disc(point, thick / 2, ink)

    def link(self, x: float, y: float, width: float, height: float, address: str) -> None:
        """Where a finger opens a page."""
        if address.startswith(WEB):  # anything else would be a place in the sheet itself
            self._pdf.link(x, y, width, height, address)

    @contextmanager
    def turned(self, degrees: float, at: Point, opacity: float) -> Iterator[None]:
        """What is drawn inside is turned around a point, and lets shine through what lies below."""
        with (
            self._pdf.local_context(fill_opacity=opacity, stroke_opacity=opacity),
            self._pdf.rotation(degrees, *at),
        ):
            yield

    def _round(self, box: Box, style: str, ink: Ink, thick: float) -> None:
        self._draw_with(ink, thick)
        self._pdf.rect(box.x, box.y, box.width, box.height, style, round_corners=True, corner_radius=8)

    def _draw_with(self, ink: Ink, thick: float) -> None:
        self._pdf.set_draw_color(*ink)
        self._pdf.set_line_width(thick)
