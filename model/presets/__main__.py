"""`python -m model.presets`: computes the codes that ship, paints previews and the README's sheet.

Run it after every change of the weights: codes belong to one version of them.
"""

import argparse
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tqdm import tqdm

from model.inference import PRESETS, StyleCode, Stylizer
from model.pictures import open_picture
from model.presets.landscape import landscape
from model.presets.scene import still_life
from model.presets.sources import SOURCES
from model.sheet import contact_sheet

PREVIEW_SIZE_PX = (480, 360)
PREVIEWS = Path("app/styles/presets")
SHEET = Path("docs/sheet.webp")
SHEET_CELL_PX = (256, 192)
SHEET_STYLES = (
    "nixi-black-pottery",
    "great-wave",
    "van-gogh-haystacks",
    "monet-water-lilies",
    "carved-red-lacquer",
    "red-chalk",
)


def main(arguments: list[str] | None = None) -> int:
    """Write model/weights/presets.safetensors, a preview for each, and docs/sheet.webp."""
    parser = argparse.ArgumentParser(prog="python -m model.presets")
    parser.add_argument("--artworks", type=Path, required=True, help="the folder SOURCES is in")
    parser.add_argument("--previews", type=Path, default=PREVIEWS, help="folder of the previews")
    parser.add_argument(
        "--photographs", type=Path, nargs="*", default=[], help="more rows of the sheet"
    )
    options = parser.parse_args(arguments)
    stylizer = Stylizer.load(precision="fp32")
    codes = {
        style_id: _code(stylizer, options.artworks, patterns)
        for style_id, patterns in SOURCES.items()
    }
    _save(codes, stylizer.model_version)
    scene = still_life(*PREVIEW_SIZE_PX)
    for style_id, code in tqdm(codes.items(), unit="preview"):
        preview = stylizer.stylize(scene, code)
        preview.save(options.previews / f"{style_id}.webp", quality=82, method=6)
    pictures = [scene, landscape(*PREVIEW_SIZE_PX), *map(open_picture, options.photographs)]
    chosen = [codes[style_id] for style_id in SHEET_STYLES]
    rows = [
        [picture, *(stylizer.stylize(picture, code) for code in chosen)] for picture in pictures
    ]
    SHEET.parent.mkdir(exist_ok=True)
    contact_sheet(rows, SHEET_CELL_PX).save(SHEET, quality=84, method=6)
    return 0


def _code(stylizer: Stylizer, folder: Path, patterns: tuple[str, ...]) -> StyleCode:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    if not paths:
        raise SystemExit(f"no picture in {folder} answers to {', '.join(patterns)}")
    return stylizer.style_code([open_picture(path) for path in paths])


def _save(codes: dict[str, StyleCode], version: str) -> None:
    tensors: dict[str, torch.Tensor] = {}
    for style_id, code in codes.items():
        tensors[f"{style_id}.levels"] = code.levels.half().contiguous()
        tensors[f"{style_id}.slots"] = code.slots.half().contiguous()
    save_file(tensors, PRESETS, {"model_version": version})


if __name__ == "__main__":
    sys.exit(main())
