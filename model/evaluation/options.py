"""The options of an evaluation, and the command line that they come from."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from model.evaluation.methods import full_strength
from model.machine import Precision


@dataclass(frozen=True)
class EvaluationOptions:
    """Everything that defines an evaluation."""

    photos: tuple[Path, ...]
    """Files or folders."""
    artworks: tuple[Path, ...]
    """Files or folders."""
    research_data: Path | None
    """Folder whose held-out pictures replace `photos` and `artworks`."""
    side_px: int | None
    """Short side of all pictures; None keeps their size."""
    photo_count: int
    paired_artworks: int
    """Artworks that are paired with every photo."""
    gallery_artworks: int
    """Artworks for variety and retrieval."""
    detailed_photos: int
    """Photos for variety, retrieval, flicker and content leak."""
    seed: int

    vgg: Path
    weights: tuple[str, ...]
    """NAME=FILE or FILE; empty: the released weights."""
    strengths: tuple[float, ...]
    precision: Precision
    adain: Path | None
    microast: Path | None
    magenta: Path | None
    gatys_pairs: int
    gatys_side_px: int
    gatys_steps: int

    out: Path
    """Folder for the results."""
    cell_px: int
    """Side of a picture on the contact sheets."""


def parse_options(arguments: list[str] | None = None) -> EvaluationOptions:
    """Parse the command line of `dualtrans evaluate`.

    Raises:
        ValueError: a number is out of range.
        SystemExit: argparse rejected an option.
    """
    options = _parser().parse_args(arguments)
    for name in ("limit", "styles_paired", "gallery", "cell", "gatys_side", "gatys_steps"):
        if getattr(options, name) < 1:
            raise ValueError(f"--{name.replace('_', '-')} must be at least 1")
    if options.side is not None and options.side < 1:
        raise ValueError("--side must be at least 1")
    full_strength(options.tau)
    return EvaluationOptions(
        photos=tuple(options.photographs or ()),
        artworks=tuple(options.styles or ()),
        research_data=options.shared,
        side_px=options.side,
        photo_count=options.limit,
        paired_artworks=options.styles_paired,
        gallery_artworks=options.gallery,
        detailed_photos=options.explored,
        seed=options.seed,
        vgg=options.vgg,
        weights=tuple(options.weights or ()),
        strengths=tuple(options.tau),
        precision=options.precision,
        adain=options.adain,
        microast=options.microast,
        magenta=options.magenta,
        gatys_pairs=options.gatys_pairs,
        gatys_side_px=options.gatys_side,
        gatys_steps=options.gatys_steps,
        out=options.out,
        cell_px=options.cell,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dualtrans evaluate",
        description="Measure the results of this model, and of other methods on the same pairs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--photographs", type=Path, nargs="+", help="photo files or folders of photos")
    add("--styles", type=Path, nargs="+", help="artwork files or folders of artworks")
    add("--shared", type=Path, help="folder of the research data; uses its held-out pictures")
    add("--side", type=int, help="short side of every picture in px; omit to keep the size")
    add("--limit", type=int, default=10, help="number of photos, drawn with the seed")
    add("--styles-paired", type=int, default=4, help="number of artworks paired with each photo")
    add("--gallery", type=int, default=24, help="number of artworks for variety and retrieval")
    add("--explored", type=int, default=1, help="photos for variety, flicker and leak; 0 for none")
    add("--seed", type=int, default=0, help="seed of pictures, noise and intervals")
    add("--cell", type=int, default=192, help="side in px of a picture on the contact sheets")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder for the results")
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision state dict")
    add("--weights", nargs="+", metavar="NAME=FILE", help="weights; omit for the released ones")
    add("--tau", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0], help="strengths")
    add("--precision", choices=["fp32", "bf16"], default="fp32", help="precision of the generator")
    add("--adain", type=Path, help="decoder weights of AdaIN (safetensors)")
    add("--microast", type=Path, help="folder of MicroAST weights")
    add("--magenta", type=Path, help="folder of Magenta TFLite models")
    add("--gatys-pairs", type=int, default=0, help="pairs for Gatys, about a minute each")
    add("--gatys-side", type=int, default=256, help="short side of these pairs in px")
    add("--gatys-steps", type=int, default=80, help="steps of Adam per pair")
    return parser
