"""`python -m benchmarks.training`: pairs that a training step paints in a second.

Every setting runs the same steps twice: first with no style crop's statistics at hand, as a run
begins, then with all of them, as it goes on when every crop has been met.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from model.machine import reuse_freed_memory
from model.training.options import parse_options
from model.training.run import Training

SETTINGS = {
    "each photograph in one style": ("--styles-each", "1", "--rehearse", "0"),
    "each photograph in three": ("--styles-each", "3", "--rehearse", "0"),
    "and twelve crops rehearsed": ("--styles-each", "3", "--rehearse", "12"),
}


def main() -> None:
    """Print one JSON line a setting."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--content", type=Path, nargs="+", required=True)
    parser.add_argument("--style", type=Path, nargs="+", required=True)
    parser.add_argument("--vgg", type=Path, required=True)
    parser.add_argument("--config", default="small")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    reuse_freed_memory()
    for name, setting in SETTINGS.items():
        cold, warm = _seconds(options, setting)
        row = {
            "setting": name,
            "batch": options.batch,
            "crop_px": options.crop,
            "pairs_a_second": round(options.batch / cold, 2),
            "pairs_a_second_all_crops_met": round(options.batch / warm, 2),
        }
        print(json.dumps(row), flush=True)


def _seconds(options: argparse.Namespace, setting: tuple[str, ...]) -> tuple[float, float]:
    """Medians of a step's seconds, the first two left out."""
    with tempfile.TemporaryDirectory() as folder:
        training = _training(options, setting, folder)
        batches = [training.pairs.batch_of(step) for step in range(1, options.steps + 3)]
        rounds = []
        for _ in range(2):
            seconds = []
            for batch in batches:
                began = time.perf_counter()
                training.one_step(batch)
                training.step += 1
                seconds.append(time.perf_counter() - began)
            rounds.append(statistics.median(seconds[2:]))
        training.logbook.close()
    return rounds[0], rounds[1]


def _training(options: argparse.Namespace, setting: tuple[str, ...], folder: str) -> Training:
    given = parse(
        [
            *("--content", *map(str, options.content), "--style", *map(str, options.style)),
            *("--vgg", str(options.vgg), "--config", options.config, "--run", folder),
            *("--batch", str(options.batch), "--crop", str(options.crop), *setting),
            *("--warm-steps", "0"),
        ]
    )
    config, recipe = tables(given)
    return Training(given, config, recipe, schedule(given, recipe))


if __name__ == "__main__":
    main()
