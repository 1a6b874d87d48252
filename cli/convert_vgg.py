"""`dualtrans convert-vgg`: convert the public VGG-19 for the refinement of own styles."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from model.perceptual.vgg import load_vgg, save_vgg

SUFFIX = ".safetensors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write TARGET. An expected error prints one line and returns 2."""
    options = _parse(arguments)
    source, target = options.source, options.target
    try:
        _check_target(source, target)
        save_vgg(load_vgg(source), target)
    except (ValueError, OSError) as error:
        print(f"dualtrans convert-vgg: {error}", file=sys.stderr)
        return 2
    print(f"{target}  {target.stat().st_size / 1e6:.1f} MB")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dualtrans convert-vgg",
        description="Write the layers of VGG-19 up to relu4_1 to a small file. Set "
        "DUALTRANS_PERCEPTUAL_WEIGHTS of the workers to it, and DUALTRANS_REFINEMENT_STEPS to 40: "
        "workers then refine own styles.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "source",
        type=Path,
        metavar="SOURCE",
        help="torchvision's vgg19-dcbb9e9d.pth, or the same weights as safetensors",
    )
    parser.add_argument(
        "target", type=Path, metavar="TARGET", help=f"the file to write; it ends with {SUFFIX}"
    )
    return parser.parse_args(arguments)


def _check_target(source: Path, target: Path) -> None:
    if target.suffix != SUFFIX:
        raise ValueError(f"TARGET must end with {SUFFIX}, but it is {target}")
    if target.exists() and source.exists() and target.samefile(source):
        raise ValueError(f"SOURCE and TARGET are the same file, {source}")
