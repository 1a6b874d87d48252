"""`python -m benchmarks.ablations`: one short training a variant, all of one budget, one table.

The paper promises these comparisons and prints none. Each variant differs from `full` in what its
line says; pictures, seed and steps are the same. A run that was broken off goes on.
"""

import argparse
import subprocess
import sys
from pathlib import Path

VARIANTS: dict[str, list[str]] = {
    "full": [],
    "no-lim": ["--set", "position=none"],
    "sinusoid": ["--set", "position=sinusoid"],
    "gain": ["--set", "modulation=gain", "slots=0"],
    "adaptive-norm": ["--set", "slots=0"],
    "no-d-f": ["--weight", "feature_adversarial=0"],
    "no-d-s": ["--weight", "adversarial=0"],
    "one-scale": ["--scales", "1"],
}


def main() -> None:
    """Train what is missing, then evaluate all variants on the held-out pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations")
    parser.add_argument("--shared", type=Path, required=True, help="the research data")
    parser.add_argument("--vgg", type=Path, required=True)
    parser.add_argument("--config", default="small")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--run", type=Path, default=Path("runs/ablations"))
    parser.add_argument("--held-out", nargs="*", default=[], help="as `dualtrans train` takes it")
    options = parser.parse_args()
    for name, changes in VARIANTS.items():
        _train(options, name, changes)
    _evaluate(options)


def _train(options: argparse.Namespace, name: str, changes: list[str]) -> None:
    shared, run = options.shared, options.run / name
    if (run / "stage-3.safetensors").exists():
        return
    arguments = [
        *("--content", shared / "content", "--style", shared / "style", shared / "pottery"),
        *("--vgg", options.vgg, "--config", options.config, "--run", run),
        *("--steps", options.steps, "--batch", options.batch, "--warm-steps", options.steps // 6),
        *("--average", 0.98, "--sheet-minutes", 1000, "--held-out", *options.held_out),
    ]
    _run("model.training", [*map(str, arguments), *changes])


def _evaluate(options: argparse.Namespace) -> None:
    """The weights of stage 3 of every variant: whether stage 2 helped is part of the question."""
    weights = [f"{name}={options.run / name / 'stage-3.safetensors'}" for name in VARIANTS]
    arguments = [
        *("--shared", options.shared, "--vgg", options.vgg, "--side", 256, "--tau", 0, 1),
        *("--limit", 5, "--styles-paired", 4, "--gallery", 4, "--out", options.run / "table"),
    ]
    _run("model.evaluation", [*map(str, arguments), "--weights", *weights])


def _run(module: str, arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
