"""Composes what is shared: photograph and result, the style's name, a code that leads here.

It leaves room for the mark at the label's edge; `encode_labelled` draws it, as on every picture.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.languages import Language
from imaging.labels import Label
from imaging.text import font, missing_characters, shortened

Color = tuple[int, int, int]

WIDTH_PX: Final = 1080
EDGE_PX: Final = 64
INNER_PX: Final = WIDTH_PX - 2 * EDGE_PX
GAP_PX: Final = 20
CORNER_PX: Final = 24  # 16 of the 750 units of a phone's width
NARROWEST: Final = 0.5  # width to height; what is beyond is cropped
WIDEST: Final = 2.4
WIDE: Final = 1.1  # from here on the two pictures stand one above the other

CAPTION_PX: Final = 28
CAPTION_MIDDLE_PX: Final = 28  # from a picture's lower edge: nearer to it than to what follows
CAPTION_ROOM_PX: Final = 72  # from a picture's lower edge to what follows
TITLE_SIZES_PX: Final = (68, 56, 46, 40)  # the largest that fits the line is taken
TAGLINE_PX: Final = 30
HINT_PX: Final = 24
CODE_PX: Final = 208
CODE_FRAME_PX: Final = 14
CODE_ROOM_PX: Final = CODE_PX + EDGE_PX  # what it takes from the title
INLAY_PX: Final = 30  # the height of the strip
INLAY_STEP_PX: Final = 34
FOOTER_GAP_PX: Final = 44
SMOOTHING: Final = 4


class Theme(StrEnum):
    """The ground that the poster stands on."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Palette:
    """The colours of one ground."""

    ground: Color
    card: Color
    text: Color
    quiet: Color
    clay: Color  # the strip in which the white chips lie


PALETTES: Final = {
    Theme.LIGHT: Palette(
        ground=(244, 240, 234),
        card=(251, 248, 243),
        text=(28, 26, 25),
        quiet=(107, 99, 91),
        clay=(28, 26, 25),
    ),
    Theme.DARK: Palette(
        ground=(28, 26, 25),
        card=(38, 34, 31),
        text=(232, 224, 213),
        quiet=(167, 156, 144),
        clay=(12, 11, 10),
    ),
}
PORCELAIN: Final = (251, 248, 243)


@dataclass(frozen=True)
class Words:
    """What stands on the poster in one language."""

    photo: str
    result: str
    own_style: str  # for a style whose name has characters that the font lacks
    tagline: str
    hint: str


WORDS: Final[dict[Language, Words]] = {
    "zh": Words("原图", "作品", "自选风格", "DualTrans 风格迁移", "扫码试试"),
    "en": Words(
        "Photo", "Result", "A style of one's own", "Style transfer by DualTrans", "Scan me"
    ),
}


def compose_poster(
    photo: Image.Image,
    result: Image.Image,
    *,
    style_name: str,
    label: Label,
    code_picture: Image.Image | None = None,
    language: Language = "zh",
    theme: Theme = Theme.LIGHT,
) -> Image.Image:
    """The poster in RGB, 1080 px wide and as high as its pictures ask for, not yet marked.

    Args:
        photo: The photograph as it was sent.
        result: The same in its style.
        style_name: In the poster's language; a name that the font cannot draw is paraphrased.
        label: Says at which edge room for the mark is left.
        code_picture: The mini program's code, dark on white or on nothing.
        language: Of the few words on it.
        theme: Light or dark.
    """
    words = WORDS[language]
    draft = _Draft(PALETTES[theme], label)
    draft.pair(photo, result, words)
    draft.inlay()
    title = words.own_style if missing_characters(style_name) else style_name.strip()
    draft.footer(title, words, code_picture)
    return draft.finished(words.tagline)


class _Draft:
    """A sheet longer than needed, filled from the top and cut at the end."""

    def __init__(self, palette: Palette, label: Label) -> None:
        self._palette = palette
        self._label = label
        # The mark is measured on the widest short side that a poster can have.
        self._mark_width, self._mark_height = label.mark_size_px((WIDTH_PX, WIDTH_PX))
        longest = 2 * round(INNER_PX / NARROWEST)
        self._sheet = Image.new("RGB", (WIDTH_PX, longest), palette.ground)
        self._pen = ImageDraw.Draw(self._sheet)
        self._y = self._mark_height if label.corner.is_at_the_top else EDGE_PX

    def pair(self, photo: Image.Image, result: Image.Image, words: Words) -> None:
        """Side by side, or one above the other when they are wide; both in one shape."""
        ratio = min(max(result.width / result.height, NARROWEST), WIDEST)
        is_wide = ratio >= WIDE
        width = INNER_PX if is_wide else (INNER_PX - GAP_PX) // 2
        size = (width, round(width / ratio))
        first = self._y
        self._picture(photo, (EDGE_PX, first), size, words.photo)
        if is_wide:
            self._picture(result, (EDGE_PX, self._y), size, words.result)
        else:
            self._picture(result, (EDGE_PX + width + GAP_PX, first), size, words.result)

    def inlay(self) -> None:
        """White chips in black clay, the ornament of Nixi's potters."""
        self._y += GAP_PX
        large = Image.new("RGB", (INNER_PX * SMOOTHING, INLAY_PX * SMOOTHING), self._palette.clay)
        pen = ImageDraw.Draw(large)
        chips = INNER_PX // INLAY_STEP_PX
        radius = INLAY_PX * SMOOTHING * 0.2
        for chip in range(chips):
            x = (chip + 0.5) * large.width / chips
            y = large.height / 2
            diamond = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
            pen.polygon(diamond, fill=PORCELAIN)
        strip = large.resize((INNER_PX, INLAY_PX), Image.Resampling.BOX)
        self._sheet.paste(strip, (EDGE_PX, self._y), mask=_rounded(strip.size, INLAY_PX // 3))
        self._y += INLAY_PX + FOOTER_GAP_PX

    def footer(self, title: str, words: Words, code_picture: Image.Image | None) -> None:
        """The style's name, and at its right, on one middle with it, the code."""
        lines = _title_lines(title, INNER_PX if code_picture is None else INNER_PX - CODE_ROOM_PX)
        line_px = round(lines[0].letters.size * 1.35)
        title_px = line_px * len(lines)
        height_px = title_px if code_picture is None else CODE_PX
        for number, line in enumerate(lines):
            middle = self._y + (height_px - title_px) // 2 + line_px * number + line_px // 2
            self._write(line.text, (EDGE_PX, middle), line.letters, self._palette.text, "lm")
        if code_picture is not None:
            self._code(code_picture, words.hint, self._y)
            height_px += HINT_PX * 2
        self._y += height_px

    def finished(self, tagline: str) -> Image.Image:
        """The sheet cut to its length, with the line that says who did it."""
        corner, letters = self._label.corner, font(TAGLINE_PX)
        is_beside = not corner.is_at_the_top
        if EDGE_PX + letters.getlength(tagline) + GAP_PX + self._mark_width > WIDTH_PX:
            is_beside = False
        self._y += GAP_PX
        room_px = self._mark_height if is_beside else TAGLINE_PX
        at_the_right = is_beside and corner.is_at_the_left
        x, anchor = (WIDTH_PX - EDGE_PX, "rm") if at_the_right else (EDGE_PX, "lm")
        middle = self._y + room_px // 2
        self._write(tagline, (x, middle), letters, self._palette.quiet, anchor)
        self._y += room_px
        if not is_beside:
            self._y += EDGE_PX if corner.is_at_the_top else self._mark_height
        return self._sheet.crop((0, 0, WIDTH_PX, self._y))

    def _picture(
        self, picture: Image.Image, at: tuple[int, int], size: tuple[int, int], caption: str
    ) -> None:
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
        self._sheet.paste(fitted, at, mask=_rounded(size, CORNER_PX))
        below = at[1] + size[1] + CAPTION_MIDDLE_PX
        self._write(caption, (at[0], below), font(CAPTION_PX), self._palette.quiet, "lm")
        self._y = at[1] + size[1] + CAPTION_ROOM_PX

    def _code(self, code_picture: Image.Image, hint: str, top: int) -> None:
        """On a white tile in both themes: cameras want dark on light."""
        left = WIDTH_PX - EDGE_PX - CODE_PX
        tile = Image.new("RGB", (CODE_PX, CODE_PX), "white")
        inner = CODE_PX - 2 * CODE_FRAME_PX
        fitted = ImageOps.contain(code_picture.convert("RGBA"), (inner, inner))
        at = ((CODE_PX - fitted.width) // 2, (CODE_PX - fitted.height) // 2)
        tile.paste(fitted, at, mask=fitted.getchannel("A"))
        self._sheet.paste(tile, (left, top), mask=_rounded(tile.size, CORNER_PX))
        below = (left + CODE_PX // 2, top + CODE_PX + HINT_PX)
        self._write(hint, below, font(HINT_PX), self._palette.quiet, "mm")

    def _write(
        self,
        text: str,
        at: tuple[int, int],
        letters: ImageFont.FreeTypeFont,
        color: Color,
        anchor: str,
    ) -> None:
        self._pen.text(at, text, fill=color, font=letters, anchor=anchor)


@dataclass(frozen=True)
class _Line:
    text: str
    letters: ImageFont.FreeTypeFont


def _title_lines(title: str, room: int) -> list[_Line]:
    """One line in the largest size that holds it, else two in the smallest."""
    sizes = [font(size_px) for size_px in TITLE_SIZES_PX]
    fitting = next((letters for letters in sizes if letters.getlength(title) <= room), None)
    if fitting is not None:
        return [_Line(title, fitting)]
    letters = sizes[-1]
    first = _first_line(title, letters, room)
    rest = title[len(first) :].strip()
    return [_Line(first.strip(), letters), _Line(shortened(rest, letters, room), letters)]


def _first_line(title: str, letters: ImageFont.FreeTypeFont, room: int) -> str:
    """As much as fits, up to a space where there is one in its second half."""
    count = next(n for n in range(len(title), 0, -1) if letters.getlength(title[:n]) <= room)
    space = title.rfind(" ", count // 2, count + 1)
    return title[: space if space > 0 else count]


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with round corners; only the corners are smoothed, for large ones take long."""
    mask = Image.new("L", size, 255)
    disc = Image.new("L", (2 * radius * SMOOTHING, 2 * radius * SMOOTHING))
    ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
    disc = disc.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    far_x, far_y = size[0] - radius, size[1] - radius
    for x, from_x in ((0, 0), (far_x, radius)):
        for y, from_y in ((0, 0), (far_y, radius)):
            quarter = disc.crop((from_x, from_y, from_x + radius, from_y + radius))
            mask.paste(quarter, (x, y))
    return mask
