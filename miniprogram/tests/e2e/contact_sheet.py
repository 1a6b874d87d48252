"""Render the photos for the contact sheets and arrange the screenshots in a grid.

    contact_sheet.py photos FOLDER
    contact_sheet.py compose FOLDER_OF_SCREENSHOTS OUTPUT.webp

This project renders the photos itself, so they need no license.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from art.landscape.scene import draw_landscape
from art.still_life.scene import draw_still_life

COLUMNS = 6
SCREENSHOT_SIZE = (312, 675)  # reduced from 390 x 844
GAP_PX = 16
BACKGROUND = (122, 114, 106)  # contrasts with light and dark screens
MAX_BYTES = 400_000
QUALITIES = (86, 80, 74, 68, 62, 56, 50)


def photos(folder: Path) -> None:
    """Render a still life with a Nixi pot and a lake below mountains."""
    draw_still_life(960, 720).save(folder / "still-life.jpg", quality=92)
    draw_landscape(960, 720).save(folder / "landscape.jpg", quality=92)


def compose(folder: Path, output: Path) -> None:
    """Arrange all screenshots by name, at the highest quality that stays below MAX_BYTES."""
    screenshots = [Image.open(file).convert("RGB") for file in sorted(folder.glob("*.png"))]
    rows = -(-len(screenshots) // COLUMNS)
    columns = min(COLUMNS, len(screenshots))
    cell_width, cell_height = (side + GAP_PX for side in SCREENSHOT_SIZE)
    sheet = Image.new(
        "RGB", (columns * cell_width + GAP_PX, rows * cell_height + GAP_PX), BACKGROUND
    )
    for number, screenshot in enumerate(screenshots):
        row, column = divmod(number, COLUMNS)
        position = (GAP_PX + column * cell_width, GAP_PX + row * cell_height)
        sheet.paste(screenshot.resize(SCREENSHOT_SIZE, Image.Resampling.LANCZOS), position)
    for quality in QUALITIES:
        sheet.save(output, "WEBP", quality=quality, method=6)
        if output.stat().st_size < MAX_BYTES:
            return
    raise SystemExit(f"{output} is larger than {MAX_BYTES} bytes at every quality")


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"photos": photos, "compose": compose}
    command, *paths = sys.argv[1:]
    commands[command](*map(Path, paths))
