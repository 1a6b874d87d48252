"""Draws the photographs that the contact sheets show, and lays the screens out side by side.

    contact_sheet.py photographs FOLDER
    contact_sheet.py compose FOLDER_OF_SCREENS OUTPUT.webp

The photographs are scenes that the project renders itself, so nobody's rights are touched.
"""

import sys
from pathlib import Path

from PIL import Image

from art.landscape.scene import draw_landscape
from art.still_life.scene import draw_still_life

COLUMNS = 6
SCREEN = (312, 675)  # of 390 x 844
GAP = 16
GROUND = (122, 114, 106)  # between the light and the dark screens' own
MOST_BYTES = 400_000
QUALITIES = (86, 80, 74, 68, 62, 56, 50)


def photographs(folder: Path) -> None:
    """A still life with a pot of Nixi, and a lake below mountains."""
    draw_still_life(960, 720).save(folder / "still-life.jpg", quality=92)
    draw_landscape(960, 720).save(folder / "landscape.jpg", quality=92)


def compose(folder: Path, output: Path) -> None:
    """All screens of a folder in the order of their names, as fine as the size allows."""
    screens = [Image.open(file).convert("RGB") for file in sorted(folder.glob("*.png"))]
    rows = -(-len(screens) // COLUMNS)
    columns = min(COLUMNS, len(screens))
    size = (columns * (SCREEN[0] + GAP) + GAP, rows * (SCREEN[1] + GAP) + GAP)
    sheet = Image.new("RGB", size, GROUND)
    for number, screen in enumerate(screens):
        row, column = divmod(number, COLUMNS)
        place = (GAP + column * (SCREEN[0] + GAP), GAP + row * (SCREEN[1] + GAP))
        sheet.paste(screen.resize(SCREEN, Image.Resampling.LANCZOS), place)
    for quality in QUALITIES:
        sheet.save(output, "WEBP", quality=quality, method=6)
        if output.stat().st_size < MOST_BYTES:
            return
    raise SystemExit(f"{output} is larger than {MOST_BYTES} bytes at every quality")


if __name__ == "__main__":
    task, *paths = sys.argv[1:]
    {"photographs": photographs, "compose": compose}[task](*map(Path, paths))
