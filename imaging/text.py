"""Letters for pictures: a small font that ships, so that they look the same on every machine.

It is a subset of Noto Sans SC with a name of its own; licence beside it. It holds Latin letters and
some hundred Chinese characters, not all of them: ask `missing_characters` before drawing.
"""

from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).with_name("font") / "DualTransLettering.ttf"
PROBE_SIZE_PX = 20
NO_CHARACTER = "\uffff"  # in no font: drawn as what stands for a missing glyph


def font(size_px: float) -> ImageFont.FreeTypeFont:
    """The font with an em of this size."""
    # The basic layout is in every build of Pillow, and needs no shaping for these scripts.
    return ImageFont.truetype(str(FONT), size_px, layout_engine=ImageFont.Layout.BASIC)


def missing_characters(text: str) -> str:
    """The characters of `text` that the font cannot draw, each once, in their order."""
    probe = font(PROBE_SIZE_PX)
    missing = bytes(probe.getmask(NO_CHARACTER))
    return "".join(char for char in dict.fromkeys(text) if bytes(probe.getmask(char)) == missing)


def shortened(text: str, letters: ImageFont.FreeTypeFont, width_px: float) -> str:
    """The text, cut with an ellipsis where it is wider."""
    if letters.getlength(text) <= width_px:
        return text
    kept = text
    while kept and letters.getlength(kept + "…") > width_px:
        kept = kept[:-1]
    return kept.rstrip() + "…"
