"""The options of an evaluation, and the command line that they come from."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from model.evaluation.methods import full_strength
from model.machine import Precision

FittingNetwork = Literal["compact", "vgg19"]
"""The name of a perceptual network that codes can be fitted with."""


@dataclass(frozen=True)
class EvaluationOptions:
    """Everything that defines an evaluation."""

    photos: tuple[Path, ...]
    """Files or folders."""
    artworks: tuple[Path, ...]
    """Files or folders."""
    research_data: Path | None
    """Folder whose held-out pictures replace `photos` and `artworks`."""
    sides_px: tuple[int | None, ...]
    """Short sides of all pictures, each measured on its own; None keeps their size."""
    photo_count: int
    paired_artworks: int
    """Artworks that are paired with every photo."""
    gallery_artworks: int
    """Artworks for variety and retrieval."""
    pairs: int | None
    """Number of pairs, spread over photos and paired artworks; None: all."""
    detailed_photos: int
    """Photos for variety, retrieval, flicker and content leak, at the first size."""
    seed: int

    vgg: Path
    weights: tuple[str, ...]
    """NAME=FILE or FILE; empty: the released weights."""
    strengths: tuple[float, ...]
    precision: Precision
    fit_steps: int
    """Steps in which the codes of "DualTrans refined" are fitted; 0 leaves it out."""
    fit_with: tuple[FittingNetwork, ...]
    """The perceptual networks to fit with, one method each."""
    adain: Path | None
    microast: Path | None
    magenta: Path | None
    gatys_pairs: int
    gatys_side_px: int
    gatys_steps: int

    presets: tuple[str, ...] | None
    """Presets to measure instead of methods; empty: all; None: none. The same holds below."""
    faces: tuple[str, ...] | None
    """Presets whose results are searched for the faces of the photos."""
    strokes: tuple[str, ...] | None
    """Presets whose strokes are measured for every brush."""
    drawn: Path | None
    """Folder of the drawn source pictures of presets."""
    catalogue: Path | None
    """JSON file with the strength of each preset."""

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
        _check_at_least(1, name, getattr(options, name))
    for side in options.side or ():
        _check_at_least(1, "side", side)
    if options.pairs is not None:
        _check_at_least(1, "pairs", options.pairs)
    _check_at_least(0, "fit_steps", options.fit_steps)
    full_strength(options.tau)
    return EvaluationOptions(
        photos=tuple(options.photographs or ()),
        artworks=tuple(options.styles or ()),
        research_data=options.shared,
        sides_px=tuple(options.side) if options.side else (None,),
        photo_count=options.limit,
        paired_artworks=options.styles_paired,
        gallery_artworks=options.gallery,
        pairs=options.pairs,
        detailed_photos=options.explored,
        seed=options.seed,
        vgg=options.vgg,
        weights=tuple(options.weights or ()),
        strengths=tuple(options.tau),
        precision=options.precision,
        fit_steps=options.fit_steps,
        fit_with=tuple(options.fit_with),
        adain=options.adain,
        microast=options.microast,
        magenta=options.magenta,
        gatys_pairs=options.gatys_pairs,
        gatys_side_px=options.gatys_side,
        gatys_steps=options.gatys_steps,
        presets=_tuple_or_none(options.presets),
        faces=_tuple_or_none(options.faces),
        strokes=_tuple_or_none(options.strokes),
        drawn=options.drawn,
        catalogue=options.catalogue,
        out=options.out,
        cell_px=options.cell,
    )


def _check_at_least(smallest: int, name: str, value: int) -> None:
    if value < smallest:
        raise ValueError(f"--{name.replace('_', '-')} must be at least {smallest}, not {value}")


def _tuple_or_none(ids: list[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(ids)


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
    add("--side", type=int, nargs="+", help="short sides of the pictures in px; omit to keep them")
    add("--limit", type=int, default=10, help="number of photos, drawn with the seed")
    add("--styles-paired", type=int, default=4, help="number of artworks paired with each photo")
    add("--pairs", type=int, help="number of pairs, spread over photos and artworks; omit for all")
    add("--gallery", type=int, default=24, help="number of artworks for variety and retrieval")
    add("--explored", type=int, default=1, help="photos for variety, flicker and leak; 0: none")
    add("--seed", type=int, default=0, help="seed of pictures, noise and intervals")
    add("--cell", type=int, default=192, help="side in px of a picture on the contact sheets")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder for the results")
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision state dict")
    add("--weights", nargs="+", metavar="NAME=FILE", help="weights; omit for the released ones")
    add("--tau", type=float, nargs="+", default=[0.0, 0.25, 0.5, 0.75, 1.0], help="strengths")
    add("--precision", choices=["fp32", "bf16"], default="fp32", help="precision of the generator")
    add("--fit-steps", type=int, default=0, help="also measure codes fitted in this many steps")
    add(
        "--fit-with",
        nargs="+",
        choices=get_args(FittingNetwork),
        default=["compact"],
        help="perceptual networks to fit with",
    )
    add("--adain", type=Path, help="decoder weights of AdaIN (safetensors)")
    add("--microast", type=Path, help="folder of MicroAST weights")
    add("--magenta", type=Path, help="folder of Magenta TFLite models")
    add("--gatys-pairs", type=int, default=0, help="pairs for Gatys, about a minute each")
    add("--gatys-side", type=int, default=256, help="short side of these pairs in px")
    add("--gatys-steps", type=int, default=80, help="steps of Adam per pair")
    _add_preset_options(parser)
    return parser


def _add_preset_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group(
        "presets", "measure presets instead of comparing methods: all, or those with the given ids"
    ).add_argument
    add("--presets", nargs="*", metavar="ID", help="distances, with encoder's and stored codes")
    add("--faces", nargs="*", metavar="ID", help="share of faces that are still found")
    add("--strokes", nargs="*", metavar="ID", help="width of the strokes of every brush")
    add("--drawn", type=Path, help="folder written by `python -m art sources`")
    add("--catalogue", type=Path, help="JSON file with `id` and `default_tau` of each preset")
