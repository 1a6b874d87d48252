"""`python -m benchmarks.memory`: most memory a process holds while it paints one picture.

The target is 4096 x 4096 on a CPU within 4 GiB. Each side is measured in a process of its own.
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
    """Print one JSON line a side and precision."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--side", type=int, nargs="+", default=[1024, 2048, 4096], help="px")
    parser.add_argument("--precision", nargs="+", default=["fp32"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--here", action="store_true", help="measure in this process")
    options = parser.parse_args()
    for side in options.side:
        for precision in options.precision:
            if options.here:
                print(json.dumps(_measured(side, precision, options)))
                continue
            again = [sys.executable, "-m", "benchmarks.memory", "--here", "--side", str(side)]
            again += ["--precision", precision, "--threads", str(options.threads)]
            again += ["--weights", str(options.weights)] if options.weights else []
            subprocess.run(again, check=True)  # our own command


def _measured(side: int, precision: str, options: argparse.Namespace) -> dict[str, object]:
    torch.set_num_threads(options.threads)
    stylizer = Stylizer.load(options.weights, device="cpu", precision=precision)
    code = stylizer.style_code(noise(256))
    picture = noise(side)
    began = time.perf_counter()
    stylizer.stylize(picture, code)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {
        "side_px": side,
        "precision": precision,
        "peak_gib": round(peak, 2),
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
