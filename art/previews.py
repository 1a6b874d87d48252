"""Generates the previews of the presets and the picture sheets of the documentation."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from art.landscape.scene import draw_landscape
from art.still_life.scene import draw_still_life
from cli.label import save_labelled
from model.contact_sheet import contact_sheet
from model.inference import Stylizer

PREVIEW_SIZE_PX = (480, 360)
PREVIEW_QUALITY = 82
SHEET_QUALITY = 84
CELL_SIZE_PX = (256, 192)
NIXI = "nixi-black-pottery"
NIXI_STYLES = (
    "great-wave",
    "blueprint",
    "van-gogh-self-portrait",
    "monet-water-lilies",
    "indigo-batik",
    "cloisonne",
    "concentric-circles",
)
"""The styles of the black pot in `docs/nixi.webp`."""
FAILURE_STYLES = ("nixi-black-pottery", "carved-red-lacquer", "red-chalk")
"""The styles of `docs/failures.webp`; the model card describes the faults."""
SHEET_STYLES = (
    "nixi-black-pottery",
    "great-wave",
    "van-gogh-haystacks",
    "monet-water-lilies",
    "carved-red-lacquer",
    "red-chalk",
)


def draw_scenes() -> list[Image.Image]:
    """Draw the still life and the landscape at preview size."""
    return [draw_still_life(*PREVIEW_SIZE_PX), draw_landscape(*PREVIEW_SIZE_PX)]


def save_previews(stylizer: Stylizer, photo: Image.Image, folder: Path) -> None:
    """Stylize the photo in every preset and write the labelled previews, `<preset id>.webp`."""
    for style_id in tqdm(stylizer.preset_ids(), unit="preview"):
        result = stylizer.stylize(photo, stylizer.preset(style_id))
        save_labelled(result, folder / f"{style_id}.webp", quality=PREVIEW_QUALITY)


def save_sheets(
    stylizer: Stylizer, scenes: list[Image.Image], photos: list[Image.Image], folder: Path
) -> None:
    """Write `sheet.webp`, `nixi.webp` and `failures.webp`.

    Args:
        stylizer: a Stylizer with the released weights.
        scenes: the pictures that `draw_scenes` returns; they are on all three sheets.
        photos: further photos for the first two sheets.
        folder: folder to write to.
    """
    all_photos = [*scenes, *photos]
    sheets = {
        "sheet": _style_sheet(stylizer, all_photos),
        "nixi": _nixi_sheet(stylizer, all_photos),
        "failures": _failure_sheet(stylizer, scenes),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, sheet in sheets.items():
        sheet.save(folder / f"{name}.webp", quality=SHEET_QUALITY, method=6)


def _style_sheet(stylizer: Stylizer, photos: list[Image.Image]) -> Image.Image:
    """Return one row for each photo: the photo, then its result in six styles."""
    rows = [[photo, *_results(stylizer, photo, SHEET_STYLES)] for photo in photos]
    return contact_sheet(rows, CELL_SIZE_PX)


def _nixi_sheet(stylizer: Stylizer, photos: list[Image.Image]) -> Image.Image:
    """Return the black pot in other styles, then up to four photos with their Nixi results."""
    pot, *others = photos
    first = [pot, *_results(stylizer, pot, NIXI_STYLES)]
    second = [cell for photo in others[:4] for cell in (photo, *_results(stylizer, photo, (NIXI,)))]
    return contact_sheet([first, second], CELL_SIZE_PX)


def _failure_sheet(stylizer: Stylizer, photos: list[Image.Image]) -> Image.Image:
    """Return results at preview size, because the faults are small."""
    rows = [_results(stylizer, photo, FAILURE_STYLES) for photo in photos]
    return contact_sheet(rows, PREVIEW_SIZE_PX)


def _results(stylizer: Stylizer, photo: Image.Image, style_ids: Sequence[str]) -> list[Image.Image]:
    return [stylizer.stylize(photo, stylizer.preset(style_id)) for style_id in style_ids]
