"""`python -m model.evaluation`: measure several methods on the same pairs and write the tables."""

import argparse
import sys
from pathlib import Path

from model.evaluation.methods import full_strength
from model.evaluation.run import evaluate


def main(arguments: list[str] | None = None) -> int:
    """Write rows.csv, summary.json, table.md, pareto.png and contact sheets; print the tables.

    Returns 2 after printing one line to stderr if the options, pictures or weights are unusable.
    """
    try:
        options = parse(arguments)
        print(evaluate(options))
    except (ValueError, OSError) as error:
        print(f"dualtrans evaluate: {error}", file=sys.stderr)
        return 2
    print(f"results in {options.out}", file=sys.stderr)
    return 0


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse and check the command line.

    Raises:
        ValueError: a number is out of range.
    """
    parser = argparse.ArgumentParser(
        prog="dualtrans evaluate",
        description="Measure the results of this model, and of other methods on the same pairs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_picture_options(parser)
    _add_method_options(parser)
    options = parser.parse_args(arguments)
    for name in ("limit", "styles_paired", "gallery", "cell", "gatys_side", "gatys_steps"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name.replace('_', '-')} must be at least 1")
    if options.side is not None and options.side < 1:
        raise ValueError("--side must be at least 1")
    full_strength(options.tau)
    return options


def _add_picture_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--photographs", type=Path, nargs="+", help="photo files or folders of photos")
    add("--styles", type=Path, nargs="+", help="artwork files or folders of artworks")
    add("--shared", type=Path, help="folder of the research data; uses its held-out pictures")
    add("--side", type=int, help="resize every picture to this short side in px (default: keep)")
    add("--limit", type=int, default=10, help="number of photos, drawn with the seed")
    add("--styles-paired", type=int, default=4, help="number of artworks paired with each photo")
    add("--gallery", type=int, default=24, help="number of artworks for variety and retrieval")
    add("--explored", type=int, default=1, help="photos for variety, flicker and leak; 0 for none")
    add("--seed", type=int, default=0, help="seed of pictures, noise and intervals")
    add("--cell", type=int, default=192, help="side in px of a picture on the contact sheets")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder for the results")


def _add_method_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision state dict")
    add("--weights", nargs="+", metavar="NAME=FILE", help="weights to measure (default: released)")
    add("--tau", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0], help="strengths")
    add("--precision", choices=["fp32", "bf16"], default="fp32", help="precision of the generator")
    add("--adain", type=Path, help="decoder weights of AdaIN (safetensors)")
    add("--microast", type=Path, help="folder of MicroAST weights")
    add("--magenta", type=Path, help="folder of Magenta TFLite models")
    add("--gatys-pairs", type=int, default=0, help="pairs to optimise too, about a minute each")
    add("--gatys-side", type=int, default=256, help="short side of these pairs in px")
    add("--gatys-steps", type=int, default=80, help="steps of Adam per pair")


if __name__ == "__main__":
    sys.exit(main())
