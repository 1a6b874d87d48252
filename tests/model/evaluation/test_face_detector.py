"""OpenCV's face detector on drawn faces."""

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

pytest.importorskip("cv2", reason="OpenCV is in the extra `evaluation`")

from model.evaluation.faces import HaarDetector, is_found


def drawn_face(*, eyes: bool = True) -> Image.Image:
    """A face with a light forehead, dark eyes and brows, and a mouth, on a grey wall."""
    picture = Image.new("L", (320, 320), 90)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((75, 35, 245, 285), fill=60)
    draw.ellipse((90, 60, 230, 275), fill=200)
    if eyes:
        for left in (108, 172):
            draw.rounded_rectangle((left, 122, left + 40, 134), 6, fill=90)
            draw.ellipse((left, 140, left + 40, 162), fill=110)
            draw.ellipse((left + 11, 141, left + 29, 161), fill=30)
        draw.polygon([(160, 150), (148, 202), (172, 202)], fill=180)
        draw.ellipse((146, 196, 174, 208), fill=140)
        draw.rounded_rectangle((130, 226, 190, 242), 8, fill=100)
    return picture.filter(ImageFilter.GaussianBlur(3)).convert("RGB")


def test_a_drawn_face_is_found_where_it_is():
    (face,) = HaarDetector().faces(drawn_face())

    centre = (face.left + face.width / 2, face.top + face.height / 2)
    assert math.dist(centre, (160, 168)) < 30
    assert is_found(face, HaarDetector().candidates(drawn_face()))


def test_a_face_without_eyes_and_noise_are_not_found():
    noise = np.random.default_rng(0).integers(0, 255, (320, 320, 3), dtype=np.uint8)

    assert HaarDetector().faces(drawn_face(eyes=False)) == []
    assert HaarDetector().faces(Image.fromarray(noise)) == []
