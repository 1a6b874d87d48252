"""`python -m model.evaluation`: every method, the same pairs, the same measures, one table."""

import argparse
import sys
from pathlib import Path

from model.evaluation.methods import full_strength
from model.evaluation.run import evaluate


def main(arguments: list[str] | None = None) -> int:
    """Write rows.csv, summary.json, table.md, pareto.png and sheets; print the tables."""
    try:
        options = parse(arguments)
        print(evaluate(options))
    except (ValueError, OSError) as error:
        print(f"dualtrans evaluate: {error}", file=sys.stderr)
        return 2
    print(f"results in {options.out}", file=sys.stderr)
    return 0


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options.

    Raises:
        ValueError: numbers that mean nothing.
    """
    parser = argparse.ArgumentParser(
        prog="dualtrans evaluate",
        description="Measure pictures of this model, and of others beside it on the same pairs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _add_pictures(parser)
    _add_methods(parser)
    options = parser.parse_args(arguments)
    for name in ("limit", "styles_paired", "gallery", "cell", "gatys_side", "gatys_steps"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name.replace('_', '-')} is at least 1")
    if options.side is not None and options.side < 1:
        raise ValueError("--side is at least 1")
    full_strength(options.tau)
    return options


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--photographs", type=Path, nargs="+", help="files or folders")
    add("--styles", type=Path, nargs="+", help="files or folders of artworks")
    add("--shared", type=Path, help="folder of the research data: its held-out pictures are taken")
    add("--side", type=int, help="bring every short side to so many px (as it is when left out)")
    add("--limit", type=int, default=10, help="photographs, drawn by the seed")
    add("--styles-paired", type=int, default=4, help="artworks that make pairs with each")
    add("--gallery", type=int, default=24, help="artworks for variety and retrieval")
    add("--explored", type=int, default=1, help="photographs for variety, flicker, leak; 0: none")
    add("--seed", type=int, default=0, help="of pictures, noise and intervals")
    add("--cell", type=int, default=192, help="px of a picture on the sheets")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder of the results")


def _add_methods(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision's state dict")
    add("--weights", nargs="+", metavar="NAME=FILE", help="of your own training (default: ours)")
    add("--tau", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0], help="strengths")
    add("--precision", choices=["fp32", "bf16"], default="fp32", help="of the generator")
    add("--adain", type=Path, help="AdaIN's decoder (safetensors)")
    add("--microast", type=Path, help="folder of MicroAST's weights")
    add("--magenta", type=Path, help="folder of Magenta's TFLite models")
    add("--gatys-pairs", type=int, default=0, help="pairs to optimise too, about a minute each")
    add("--gatys-side", type=int, default=256, help="short side in px of these")
    add("--gatys-steps", type=int, default=80, help="steps of Adam")


if __name__ == "__main__":
    sys.exit(main())
