"""`python -m benchmarks.training`: training throughput in pairs per second.

Every setting runs the same steps twice: first with an empty cache of style statistics, as at the
start of a run, then with all statistics cached, as after every style crop has been used.
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
    "one style per photo": ("--styles-each", "1", "--rehearse", "0"),
    "three styles per photo": ("--styles-each", "3", "--rehearse", "0"),
    "three styles per photo, twelve replayed crops": ("--styles-each", "3", "--rehearse", "12"),
}
_WARM_UP_STEPS = 2  # not measured


def main() -> None:
    """Print one JSON line per setting."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training", description="Measure training throughput."
    )
    add = parser.add_argument
    add("--content", type=Path, nargs="+", required=True, help="folders of photos")
    add("--style", type=Path, nargs="+", required=True, help="folders of artworks")
    add("--vgg", type=Path, required=True, help="VGG-19 weights")
    add("--config", default="small", help="table of model/config.py")
    add("--batch", type=int, default=12, help="pairs per step")
    add("--crop", type=int, default=160, help="side of a crop in px")
    add("--steps", type=int, default=8, help="measured steps per setting")
    options = parser.parse_args()
    reuse_freed_memory()
    for name, setting in SETTINGS.items():
        empty_cache, full_cache = _seconds_per_step(options, setting)
        row = {
            "setting": name,
            "batch": options.batch,
            "crop_px": options.crop,
            "pairs_per_second": round(options.batch / empty_cache, 2),
            "pairs_per_second_cached": round(options.batch / full_cache, 2),
        }
        print(json.dumps(row), flush=True)


def _seconds_per_step(options: argparse.Namespace, setting: tuple[str, ...]) -> tuple[float, float]:
    """Return the median seconds of a step with an empty and with a full cache."""
    with tempfile.TemporaryDirectory() as folder:
        training = _create_training(options, setting, folder)
        last_step = options.steps + _WARM_UP_STEPS
        batches = [training.pairs.batch_of(step) for step in range(1, last_step + 1)]
        medians = []
        for _ in range(2):
            seconds = []
            for batch in batches:
                start = time.perf_counter()
                training.one_step(batch)
                training.state.step += 1
                seconds.append(time.perf_counter() - start)
            medians.append(statistics.median(seconds[_WARM_UP_STEPS:]))
        training.log.close()
    return medians[0], medians[1]


def _create_training(
    options: argparse.Namespace, setting: tuple[str, ...], folder: str
) -> Training:
    arguments = [
        *("--content", *map(str, options.content), "--style", *map(str, options.style)),
        *("--vgg", str(options.vgg), "--config", options.config, "--run", folder),
        *("--batch", str(options.batch), "--crop", str(options.crop), *setting),
        *("--warm-steps", "0"),
    ]
    return Training(parse_options(arguments))


if __name__ == "__main__":
    main()
