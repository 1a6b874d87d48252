"""`python -m cli.stylize`: photographs from files, painted to files."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from cli.label import save_labelled
from imaging.decode import open_picture
from imaging.formats import FILE_SUFFIXES
from model.inference import STRONGEST_TAU, LevelStrengths, StyleCode, Stylizer

JPEG_QUALITY = 92


@dataclass(frozen=True)
class NamedStyle:
    """A style and the word for it in a file's name."""

    name: str
    code: StyleCode


@dataclass(frozen=True)
class Painter:
    """What is done to each photograph, and the word for it in a file's name."""

    name: str
    paint: Callable[[Image.Image], Image.Image]


def main(arguments: list[str] | None = None) -> int:
    """Paint every photograph in every style; what is wrong is told in one line and ends with 2."""
    options = _parse(arguments)
    try:
        if options.list:
            print("\n".join(Stylizer.load(options.weights, device="cpu").preset_ids()))
            return 0
        photographs = _photographs(options.photographs)
        stylizer = Stylizer.load(
            options.weights, device=options.device, precision=options.precision
        )
        styles = _styles(stylizer, options)
        if options.save_style:
            _keep(styles, options.save_style)
        _paint(photographs, _painters(stylizer, styles, options), options)
    except (ValueError, OSError, MemoryError) as error:
        print(f"dualtrans stylize: {error}", file=sys.stderr)
        return 2
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dualtrans stylize",
        description="Paint photographs in the style of an artwork; the size stays.",
        epilog="A STYLE is the id of one that ships (--list), an artwork's picture, a folder of "
        "them (their mean), or a style code kept by --save-style. NAME:0.7 gives it a share in a "
        "--mix.",
    )
    add = parser.add_argument
    add("photographs", type=Path, nargs="*", metavar="PHOTO", help="pictures, or folders of them")
    add("--style", nargs="+", action="extend", metavar="STYLE", default=[], help="one or more")
    add("--mix", action="store_true", help="one style out of all those named")
    add("--tau", type=float, default=1.0, help=f"strength, 0 to {STRONGEST_TAU} (default: 1)")
    for level, moves in (
        ("colour", "palette and the finest strokes"),
        ("texture", "strokes"),
        ("structure", "large forms"),
    ):
        add(f"--{level}", type=float, default=1.0, metavar="SHARE", help=f"of tau for {moves}")
    add("--mask", type=Path, help="two styles: the first where it is black, the second where white")
    add("--keep-color", action="store_true", help="keep the photograph's palette")
    add("-o", "--out", type=Path, help="a file for one picture, else a folder (default: here)")
    add("--save-style", type=Path, metavar="FILE", help="keep the style's code, a few kB")
    add("--mark", action="store_true", help="say on each picture, and in it, that AI made it")
    add("--list", action="store_true", help="print the ids of the styles that ship")
    add("--weights", type=Path, help="weights of your own training")
    add("--device", help="cpu, cuda, cuda:1 (default: a GPU when there is one)")
    add("--precision", choices=["fp32", "bf16"], help="default: what this machine does fast")
    options = parser.parse_args(arguments)
    if not options.list and not (options.photographs and options.style):
        parser.error("name at least one PHOTO and one --style (see --list)")
    if not 0 <= options.tau <= STRONGEST_TAU:
        parser.error(f"--tau {options.tau} is outside 0 to {STRONGEST_TAU}")
    return options


def _photographs(named: list[Path]) -> list[Path]:
    found = [path for name in named for path in _files(name)]
    if not found:
        raise ValueError(f"no pictures in {', '.join(map(str, named))}")
    return found


def _files(name: Path) -> list[Path]:
    if name.is_dir():
        return sorted(path for path in name.iterdir() if path.suffix.lower() in FILE_SUFFIXES)
    if not name.is_file():
        raise ValueError(f"{name} does not exist")
    return [name]


def _styles(stylizer: Stylizer, options: argparse.Namespace) -> list[NamedStyle]:
    shares = [_share(text) for text in options.style]
    styles = [_style(stylizer, name) for name, _ in shares]
    if not options.mix:
        if any(share != 1 for _, share in shares):
            raise ValueError("a share (NAME:0.7) belongs to a mixture; add --mix")
        return styles
    mixed = StyleCode.mix([style.code for style in styles], [share for _, share in shares])
    return [NamedStyle("+".join(style.name for style in styles), mixed)]


def _share(text: str) -> tuple[str, float]:
    """NAME:0.7 as a name and a share; a colon that no number follows belongs to the name."""
    name, _, share = text.rpartition(":")
    try:
        return (name, float(share)) if name else (text, 1.0)
    except ValueError:
        return text, 1.0


def _style(stylizer: Stylizer, name: str) -> NamedStyle:
    shipped = _shipped(stylizer)
    if name in shipped:
        return NamedStyle(name, stylizer.preset(name))
    path = Path(name)
    if path.is_file() and path.suffix.lower() not in FILE_SUFFIXES:
        return NamedStyle(path.stem, StyleCode.from_bytes(path.read_bytes()))
    if not path.exists():
        known = ", ".join(shipped) or "none with these weights"
        raise ValueError(f"{name} is neither a file nor a style that ships ({known})")
    return NamedStyle(path.stem, stylizer.style_code([open_picture(p) for p in _files(path)]))


def _shipped(stylizer: Stylizer) -> list[str]:
    """Ids of the styles that ship; none with weights of one's own, which read no other's codes."""
    try:
        return stylizer.preset_ids()
    except (OSError, ValueError):
        return []


def _keep(styles: list[NamedStyle], path: Path) -> None:
    if len(styles) > 1:
        raise ValueError(f"--save-style keeps one style, {len(styles)} are named; add --mix")
    path.write_bytes(styles[0].code.to_bytes())


def _painters(
    stylizer: Stylizer, styles: list[NamedStyle], options: argparse.Namespace
) -> list[Painter]:
    """One a style; with a mask one for both."""
    levels = LevelStrengths(options.colour, options.texture, options.structure)
    if options.mask is None:
        return [
            Painter(
                style.name,
                partial(
                    stylizer.stylize,
                    code=style.code,
                    tau=options.tau,
                    levels=levels,
                    keep_color=options.keep_color,
                ),
            )
            for style in styles
        ]
    if len(styles) != 2:
        raise ValueError(f"--mask parts two styles, {len(styles)} are named")
    if levels != LevelStrengths() or options.keep_color:
        raise ValueError("--mask goes with --tau alone")
    codes = (styles[0].code, styles[1].code)
    mask = open_picture(options.mask)
    paint = partial(stylizer.stylize_regions, codes=codes, mask=mask, tau=options.tau)
    return [Painter("+".join(style.name for style in styles), paint)]


def _paint(photographs: list[Path], painters: list[Painter], options: argparse.Namespace) -> None:
    single = len(photographs) == len(painters) == 1
    jobs = [(path, painter) for path in photographs for painter in painters]
    out: Path = options.out or Path()
    to_file = bool(out.suffix) and not out.is_dir()
    if to_file and not single:
        raise ValueError(f"{out} is one file, and {len(jobs)} pictures are to be painted")
    save = save_labelled if options.mark else _save
    names: Counter[str] = Counter()
    for path, painter in tqdm(jobs, unit="picture", disable=single):
        painted = painter.paint(open_picture(path))
        name = f"{path.stem}-{painter.name}"
        names[name] += 1
        number = f"-{names[name]}" if names[name] > 1 else ""  # a.jpg and a.png, say
        target = out if to_file else out / f"{name}{number}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        save(painted, target, quality=JPEG_QUALITY)
        if single:
            print(target)


def _save(picture: Image.Image, path: Path, *, quality: int) -> None:
    picture.save(path, quality=quality)


if __name__ == "__main__":
    sys.exit(main())
