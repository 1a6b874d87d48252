"""Draws the photo-like pictures that the service refines style codes with.

The photos of the training data cannot be shipped. Codes that were fitted on drawn scenes are nearly
as good on photos.
"""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from art.landscape.scene import draw_landscape
from art.nixi.pictures import draw_fire, draw_polish
from art.still_life.scene import draw_still_life

_LANDSCAPES = 6
_JPEG_QUALITY = 88


def save_fitting_photos(folder: Path) -> list[Path]:
    """Write the photos to the folder as JPEG files and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in tqdm(_drawings().items(), unit="photo"):
        path = folder / f"{name}.jpg"
        draw().convert("RGB").save(path, quality=_JPEG_QUALITY, optimize=True)
        paths.append(path)
    return paths


def _drawings() -> dict[str, Callable[[], Image.Image]]:
    landscapes = {
        f"landscape-{seed}": lambda seed=seed: draw_landscape(seed=seed)
        for seed in range(_LANDSCAPES)
    }
    return {**landscapes, "still-life": draw_still_life, "fire": draw_fire, "pot": draw_polish}
