"""`python -m model.evaluation`: paints photographs x artworks x strengths and measures them."""

import argparse
import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.evaluation import metrics
from model.inference import Stylizer
from model.perceptual import Vgg19, load_vgg
from model.pictures import SUFFIXES, open_picture
from model.sheet import contact_sheet


@dataclass(frozen=True)
class Row:
    """One painted picture, measured."""

    photograph: str
    style: str
    tau: float
    style_distance: float
    content_distance: float
    grid_index: float
    psnr: float


def main(arguments: list[str] | None = None) -> int:
    """Write rows.csv, summary.json and sheet-TAU.jpg; print the summary."""
    options = _parse(arguments)
    try:
        photographs = _sized(options.photographs, options.limit, options.side)
        artworks = _sized(options.styles, options.limit, options.side)
        vgg = load_vgg(options.vgg)
        stylizer = Stylizer.load(options.weights, precision=options.precision)
    except (ValueError, OSError) as error:
        print(f"dualtrans evaluate: {error}", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    rows = list(_measure(stylizer, vgg, photographs, artworks, options))
    with (options.out / "rows.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(rows[0])))
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    summary = summarise(rows, options.tau)
    text = json.dumps(summary, indent=1)
    (options.out / "summary.json").write_text(text + "\n")
    print(text)
    return 0


def summarise(rows: list[Row], taus: list[float]) -> dict[str, object]:
    """Means by strength, and on how many pairs style distance falls strictly as strength rises."""
    by_tau = {
        str(tau): {
            name: round(float(np.mean([getattr(row, name) for row in rows if row.tau == tau])), 4)
            for name in ("style_distance", "content_distance", "grid_index", "psnr")
        }
        for tau in taus
    }
    curves: dict[tuple[str, str], list[float]] = {}
    for row in sorted(rows, key=lambda row: row.tau):
        curves.setdefault((row.photograph, row.style), []).append(row.style_distance)
    falling = [all(a > b for a, b in pairwise(c)) for c in curves.values()]
    return {
        "pairs": len(curves),
        "by_tau": by_tau,
        "strictly_falling_share": round(float(np.mean(falling)), 4),
    }


def _measure(
    stylizer: Stylizer,
    vgg: Vgg19,
    photographs: dict[str, Image.Image],
    artworks: dict[str, Image.Image],
    options: argparse.Namespace,
) -> Iterable[Row]:
    targets = {name: metrics.style_statistics(vgg, art) for name, art in artworks.items()}
    codes = {name: stylizer.style_code(art) for name, art in artworks.items()}
    sheets: dict[float, list[list[Image.Image]]] = {tau: [] for tau in options.tau}
    for name, photograph in tqdm(photographs.items(), unit="photograph"):
        content = metrics.content_features(vgg, photograph)
        for tau in options.tau:
            painted = {
                style: stylizer.stylize(photograph, code, tau) for style, code in codes.items()
            }
            sheets[tau].append([photograph, *painted.values()])
            for style, picture in painted.items():
                yield Row(
                    name,
                    style,
                    tau,
                    metrics.style_distance(metrics.style_statistics(vgg, picture), targets[style]),
                    metrics.content_distance(metrics.content_features(vgg, picture), content),
                    metrics.grid_index(picture),
                    metrics.psnr(picture, photograph),
                )
    for tau, rows in sheets.items():
        sheet = contact_sheet([[None, *artworks.values()], *rows], options.cell)
        sheet.save(options.out / f"sheet-{tau:g}.jpg", quality=90)


def _sized(named: list[Path], limit: int, side: int | None) -> dict[str, Image.Image]:
    """Pictures by name; with `side` their short side is brought to it by Lanczos."""
    paths = [
        path
        for name in named
        for path in (sorted(name.iterdir()) if name.is_dir() else [name])
        if path.suffix.lower() in SUFFIXES
    ]
    if not paths:
        raise ValueError(f"no pictures in {', '.join(map(str, named))}")
    pictures = {}
    for path in paths[:limit]:
        picture = open_picture(path)
        if side:
            scale = side / min(picture.size)
            size = (round(picture.width * scale), round(picture.height * scale))
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        pictures[path.stem] = picture
    return pictures


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dualtrans evaluate", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--photographs", type=Path, nargs="+", required=True, help="files or folders")
    add("--styles", type=Path, nargs="+", required=True, help="files or folders of artworks")
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision's state dict")
    add("--tau", type=float, nargs="+", default=[0.0, 0.5, 1.0], help="strengths")
    add("--weights", type=Path, help="weights of your own training")
    add("--precision", choices=["fp32", "bf16"], default="fp32", help="of the generator")
    add("--side", type=int, help="bring every short side to so many px (as it is when left out)")
    add("--limit", type=int, default=1000, help="at most so many pictures of each kind")
    add("--cell", type=int, default=192, help="px of a picture on the sheet")
    add("--out", type=Path, default=Path("runs/evaluation"), help="folder of the results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
