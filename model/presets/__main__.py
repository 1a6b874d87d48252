"""`python -m model.presets`: compute the style codes of the presets.

Run it after every change of the weights, because a style code is valid for one version of them.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from imaging.decode import open_picture
from model.inference import PRESETS, Stylizer
from model.presets.sources import DRAWN, SOURCES
from model.style_code import write_presets


def main(arguments: list[str] | None = None) -> int:
    """Compute the style code of every preset and write `model/weights/presets.safetensors`."""
    parser = argparse.ArgumentParser(
        prog="python -m model.presets", description="Compute the style codes of the presets."
    )
    parser.add_argument(
        "--artworks",
        type=Path,
        required=True,
        help="folder that the patterns of model/presets/sources.py are relative to",
    )
    parser.add_argument(
        "--drawn", type=Path, required=True, help="folder written by `python -m art sources`"
    )
    options = parser.parse_args(arguments)
    try:
        paths = _source_paths(options.artworks, options.drawn)
    except ValueError as error:
        parser.error(str(error))
    stylizer = Stylizer.load(precision="fp32")
    codes = {
        style_id: stylizer.style_code([open_picture(path) for path in paths[style_id]])
        for style_id in tqdm(paths, unit="style code")
    }
    write_presets(codes, PRESETS, stylizer.model_version)
    return 0


def _source_paths(artworks: Path, drawn: Path) -> dict[str, list[Path]]:
    """Return the source pictures of every preset.

    Raises:
        ValueError: a preset has no source picture.
    """
    paths = {style_id: _matches(artworks, patterns) for style_id, patterns in SOURCES.items()}
    return paths | {style_id: _matches(drawn, (f"{style_id}.png",)) for style_id in DRAWN}


def _matches(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    if not paths:
        raise ValueError(f"no picture in {folder} matches {', '.join(patterns)}")
    return paths


if __name__ == "__main__":
    sys.exit(main())
