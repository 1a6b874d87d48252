"""`dualtrans fit-style`: improve the style code of an artwork by optimisation."""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from imaging.decode import open_picture
from imaging.formats import FILE_SUFFIXES
from model.inference import FitProgress, FitResult, StyleCode, Stylizer


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit one style code and write it. An expected error prints one line and returns 2."""
    options = _parse(arguments)
    try:
        result = _fit(options)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_bytes(result.code.to_bytes())
    except (ValueError, OSError) as error:
        print(f"dualtrans fit-style: {error}", file=sys.stderr)
        return 2
    before, after = result.before, result.after
    print(f"style distance {before.style:.3f} -> {after.style:.3f}")
    print(f"content distance {before.content:.3f} -> {after.content:.3f}")
    print(f"{options.out} after {result.steps} steps")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dualtrans fit-style",
        description="Improve the style code of one style by gradient descent, which takes about a "
        "second per step on two cores. `dualtrans stylize --style FILE` uses the result. Ctrl+C "
        "ends the fit and keeps the best code so far.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("artworks", type=Path, nargs="+", metavar="ARTWORK", help="pictures of one style")
    add("-o", "--out", type=Path, required=True, metavar="FILE", help="file for the style code")
    add(
        "--perceptual-weights",
        type=Path,
        metavar="FILE",
        help="VGG-19, for a better fit: torchvision's file, or one written by "
        "`dualtrans convert-vgg` (default: the compact network that the model contains)",
    )
    add("--steps", type=int, default=60, help="gradient steps (default: %(default)s)")
    add("--start", type=Path, metavar="FILE", help="go on from a code that was fitted before")
    add(
        "--photos",
        type=Path,
        metavar="FOLDER",
        help="at least 5 photos to fit on (default: photos that the model contains)",
    )
    add("--weights", type=Path, help="weights file of your own training")
    add("--device", help="cpu, cuda or cuda:1 (default: a GPU if there is one)")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error(f"--steps {options.steps} is not at least 1")
    return options


def _fit(options: argparse.Namespace) -> FitResult:
    stylizer = Stylizer.load(options.weights, device=options.device)
    artworks = [open_picture(path) for path in options.artworks]
    start = StyleCode.from_bytes(options.start.read_bytes()) if options.start else None
    photos = None
    if options.photos is not None:
        paths = sorted(options.photos.iterdir())
        photos = [open_picture(path) for path in paths if path.suffix.lower() in FILE_SUFFIXES]
    with _interruption() as interrupted, tqdm(total=options.steps, unit="step") as bar:

        def report(progress: FitProgress) -> None:
            bar.update()
            bar.set_postfix(loss=f"{progress.loss:.3f}")

        return stylizer.fit_style_code(
            artworks,
            photos,
            perceptual_weights=options.perceptual_weights,
            steps=options.steps,
            start=start,
            should_stop=interrupted.is_set,
            report=report,
        )


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """Yield an event that Ctrl+C sets, in place of an exception."""
    interrupted = threading.Event()
    previous = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, previous)


if __name__ == "__main__":
    sys.exit(main())
