"""`python -m model.presets`: computes the codes that ship, paints previews and the README's sheet.

Run it after every change of the weights: codes belong to one version of them.
"""

import argparse
import sys
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from model.contact_sheet import contact_sheet
from model.inference import PRESETS, StyleCode, Stylizer
from model.pictures import open_picture, saver
from model.presets.landscape import landscape
from model.presets.scene import still_life
from model.presets.sources import DRAWN, SOURCES
from model.style_code import write_presets

PREVIEW_SIZE_PX = (480, 360)
PREVIEW_QUALITY = 82
PREVIEWS = Path("app/styles/presets")
SHEET = Path("docs/sheet.webp")
NIXI_SHEET = Path("docs/nixi.webp")
FAILURES_SHEET = Path("docs/failures.webp")
SHEET_CELL_PX = (256, 192)
NIXI = "nixi-black-pottery"
NIXI_STYLES = (
    "great-wave",
    "fan-painting",
    "van-gogh-self-portrait",
    "monet-water-lilies",
    "indigo-batik",
    "cloisonne",
    "concentric-circles",
)
"""Into which the black pot is carried."""
FAILURES = ("nixi-black-pottery", "carved-red-lacquer", "red-chalk")
"""Styles in which the model card shows what goes wrong; what it is stands there."""
SHEET_STYLES = (
    "nixi-black-pottery",
    "great-wave",
    "van-gogh-haystacks",
    "monet-water-lilies",
    "carved-red-lacquer",
    "red-chalk",
)


def main(arguments: list[str] | None = None) -> int:
    """Write model/weights/presets.safetensors, a preview for each, and the sheets of docs/."""
    parser = argparse.ArgumentParser(prog="python -m model.presets")
    parser.add_argument("--artworks", type=Path, required=True, help="the folder SOURCES is in")
    parser.add_argument("--previews", type=Path, default=PREVIEWS, help="folder of the previews")
    parser.add_argument(
        "--photographs", type=Path, nargs="*", default=[], help="more rows of the sheet"
    )
    parser.add_argument(
        "--marker", metavar="MODULE:FUNCTION", help="what saves the previews, marked as AI's"
    )
    options = parser.parse_args(arguments)
    save = saver(options.marker)
    stylizer = Stylizer.load(precision="fp32")
    codes = {
        style_id: _code(stylizer, options.artworks, patterns)
        for style_id, patterns in SOURCES.items()
    } | {style_id: stylizer.style_code(draw()) for style_id, draw in DRAWN.items()}
    write_presets(codes, PRESETS, stylizer.model_version)
    scene = still_life(*PREVIEW_SIZE_PX)
    for style_id, code in tqdm(codes.items(), unit="preview"):
        preview = options.previews / f"{style_id}.webp"
        save(stylizer.stylize(scene, code), preview, quality=PREVIEW_QUALITY)
    pictures = [scene, landscape(*PREVIEW_SIZE_PX), *map(open_picture, options.photographs)]
    SHEET.parent.mkdir(exist_ok=True)
    _sheet(stylizer, codes, pictures).save(SHEET, quality=84, method=6)
    _nixi_sheet(stylizer, codes, pictures).save(NIXI_SHEET, quality=84, method=6)
    _failures_sheet(stylizer, codes, pictures[:2]).save(FAILURES_SHEET, quality=84, method=6)
    return 0


def _sheet(
    stylizer: Stylizer, codes: dict[str, StyleCode], pictures: list[Image.Image]
) -> Image.Image:
    """Every picture as it is and in six styles."""
    chosen = [codes[style_id] for style_id in SHEET_STYLES]
    rows = [
        [picture, *(stylizer.stylize(picture, code) for code in chosen)] for picture in pictures
    ]
    return contact_sheet(rows, SHEET_CELL_PX)


def _nixi_sheet(
    stylizer: Stylizer, codes: dict[str, StyleCode], pictures: list[Image.Image]
) -> Image.Image:
    """Out of Nixi: a black pot in other styles. Into Nixi: other pictures before and after."""
    pot, *others = pictures
    out = [pot, *(stylizer.stylize(pot, codes[style_id]) for style_id in NIXI_STYLES)]
    into = [
        each for picture in others[:4] for each in (picture, stylizer.stylize(picture, codes[NIXI]))
    ]
    return contact_sheet([out, into], SHEET_CELL_PX)


def _failures_sheet(
    stylizer: Stylizer, codes: dict[str, StyleCode], pictures: list[Image.Image]
) -> Image.Image:
    """The model card's: large, because faults are small."""
    rows = [
        [stylizer.stylize(picture, codes[style_id]) for style_id in FAILURES]
        for picture in pictures
    ]
    return contact_sheet(rows, PREVIEW_SIZE_PX)


def _code(stylizer: Stylizer, folder: Path, patterns: tuple[str, ...]) -> StyleCode:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    if not paths:
        raise SystemExit(f"no picture in {folder} answers to {', '.join(patterns)}")
    return stylizer.style_code([open_picture(path) for path in paths])


if __name__ == "__main__":
    sys.exit(main())
