"""The options of a training run, and the command line that they come from."""

import argparse
import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import ValidationError

from model.config import CONFIGS, RECIPES, DualTransConfig, LossWeights, Recipe, first_problem
from model.machine import Precision, choose_device, fastest_precision
from model.training.schedule import Schedule
from model.training.step import SCALE_WEIGHTS

_Table = TypeVar("_Table", DualTransConfig, LossWeights)


@dataclass(frozen=True)
class RunOptions:
    """Everything that defines a training run."""

    config: DualTransConfig
    recipe: Recipe
    schedule: Schedule

    data: str | None
    """Where the pictures come from and what their licence allows, for the training record."""
    photo_folders: tuple[Path, ...]
    artwork_folders: tuple[Path, ...]
    held_out: tuple[str, ...]
    """Prefixes of file names that are not used for training."""
    batch: int
    """Pairs per step."""
    styles_per_photo: int
    replayed_crops: int
    """Style crops of earlier steps in each step."""
    crop_px: int
    photo_sides_px: tuple[int, ...]
    """Sides of the photos; empty: `crop_px`."""

    vgg: Path | None
    teacher: Path | None
    scales: int
    """Scales of the pyramid for VGG-19."""
    start_from: Path | None
    """Weights to start with instead of random ones."""
    average_decay: float
    seed: int
    device: torch.device
    precision: Precision

    run: Path
    """Folder of the run."""
    archive: Path | None
    """Checkpoint archive: written at the end, read if the folder has no checkpoint."""
    minutes: float
    """Time limit."""
    threads: int
    """Threads that read pictures."""
    sheet_photos: tuple[Path, ...]
    sheet_artworks: tuple[Path, ...]
    sheet_minutes: float
    save_minutes: float
    log_every: int
    """Steps between two log lines."""

    @property
    def dtype(self) -> torch.dtype:
        """The number type of a step."""
        return torch.bfloat16 if self.precision == "bf16" else torch.float32


def parse_options(arguments: list[str] | None = None) -> RunOptions:
    """Parse the command line of `dualtrans train`.

    Raises:
        ValueError: an unknown entry of a table, an invalid value, an unknown device, a recipe
            without its VGG-19, or stages that are longer than the run.
        SystemExit: argparse rejected an option.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    for name, side in [("--crop", options.crop), *(("--sides", side) for side in options.sides)]:
        if side % 32 or side < 64:
            parser.error(f"{name} {side} is not a multiple of 32 of at least 64")
    if not 1 <= options.scales <= len(SCALE_WEIGHTS):
        parser.error(f"--scales {options.scales} is not between 1 and {len(SCALE_WEIGHTS)}")
    recipe = _recipe(options)
    return RunOptions(
        config=_changed(CONFIGS[options.config], options.set),
        recipe=recipe,
        schedule=_schedule(options, recipe),
        data=options.data,
        photo_folders=tuple(options.content),
        artwork_folders=tuple(options.style),
        held_out=tuple(options.held_out),
        batch=options.batch,
        styles_per_photo=options.styles_each,
        replayed_crops=options.rehearse,
        crop_px=options.crop,
        photo_sides_px=tuple(options.sides),
        vgg=options.vgg,
        teacher=options.teacher,
        scales=options.scales,
        start_from=options.start_from,
        average_decay=options.average,
        seed=options.seed,
        device=choose_device(options.device),
        precision=options.precision,
        run=options.run,
        archive=options.kept,
        minutes=options.minutes,
        threads=options.threads,
        sheet_photos=tuple(options.sheet_content),
        sheet_artworks=tuple(options.sheet_style),
        sheet_minutes=options.sheet_minutes,
        save_minutes=options.save_minutes,
        log_every=options.log_every,
    )


def _parser() -> argparse.ArgumentParser:  # noqa: PLR0915  # one statement per option
    parser = argparse.ArgumentParser(
        prog="dualtrans train",
        description="Train a generator. Running the same command again resumes training.",
        epilog="Stage 0 reconstructs photos, stage 1 learns to stylize with VGG-19, stage 2 adds "
        "the discriminators, and stage 3 decays the learning rate. The better weights of stage 1 "
        "and stage 3 on the held-out set become weights.safetensors.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--content", type=Path, nargs="+", required=True, help="folders of photos (MS-COCO)")
    add("--style", type=Path, nargs="+", required=True, help="folders of artworks (WikiArt)")
    add("--data", help="origin and licence of your pictures, for the record in the weights file")
    add("--vgg", type=Path, help="VGG-19, normalised or torchvision; required except for paper")
    add("--teacher", type=Path, help="AdaIN decoder weights (safetensors) of the teacher")
    add(
        "--teacher-steps", type=_count, default=0, help="steps until the teacher loss fades to zero"
    )
    add("--start-from", type=Path, help="weights to start with; omit for random ones")
    add("--run", type=Path, default=Path("runs/dualtrans"), help="folder of the run")
    add("--kept", type=Path, help="checkpoint archive: written at the end; resumes a new --run")
    add("--config", choices=sorted(CONFIGS), default="small", help="table of model/config.py")
    add("--set", nargs="*", default=[], metavar="NAME=VALUE", help="entries of the table to change")
    add("--weight", nargs="*", default=[], metavar="NAME=VALUE", help="loss weights to change")
    add("--scales", type=int, default=len(SCALE_WEIGHTS), help="scales of the VGG-19 pyramid")
    add("--steps", type=_positive, default=20_000, help="total number of steps")
    add("--warm-steps", type=_count, help="steps of stage 0; omit for the recipe's share")
    add("--adversarial-steps", type=_count, help="steps of stage 2; omit for the recipe's share")
    add("--finish-steps", type=_count, help="steps of stage 3; omit for the recipe's share")
    add("--minutes", type=_minutes, default=float("inf"), help="save and stop after this time")
    add("--batch", type=_positive, default=12, help="pairs per step")
    add("--styles-each", type=_positive, default=3, help="styles per photo in a step")
    add(
        "--rehearse",
        type=_count,
        default=12,
        help="style crops of earlier steps to replay per step",
    )
    add("--crop", type=int, default=128, help="side of a crop in px, a multiple of 32")
    add("--sides", type=int, nargs="*", default=[], help="sides of photos in px; omit for --crop")
    add(
        "--learning-rate", type=_learning_rate, default=5e-4, help="learning rate of Muon and AdamW"
    )
    add("--average", type=_share, default=0.998, help="decay of the exponential moving average")
    add("--seed", type=_count, default=0, help="seed of weights, crops and pairs")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    add("--device", default=device.type, help="cpu or cuda")
    precision = fastest_precision(device)
    add("--precision", choices=["bf16", "fp32"], default=precision, help="precision of a step")
    add("--threads", type=_positive, default=2, help="threads that read pictures")
    add("--held-out", nargs="*", default=[], help="prefixes of file names to hold out")
    add("--sheet-content", type=Path, nargs="*", default=[], help="photos of the sample sheet")
    add("--sheet-style", type=Path, nargs="*", default=[], help="artworks of the sample sheet")
    add(
        "--sheet-minutes", type=_minutes, default=5.0, help="minutes between sheets and validations"
    )
    add("--save-minutes", type=_minutes, default=3.0, help="minutes between checkpoints")
    add("--log-every", type=_positive, default=20, help="steps between log lines")
    return parser


def _number(
    convert: type[int] | type[float], low: float, high: float = math.inf
) -> Callable[[str], float]:
    """Return a type for argparse: a number from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            number = convert(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:  # also refuses nan
            kind = "a whole number" if convert is int else "a number"
            upper = "" if high == math.inf else f" and at most {high:g}"
            raise argparse.ArgumentTypeError(f"{text!r} is not {kind} of at least {low:g}{upper}")
        return number

    return parse


_positive, _count = _number(int, 1), _number(int, 0)
_minutes, _share, _learning_rate = _number(float, 0), _number(float, 0, 1), _number(float, 0, 1)


def _recipe(options: argparse.Namespace) -> Recipe:
    recipe = RECIPES[options.config]
    weights = _changed(recipe.weights, options.weight)
    if options.vgg is None and (weights.style or weights.content):
        raise ValueError(f"--config {options.config} is trained with VGG-19: --vgg is required")
    return replace(recipe, weights=weights)


def _schedule(options: argparse.Namespace, recipe: Recipe) -> Schedule:
    """Return the stages with the given lengths, or with the recipe's shares of all steps."""
    shares = {
        "warm_steps": recipe.warm_share,
        "adversarial_steps": recipe.adversarial_share,
        "finish_steps": recipe.finish_share,
    }
    lengths = {}
    for name, share in shares.items():
        given = getattr(options, name)
        lengths[name] = round(options.steps * share) if given is None else given
    if min(lengths.values()) < 0 or sum(lengths.values()) > options.steps:
        raise ValueError(f"{lengths} do not fit into --steps {options.steps}")
    return Schedule(
        steps=options.steps,
        learning_rate=options.learning_rate,
        teacher_steps=options.teacher_steps if options.teacher else 0,
        **lengths,
    )


def _changed(table: _Table, texts: Sequence[str]) -> _Table:
    """Return the table with the changes of `--set` or `--weight`.

    Raises:
        ValueError: an unknown entry, or a value that does not fit.
    """
    try:
        return replace(table, **_parse_changes(texts, type(table)))
    except ValidationError as error:
        raise ValueError(first_problem(error)) from error


def _parse_changes(texts: Sequence[str], table: type) -> dict[str, Any]:
    """Parse NAME=VALUE, where NAME is a field of the table and VALUE a Python literal or a word."""
    names = {field.name for field in fields(table)}
    changes = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in names or not value:
            raise ValueError(f"{text!r} is not NAME=VALUE with a field of {table.__name__}")
        try:
            changes[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            changes[name] = value
    return changes
