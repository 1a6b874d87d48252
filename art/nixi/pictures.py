"""Draws the pictures of the page on Nixi black pottery, with the project's own renderer and model.

    .venv/bin/python miniprogram/tools/draw_nixi.py [NAME ...]

Nothing in them is a photograph; the one painted picture carries the mark of AI.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))

from art.camera import developed
from art.noise import fp32, fractal_noise, noise, smoothstep
from art.still_life.materials import Surface, look_of, wood
from art.still_life.objects import still_life_solids
from art.still_life.scene import Colours, Kinds, Scene, draw_still_life
from art.still_life.solids import Points, Solid, Values, line, placed, rod, turned

SOURCE = Path(__file__).parents[1] / "src"
PICTURES = SOURCE / "about" / "pictures"
CARD = SOURCE / "pages" / "styles" / "pot.webp"
STEP_PX = 336  # 112 px on the page at three dots each
EYE = fp32([0.25, 2.05, 6.4])  # where Scene looks from
POT_AT = fp32([0.12, 0.0, -0.25])  # where the still life has its pot
BODY, LID = still_life_solids(0)[:2]

Place = tuple[float, float, float]


# What things are made of


def raw_clay(
    fired: Surface, own: Points, normals: Points, *, chips: bool, shine: float = 0.0
) -> Surface:
    """The pot before the fire, in red clay; with `chips`, the fired one's pattern is on it."""
    chip = smoothstep(0.16, 0.4, fired.colours.mean(1)) * np.float32(chips)
    cloud = fractal_noise(own * np.float32(3.1), 4, seed=5)
    grain = fractal_noise(own * np.float32(60), 2, seed=6)
    dark, fair = fp32([0.17, 0.058, 0.03]), fp32([0.38, 0.15, 0.08])
    red = dark + (fair - dark) * np.clip(0.5 + 0.5 * cloud + 0.18 * grain, 0, 1)[:, None]
    colours = red + (fp32([0.70, 0.68, 0.62]) - red) * chip[:, None]
    gloss = np.clip(shine * (1 + 0.5 * grain) + 0.9 * chip, 0, 2).astype(np.float32)
    return Surface(colours, fired.normals if chips else normals, gloss, fired.blur)


def plain(own: Points, normals: Points, colour: Sequence[float], *, gloss: float) -> Surface:
    """One colour, clouded a little and grained."""
    cloud = fractal_noise(own * np.float32(5), 4, seed=8)
    grain = fractal_noise(own * np.float32(90), 2, seed=9)
    tone = np.clip(1 + 0.16 * cloud + 0.14 * grain, 0.4, 1.6)[:, None]
    even = np.ones(len(own), np.float32)
    return Surface(fp32(colour) * tone, normals, even * np.float32(gloss), even * np.float32(0.5))


PLAIN = {
    "sand": ((0.62, 0.58, 0.50), 0.0),
    "porcelain": ((0.70, 0.69, 0.66), 1.2),
    "pebble": ((0.20, 0.21, 0.20), 0.9),
    "whey": ((0.76, 0.73, 0.63), 0.8),
    "bristle": ((0.42, 0.33, 0.20), 0.0),
}


@dataclass(frozen=True)
class Workshop(Scene):
    """The still life's room with the things of a potter in it."""

    def _surface(self, points: Points, kinds: Kinds) -> Surface:
        known = np.where(kinds >= 0, -2, kinds)  # everything of ours is laid below
        surface = super()._surface(points, known)
        for kind in np.unique(kinds[kinds >= 0]):
            mine = np.flatnonzero(kinds == kind)
            solid = self.solids[kind]
            surface.lay(mine, self._look(solid, points[mine]))
        return surface

    def _look(self, solid: Solid, points: Points) -> Surface:
        own, normals = solid.own(points), _normals(solid, points)
        if solid.material in PLAIN:
            colour, gloss = PLAIN[solid.material]
            return plain(own, normals, colour, gloss=gloss)
        if solid.material == "board":
            grain = wood(own[:, [1, 0, 2]] * np.float32(0.6), seed=4)
            return Surface(grain.colours * np.float32(0.9), normals, grain.gloss * 0, grain.blur)
        fired = look_of("clay", own, normals, self.seed, solid)
        if solid.material == "clay":
            return fired
        return raw_clay(
            fired,
            own,
            normals,
            chips=solid.material in ("inlaid", "polished"),
            shine=1.1 if solid.material == "polished" else 0.0,
        )


def _normals(solid: Solid, points: Points) -> Points:
    corners = fp32([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]])
    slope = sum(c * solid.distance(points + c * np.float32(0.004))[:, None] for c in corners)
    return np.asarray(slope / (np.linalg.norm(slope, axis=1, keepdims=True) + 1e-9), np.float32)


# Things


def pot(material: str, at: Place, scale: float = 1.0, *, lid: bool = False) -> list[Solid]:
    """The still life's pot elsewhere, in another state."""
    return [_moved(part, material, at, scale) for part in ((BODY, LID) if lid else (BODY,))]


def _moved(part: Solid, material: str, at: Place, scale: float) -> Solid:
    def back(points: Points) -> Points:
        return np.asarray((points - fp32(at)) / np.float32(scale) + POT_AT, np.float32)

    x, y, z = (fp32(part.centre) - POT_AT) * np.float32(scale) + fp32(at)
    return Solid(
        material,
        (float(x), float(y), float(z)),
        part.radius * scale,
        lambda points: part.distance(back(points)) * np.float32(scale),
        lambda points: part.own(back(points)),
    )


def lump(material: str, at: Place, size: Place, seed: int, rough: float = 0.05) -> Solid:
    """Something roundish: clay as it comes, a pebble."""
    half = fp32(size)

    def distance(points: Points) -> Values:
        round_ = (np.linalg.norm(points / half, axis=1) - 1) * half.min()
        return np.asarray(round_ * 0.8 + rough * noise(points * np.float32(3.4), seed))

    return placed(material, distance, at=at, radius=max(size) * 1.15)


def heap(at: Place) -> Solid:
    """A little hill of sand."""
    outline = turned(line("0 0, .5 0, .46 .02, .3 .12, .14 .23, .05 .28, 0 .285"))

    def distance(points: Points) -> Values:
        return np.asarray(outline(points) * 0.7 + 0.015 * noise(points * np.float32(9), 3))

    return placed("sand", distance, at=at, radius=0.6, middle=0.1)


def slab(material: str, at: Place, half: Place, *, turn: float, tilt: float = 0.0) -> Solid:
    """A flat piece with rounded edges: a paddle's blade, a chip."""
    size = fp32(half)
    soft = np.float32(min(half) * 0.8)

    def distance(points: Points) -> Values:
        out = np.abs(points) - (size - soft)
        outside = np.linalg.norm(np.maximum(out, 0), axis=1)
        return np.asarray(outside + np.minimum(out.max(1), 0) - soft)

    radius = float(np.linalg.norm(half))
    return placed(material, distance, at=at, radius=radius, turn=turn, tilt=tilt)


def shaped(at: Place) -> Solid:
    """A pot half-way up, its rim still open and uneven."""
    wall = turned(
        line(
            "0 0, .34 0, .38 .03, .5 .16, .61 .36, .65 .56, .6 .74, .545 .84, .5 .85, .5 .8,"
            ".56 .66, .58 .5, .5 .28, .34 .12, 0 .08"
        )
    )

    def distance(points: Points) -> Values:
        dents = 0.014 * noise(points * np.float32(4.5), 7)
        uneven = points + fp32([0, 0.03, 0]) * noise(points * np.float32(1.8), 8)[:, None]
        return np.asarray((wall(np.asarray(uneven, np.float32)) + dents) * 0.85)

    return placed("raw", distance, at=at, radius=0.85, middle=0.45)


def bowl_of_whey(at: Place) -> list[Solid]:
    """A small black bowl, filled."""
    wall = turned(
        line("0 0, .16 0, .18 .03, .26 .12, .31 .25, .3 .27, .275 .26, .22 .12, .1 .05, 0 .045")
    )
    filling = turned(line("0 .1, .2 .1, .262 .2, .25 .205, 0 .205"))
    return [
        placed("clay", wall, at=at, radius=0.4, middle=0.13),
        placed("whey", filling, at=at, radius=0.33, middle=0.15),
    ]


def brush(at: Place, turn: float) -> list[Solid]:
    """It lies on the table."""
    stick, tuft = rod(line("0 0, .35 .01, .7 0"), 0.024), rod(line("-.2 0, -.1 .01, .02 0"), 0.045)
    return [
        placed("board", stick, at=at, radius=0.85, turn=turn),
        placed("bristle", tuft, at=at, radius=0.4, turn=turn),
    ]


def paddle(at: Place, turn: float) -> list[Solid]:
    """The potter's wooden paddle, lying."""
    x, y, z = at
    along = (np.cos(turn), -np.sin(turn))
    grip = (x + 0.47 * along[0], y, z + 0.47 * along[1])
    return [
        slab("board", at, (0.3, 0.035, 0.15), turn=turn),
        slab("board", grip, (0.26, 0.032, 0.045), turn=turn),
    ]


def chips(around: Place, count: int, seed: int) -> list[Solid]:
    """Splinters of porcelain that wait on the table."""
    chance = np.random.default_rng(seed)
    x, _, z = around
    return [
        slab(
            "porcelain",
            (x + chance.uniform(-0.42, 0.42), 0.02, z + chance.uniform(-0.16, 0.16)),
            (0.065, 0.018, 0.05),
            turn=chance.uniform(0, 3),
        )
        for _ in range(count)
    ]


def log(at: Place, length: float, turn: float, tilt: float, thick: float = 0.07) -> Solid:
    """Firewood."""
    way = rod(line(f"{-length / 2} 0, 0 .02, {length / 2} 0"), thick)
    return placed("board", way, at=at, radius=length, turn=turn, tilt=tilt)


SHADE = lump("board", (-3.6, 3.2, 2.4), (1.7, 1.7, 1.7), 1, rough=0.0)
"""Out of sight between the window and the table."""


# From things to a picture


def seen(
    solids: list[Solid], width: int, height: int, aim: Place, half_height: float
) -> tuple[np.ndarray, np.ndarray]:
    """Light on a grid twice as fine, and for each point what is seen there."""
    forward = fp32(aim) - EYE
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
    kinds: list[Kinds] = []
    for part in np.array_split(rays, max(1, len(rays) // 200_000)):
        colours, what = Workshop(solids, 0).seen(part)
        light.append(colours)
        kinds.append(what)
    shape = (2 * height, 2 * width)
    return np.concatenate(light).reshape(*shape, 3), np.concatenate(kinds).reshape(shape)


def picture(light: np.ndarray, *, exposure: float = 0.8) -> Image.Image:
    """Developed, at half the grid."""
    shown = developed(light, exposure=exposure, seed=0)
    return shown.resize((shown.width // 2, shown.height // 2), Image.Resampling.LANCZOS)


def step(*solids: Solid | list[Solid], aim: Place = (0.1, 0.52, 0.0)) -> np.ndarray:
    """A square of the workshop."""
    things = [each for part in solids for each in (part if isinstance(part, list) else [part])]
    return seen(things, STEP_PX, STEP_PX, aim, 0.185)[0]


def _screen(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Across from -1 to 1, and height from 0 at the bottom to 1."""
    across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(0, 1, side))
    return across.astype(np.float32), (1 - down).astype(np.float32)


def _noise_on(x: np.ndarray, y: np.ndarray, scale: Sequence[float], seed: int) -> np.ndarray:
    places = np.stack([x.ravel() * scale[0], y.ravel() * scale[1], x.ravel() * 0], -1)
    return fractal_noise(places.astype(np.float32), 4, seed=seed).reshape(x.shape)


def clay() -> Image.Image:
    """Red clay and white sand."""
    return picture(
        step(
            lump("raw", (-0.2, 0.3, -0.1), (0.58, 0.4, 0.5), 2),
            lump("raw", (0.42, 0.09, 0.72), (0.17, 0.13, 0.15), 5, rough=0.03),
            heap((0.85, 0, 0.15)),
            aim=(0.2, 0.3, 0.0),
        )
    )


def shape() -> Image.Image:
    """Beaten into shape by hand."""
    return picture(
        step(shaped((0.0, 0, -0.25)), paddle((0.42, 0.04, 0.82), 0.5), aim=(0.1, 0.4, 0.0))
    )


def inlay() -> Image.Image:
    """Chips of white porcelain in the soft wall."""
    return picture(step(pot("inlaid", (0.1, 0, -0.25)), chips((0.2, 0, 0.95), 7, 4)))


def dry() -> Image.Image:
    """Three pots in the shade."""
    row = [*pot("inlaid", (-0.62, 0, -0.5), 0.62), *pot("inlaid", (0.82, 0, -0.5), 0.62)]
    return picture(
        step(row, pot("inlaid", (0.12, 0, 0.25), 0.66), SHADE, aim=(0.1, 0.42, 0.0)), exposure=1.5
    )


def polish() -> Image.Image:
    """Rubbed with a pebble until it shines."""
    pebble = lump("pebble", (0.62, 0.07, 0.85), (0.19, 0.08, 0.13), 6, rough=0.0)
    return picture(step(pot("polished", (0.1, 0, -0.25)), pebble))


def fire() -> Image.Image:
    """A stack that burns in the open."""
    stack = [
        *pot("inlaid", (-0.5, 0, -0.3), 0.6),
        *pot("inlaid", (0.7, 0, -0.3), 0.6),
        *pot("inlaid", (0.1, 0.02, 0.15), 0.62),
        *pot("inlaid", (0.1, 0.66, -0.3), 0.56),
    ]
    wood_ = [
        log((-0.5, 0.07, 0.75), 1.2, 0.3, 0.0),
        log((0.65, 0.07, 0.75), 1.2, -0.35, 0.0),
        log((0.1, 0.16, 0.8), 1.4, 0.05, 0.06),
    ]
    light, kinds = seen([*stack, *wood_, SHADE], STEP_PX, STEP_PX, (0.1, 0.76, 0.0), 0.18)
    x, y = _screen(len(light))
    near = np.exp(-np.square(x / 0.75) - np.square((y - 0.3) / 0.42))
    light = light * (fp32([0.30, 0.29, 0.36]) + near[..., None] * fp32([5.5, 2.2, 0.9]))
    behind = flames(x, y, height=1.05, foot=0.2, seed=35) * (kinds < 0)[..., None]
    front = flames(x, y, height=0.4, foot=0.1, seed=57)
    return picture(light + behind + front, exposure=0.8)


def flames(x: np.ndarray, y: np.ndarray, *, height: float, foot: float, seed: int) -> np.ndarray:
    """Tongues of fire that rise from the wood and thin out."""
    sway = x + (0.08 + 0.3 * y) * _noise_on(x, y, (2.2, 2.6), seed)
    tongue = _noise_on(sway, y, (4.2, 1.3), seed + 1)
    reach = height - 0.75 * np.square(sway) + 0.55 * height * tongue
    heat = smoothstep(0.0, 0.5, reach - y + 0.14) * smoothstep(foot, foot + 0.1, y)
    heat = heat * np.clip(0.55 + 0.9 * tongue, 0, 1)
    colour = np.stack([heat**1.1 * 2.6, heat**2.0 * 1.2, heat**3.6 * 0.4], -1)
    return np.asarray(colour, np.float32)


def smoke() -> Image.Image:
    """Smoke goes into the clay."""
    light = step(pot("clay", (0.1, 0, -0.25)), SHADE)
    x, y = _screen(len(light))
    drift = x + 0.5 * _noise_on(x, y, (1.1, 1.4), 41)
    veil = _noise_on(drift, y, (1.3, 1.1), 42) + 0.3 * _noise_on(drift, y, (3.5, 2.5), 43)
    thick = smoothstep(-0.35, 0.9, veil + 0.25 * np.abs(x) + 0.2 * y) * smoothstep(0.05, 0.5, y)
    grey = fp32([0.36, 0.35, 0.34])
    return picture(light + (grey - light) * (0.66 * thick)[..., None], exposure=1.15)


def whey() -> Image.Image:
    """The last brush, and the pot is done."""
    return picture(
        step(
            pot("clay", (0.0, 0, -0.35), lid=True),
            bowl_of_whey((0.78, 0, 0.6)),
            brush((-0.3, 0.04, 0.95), 0.12),
            aim=(0.1, 0.62, 0.0),
        )
    )


def hero() -> Image.Image:
    """The black pot alone, in the light of the window."""
    light, _ = seen(pot("clay", (0.12, 0, -0.25), lid=True), 750, 780, (0.1, 0.58, 0.0), 0.2)
    return picture(light, exposure=0.7)


def card() -> Image.Image:
    """The pot at the right of a wide card; its left is for words."""
    light, _ = seen(pot("clay", (0.62, 0, -0.25), lid=True), 690, 320, (-0.28, 0.7, 0.0), 0.16)
    return picture(light, exposure=0.62)


def before() -> Image.Image:
    """The still life that the presets are shown on."""
    return draw_still_life(640, 480)


def after() -> Image.Image:
    """The same, painted by the model and marked as the service does it."""
    with tempfile.TemporaryDirectory() as folder:
        source, painted = Path(folder, "before.png"), Path(folder, "after.png")
        before().save(source)
        order = ["stylize", str(source), "--style", "nixi-black-pottery", "--mark"]
        subprocess.run(
            [Path(sys.executable).with_name("dualtrans"), *order, "-o", painted], check=True
        )
        with Image.open(painted) as file:
            file.load()
            return file


DRAWN: dict[str, tuple[Callable[[], Image.Image], int]] = {
    "hero": (hero, 78),
    "clay": (clay, 76),
    "shape": (shape, 76),
    "inlay": (inlay, 76),
    "dry": (dry, 76),
    "polish": (polish, 76),
    "fire": (fire, 76),
    "smoke": (smoke, 76),
    "whey": (whey, 76),
    "before": (before, 78),
    "after": (after, 78),
    "card": (card, 78),
}
"""Each picture with the quality it is kept at."""


def main(names: list[str]) -> None:
    """Draw the named pictures, or all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in names or DRAWN:
        draw, quality = DRAWN[name]
        path = CARD if name == "card" else PICTURES / f"{name}.webp"
        drawn = draw()
        drawn.convert("RGB").save(path, quality=quality, method=6, xmp=drawn.info.get("xmp", b""))
        print(f"{path.name:12} {drawn.width}x{drawn.height} {path.stat().st_size:7} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
