"""Reproducible random texture: grain of wood and clay, plaster, clouds, mountains.

Every function is vectorised over N points of three coordinates each.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt32

_PRIMES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], dtype=np.uint32)  # multipliers of xxHash
# The rotation leaves no coordinate axis in place, so the lattices of the octaves do not line up.
_ROTATION = np.array(
    [[0.00, 0.80, 0.60], [-0.80, 0.36, -0.48], [-0.60, -0.48, 0.64]], dtype=np.float32
)


def noise(points: Float[np.ndarray, "N 3"], seed: int = 0) -> Float[np.ndarray, " N"]:
    """Return smooth noise in [-1, 1]: interpolated random values at integer coordinates."""
    floor = np.floor(points)
    share = points - floor
    share = share * share * share * (share * (share * 6 - 15) + 10)
    near = floor.astype(np.int64).astype(np.uint32) * _PRIMES + np.uint32(seed * 7919 % 2**31)
    far = near + _PRIMES
    x, y, z = share.T
    values = [
        [_hashed(a[:, 0] ^ b[:, 1] ^ c[:, 2]) for a in (near, far)]
        for b in (near, far)
        for c in (near, far)
    ]
    rows = [low + x * (high - low) for low, high in values]
    below = rows[0] + z * (rows[1] - rows[0])
    above = rows[2] + z * (rows[3] - rows[2])
    return np.asarray(below + y * (above - below), dtype=np.float32)


def fractal_noise(
    points: Float[np.ndarray, "N 3"], octaves: int, *, seed: int = 0, gain: float = 0.5
) -> Float[np.ndarray, " N"]:
    """Return the sum of octaves of `noise`, scaled to [-1, 1].

    Each octave has about twice the frequency and `gain` times the amplitude of the previous one.
    """
    total = np.zeros(len(points), dtype=np.float32)
    amplitude, sum_of_amplitudes = 1.0, 0.0
    for octave in range(octaves):
        total += np.float32(amplitude) * noise(points, seed + 101 * octave)
        sum_of_amplitudes += amplitude
        amplitude *= gain
        points = points @ _ROTATION * np.float32(2.03) + np.float32(17.3)
    return total / np.float32(sum_of_amplitudes)


def smoothstep(
    low: float, high: float, value: Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """Return 0 at `low`, 1 at `high` and an S-curve between them; `low` may exceed `high`."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def fp32(
    values: np.ndarray | float | Sequence[float] | Sequence[Sequence[float]],
) -> Float[np.ndarray, "..."]:
    """Return the values as an array in single precision."""
    return np.asarray(values, dtype=np.float32)


def _hashed(key: UInt32[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Return a pseudo-random number in [-1, 1] for each key."""
    key = (key ^ (key >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    key = (key ^ (key >> np.uint32(12))) * np.uint32(0x297A2D39)
    key ^= key >> np.uint32(15)
    return key.astype(np.float32) * np.float32(2.0 / 2**32) - np.float32(1)
