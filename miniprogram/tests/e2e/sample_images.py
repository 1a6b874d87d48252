"""Create the images that the end-to-end tests upload: `sample_images.py FOLDER`.

Some are valid photos, some are files that users upload by mistake. The file names say what they
contain.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter


def still_life(width: int, height: int) -> Image.Image:
    """Return a red jug on a table, with shapes, edges and colors that a style can change."""
    gradient = Image.linear_gradient("L").rotate(90).resize((width, height))
    photo = Image.merge(
        "RGB", [gradient.point(lambda v, top=top: v * top // 255) for top in (235, 215, 180)]
    )
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, height * 0.7, width, height), fill=(96, 72, 54))
    draw.ellipse((width * 0.32, height * 0.3, width * 0.68, height * 0.85), fill=(168, 62, 44))
    draw.rectangle((width * 0.42, height * 0.16, width * 0.58, height * 0.4), fill=(168, 62, 44))
    draw.ellipse((width * 0.38, height * 0.4, width * 0.46, height * 0.6), fill=(222, 150, 120))
    return photo.filter(ImageFilter.GaussianBlur(width / 400))


def stripes(width: int, height: int) -> Image.Image:
    """Return a striped pattern for a custom style."""
    pattern = Image.new("RGB", (width, height), (24, 60, 120))
    draw = ImageDraw.Draw(pattern)
    for start in range(-height, width, 32):
        draw.line((start, height, start + height, 0), fill=(236, 232, 214), width=12)
    return pattern


def main(folder: Path) -> None:
    """Write all sample images to the folder."""
    still_life(240, 180).save(folder / "photo.jpg", quality=90)
    still_life(480, 360).save(folder / "fine.jpg", quality=92)
    still_life(1600, 1200).save(folder / "large.jpg", quality=92)
    stripes(240, 240).save(folder / "stripes.png")
    still_life(40, 30).save(folder / "too-small.jpg")
    (folder / "not-an-image.jpg").write_text("this is text\n" * 40, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
