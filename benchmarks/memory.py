"""`python -m benchmarks.memory`: peak memory of a process that stylizes one picture.

The target is at most 4 GiB for 4096 x 4096 on a CPU. Each size is measured in a separate process.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch

from benchmarks.speed import noise
from model.inference import Stylizer


def main() -> None:
    """Print one JSON line per height and precision."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory", description="Measure the peak memory per picture."
    )
    add = parser.add_argument
    add("--side", type=int, nargs="+", default=[1024, 2048, 4096], help="heights in px")
    add("--ratio", type=int, default=1, help="width relative to the height (default: 1)")
    add("--keep-color", action="store_true", help="keep the colours of the photo")
    add("--precision", nargs="+", default=["fp32"], help="precisions")
    add("--threads", type=int, default=2, help="CPU threads")
    add("--weights", type=Path, help="weights file (default: released)")
    add("--here", action="store_true", help="measure in this process instead of a new one")
    options = parser.parse_args()
    for side in options.side:
        for precision in options.precision:
            if options.here:
                print(json.dumps(_measure(side, precision, options)))
                continue
            command = [sys.executable, "-m", "benchmarks.memory", "--here", "--side", str(side)]
            command += ["--precision", precision, "--threads", str(options.threads)]
            command += ["--ratio", str(options.ratio)]
            command += ["--keep-color"] if options.keep_color else []
            command += ["--weights", str(options.weights)] if options.weights else []
            subprocess.run(command, check=True)


def _measure(side: int, precision: str, options: argparse.Namespace) -> dict[str, object]:
    torch.set_num_threads(options.threads)
    stylizer = Stylizer.load(options.weights, device="cpu", precision=precision)
    code = stylizer.style_code(noise(256))
    picture = noise(side, side * options.ratio)
    before = _peak_gib()
    start = time.perf_counter()
    stylizer.stylize(picture, code, keep_color=options.keep_color)
    seconds = time.perf_counter() - start
    return {
        "width_px": picture.width,
        "height_px": picture.height,
        "precision": precision,
        "before_gib": round(before, 2),
        "peak_gib": round(_peak_gib(), 2),
        "seconds": round(seconds, 1),
    }


def _peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
