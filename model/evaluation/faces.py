"""Whether a face detector still finds the faces of photos in their results."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.evaluation.section import Section
from model.evaluation.table import interval_cell, markdown
from model.inference import Stylizer
from model.metrics import Interval, bootstrap_interval

MIN_OVERLAP = 0.3
"""Intersection over union from which a face in the result counts as the one in the photo."""
_SMALLEST_FACE_PX = 48
_CASCADES = {"haarcascade_frontalface_default.xml": 8, "haarcascade_frontalface_alt2.xml": 6}
"""File names, with the number of detections in a photo that must agree."""
_NEIGHBOURS_IN_RESULT = 3  # OpenCV's default
_ALL = "all presets"


class Box(NamedTuple):
    """A face, in px."""

    left: int
    top: int
    width: int
    height: int


@runtime_checkable
class Detector(Protocol):
    """Finds frontal faces."""

    def faces(self, photo: Image.Image) -> list[Box]:
        """Return the faces of a photo; a few faces may be missing, hardly one is false."""

    def candidates(self, result: Image.Image) -> list[Box]:
        """Return everything in a result that may be a face."""


@dataclass(frozen=True)
class FaceRow:
    """One face of a photo in one preset."""

    preset: str
    strength: float
    photo: str
    face: Box
    found: bool
    """Whether the detector finds it in the result."""


class HaarDetector:
    """Two of OpenCV's Haar cascades. A face of a photo is one on which both agree."""

    def __init__(self) -> None:
        """Load the cascades that OpenCV's package contains.

        Raises:
            ValueError: OpenCV is not installed.
        """
        try:
            import cv2  # noqa: PLC0415  # optional dependency
            import cv2.data  # noqa: PLC0415
        except ImportError as error:
            raise ValueError("the detector needs: pip install 'dualtrans[evaluation]'") from error
        self._cascades = [
            (cv2.CascadeClassifier(cv2.data.haarcascades + name), neighbours)
            for name, neighbours in _CASCADES.items()
        ]

    def faces(self, photo: Image.Image) -> list[Box]:
        """Return the faces of a photo."""
        first, second = (self._detect(photo, *each) for each in self._cascades)
        return [box for box in second if is_found(box, first)]

    def candidates(self, result: Image.Image) -> list[Box]:
        """Return what either cascade takes for a face."""
        found = (self._detect(result, each, _NEIGHBOURS_IN_RESULT) for each, _ in self._cascades)
        return [box for boxes in found for box in boxes]

    def _detect(self, picture: Image.Image, cascade: Any, neighbours: int) -> list[Box]:  # noqa: ANN401  # OpenCV has no types here
        boxes = cascade.detectMultiScale(
            np.asarray(picture.convert("L")),
            scaleFactor=1.1,
            minNeighbors=neighbours,
            minSize=(_SMALLEST_FACE_PX, _SMALLEST_FACE_PX),
        )
        return [Box(*map(int, box)) for box in boxes]


def measure_faces(
    stylizer: Stylizer,
    detector: Detector,
    photos: Mapping[str, Image.Image],
    strengths: Mapping[str, float],
    *,
    title: str,
    seed: int,
) -> Section:
    """Render the photos in every preset and search the results for the faces of the photos.

    Args:
        stylizer: the released weights.
        detector: finds the faces.
        photos: by name, each with a face.
        strengths: the strength of each preset to measure, by id.
        title: the heading.
        seed: seed of the intervals.

    Raises:
        KeyError: a preset has no stored code.
    """
    faces = {name: detector.faces(photo) for name, photo in photos.items()}
    rows: list[FaceRow] = []
    for style_id, strength in tqdm(strengths.items(), unit="preset"):
        code = stylizer.preset(style_id)
        for name, boxes in faces.items():
            found = detector.candidates(stylizer.stylize(photos[name], code, strength))
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
