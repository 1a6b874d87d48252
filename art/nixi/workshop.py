"""A potter's workshop: the room of the still life with pots in every state of work, and tools.

N points. Coordinates and units as in `art.still_life.scene`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from art.noise import fp32, fractal_noise, noise, smoothstep
from art.still_life.materials import Surface, surface_of, wood_surface
from art.still_life.objects import still_life_solids
from art.still_life.scene import CAMERA, Colours, Hits, Scene, surface_normals
from art.still_life.solids import Points, Solid, Values, parse_points, place, revolve, rod

Position = tuple[float, float, float]

_RAYS_PER_BATCH = 200_000  # bounds the memory
_POT_AT = fp32([0.12, 0.0, -0.25])  # position of the pot in the still life
_POT, _LID = still_life_solids(0)[:2]
_PLAIN_MATERIALS = {  # albedo, gloss
    "sand": ((0.62, 0.58, 0.50), 0.0),
    "porcelain": ((0.70, 0.69, 0.66), 1.2),
    "pebble": ((0.20, 0.21, 0.20), 0.9),
    "whey": ((0.76, 0.73, 0.63), 0.8),
    "bristle": ((0.42, 0.33, 0.20), 0.0),
}


@dataclass(frozen=True)
class Workshop(Scene):
    """The room of the still life with further materials.

    Materials of pots: "raw" (red clay), "inlaid" (red clay with porcelain chips), "polished" (the
    same with gloss) and "clay" (fired black).
    """

    def _surface_of(self, hit: int, points: Points) -> Surface:
        if hit < 0:
            return super()._surface_of(hit, points)
        solid = self.solids[hit]
        material = solid.material
        local, normals = solid.to_local(points), surface_normals(solid, points)
        if material in _PLAIN_MATERIALS:
            albedo, gloss = _PLAIN_MATERIALS[material]
            return _plain(local, normals, albedo, gloss=gloss)
        if material == "board":
            grain = wood_surface(local[:, [1, 0, 2]] * np.float32(0.6), seed=4)
            return Surface(grain.albedo * np.float32(0.9), normals, grain.gloss * 0, grain.blur)
        fired = surface_of("clay", local, normals, self.seed, solid)
        if material == "clay":
            return fired
        has_chips = material in ("inlaid", "polished")
        shine = 1.1 if material == "polished" else 0.0
        return _raw_clay(fired, local, normals, has_chips=has_chips, shine=shine)


def render(
    solids: list[Solid], width: int, height: int, target: Position, half_height: float
) -> tuple[Float[np.ndarray, "H W 3"], Int[np.ndarray, "H W"]]:
    """Return the light on a grid of twice the width and height, and what each ray reaches.

    Args:
        solids: the objects of the scene.
        width: of the final picture, in px.
        height: of the final picture, in px.
        target: the point in the centre of the picture.
        half_height: tangent of half the vertical angle of view.
    """
    forward = fp32(target) - CAMERA
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 1, 0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    columns, rows = np.meshgrid(np.arange(2 * width) + 0.5, np.arange(2 * height) + 0.5)
    across = ((columns.ravel() - width) / height * half_height)[:, None]
    below = ((rows.ravel() - height) / height * half_height)[:, None]
    rays = forward + across * right + below * down
    rays = np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float32)
    light: list[Colours] = []
    hits: list[Hits] = []
    for batch in np.array_split(rays, max(1, len(rays) // _RAYS_PER_BATCH)):
        batch_light, batch_hits = Workshop(solids, 0).trace(batch)
        light.append(batch_light)
        hits.append(batch_hits)
    shape = (2 * height, 2 * width)
    return np.concatenate(light).reshape(*shape, 3), np.concatenate(hits).reshape(shape)


# Materials


def _raw_clay(
    fired: Surface, local: Points, normals: Points, *, has_chips: bool, shine: float
) -> Surface:
    """Return unfired red clay; `has_chips` adds the chips and incisions of the `fired` surface."""
    chips = smoothstep(0.16, 0.4, fired.albedo.mean(1)) * np.float32(has_chips)
    cloud = fractal_noise(local * np.float32(3.1), 4, seed=5)
    grain = fractal_noise(local * np.float32(60), 2, seed=6)
    dark, fair = fp32([0.17, 0.058, 0.03]), fp32([0.38, 0.15, 0.08])
    red = dark + (fair - dark) * np.clip(0.5 + 0.5 * cloud + 0.18 * grain, 0, 1)[:, None]
    albedo = red + (fp32([0.70, 0.68, 0.62]) - red) * chips[:, None]
    gloss = np.clip(shine * (1 + 0.5 * grain) + 0.9 * chips, 0, 2).astype(np.float32)
    return Surface(albedo, fired.normals if has_chips else normals, gloss, fired.blur)


def _plain(local: Points, normals: Points, albedo: Sequence[float], *, gloss: float) -> Surface:
    """Return one colour with slight clouds and grain."""
    cloud = fractal_noise(local * np.float32(5), 4, seed=8)
    grain = fractal_noise(local * np.float32(90), 2, seed=9)
    tone = np.clip(1 + 0.16 * cloud + 0.14 * grain, 0.4, 1.6)[:, None]
    ones = np.ones(len(local), np.float32)
    return Surface(fp32(albedo) * tone, normals, ones * np.float32(gloss), ones * np.float32(0.5))


# Pots


def pot(material: str, at: Position, scale: float = 1.0, *, with_lid: bool = False) -> list[Solid]:
    """Return the pot of the still life at another position, in another material."""
    parts = (_POT, _LID) if with_lid else (_POT,)
    return [_moved(part, material, at, scale) for part in parts]


def _moved(part: Solid, material: str, at: Position, scale: float) -> Solid:
    def to_still_life(points: Points) -> Points:
        return np.asarray((points - fp32(at)) / np.float32(scale) + _POT_AT, np.float32)

    x, y, z = (fp32(part.centre) - _POT_AT) * np.float32(scale) + fp32(at)
    return Solid(
        material,
        (float(x), float(y), float(z)),
        part.radius * scale,
        lambda points: part.distance(to_still_life(points)) * np.float32(scale),
        lambda points: part.to_local(to_still_life(points)),
    )


def unfinished_pot(at: Position) -> Solid:
    """Return a half-shaped pot with an open, uneven rim."""
    wall = revolve(
        parse_points(
            "0 0, .34 0, .38 .03, .5 .16, .61 .36, .65 .56, .6 .74, .545 .84, .5 .85, .5 .8,"
            ".56 .66, .58 .5, .5 .28, .34 .12, 0 .08"
        )
    )

    def distance(points: Points) -> Values:
        dents = 0.014 * noise(points * np.float32(4.5), 7)
        uneven = points + fp32([0, 0.03, 0]) * noise(points * np.float32(1.8), 8)[:, None]
        return np.asarray((wall(np.asarray(uneven, np.float32)) + dents) * 0.85)

    return place("raw", distance, at=at, radius=0.85, middle=0.45)


# Materials and tools on the table


def lump(material: str, at: Position, size: Position, seed: int, roughness: float = 0.05) -> Solid:
    """Return an ellipsoid with half axes `size` and an uneven surface: a lump of clay, a pebble."""
    half_axes = fp32(size)

    def distance(points: Points) -> Values:
        ellipsoid = (np.linalg.norm(points / half_axes, axis=1) - 1) * half_axes.min()
        return np.asarray(ellipsoid * 0.8 + roughness * noise(points * np.float32(3.4), seed))

    return place(material, distance, at=at, radius=max(size) * 1.15)


def sand_heap(at: Position) -> Solid:
    """Return a small heap of sand."""
    outline = revolve(parse_points("0 0, .5 0, .46 .02, .3 .12, .14 .23, .05 .28, 0 .285"))

    def distance(points: Points) -> Values:
        return np.asarray(outline(points) * 0.7 + 0.015 * noise(points * np.float32(9), 3))

    return place("sand", distance, at=at, radius=0.6, middle=0.1)


def slab(
    material: str, at: Position, half_size: Position, *, turn: float, tilt: float = 0.0
) -> Solid:
    """Return a box with rounded edges: the blade of a paddle, a chip."""
    size = fp32(half_size)
    rounding = np.float32(min(half_size) * 0.8)

    def distance(points: Points) -> Values:
        offset = np.abs(points) - (size - rounding)
        outside = np.linalg.norm(np.maximum(offset, 0), axis=1)
        return np.asarray(outside + np.minimum(offset.max(1), 0) - rounding)

    radius = float(np.linalg.norm(half_size))
    return place(material, distance, at=at, radius=radius, turn=turn, tilt=tilt)


def bowl_of_whey(at: Position) -> list[Solid]:
    """Return a small black bowl filled with whey."""
    wall = revolve(
        parse_points(
            "0 0, .16 0, .18 .03, .26 .12, .31 .25, .3 .27, .275 .26, .22 .12, .1 .05, 0 .045"
        )
    )
    filling = revolve(parse_points("0 .1, .2 .1, .262 .2, .25 .205, 0 .205"))
    return [
        place("clay", wall, at=at, radius=0.4, middle=0.13),
        place("whey", filling, at=at, radius=0.33, middle=0.15),
    ]


def brush(at: Position, turn: float) -> list[Solid]:
    """Return a brush that lies on the table."""
    handle = rod(parse_points("0 0, .35 .01, .7 0"), 0.024)
    bristles = rod(parse_points("-.2 0, -.1 .01, .02 0"), 0.045)
    return [
        place("board", handle, at=at, radius=0.85, turn=turn),
        place("bristle", bristles, at=at, radius=0.4, turn=turn),
    ]


def paddle(at: Position, turn: float) -> list[Solid]:
    """Return the wooden paddle of the potter, lying on the table."""
    x, y, z = at
    along = (np.cos(turn), -np.sin(turn))
    grip = (x + 0.47 * along[0], y, z + 0.47 * along[1])
    return [
        slab("board", at, (0.3, 0.035, 0.15), turn=turn),
        slab("board", grip, (0.26, 0.032, 0.045), turn=turn),
    ]


def porcelain_chips(centre: Position, count: int, seed: int) -> list[Solid]:
    """Return chips of porcelain scattered on the table."""
    rng = np.random.default_rng(seed)
    x, _, z = centre
    return [
        slab(
            "porcelain",
            (x + rng.uniform(-0.42, 0.42), 0.02, z + rng.uniform(-0.16, 0.16)),
            (0.065, 0.018, 0.05),
            turn=rng.uniform(0, 3),
        )
        for _ in range(count)
    ]


def firewood(at: Position, length: float, turn: float, tilt: float) -> Solid:
    """Return a log of firewood."""
    log = rod(parse_points(f"{-length / 2} 0, 0 .02, {length / 2} 0"), 0.07)
    return place("board", log, at=at, radius=length, turn=turn, tilt=tilt)


def shade() -> Solid:
    """Return an object outside the picture that keeps the sunlight off the table."""
    return lump("board", (-3.6, 3.2, 2.4), (1.7, 1.7, 1.7), 1, roughness=0.0)
