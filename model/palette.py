"""Palette transfer: give a picture the colour statistics of another one."""

import numpy as np
from PIL import Image


def match_palette(picture: Image.Image, source: Image.Image) -> Image.Image:
    """Return `picture` with the mean and the covariance of the colours of `source`.

    The map is linear and moves the colours as little as possible (Monge-Kantorovich):
    T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2, with A the covariance of `picture` and B that of
    `source`. Only these two statistics of `source` are used, none of its pixels.

    Args:
        picture: an RGB picture.
        source: a picture of any mode and size.
    """
    colours = np.asarray(picture, dtype=np.float64).reshape(-1, 3)
    target = np.asarray(source.convert("RGB"), dtype=np.float64).reshape(-1, 3)
    covariance = np.cov(colours.T) + np.eye(3)
    target_covariance = np.cov(target.T) + np.eye(3)
    root = _matrix_power(covariance, 0.5)
    inverse_root = _matrix_power(covariance, -0.5)
    transform = inverse_root @ _matrix_power(root @ target_covariance @ root, 0.5) @ inverse_root
    moved = (colours - colours.mean(0)) @ transform.T + target.mean(0)
    pixels = moved.round().clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels.reshape(picture.height, picture.width, 3))


def _matrix_power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    """Return a power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors @ np.diag(values.clip(min=1e-9) ** exponent) @ vectors.T)
