"""Composes a poster: the photo, the result, the name of the style and the mini program code.

The poster leaves an empty space for the AI label, which `encode_labelled` draws.
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
MARGIN_PX: Final = 64
INNER_WIDTH_PX: Final = WIDTH_PX - 2 * MARGIN_PX
GAP_PX: Final = 20
CORNER_RADIUS_PX: Final = 24  # 16 of the 750 units of a phone's width
MIN_ASPECT_RATIO: Final = 0.5  # width to height; pictures outside the range are cropped
MAX_ASPECT_RATIO: Final = 2.4
STACKED_FROM_RATIO: Final = 1.1  # wider pictures are placed one above the other

CAPTION_PX: Final = 28
CAPTION_OFFSET_PX: Final = 28  # from the lower edge of a picture to the middle of its caption
CAPTION_HEIGHT_PX: Final = 72  # from the lower edge of a picture to the next element
TITLE_SIZES_PX: Final = (68, 56, 46, 40)  # the largest size that fits into one line is used
TITLE_LINE_HEIGHT: Final = 1.35  # of the font size
TAGLINE_PX: Final = 30
HINT_PX: Final = 24
CODE_PX: Final = 208
CODE_PADDING_PX: Final = 14
CODE_COLUMN_PX: Final = CODE_PX + MARGIN_PX  # width that the title loses to the code
ORNAMENT_HEIGHT_PX: Final = 30
ORNAMENT_STEP_PX: Final = 34
FOOTER_GAP_PX: Final = 44
SUPERSAMPLING: Final = 4


class Theme(StrEnum):
    """The colours of a poster."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as RGB."""

    background: Color
    text: Color
    secondary_text: Color
    ornament_background: Color


PALETTES: Final = {
    Theme.LIGHT: Palette(
        background=(244, 240, 234),
        text=(28, 26, 25),
        secondary_text=(107, 99, 91),
        ornament_background=(28, 26, 25),
    ),
    Theme.DARK: Palette(
        background=(28, 26, 25),
        text=(232, 224, 213),
        secondary_text=(167, 156, 144),
        ornament_background=(12, 11, 10),
    ),
}
ORNAMENT_COLOR: Final = (251, 248, 243)


@dataclass(frozen=True)
class PosterText:
    """The texts of a poster in one language."""

    photo: str
    result: str
    own_style: str  # replaces the name of a style when the font lacks one of its characters
    tagline: str
    hint: str


TEXTS: Final[dict[Language, PosterText]] = {
    "zh": PosterText("原图", "作品", "自选风格", "DualTrans 风格迁移", "扫码试试"),
    "en": PosterText("Photo", "Result", "Custom style", "Style transfer by DualTrans", "Scan me"),
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
    """Return a poster in RGB, 1080 px wide, without the AI label.

    Args:
        photo: The photo.
        result: The result.
        style_name: The name of the style in `language`. A fixed text replaces it when the font
            lacks one of its characters.
        label: The AI label, whose corner decides where space is left.
        code_picture: The mini program code, dark on a white or transparent background.
        language: The language of the texts.
        theme: The colours.
    """
    text = TEXTS[language]
    canvas = _Canvas(PALETTES[theme], label)
    canvas.draw_pictures(photo, result, text)
    canvas.draw_ornament()
    title = text.own_style if missing_characters(style_name) else style_name.strip()
    canvas.draw_footer(title, text, code_picture)
    canvas.draw_tagline(text.tagline)
    return canvas.cropped()


class _Canvas:
    """A picture that is filled from top to bottom and is then cropped to its content."""

    def __init__(self, palette: Palette, label: Label) -> None:
        self._palette = palette
        self._label = label
        # The label is largest when the short side of the poster is its width.
        self._label_width, self._label_height = label.mark_size_px((WIDTH_PX, WIDTH_PX))
        max_height = 2 * round(INNER_WIDTH_PX / MIN_ASPECT_RATIO)
        self._picture = Image.new("RGB", (WIDTH_PX, max_height), palette.background)
        self._draw = ImageDraw.Draw(self._picture)
        self._y = self._label_height if label.corner.is_at_the_top else MARGIN_PX

    def draw_pictures(self, photo: Image.Image, result: Image.Image, text: PosterText) -> None:
        """Draw both in one size: side by side, or one above the other when they are wide."""
        ratio = min(max(result.width / result.height, MIN_ASPECT_RATIO), MAX_ASPECT_RATIO)
        is_stacked = ratio >= STACKED_FROM_RATIO
        width = INNER_WIDTH_PX if is_stacked else (INNER_WIDTH_PX - GAP_PX) // 2
        size = (width, round(width / ratio))
        top = self._y
        self._paste_picture(photo, (MARGIN_PX, top), size, text.photo)
        if is_stacked:
            self._paste_picture(result, (MARGIN_PX, self._y), size, text.result)
        else:
            self._paste_picture(result, (MARGIN_PX + width + GAP_PX, top), size, text.result)

    def draw_ornament(self) -> None:
        """Draw a strip of white diamonds on black, after the inlays of Nixi black pottery."""
        self._y += GAP_PX
        size = (INNER_WIDTH_PX, ORNAMENT_HEIGHT_PX)
        large = Image.new(
            "RGB",
            (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING),
            self._palette.ornament_background,
        )
        draw = ImageDraw.Draw(large)
        count = INNER_WIDTH_PX // ORNAMENT_STEP_PX
        radius = ORNAMENT_HEIGHT_PX * SUPERSAMPLING * 0.2
        for n in range(count):
            x = (n + 0.5) * large.width / count
            y = large.height / 2
            diamond = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
            draw.polygon(diamond, fill=ORNAMENT_COLOR)
        strip = large.resize(size, Image.Resampling.BOX)
        mask = _rounded_mask(strip.size, ORNAMENT_HEIGHT_PX // 3)
        self._picture.paste(strip, (MARGIN_PX, self._y), mask=mask)
        self._y += ORNAMENT_HEIGHT_PX + FOOTER_GAP_PX

    def draw_footer(self, title: str, text: PosterText, code_picture: Image.Image | None) -> None:
        """Draw the title on the left and the code on the right, centred on one line."""
        title_width = INNER_WIDTH_PX if code_picture is None else INNER_WIDTH_PX - CODE_COLUMN_PX
        lines = _title_lines(title, title_width)
        line_height = round(lines[0].font.size * TITLE_LINE_HEIGHT)
        title_height = line_height * len(lines)
        height = title_height if code_picture is None else CODE_PX
        top = self._y + (height - title_height) // 2
        for number, line in enumerate(lines):
            middle = top + line_height * number + line_height // 2
            self._write(line.text, (MARGIN_PX, middle), line.font, self._palette.text, "lm")
        if code_picture is not None:
            self._draw_code(code_picture, text.hint, self._y)
            height += HINT_PX * 2
        self._y += height

    def draw_tagline(self, tagline: str) -> None:
        """Draw the last line, beside the space of the label or above it."""
        corner, tagline_font = self._label.corner, font(TAGLINE_PX)
        width = MARGIN_PX + tagline_font.getlength(tagline) + GAP_PX + self._label_width
        is_beside_label = not corner.is_at_the_top and width <= WIDTH_PX
        self._y += GAP_PX
        height = self._label_height if is_beside_label else TAGLINE_PX
        is_right = is_beside_label and corner.is_at_the_left
        x, anchor = (WIDTH_PX - MARGIN_PX, "rm") if is_right else (MARGIN_PX, "lm")
        middle = self._y + height // 2
        self._write(tagline, (x, middle), tagline_font, self._palette.secondary_text, anchor)
        self._y += height
        if not is_beside_label:
            self._y += MARGIN_PX if corner.is_at_the_top else self._label_height

    def cropped(self) -> Image.Image:
        """Return the poster without the unused rows below its content."""
        return self._picture.crop((0, 0, WIDTH_PX, self._y))

    def _paste_picture(
        self, picture: Image.Image, at: tuple[int, int], size: tuple[int, int], caption: str
    ) -> None:
        fitted = ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)
        self._picture.paste(fitted, at, mask=_rounded_mask(size, CORNER_RADIUS_PX))
        below = at[1] + size[1] + CAPTION_OFFSET_PX
        self._write(caption, (at[0], below), font(CAPTION_PX), self._palette.secondary_text, "lm")
        self._y = at[1] + size[1] + CAPTION_HEIGHT_PX

    def _draw_code(self, code_picture: Image.Image, hint: str, top: int) -> None:
        """Draw the code on white in both themes: scanners need a dark code on a light tile."""
        left = WIDTH_PX - MARGIN_PX - CODE_PX
        tile = Image.new("RGB", (CODE_PX, CODE_PX), "white")
        inner = CODE_PX - 2 * CODE_PADDING_PX
        fitted = ImageOps.contain(code_picture.convert("RGBA"), (inner, inner))
        at = ((CODE_PX - fitted.width) // 2, (CODE_PX - fitted.height) // 2)
        tile.paste(fitted, at, mask=fitted.getchannel("A"))
        self._picture.paste(tile, (left, top), mask=_rounded_mask(tile.size, CORNER_RADIUS_PX))
        below = (left + CODE_PX // 2, top + CODE_PX + HINT_PX)
        self._write(hint, below, font(HINT_PX), self._palette.secondary_text, "mm")

    def _write(
        self,
        text: str,
        at: tuple[int, int],
        text_font: ImageFont.FreeTypeFont,
        color: Color,
        anchor: str,
    ) -> None:
        self._draw.text(at, text, fill=color, font=text_font, anchor=anchor)


@dataclass(frozen=True)
class _Line:
    text: str
    font: ImageFont.FreeTypeFont


def _title_lines(title: str, width_px: int) -> list[_Line]:
    """Return one line in the largest size that fits, or two lines in the smallest size."""
    fonts = [font(size_px) for size_px in TITLE_SIZES_PX]
    fitting = next((f for f in fonts if f.getlength(title) <= width_px), None)
    if fitting is not None:
        return [_Line(title, fitting)]
    smallest = fonts[-1]
    first = _first_line(title, smallest, width_px)
    rest = title[len(first) :].strip()
    return [_Line(first.strip(), smallest), _Line(shortened(rest, smallest, width_px), smallest)]


def _first_line(title: str, title_font: ImageFont.FreeTypeFont, width_px: int) -> str:
    """Return the longest start that fits, cut at a space if its second half has one."""
    count = next(n for n in range(len(title), 0, -1) if title_font.getlength(title[:n]) <= width_px)
    space = title.rfind(" ", count // 2, count + 1)
    return title[: space if space > 0 else count]


def _rounded_mask(size: tuple[int, int], radius: int) -> Image.Image:
    """Return a mask with antialiased round corners; for speed only they are supersampled."""
    mask = Image.new("L", size, 255)
    disc = Image.new("L", (2 * radius * SUPERSAMPLING, 2 * radius * SUPERSAMPLING))
    ImageDraw.Draw(disc).ellipse((0, 0, disc.width - 1, disc.height - 1), fill=255)
    disc = disc.resize((2 * radius, 2 * radius), Image.Resampling.BOX)
    right, bottom = size[0] - radius, size[1] - radius
    for x, disc_x in ((0, 0), (right, radius)):
        for y, disc_y in ((0, 0), (bottom, radius)):
            quarter = disc.crop((disc_x, disc_y, disc_x + radius, disc_y + radius))
            mask.paste(quarter, (x, y))
    return mask
