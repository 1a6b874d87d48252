"""The primaries of an RGB colour space, and the conversion of linear light between two of them."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

Vector: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Vector, Vector, Vector]
"""Three rows."""
Chromaticity: TypeAlias = tuple[float, float]
"""CIE 1931 x and y."""

_LARGEST_COORDINATE: Final = 10.0  # no primaries in use come close
_BRADFORD: Final = (  # from CIE XYZ to the responses that chromatic adaptation scales
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)


@dataclass(frozen=True)
class Primaries:
    """The chromaticities of red, green, blue and white.

    Raises:
        ValueError: they describe no colour space, for example because all lie on one line.
    """

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity

    def __post_init__(self) -> None:
        chromaticities = (self.red, self.green, self.blue, self.white)
        if not all(_is_coordinate(value) for pair in chromaticities for value in pair):
            raise ValueError(f"a chromaticity is not within ±{_LARGEST_COORDINATE}: {self}")
        try:
            _inverse(_adaptation(self.white_xyz, self.white_xyz))
            _inverse(self.to_xyz)
        except ZeroDivisionError as error:
            raise ValueError(f"these chromaticities describe no colour space: {self}") from error

    @cached_property
    def white_xyz(self) -> Vector:
        """White in CIE XYZ with a luminance of 1."""
        x, y, z = _xyz(self.white)
        return (x / y, 1.0, z / y)

    @cached_property
    def to_xyz(self) -> Matrix:
        """The matrix from linear RGB to CIE XYZ; the luminance of white is 1."""
        columns = transposed((_xyz(self.red), _xyz(self.green), _xyz(self.blue)))
        return _product(columns, _diagonal(times(_inverse(columns), self.white_xyz)))

    def matrix_to(self, target: "Primaries") -> Matrix:
        """The matrix from linear RGB with these primaries to linear RGB with `target`.

        White stays white: a different white is adapted by the Bradford method.
        """
        adaptation = _adaptation(self.white_xyz, target.white_xyz)
        return _product(_inverse(target.to_xyz), _product(adaptation, self.to_xyz))


def _is_coordinate(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= _LARGEST_COORDINATE


def _xyz(chromaticity: Chromaticity) -> Vector:
    x, y = chromaticity
    return (x, y, 1 - x - y)


def _adaptation(source_white: Vector, target_white: Vector) -> Matrix:
    source = times(_BRADFORD, source_white)
    target = times(_BRADFORD, target_white)
    scale = _diagonal((target[0] / source[0], target[1] / source[1], target[2] / source[2]))
    return _product(_inverse(_BRADFORD), _product(scale, _BRADFORD))


def _dot(left: Vector, right: Vector) -> float:
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


def _cross(left: Vector, right: Vector) -> Vector:
    return (
        left[1] * right[2] - left[2] * right[1],
        left[2] * right[0] - left[0] * right[2],
        left[0] * right[1] - left[1] * right[0],
    )


def times(matrix: Matrix, vector: Vector) -> Vector:
    """The product of a matrix and a column."""
    return (_dot(matrix[0], vector), _dot(matrix[1], vector), _dot(matrix[2], vector))


def transposed(matrix: Matrix) -> Matrix:
    """The matrix with its columns as rows."""
    first, second, third = zip(*matrix, strict=True)
    return (first, second, third)


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = transposed(right)
    return (times(columns, left[0]), times(columns, left[1]), times(columns, left[2]))


def _diagonal(values: Vector) -> Matrix:
    return ((values[0], 0.0, 0.0), (0.0, values[1], 0.0), (0.0, 0.0, values[2]))


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse matrix; ZeroDivisionError if there is none."""
    first, second, third = matrix
    determinant = _dot(first, _cross(second, third))
    columns = (_cross(second, third), _cross(third, first), _cross(first, second))
    rows = transposed(columns)
    scale = _diagonal((1 / determinant, 1 / determinant, 1 / determinant))
    return _product(scale, rows)
