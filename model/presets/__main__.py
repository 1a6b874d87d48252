"""`python -m model.presets`: compute or fit the style codes of the presets.

Run it after every change of the weights, because a style code is valid for one version of them.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from imaging.decode import open_picture
from model.inference import PRESETS, Stylizer
from model.presets.fitted import FittedPreset
from model.presets.sources import find_sources
from model.presets.training_photos import draw_training_photos
from model.style_code import write_presets


def main(arguments: list[str] | None = None) -> int:
    """Fit the style code of every preset and write `model/weights/presets.safetensors`."""
    options = _parser().parse_args(arguments)
    try:
        paths = find_sources(options.artworks, options.drawn)
        fit_presets(options, paths)
    except (ValueError, OSError) as error:
        print(f"python -m model.presets: {error}", file=sys.stderr)
        return 2
    return 0


def fit_presets(options: argparse.Namespace, paths: dict[str, list[Path]]) -> None:
    """Fit each preset that has fewer steps than asked for, then write the presets file.

    Each fitted code is stored in the working folder at once, so that an interrupted run goes on
    with the next preset. The file is written when every preset has a code.

    Raises:
        ValueError: a preset is unknown, or there are too few photos.
    """
    unknown = sorted(set(options.only or ()) - paths.keys())
    if unknown:
        raise ValueError(f"unknown presets: {', '.join(unknown)}")
    options.work.mkdir(parents=True, exist_ok=True)
    stylizer = Stylizer.load()
    photos = draw_training_photos(options.photos, options.photo_count)
    fitter = stylizer.style_fitter(options.vgg, photos)
    for style_id in tqdm(options.only or paths, unit="preset"):
        stored = options.work / f"{style_id}.safetensors"
        preset = FittedPreset.load(stored, paths[style_id], stylizer)
        if preset.code is None or preset.steps < options.steps:
            artworks = [open_picture(path) for path in paths[style_id]]
            preset = preset.continued(fitter, artworks, max(0, options.steps - preset.steps))
            preset.save(stored)
            tqdm.write(f"{style_id}: {preset.record}")
    presets = {
        style_id: FittedPreset.load(options.work / f"{style_id}.safetensors", sources, stylizer)
        for style_id, sources in paths.items()
    }
    waiting = [style_id for style_id, preset in presets.items() if preset.code is None]
    if waiting:
        tqdm.write(f"not yet fitted, so the file is not written: {', '.join(waiting)}")
        return
    codes = {style_id: preset.code for style_id, preset in presets.items() if preset.code}
    records = {style_id: preset.record or {} for style_id, preset in presets.items()}
    write_presets(codes, PRESETS, stylizer.model_version, records)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model.presets",
        description="Fit the style codes of the presets. An interrupted run can be repeated.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--artworks",
        type=Path,
        required=True,
        help="folder that the patterns of model/presets/sources.py are relative to",
    )
    add("--drawn", type=Path, required=True, help="folder written by `python -m art sources`")
    add(
        "--vgg",
        type=Path,
        help="VGG-19, normalised or torchvision state dict; omit for the compact network",
    )
    add("--photos", type=Path, nargs="+", required=True, help="folders of training photos")
    add("--photo-count", type=int, default=100, help="number of photos, drawn at random")
    add(
        "--steps",
        type=int,
        default=300,
        help="gradient steps per preset, in total; 0 keeps the codes as they are, or computes them",
    )
    add("--only", nargs="+", metavar="ID", help="fit only these presets")
    add("--work", type=Path, default=Path("runs/presets"), help="folder for the fitted codes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
