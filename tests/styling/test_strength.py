"""The range of the style strength."""

import math

import pytest

from styling.strength import MAX_STRENGTH, MIN_STRENGTH, checked_strength


@pytest.mark.parametrize("value", [MIN_STRENGTH, 0.3, 1.0, MAX_STRENGTH])
def test_a_strength_in_the_range_is_returned_unchanged(value):
    assert checked_strength(value) == value


@pytest.mark.parametrize("value", [-0.01, 1.51, math.inf, -math.inf, math.nan])
def test_a_strength_outside_the_range_is_refused_and_never_clamped(value):
    with pytest.raises(ValueError, match=r"must be from 0 to 1\.5"):
        checked_strength(value)
