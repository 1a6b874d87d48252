"""The icons of the mini program's tab bar: outlined and filled, in light and dark theme."""

from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

SIDE_PX = 81  # the size that WeChat recommends
SCALE = 8  # drawn larger by this factor and then reduced, for smooth edges
LINE_WIDTH_PX = 4.5

COLOURS = {  # as in theme.json: normal tab, selected tab
    "": ("#6B635B", "#8C4A2F"),
    "-dark": ("#A79C90", "#D98A5F"),
}

Point = tuple[float, float]


class Pen:
    """Draws lines of one width and closed shapes; ornaments of `filled` shapes are cut out."""

    def __init__(self, *, filled: bool) -> None:
        """Start with an empty mask."""
        self.filled = filled
        self.mask = Image.new("L", (SIDE_PX * SCALE, SIDE_PX * SCALE), 0)
        self.draw = ImageDraw.Draw(self.mask)

    def line(self, points: list[Point], *, ornament: bool = False) -> None:
        """Draw a line with round ends."""
        ink = 0 if ornament and self.filled else 255
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=ink, width=round(LINE_WIDTH_PX * SCALE), joint="curve")
        for x, y in scaled:
            half = LINE_WIDTH_PX * SCALE / 2
            self.draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)

    def shape(self, points: list[Point]) -> None:
        """Draw a closed line, filled if the icon is filled."""
        if self.filled:
            self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)
        self.line([*points, points[0]])

    def diamond(self, x: float, y: float, height: float) -> None:
        """Draw a porcelain chip."""
        half = height / 2
        points = [(x, y - half), (x + half * 0.68, y), (x, y + half), (x - half * 0.68, y)]
        ink = 0 if self.filled else 255
        self.draw.polygon([(px * SCALE, py * SCALE) for px, py in points], fill=ink)

    def save(self, path: Path, colour: str) -> None:
        """Reduce the mask and write the icon in one colour with transparency."""
        icon = Image.new("RGBA", (SIDE_PX, SIDE_PX), colour)
        icon.putalpha(self.mask.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS))
        icon.save(path, optimize=True)


def curve(*points: Point) -> list[Point]:
    """Return the points of a cubic Bézier curve."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    steps = [step / 24 for step in range(25)]
    return [
        (
            (1 - t) ** 3 * ax + 3 * (1 - t) ** 2 * t * bx + 3 * (1 - t) * t**2 * cx + t**3 * dx,
            (1 - t) ** 3 * ay + 3 * (1 - t) ** 2 * t * by + 3 * (1 - t) * t**2 * cy + t**3 * dy,
        )
        for t in steps
    ]


def rounded_rectangle(
    left: float, top: float, right: float, bottom: float, radius: float
) -> list[Point]:
    """Return the outline of a rectangle with rounded corners."""
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


def draw_brush(pen: Pen) -> None:
    """Draw a brush and its stroke."""
    pen.shape([*curve((62, 12), (67, 10), (71, 14), (69, 19)), (42, 49), (32, 39)])
    pen.shape(
        [
            *curve((29, 43), (21, 42), (18, 50), (17, 56)),
            *curve((16, 61), (13, 64), (10, 65), (10, 65)),
            *curve((18, 70), (36, 70), (38, 52), (38, 52)),
        ]
    )
    pen.line([(48, 67), (70, 67)])


def draw_swatches(pen: Pen) -> None:
    """Draw four samples; one of them is a porcelain chip."""
    for left, top in [(13, 13), (45, 13), (13, 45)]:
        pen.shape(rounded_rectangle(left, top, left + 23, top + 23, 5))
    pen.shape([(56.5, 42.5), (68.5, 56.5), (56.5, 70.5), (44.5, 56.5)])


def draw_framed_picture(pen: Pen) -> None:
    """Draw a framed picture of hills."""
    pen.shape(rounded_rectangle(11, 15, 70, 66, 7))
    pen.line([(20, 56), (33, 41), (43, 51), (51, 43), (61, 55)], ornament=True)
    pen.diamond(53, 30, 13)


def draw_pot(pen: Pen) -> None:
    """Draw a pot with porcelain chips on its shoulder."""
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
    "create": draw_brush,
    "styles": draw_swatches,
    "works": draw_framed_picture,
    "mine": draw_pot,
}


def save_icons(folder: Path) -> list[Path]:
    """Write every icon as `<name>[-dark][-chosen].png`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, drawing in DRAWINGS.items():
        for theme, (colour, selected_colour) in COLOURS.items():
            for suffix, is_filled, ink in (("", False, colour), ("-chosen", True, selected_colour)):
                pen = Pen(filled=is_filled)
                drawing(pen)
                path = folder / f"{name}{theme}{suffix}.png"
                pen.save(path, ink)
                paths.append(path)
    return paths
