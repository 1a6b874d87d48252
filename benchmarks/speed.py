"""`python -m benchmarks.speed`: seconds to stylize a Pillow picture with a computed style code.

The target is at most 0.35 s for 512 x 512 in fp32 on two CPU cores.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from model.inference import StyleCode, Stylizer


def main() -> None:
    """Print best, median and worst seconds as one JSON line per size and precision."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description="Measure the seconds per picture."
    )
    add = parser.add_argument
    add("--side", type=int, nargs="+", default=[256, 512, 1024], help="sides in px")
    add("--precision", nargs="+", default=["fp32", "bf16"], help="precisions")
    add("--runs", type=int, default=7, help="runs per size")
    add("--threads", type=int, default=2, help="CPU threads")
    add("--device", default="cpu", help="cpu or cuda")
    add("--weights", type=Path, help="weights file (default: released)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for precision in options.precision:
        stylizer = Stylizer.load(options.weights, device=options.device, precision=precision)
        code = stylizer.style_code(noise(256))
        for side in options.side:
            seconds = _measure(stylizer, noise(side), code, options.runs)
            row = {
                "side_px": side,
                "precision": precision,
                "threads": options.threads,
                "best_s": round(min(seconds), 4),
                "median_s": round(statistics.median(seconds), 4),
                "worst_s": round(max(seconds), 4),
            }
            print(json.dumps(row))


def _measure(stylizer: Stylizer, picture: Image.Image, code: StyleCode, runs: int) -> list[float]:
    stylizer.stylize(picture, code)  # warm-up
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        stylizer.stylize(picture, code)
        seconds.append(time.perf_counter() - start)
    return seconds


def noise(height: int, width: int | None = None) -> Image.Image:
    """Return a picture of coarse noise, a square by default.

    The content does not affect time or memory.
    """
    size = (width or height, height)
    pixels = np.random.default_rng(0).integers(
        0, 256, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8
    )
    return Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)


if __name__ == "__main__":
    main()
