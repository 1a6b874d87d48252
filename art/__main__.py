"""`python -m art`: draw the demonstration pictures of the project, from the repository root."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from art.fitting_photos import save_fitting_photos
from art.icons import save_icons
from art.landscape.scene import draw_landscape
from art.large_pictures import save_large_pictures
from art.nixi.pictures import DRAWINGS, save_nixi_pictures
from art.previews import draw_scenes, save_previews, save_sheets
from art.sources.drawn import save_sources
from art.still_life.scene import draw_still_life
from imaging.decode import open_picture
from model.inference import Stylizer

REPOSITORY = Path(__file__).resolve().parent.parent
MINIPROGRAM = REPOSITORY / "miniprogram" / "src"
ICONS = MINIPROGRAM / "icons"
NIXI_PICTURES = MINIPROGRAM / "about" / "pictures"
NIXI_CARD = MINIPROGRAM / "pages" / "styles" / "pot.webp"
PREVIEWS = REPOSITORY / "app" / "styles" / "presets"
DOCS = REPOSITORY / "docs"
FITTING_PHOTOS = REPOSITORY / "model" / "fitting" / "photos"


def main(arguments: list[str] | None = None) -> int:
    """Run one sub-command."""
    options = _parse(arguments)
    run: Callable[[argparse.Namespace], None] = options.run
    run(options)
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m art", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    sources = commands.add_parser("sources", help="style pictures for `python -m model.presets`")
    sources.add_argument("folder", type=Path, metavar="OUT", help="folder for the PNG files")
    sources.set_defaults(run=_draw_sources)

    scenes = commands.add_parser("scenes", help="still life and landscape, as demonstration photos")
    scenes.add_argument("folder", type=Path, metavar="OUT", help="folder for the PNG files")
    scenes.add_argument("--size", type=int, nargs=2, default=(640, 480), metavar=("W", "H"))
    scenes.set_defaults(run=_draw_scenes)

    fitting = commands.add_parser("fitting-photos", help="photos that style codes are fitted on")
    fitting.add_argument(
        "--out", type=Path, default=FITTING_PHOTOS, help="default: model/fitting/photos"
    )
    fitting.set_defaults(run=_draw_fitting_photos)

    icons = commands.add_parser("icons", help="icons of the mini program")
    icons.add_argument("--out", type=Path, default=ICONS, help="default: miniprogram/src/icons")
    icons.set_defaults(run=_draw_icons)

    nixi = commands.add_parser("nixi", help="pictures of the mini program's page on Nixi pottery")
    nixi.add_argument("names", nargs="*", metavar="NAME", help=f"default: {', '.join(DRAWINGS)}")
    nixi.set_defaults(run=_draw_nixi)

    previews = commands.add_parser("previews", help="previews of the presets and sheets of docs/")
    previews.add_argument(
        "--previews", type=Path, default=PREVIEWS, help="default: app/styles/presets"
    )
    previews.add_argument("--docs", type=Path, default=DOCS, help="default: docs")
    previews.add_argument(
        "--photos", type=Path, nargs="*", default=[], help="further photos for the sheets"
    )
    previews.set_defaults(run=_draw_previews)

    pictures = commands.add_parser(
        "pictures", help="large results: docs/pictures.md and its sheets"
    )
    pictures.add_argument("--docs", type=Path, default=DOCS, help="default: docs")
    pictures.set_defaults(run=_draw_pictures)

    options = parser.parse_args(arguments)
    unknown = [name for name in getattr(options, "names", []) if name not in DRAWINGS]
    if unknown:
        nixi.error(f"unknown pictures: {', '.join(unknown)}; known: {', '.join(DRAWINGS)}")
    return options


def _draw_sources(options: argparse.Namespace) -> None:
    _report(save_sources(options.folder))


def _draw_scenes(options: argparse.Namespace) -> None:
    options.folder.mkdir(parents=True, exist_ok=True)
    paths = [options.folder / "still-life.png", options.folder / "landscape.png"]
    for path, draw in zip(paths, (draw_still_life, draw_landscape), strict=True):
        draw(*options.size).save(path)
    _report(paths)


def _draw_fitting_photos(options: argparse.Namespace) -> None:
    _report(save_fitting_photos(options.out))


def _draw_icons(options: argparse.Namespace) -> None:
    _report(save_icons(options.out))


def _draw_nixi(options: argparse.Namespace) -> None:
    _report(save_nixi_pictures(options.names or list(DRAWINGS), NIXI_PICTURES, NIXI_CARD))


def _draw_previews(options: argparse.Namespace) -> None:
    stylizer = Stylizer.load(precision="fp32")
    scenes = draw_scenes()
    save_previews(stylizer, scenes[0], options.previews)
    save_sheets(stylizer, scenes, [open_picture(path) for path in options.photos], options.docs)


def _draw_pictures(options: argparse.Namespace) -> None:
    _report(save_large_pictures(Stylizer.load(precision="fp32"), options.docs))


def _report(paths: list[Path]) -> None:
    for path in paths:
        print(f"{path}  {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
