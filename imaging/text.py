"""Text on pictures, in a font of this project, so that it looks the same on every machine.

The font is a renamed subset of Noto Sans SC; its licence is in the same folder. It contains Latin
letters and some hundred Chinese characters: check `missing_characters` before drawing a text.
"""

from pathlib import Path
from typing import Final

from PIL import ImageFont

FONT: Final = Path(__file__).with_name("font") / "DualTransLettering.ttf"
_TEST_SIZE_PX: Final = 20
_UNASSIGNED_CHARACTER: Final = "\uffff"  # no font contains it: it is drawn as a missing glyph


def font(size_px: float) -> ImageFont.FreeTypeFont:
    """The font at this size in pixels."""
    # Every build of Pillow has the basic layout, and these scripts need no shaping.
    return ImageFont.truetype(str(FONT), size_px, layout_engine=ImageFont.Layout.BASIC)


def missing_characters(text: str) -> str:
    """The characters of `text` that the font lacks, each once, in order of appearance."""
    test_font = font(_TEST_SIZE_PX)
    missing_glyph = bytes(test_font.getmask(_UNASSIGNED_CHARACTER))
    characters = dict.fromkeys(text)
    return "".join(c for c in characters if bytes(test_font.getmask(c)) == missing_glyph)


def shortened(text: str, text_font: ImageFont.FreeTypeFont, max_width_px: float) -> str:
    """The text, cut and ended with an ellipsis when it is wider than `max_width_px`."""
    if text_font.getlength(text) <= max_width_px:
        return text
    shorter = text
    while shorter and text_font.getlength(shorter + "…") > max_width_px:
        shorter = shorter[:-1]
    return shorter.rstrip() + "…"
