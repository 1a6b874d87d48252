"""`python -m benchmarks.speed`: seconds from Pillow picture to Pillow picture, style code at hand.

The target is 512 x 512 in at most 0.35 s in fp32 on two CPU cores.
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
    """Print one JSON line a size and precision: best, median and worst second of several runs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument("--side", type=int, nargs="+", default=[256, 512, 1024], help="px")
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16"])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for precision in options.precision:
        stylizer = Stylizer.load(options.weights, device=options.device, precision=precision)
        code = stylizer.style_code(noise(256))
        for side in options.side:
            seconds = _seconds(stylizer, noise(side), code, options.runs)
            row = {
                "side_px": side,
                "precision": precision,
                "threads": options.threads,
                "best_s": round(min(seconds), 4),
                "median_s": round(statistics.median(seconds), 4),
                "worst_s": round(max(seconds), 4),
            }
            print(json.dumps(row))


def _seconds(stylizer: Stylizer, picture: Image.Image, code: StyleCode, runs: int) -> list[float]:
    stylizer.stylize(picture, code)
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        stylizer.stylize(picture, code)
        seconds.append(time.perf_counter() - began)
    return seconds


def noise(side: int) -> Image.Image:
    """A coarse random picture: its content does not change the time."""
    pixels = np.random.default_rng(0).integers(0, 256, (side // 8, side // 8, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)


if __name__ == "__main__":
    main()
