"""Draws the pictures that the end-to-end tests choose on their phone: `pictures.py FOLDER`.

Some are good, some are what people send by mistake; each is named for what it is.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter


def still_life(width: int, height: int) -> Image.Image:
    """A red jug on a table before a lit wall: forms, edges and colours enough to be changed."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    wall = Image.merge(
        "RGB", [across.point(lambda v, top=top: v * top // 255) for top in (235, 215, 180)]
    )
    draw = ImageDraw.Draw(wall)
    draw.rectangle((0, height * 0.7, width, height), fill=(96, 72, 54))
    draw.ellipse((width * 0.32, height * 0.3, width * 0.68, height * 0.85), fill=(168, 62, 44))
    draw.rectangle((width * 0.42, height * 0.16, width * 0.58, height * 0.4), fill=(168, 62, 44))
    draw.ellipse((width * 0.38, height * 0.4, width * 0.46, height * 0.6), fill=(222, 150, 120))
    return wall.filter(ImageFilter.GaussianBlur(width / 400))


def stripes(width: int, height: int) -> Image.Image:
    """A pattern to make an own style of."""
    picture = Image.new("RGB", (width, height), (24, 60, 120))
    draw = ImageDraw.Draw(picture)
    for start in range(-height, width, 32):
        draw.line((start, height, start + height, 0), fill=(236, 232, 214), width=12)
    return picture


def main(folder: Path) -> None:
    """Write them all."""
    still_life(240, 180).save(folder / "photo.jpg", quality=90)
    still_life(180, 240).save(folder / "another.jpg", quality=90)
    still_life(480, 360).save(folder / "fine.jpg", quality=92)
    still_life(1600, 1200).save(folder / "large.jpg", quality=92)
    stripes(240, 240).save(folder / "stripes.png")
    still_life(40, 30).save(folder / "too-small.jpg")
    (folder / "not-a-picture.jpg").write_text("these are words\n" * 40, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
