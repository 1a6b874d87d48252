"""Contact sheets: pictures side by side, to be looked at before a number is believed."""

from collections.abc import Sequence

from PIL import Image, ImageOps

_GAP_PX = 4


def contact_sheet(
    rows: Sequence[Sequence[Image.Image | None]], cell: int | tuple[int, int]
) -> Image.Image:
    """Rows of pictures, each cut to its cell (px square, or width and height); None is white."""
    width, height = (cell, cell) if isinstance(cell, int) else cell
    columns = max(len(row) for row in rows)
    size = (columns * (width + _GAP_PX) - _GAP_PX, len(rows) * (height + _GAP_PX) - _GAP_PX)
    sheet = Image.new("RGB", size, "white")
    for down, row in enumerate(rows):
        for right, picture in enumerate(row):
            if picture is not None:
                place = (right * (width + _GAP_PX), down * (height + _GAP_PX))
                sheet.paste(ImageOps.fit(picture, (width, height)), place)
    return sheet
