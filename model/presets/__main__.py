"""`python -m model.presets`: compute the style codes of the presets.

Run it after every change of the weights, because a style code is valid for one version of them.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from imaging.decode import open_picture
from model.inference import PRESETS, Stylizer
from model.presets.sources import find_sources
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
        paths = find_sources(options.artworks, options.drawn)
    except ValueError as error:
        parser.error(str(error))
    stylizer = Stylizer.load(precision="fp32")
    codes = {
        style_id: stylizer.style_code([open_picture(path) for path in paths[style_id]])
        for style_id in tqdm(paths, unit="style code")
    }
    write_presets(codes, PRESETS, stylizer.model_version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
