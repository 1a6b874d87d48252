"""Print the AI label of JPEG, PNG and WebP files."""

import argparse
from pathlib import Path

from PIL import Image

from core.db.base import new_id
from core.errors import SetupError
from core.settings import Settings
from imaging.formats import PictureFormat
from imaging.labels import AigcRecord, encode_labelled, read_label

FORMATS = {
    ".jpg": PictureFormat.JPEG,
    ".jpeg": PictureFormat.JPEG,
    ".png": PictureFormat.PNG,
    ".webp": PictureFormat.WEBP,
}
EXIT_UNLABELLED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the files."""
    parser.add_argument("pictures", type=Path, nargs="+", metavar="FILE", help="picture files")


def run(options: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001  # common signature
    """Print one line for each file. Returns 1 when a file has no label."""
    records = [_read_record(path) for path in options.pictures]
    for path, record in zip(options.pictures, records, strict=True):
        print(f"{path}  {record.to_json() if record else 'no label'}")
    return EXIT_UNLABELLED if None in records else 0


def save_labelled(picture: Image.Image, path: Path, *, quality: int) -> None:
    """Write a generated picture with the label of the settings; the suffix selects the format.

    Raises:
        ValueError: the format cannot carry a label.
    """
    picture_format = FORMATS.get(path.suffix.lower())
    if picture_format is None:
        raise ValueError(f"{path.name} cannot carry the label; use {', '.join(FORMATS)}")
    data = encode_labelled(
        picture,
        picture_format,
        label=Settings().label,
        produce_id=new_id("stl"),
        quality=quality,
    )
    path.write_bytes(data)


def _read_record(path: Path) -> AigcRecord | None:
    try:
        return read_label(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error
