"""The objects of the still life: a pot with its lid, fruit, leaves and a cloth."""

import numpy as np

from art.still_life.solids import (
    Solid,
    Values,
    cloth,
    leaf,
    parse_points,
    place,
    revolve,
    rod,
    smooth_union,
)

# Profiles as (r, y) points, from the axis of revolution and back to it.
_POT = """0 0, .3 0, .36 0, .37 .035, .345 .075, .42 .16, .55 .32, .635 .52, .62 .7, .52 .87,
    .405 .985, .365 1.06, .37 1.13, .41 1.2, .44 1.235, .43 1.255, .38 1.245, .33 1.15, .33 1.05,
    .45 .85, .56 .6, .4 .2, 0 .1"""
_LID = """0 1.255, .3 1.255, .37 1.26, .385 1.28, .33 1.32, .2 1.375, .09 1.4, .055 1.43, .07 1.47,
    .105 1.5, .085 1.54, .03 1.56, 0 1.56"""
_HANDLE = ".38 1.13, .53 1.2, .69 1.13, .76 .95, .73 .77, .6 .66"
_APPLE = """0 .06, .07 .03, .15 0, .24 .06, .33 .22, .345 .36, .28 .51, .18 .575, .09 .565, .03 .5,
    0 .47"""
_APPLE_STALK = "0 .46, .01 .56, .04 .66, .09 .72"
_PEAR = """0 .03, .1 0, .22 .05, .3 .2, .28 .36, .19 .52, .14 .65, .11 .74, .05 .785, 0 .775"""
_PEAR_STALK = "0 .76, .02 .84, .06 .9"


def still_life_solids(seed: int) -> list[Solid]:
    """Return all objects; `seed` changes the rotation of pot and fruit, and the cloth."""
    turns = np.random.default_rng([seed, 7]).uniform(0, 6.3, 6)
    return [
        *_pot(turn=0.15 + 0.06 * turns[5]),
        *_apples(turns),
        *_pears(turns),
        _leaf((-0.62, 0.13, 1.02), length=0.62, turn=-0.35, tilt=-0.03),
        _leaf((-0.62, 0.12, 1.06), length=0.5, turn=-2.3, tilt=0.02),
        place("cloth", cloth(seed, 1.9, 1.25), at=(-1.15, 0, 0.95), radius=1.25, turn=0.32),
    ]


def _pot(turn: float) -> list[Solid]:
    at = (0.12, 0.0, -0.25)
    right = parse_points(_HANDLE)
    handles = [rod(side, 0.048, 1.5) for side in (right, right * (-1, 1))]
    body = smooth_union(revolve(parse_points(_POT)), *handles, blend=0.06)
    return [
        place("clay", body, at=at, radius=1.0, middle=0.64, turn=turn),
        place("clay", revolve(parse_points(_LID)), at=at, radius=0.42, middle=1.4),
    ]


def _apples(turns: Values) -> list[Solid]:
    body, stalk = revolve(parse_points(_APPLE)), rod(parse_points(_APPLE_STALK), 0.016)
    apples = []
    for at, turn, scale in (
        ((-1.02, 0.05, 0.62), turns[0], 1.0),
        ((-1.6, 0.02, 0.1), turns[1], 0.94),
    ):
        apples += [
            place("apple", body, at=at, radius=0.5, middle=0.3, turn=turn, scale=scale),
            place("stalk", stalk, at=at, radius=0.2, middle=0.6, turn=turn, scale=scale),
        ]
    return apples


def _pears(turns: Values) -> list[Solid]:
    body, stalk = revolve(parse_points(_PEAR)), rod(parse_points(_PEAR_STALK), 0.016)
    pears = []
    for at, turn, tilt in (
        ((1.28, 0.0, 0.2), turns[2], 0.0),
        ((0.62, 0.295, 1.0), -0.5, 1.75),  # lies on its side
    ):
        pears += [
            place("pear", body, at=at, radius=0.55, middle=0.39, turn=turn, tilt=tilt),
            place("stalk", stalk, at=at, radius=0.15, middle=0.83, turn=turn, tilt=tilt),
        ]
    return pears


def _leaf(at: tuple[float, float, float], length: float, turn: float, tilt: float) -> Solid:
    blade = leaf(length, 0.25 * length, 0.1)
    return place("leaf", blade, at=at, radius=1.15 * length, turn=turn, tilt=tilt)
