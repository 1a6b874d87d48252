"""Draws the icons of the tab bar: each once in outline and once filled, by day and by night.

Usage: .venv/bin/python miniprogram/tools/draw_icons.py
"""

from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parent.parent / "src" / "icons"

SIDE = 81  # what WeChat asks for
FINE = 8  # drawn so many times larger, for smooth edges
LINE = 4.5

COLOURS = {  # as in theme.json: a tab, and the chosen tab
    "": ("#6B635B", "#8C4A2F"),
    "-dark": ("#A79C90", "#D98A5F"),
}

Point = tuple[float, float]


class Pen:
    """A line of one width; the ornament of a `filled` shape is cut out of it."""

    def __init__(self, *, filled: bool) -> None:
        """Take a clean sheet."""
        self.filled = filled
        self.sheet = Image.new("L", (SIDE * FINE, SIDE * FINE), 0)
        self.draw = ImageDraw.Draw(self.sheet)

    def line(self, points: list[Point], *, ornament: bool = False) -> None:
        """Draw a line with round ends."""
        ink = 0 if ornament and self.filled else 255
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self.draw.line(scaled, fill=ink, width=round(LINE * FINE), joint="curve")
        for x, y in scaled:
            half = LINE * FINE / 2
            self.draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)

    def shape(self, points: list[Point]) -> None:
        """Draw a closed line; filled, where the icon is."""
        if self.filled:
            self.draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=255)
        self.line([*points, points[0]])

    def diamond(self, x: float, y: float, height: float) -> None:
        """Inlay a chip of porcelain."""
        half = height / 2
        points = [(x, y - half), (x + half * 0.68, y), (x, y + half), (x - half * 0.68, y)]
        ink = 0 if self.filled else 255
        self.draw.polygon([(px * FINE, py * FINE) for px, py in points], fill=ink)

    def saved(self, path: Path, colour: str) -> None:
        """Scale the sheet down and colour it."""
        icon = Image.new("RGBA", (SIDE, SIDE), colour)
        icon.putalpha(self.sheet.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        icon.save(path, optimize=True)


def curve(*points: Point) -> list[Point]:
    """Give the points of a cubic Bezier curve."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    steps = [step / 24 for step in range(25)]
    return [
        (
            (1 - t) ** 3 * ax + 3 * (1 - t) ** 2 * t * bx + 3 * (1 - t) * t**2 * cx + t**3 * dx,
            (1 - t) ** 3 * ay + 3 * (1 - t) ** 2 * t * by + 3 * (1 - t) * t**2 * cy + t**3 * dy,
        )
        for t in steps
    ]


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """Give the outline of a rectangle with round corners."""
    corners = [
        (right - radius, top + radius, -90),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    ]
    return [
        (x + radius * cos(angle * pi / 180), y + radius * sin(angle * pi / 180))
        for x, y, start in corners
        for angle in range(start, start + 91, 15)
    ]


def brush(pen: Pen) -> None:
    """Draw a brush with its stroke."""
    pen.shape([*curve((62, 12), (67, 10), (71, 14), (69, 19)), (42, 49), (32, 39)])
    pen.shape(
        [
            *curve((29, 43), (21, 42), (18, 50), (17, 56)),
            *curve((16, 61), (13, 64), (10, 65), (10, 65)),
            *curve((18, 70), (36, 70), (38, 52), (38, 52)),
        ]
    )
    pen.line([(48, 67), (70, 67)])


def swatches(pen: Pen) -> None:
    """Draw four samples; one of them is a chip of porcelain."""
    for left, top in [(13, 13), (45, 13), (13, 45)]:
        pen.shape(rounded(left, top, left + 23, top + 23, 5))
    pen.shape([(56.5, 42.5), (68.5, 56.5), (56.5, 70.5), (44.5, 56.5)])


def framed_picture(pen: Pen) -> None:
    """Draw a picture of hills in its frame."""
    pen.shape(rounded(11, 15, 70, 66, 7))
    pen.line([(20, 56), (33, 41), (43, 51), (51, 43), (61, 55)], ornament=True)
    pen.diamond(53, 30, 13)


def pot(pen: Pen) -> None:
    """Draw a pot with chips inlaid on its shoulder."""
    pen.shape(
        [
            *curve((31, 19), (29, 25), (14, 29), (14, 45)),
            *curve((14, 45), (14, 58), (22, 69), (30, 69)),
            *curve((51, 69), (59, 69), (67, 58), (67, 45)),
            *curve((67, 45), (67, 29), (52, 25), (50, 19)),
        ]
    )
    pen.line([(28, 13), (53, 13)])
    for x, y in [(27, 42), (40.5, 44), (54, 42)]:
        pen.diamond(x, y, 13)


DRAWINGS: dict[str, Callable[[Pen], None]] = {
    "create": brush,
    "styles": swatches,
    "works": framed_picture,
    "mine": pot,
}


def main() -> None:
    """Write all icons."""
    for name, drawing in DRAWINGS.items():
        for theme, colours in COLOURS.items():
            for ending, filled, colour in [("", False, colours[0]), ("-chosen", True, colours[1])]:
                pen = Pen(filled=filled)
                drawing(pen)
                pen.saved(ICONS / f"{name}{theme}{ending}.png", colour)


if __name__ == "__main__":
    main()
