"""The brush sizes."""

from styling.brush import DEFAULT_BRUSH, Brush


def test_each_brush_has_larger_strokes_than_the_one_before():
    scales = [brush.scale for brush in (Brush.FINE, Brush.MEDIUM, Brush.BROAD)]

    assert scales == sorted(set(scales))


def test_the_default_brush_has_the_strokes_of_the_artwork():
    assert DEFAULT_BRUSH.scale == 1
