"""`python -m benchmarks.ablations`: train variants with the same small budget and compare them.

The paper announces these comparisons but does not print them. Variants of the network and of the
pyramid are trained from scratch (stages 0 and 1). Variants of the discriminators continue from the
weights of `full` for the same number of steps of stage 2. Within a group, the pictures, the seed,
the number of steps and the batch size are equal. Running the command again resumes it.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from art.still_life.scene import draw_still_life
from imaging.decode import open_picture
from model.contact_sheet import contact_sheet
from model.inference import Stylizer
from model.presets.sources import SOURCES

FULL = "full"
NETWORK_VARIANTS: dict[str, list[str]] = {
    FULL: [],
    "no-lim": ["--set", "position=none"],
    "sinusoid": ["--set", "position=sinusoid"],
    "gain": ["--set", "modulation=gain", "slots=0"],
    "no-slots": ["--set", "slots=0"],
    "one-scale": ["--scales", "1"],
}
DISCRIMINATOR_VARIANTS: dict[str, list[str]] = {
    "both-discriminators": [],
    "no-d-f": ["--weight", "feature_adversarial=0"],
    "no-d-s": ["--weight", "adversarial=0"],
    "no-stage-2": ["--adversarial-steps", "0"],
}

SHEET_STYLES = ("great-wave", "van-gogh-haystacks")
SHEET_CELL_PX = (240, 180)


def main() -> None:
    """Train the missing variants, evaluate all on held-out pictures and write a contact sheet."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablations", description="Train and compare variants."
    )
    add = parser.add_argument
    add("--shared", type=Path, required=True, help="folder of the research data")
    add("--vgg", type=Path, required=True, help="VGG-19 weights")
    add("--config", default="small", help="table of model/config.py")
    add("--steps", type=int, default=400, help="steps of stages 0 and 1")
    add("--adversarial-steps", type=int, default=130, help="steps of stage 2")
    add("--batch", type=int, default=4, help="pairs per step")
    add("--run", type=Path, default=Path("runs/ablations"), help="folder of the runs")
    add("--held-out", nargs="*", default=[], help="prefixes of file names to hold out")
    options = parser.parse_args()
    for name, changes in NETWORK_VARIANTS.items():
        stages = ["--steps", options.steps, "--warm-steps", options.steps // 6]
        _train(options, name, [*stages, "--adversarial-steps", 0, *changes])
    for name, changes in DISCRIMINATOR_VARIANTS.items():
        steps = options.adversarial_steps
        stages = ["--steps", steps, "--warm-steps", 0, "--adversarial-steps", steps]
        start = ["--start-from", options.run / FULL / "weights.safetensors"]
        _train(options, name, [*stages, *start, *changes])
    _evaluate(options)
    _write_sheet(options)


def _train(options: argparse.Namespace, name: str, changes: list[object]) -> None:
    shared, run = options.shared, options.run / name
    arguments = [
        *("--content", shared / "content", "--style", shared / "style", shared / "pottery"),
        *("--vgg", options.vgg, "--config", options.config, "--run", run, "--finish-steps", 0),
        *("--batch", options.batch, "--styles-each", 1, "--rehearse", 0),
        *("--average", 0.98, "--sheet-minutes", 1000),
        *("--held-out", *options.held_out),
    ]
    _run("model.training", [*arguments, *changes])


def _evaluate(options: argparse.Namespace) -> None:
    weights = [
        f"{name}={options.run / name / 'weights.safetensors'}"
        for name in NETWORK_VARIANTS | DISCRIMINATOR_VARIANTS
    ]
    arguments = [
        *("--shared", options.shared, "--vgg", options.vgg, "--side", 256, "--tau", 1),
        *("--limit", 4, "--styles-paired", 4, "--gallery", 4, "--explored", 0),
        *("--out", options.run / "table", "--weights", *weights),
    ]
    _run("model.evaluation", arguments)


def _write_sheet(options: argparse.Namespace) -> None:
    """Write a sheet with a row per style and a column per variant, in the order of the tables."""
    picture = draw_still_life(480, 360)
    stylizers = [
        Stylizer.load(options.run / name / "weights.safetensors", precision="fp32")
        for name in NETWORK_VARIANTS | DISCRIMINATOR_VARIANTS
    ]
    rows = []
    for style_id in SHEET_STYLES:
        (artwork,) = options.shared.glob(SOURCES[style_id][0])
        style = open_picture(artwork)
        rows.append([s.stylize(picture, s.style_code(style)) for s in stylizers])
    contact_sheet(rows, SHEET_CELL_PX).save(options.run / "sheet.webp", quality=84, method=6)


def _run(module: str, arguments: list[object]) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


if __name__ == "__main__":
    main()
