"""Contact sheets: a grid of pictures for visual comparison."""

from collections.abc import Sequence

from PIL import Image, ImageOps

_GAP_PX = 4


def contact_sheet(
    rows: Sequence[Sequence[Image.Image | None]], cell: int | tuple[int, int]
) -> Image.Image:
    """Return a grid of pictures, each cropped and scaled to fill its cell.

    Args:
        rows: pictures row by row; None leaves the cell white.
        cell: side in px of a square cell, or its width and height in px.
    """
    width, height = (cell, cell) if isinstance(cell, int) else cell
    columns = max(len(row) for row in rows)
    size = (columns * (width + _GAP_PX) - _GAP_PX, len(rows) * (height + _GAP_PX) - _GAP_PX)
    sheet = Image.new("RGB", size, "white")
    for row_index, row in enumerate(rows):
        for column_index, picture in enumerate(row):
            if picture is not None:
                corner = (column_index * (width + _GAP_PX), row_index * (height + _GAP_PX))
                sheet.paste(ImageOps.fit(picture, (width, height)), corner)
    return sheet
