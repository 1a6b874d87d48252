"""Whether a face detector still finds the faces of photos in their results."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.evaluation.section import Section
from model.evaluation.table import interval_cell, markdown
from model.inference import Stylizer
from model.metrics import Interval, bootstrap_interval

MIN_OVERLAP = 0.3
"""Intersection over union from which a face in the result counts as the one in the photo."""
_SMALLEST_FACE_PX = 40
_NEIGHBOURS = 8  # overlapping detections that confirm a face in a photo; 3 to 6 are usual
_NEIGHBOURS_IN_RESULT = 3
_ALL = "all presets"


class Box(NamedTuple):
    """A face, in px."""

    left: int
    top: int
    width: int
    height: int


Detector = Callable[[Image.Image, int], list[Box]]
"""Returns the faces of a picture; the number of detections that must agree makes it stricter."""


@dataclass(frozen=True)
class FaceRow:
    """One face of a photo in one preset."""

    preset: str
    strength: float
    photo: str
    face: Box
    found: bool
    """Whether the detector finds it in the result."""


def load_detector() -> Detector:
    """Return OpenCV's detector of frontal faces.

    Raises:
        ValueError: OpenCV is not installed.
    """
    try:
        import cv2  # noqa: PLC0415  # optional dependency
    except ImportError as error:
        raise ValueError("the detector needs: pip install 'dualtrans[evaluation]'") from error
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")

    def detect(picture: Image.Image, neighbours: int) -> list[Box]:
        boxes = cascade.detectMultiScale(
            np.asarray(picture.convert("L")),
            scaleFactor=1.05,
            minNeighbors=neighbours,
            minSize=(_SMALLEST_FACE_PX, _SMALLEST_FACE_PX),
        )
        return [Box(*map(int, box)) for box in boxes]

    return detect


def faces_of(photo: Image.Image, detect: Detector) -> list[Box]:
    """Return the faces of a photo, with few false ones."""
    return detect(photo, _NEIGHBOURS)


def measure_faces(
    stylizer: Stylizer,
    detect: Detector,
    photos: Mapping[str, Image.Image],
    strengths: Mapping[str, float],
    *,
    title: str,
    seed: int,
) -> Section:
    """Render the photos in every preset and search the results for the faces of the photos.

    Args:
        stylizer: the released weights.
        detect: from `load_detector`.
        photos: by name, each with a face.
        strengths: the strength of each preset to measure, by id.
        title: the heading.
        seed: seed of the intervals.

    Raises:
        KeyError: a preset has no stored code.
    """
    faces = {name: faces_of(photo, detect) for name, photo in photos.items()}
    rows: list[FaceRow] = []
    for style_id, strength in tqdm(strengths.items(), unit="preset"):
        code = stylizer.preset(style_id)
        for name, boxes in faces.items():
            found = detect(stylizer.stylize(photos[name], code, strength), _NEIGHBOURS_IN_RESULT)
            rows += [FaceRow(style_id, strength, name, box, is_found(box, found)) for box in boxes]
    shares = {
        style_id: bootstrap_interval(
            [float(row.found) for row in rows if row.preset == style_id], seed=seed
        )
        for style_id in strengths
    }
    total = bootstrap_interval([share.mean for share in shares.values()], seed=seed)
    count = sum(map(len, faces.values()))
    intro = f"{count} faces in {len(photos)} photos.\n\n"
    figures = {
        "faces": count,
        "photos": len(photos),
        "shares": {name: asdict(share) for name, share in {**shares, _ALL: total}.items()},
    }
    return Section(title, intro + _table(shares, total, strengths), rows, figures)


def is_found(face: Box, found: Sequence[Box]) -> bool:
    """Return whether one of the boxes overlaps the face by MIN_OVERLAP."""
    return any(overlap(face, box) >= MIN_OVERLAP for box in found)


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over the union of two boxes, 0 to 1."""
    right = min(first.left + first.width, second.left + second.width)
    bottom = min(first.top + first.height, second.top + second.height)
    width = max(0, right - max(first.left, second.left))
    height = max(0, bottom - max(first.top, second.top))
    shared = width * height
    return shared / (first.width * first.height + second.width * second.height - shared)


def _table(shares: Mapping[str, Interval], total: Interval, strengths: Mapping[str, float]) -> str:
    rows = [
        [style_id, f"{strengths[style_id]:g}", interval_cell(share, ".0%")]
        for style_id, share in shares.items()
    ]
    rows.append([_ALL, "", interval_cell(total, ".0%")])
    return markdown(["preset", "strength", "faces that are still found"], rows)
