"""`python -m benchmarks.ablations`: one short training a variant, all of one budget, one table.

The paper promises these comparisons and prints none. Variants of the network and of the pyramid
learn to paint from nothing (stages 0 and 1). Variants of the adversaries go on from the weights of
`full`, all for the same steps of stage 2. Within a group pictures, seed, steps and batch are the
same. A run that was broken off goes on.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from art.still_life.scene import draw_still_life
from imaging.decode import open_picture
from model.inference import Stylizer
from model.presets.sources import SOURCES
from model.sheet import contact_sheet

FULL = "full"
PAINTING: dict[str, list[str]] = {
    FULL: [],
    "no-lim": ["--set", "position=none"],
    "sinusoid": ["--set", "position=sinusoid"],
    "gain": ["--set", "modulation=gain", "slots=0"],
    "no-slots": ["--set", "slots=0"],
    "one-scale": ["--scales", "1"],
}
ADVERSARIES: dict[str, list[str]] = {
    "both-discriminators": [],
    "no-d-f": ["--weight", "feature_adversarial=0"],
    "no-d-s": ["--weight", "adversarial=0"],
    "no-stage-2": ["--adversarial-steps", "0"],
}


SHEET_STYLES = ("great-wave", "van-gogh-haystacks")
SHEET_CELL_PX = (240, 180)


def main() -> None:
    """Train what is missing, evaluate all variants on held-out pictures, paint a sheet of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations")
    parser.add_argument("--shared", type=Path, required=True, help="the research data")
    parser.add_argument("--vgg", type=Path, required=True)
    parser.add_argument("--config", default="small")
    parser.add_argument("--steps", type=int, default=400, help="of stages 0 and 1")
    parser.add_argument("--adversarial-steps", type=int, default=130, help="of stage 2")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--run", type=Path, default=Path("runs/ablations"))
    parser.add_argument("--held-out", nargs="*", default=[], help="as `dualtrans train` takes it")
    options = parser.parse_args()
    for name, changes in PAINTING.items():
        stages = ["--steps", options.steps, "--warm-steps", options.steps // 6]
        _train(options, name, [*stages, "--adversarial-steps", 0, *changes])
    for name, changes in ADVERSARIES.items():
        steps = options.adversarial_steps
        stages = ["--steps", steps, "--warm-steps", 0, "--adversarial-steps", steps]
        start = ["--start-from", options.run / FULL / "weights.safetensors"]
        _train(options, name, [*stages, *start, *changes])
    _evaluate(options)
    _paint(options)


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
        f"{name}={options.run / name / 'weights.safetensors'}" for name in PAINTING | ADVERSARIES
    ]
    arguments = [
        *("--shared", options.shared, "--vgg", options.vgg, "--side", 256, "--tau", 1),
        *("--limit", 4, "--styles-paired", 4, "--gallery", 4, "--explored", 0),
        *("--out", options.run / "table", "--weights", *weights),
    ]
    _run("model.evaluation", arguments)


def _paint(options: argparse.Namespace) -> None:
    """Rows are two artworks' styles, columns the variants in the order of the tables."""
    picture = draw_still_life(480, 360)
    stylizers = [
        Stylizer.load(options.run / name / "weights.safetensors", precision="fp32")
        for name in PAINTING | ADVERSARIES
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
