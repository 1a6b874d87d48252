"""`python -m model.training`: trains a generator on pictures; goes on where it stopped."""

import argparse
import ast
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch

from model.config import CONFIGS, RECIPES, DualTransConfig, LossWeights, Recipe
from model.machine import fastest_precision, reuse_freed_memory
from model.training.run import Training
from model.training.schedule import Schedule
from model.training.step import SCALE_WEIGHTS


def main(arguments: list[str] | None = None) -> int:
    """Train; bad folders, files or numbers are told in one line."""
    options = parse(arguments)
    reuse_freed_memory()
    try:
        config, recipe = tables(options)
        training = Training(options, config, recipe, schedule(options, recipe))
        with closing(training.logbook):
            training.resume()
            training.run()
    except (ValueError, OSError) as error:
        print(f"dualtrans train: {error}", file=sys.stderr)
        return 2
    return 0


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options, each with the reason for its default."""
    parser = argparse.ArgumentParser(
        prog="dualtrans train",
        description="Train a generator. The same command again goes on from its checkpoint.",
        epilog="Stage 0 reconstructs, stage 1 learns to paint by VGG-19, stage 2 adds the "
        "discriminators, stage 3 lets the learning rate fall. The better of stage 1 and stage 3 "
        "on the held-out pictures is kept as weights.safetensors.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--content", type=Path, nargs="+", required=True, help="folders of photographs (MS-COCO)")
    add("--style", type=Path, nargs="+", required=True, help="folders of artworks (WikiArt)")
    add("--vgg", type=Path, help="VGG-19: normalised or torchvision's (all but paper need it)")
    add("--teacher", type=Path, help="AdaIN's decoder, a first teacher (safetensors)")
    add("--teacher-steps", type=int, default=0, help="steps until its word is gone")
    add("--start-from", type=Path, help="weights to begin with, in place of random ones")
    add("--run", type=Path, default=Path("runs/dualtrans"), help="folder of the run")
    add("--kept", type=Path, help="a small copy of the checkpoint: written last, read without one")
    add("--config", choices=sorted(CONFIGS), default="small", help="table of model/config.py")
    add("--set", nargs="*", default=[], metavar="NAME=VALUE", help="entries of it to change")
    add("--weight", nargs="*", default=[], metavar="NAME=VALUE", help="weights of losses to change")
    add("--scales", type=int, default=len(SCALE_WEIGHTS), help="of the pyramid that VGG-19 sees")
    add("--steps", type=int, default=20_000, help="steps in all")
    add("--warm-steps", type=int, help="of stage 0 (default: the recipe's share)")
    add("--adversarial-steps", type=int, help="of stage 2 (default: the recipe's share)")
    add("--finish-steps", type=int, help="of stage 3 (default: the recipe's share)")
    add("--minutes", type=float, default=float("inf"), help="stop (and save) after so long")
    add("--batch", type=int, default=12, help="pairs a step")
    add("--styles-each", type=int, default=3, help="styles that a step paints each photograph in")
    add("--rehearse", type=int, default=12, help="style crops that codes tell a step once more")
    add("--crop", type=int, default=128, help="side of a crop in px, a multiple of 32")
    add("--sides", type=int, nargs="*", default=[], help="of photographs, in place of --crop")
    add("--learning-rate", type=float, default=5e-4, help="of AdamW")
    add("--average", type=float, default=0.998, help="decay of the weights' moving average")
    add("--seed", type=int, default=0, help="of weights, crops and pairs")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    add("--device", default=device.type, help="cpu or cuda")
    add(
        "--precision", choices=["bf16", "fp32"], default=fastest_precision(device), help="of a step"
    )
    add("--threads", type=int, default=2, help="threads that read pictures")
    add("--held-out", nargs="*", default=[], help="file-name prefixes never trained on")
    add("--sheet-content", type=Path, nargs="*", default=[], help="photographs of the sample sheet")
    add("--sheet-style", type=Path, nargs="*", default=[], help="artworks of the sample sheet")
    add("--sheet-minutes", type=float, default=5.0, help="between two sheets and validations")
    add("--save-minutes", type=float, default=3.0, help="between two checkpoints")
    add("--log-every", type=int, default=20, help="steps between two log lines")
    options = parser.parse_args(arguments)
    for name, side in [("--crop", options.crop), *(("--sides", one) for one in options.sides)]:
        if side % 32 or side < 64:
            parser.error(f"{name} {side} is not a multiple of 32 of at least 64")
    if not 1 <= options.scales <= len(SCALE_WEIGHTS):
        parser.error(f"--scales {options.scales} is not 1 to {len(SCALE_WEIGHTS)}")
    return options


def tables(options: argparse.Namespace) -> tuple[DualTransConfig, Recipe]:
    """The network's table and the training's, with what the options change in them.

    Raises:
        ValueError: an unknown name, a value that does not fit, or a recipe that needs VGG-19 and
        has none.
    """
    config = replace(CONFIGS[options.config], **_changes(options.set, DualTransConfig))
    recipe = RECIPES[options.config]
    recipe = replace(
        recipe, weights=replace(recipe.weights, **_changes(options.weight, LossWeights))
    )
    if options.vgg is None and (recipe.weights.style or recipe.weights.content):
        raise ValueError(f"--config {options.config} is trained by VGG-19: name its --vgg")
    return config, recipe


def schedule(options: argparse.Namespace, recipe: Recipe) -> Schedule:
    """The stages by the recipe's shares, or by the numbers given.

    Raises:
        ValueError: the stages are longer than the run.
    """
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


def _changes(texts: Sequence[str], table: type) -> dict[str, Any]:
    """NAME=VALUE, each name a field of the table; a value is a Python literal or a word."""
    names = {field.name for field in fields(table)}
    changes = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in names or not value:
            raise ValueError(f"{text!r} is not NAME=VALUE with a name of {table.__name__}")
        try:
            changes[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            changes[name] = value
    return changes


if __name__ == "__main__":
    sys.exit(main())
