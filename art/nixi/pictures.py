"""The pictures of the mini program's page on Nixi black pottery, one function for each.

All of them are drawn by this project. The picture `after`, which the model generates, carries the
AI label.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image

from art.camera import develop
from art.nixi.workshop import (
    Position,
    bowl_of_whey,
    brush,
    firewood,
    lump,
    paddle,
    porcelain_chips,
    pot,
    render,
    sand_heap,
    shade,
    unfinished_pot,
)
from art.noise import fp32, fractal_noise, smoothstep
from art.still_life.scene import draw_still_life
from art.still_life.solids import Solid
from cli.label import save_labelled
from model.inference import Stylizer

STEP_SIDE_PX = 336  # shown at 112 px on screens with 3 device pixels per px
CARD = "card"
"""The picture of the card on the styles page; all others belong to the page on Nixi."""

Light = Float[np.ndarray, "H W 3"]
Map = Float[np.ndarray, "H W"]


def save_nixi_pictures(names: Sequence[str], folder: Path, card_path: Path) -> list[Path]:
    """Draw the named pictures, and write the card to `card_path` and the others to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in names:
        draw, quality = DRAWINGS[name]
        path = card_path if name == CARD else folder / f"{name}.webp"
        picture = draw()
        xmp = picture.info.get("xmp", b"")  # the AI label of a generated picture
        picture.convert("RGB").save(path, quality=quality, method=6, xmp=xmp)
        paths.append(path)
    return paths


# The steps of the craft


def draw_clay() -> Image.Image:
    """Draw red clay and white sand."""
    return _developed(
        _step_light(
            lump("raw", (-0.2, 0.3, -0.1), (0.58, 0.4, 0.5), 2),
            lump("raw", (0.42, 0.09, 0.72), (0.17, 0.13, 0.15), 5, roughness=0.03),
            sand_heap((0.85, 0, 0.15)),
            target=(0.2, 0.3, 0.0),
        )
    )


def draw_shape() -> Image.Image:
    """Draw a pot that is beaten into shape with a paddle."""
    solids = [unfinished_pot((0.0, 0, -0.25)), *paddle((0.42, 0.04, 0.82), 0.5)]
    return _developed(_step_light(*solids, target=(0.1, 0.4, 0.0)))


def draw_inlay() -> Image.Image:
    """Draw chips of white porcelain in the soft clay."""
    chips = porcelain_chips((0.2, 0, 0.95), 7, 4)
    return _developed(_step_light(*pot("inlaid", (0.1, 0, -0.25)), *chips))


def draw_dry() -> Image.Image:
    """Draw three pots that dry in the shade."""
    light = _step_light(
        *pot("inlaid", (-0.62, 0, -0.5), 0.62),
        *pot("inlaid", (0.82, 0, -0.5), 0.62),
        *pot("inlaid", (0.12, 0, 0.25), 0.66),
        shade(),
        target=(0.1, 0.42, 0.0),
    )
    return _developed(light, exposure=1.5)


def draw_polish() -> Image.Image:
    """Draw a pot that was polished with a pebble."""
    pebble = lump("pebble", (0.62, 0.07, 0.85), (0.19, 0.08, 0.13), 6, roughness=0.0)
    return _developed(_step_light(*pot("polished", (0.1, 0, -0.25)), pebble))


def draw_fire() -> Image.Image:
    """Draw a stack of pots and wood that burns in the open air."""
    pots = [
        *pot("inlaid", (-0.5, 0, -0.3), 0.6),
        *pot("inlaid", (0.7, 0, -0.3), 0.6),
        *pot("inlaid", (0.1, 0.02, 0.15), 0.62),
        *pot("inlaid", (0.1, 0.66, -0.3), 0.56),
    ]
    wood = [
        firewood((-0.5, 0.07, 0.75), 1.2, 0.3, 0.0),
        firewood((0.65, 0.07, 0.75), 1.2, -0.35, 0.0),
        firewood((0.1, 0.16, 0.8), 1.4, 0.05, 0.06),
    ]
    solids = [*pots, *wood, shade()]
    light, hits = render(solids, STEP_SIDE_PX, STEP_SIDE_PX, (0.1, 0.76, 0.0), 0.18)
    x, y = _screen_coordinates(len(light))
    glow = np.exp(-np.square(x / 0.75) - np.square((y - 0.3) / 0.42))
    light = light * (fp32([0.30, 0.29, 0.36]) + glow[..., None] * fp32([5.5, 2.2, 0.9]))
    behind = _flames(x, y, height=1.05, foot=0.2, seed=35) * (hits < 0)[..., None]
    in_front = _flames(x, y, height=0.4, foot=0.1, seed=57)
    return _developed(light + behind + in_front, exposure=0.8)


def draw_smoke() -> Image.Image:
    """Draw a black pot in the smoke that colours it."""
    light = _step_light(*pot("clay", (0.1, 0, -0.25)), shade())
    x, y = _screen_coordinates(len(light))
    drift = x + 0.5 * _noise_map(x, y, (1.1, 1.4), 41)
    veil = _noise_map(drift, y, (1.3, 1.1), 42) + 0.3 * _noise_map(drift, y, (3.5, 2.5), 43)
    density = smoothstep(-0.35, 0.9, veil + 0.25 * np.abs(x) + 0.2 * y) * smoothstep(0.05, 0.5, y)
    grey = fp32([0.36, 0.35, 0.34])
    return _developed(light + (grey - light) * (0.66 * density)[..., None], exposure=1.15)


def draw_whey() -> Image.Image:
    """Draw a finished pot, with the bowl of whey and the brush of the last step."""
    return _developed(
        _step_light(
            *pot("clay", (0.0, 0, -0.35), with_lid=True),
            *bowl_of_whey((0.78, 0, 0.6)),
            *brush((-0.3, 0.04, 0.95), 0.12),
            target=(0.1, 0.62, 0.0),
        )
    )


# The other pictures


def draw_hero() -> Image.Image:
    """Draw the black pot alone, lit through the window."""
    solids = pot("clay", (0.12, 0, -0.25), with_lid=True)
    light, _ = render(solids, 750, 780, (0.1, 0.58, 0.0), 0.2)
    return _developed(light, exposure=0.7)


def draw_card() -> Image.Image:
    """Draw the pot on the right of a wide card; text covers the left."""
    solids = pot("clay", (0.62, 0, -0.25), with_lid=True)
    light, _ = render(solids, 690, 320, (-0.28, 0.7, 0.0), 0.16)
    return _developed(light, exposure=0.62)


def draw_before() -> Image.Image:
    """Draw the photo of the before-and-after pair: the still life of the style previews."""
    return draw_still_life(640, 480)


def draw_after() -> Image.Image:
    """Draw the result of the pair, with the AI label drawn on it and in its XMP metadata."""
    stylizer = Stylizer.load()
    result = stylizer.stylize(draw_before(), stylizer.preset("nixi-black-pottery"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "after.png")
        save_labelled(result, path, quality=100)  # PNG is lossless and has no quality
        with Image.open(path) as file:
            file.load()
            return file


DRAWINGS: dict[str, tuple[Callable[[], Image.Image], int]] = {
    "hero": (draw_hero, 78),
    "clay": (draw_clay, 76),
    "shape": (draw_shape, 76),
    "inlay": (draw_inlay, 76),
    "dry": (draw_dry, 76),
    "polish": (draw_polish, 76),
    "fire": (draw_fire, 76),
    "smoke": (draw_smoke, 76),
    "whey": (draw_whey, 76),
    "before": (draw_before, 78),
    "after": (draw_after, 78),
    CARD: (draw_card, 78),
}
"""The function that draws each picture, and its WebP quality."""


def _step_light(*solids: Solid, target: Position = (0.1, 0.52, 0.0)) -> Light:
    """Return the light of a square picture of one step."""
    return render(list(solids), STEP_SIDE_PX, STEP_SIDE_PX, target, 0.185)[0]


def _developed(light: Light, *, exposure: float = 0.8) -> Image.Image:
    """Return the picture at half the size of the rendered grid, which smooths its edges."""
    large = develop(light, exposure=exposure, seed=0)
    return large.resize((large.width // 2, large.height // 2), Image.Resampling.LANCZOS)


# Fire and smoke, drawn over the rendered light


def _screen_coordinates(side: int) -> tuple[Map, Map]:
    """Return x from -1 (left) to 1 (right) and y from 0 (bottom) to 1 (top) of a square grid."""
    across, down = np.meshgrid(np.linspace(-1, 1, side), np.linspace(0, 1, side))
    return across.astype(np.float32), (1 - down).astype(np.float32)


def _noise_map(x: Map, y: Map, frequency: Sequence[float], seed: int) -> Map:
    points = np.stack([x.ravel() * frequency[0], y.ravel() * frequency[1], x.ravel() * 0], -1)
    return fractal_noise(points.astype(np.float32), 4, seed=seed).reshape(x.shape)


def _flames(x: Map, y: Map, *, height: float, foot: float, seed: int) -> Light:
    """Return the light of flames that start at `foot` and thin out towards `height`."""
    sway = x + (0.08 + 0.3 * y) * _noise_map(x, y, (2.2, 2.6), seed)
    tongues = _noise_map(sway, y, (4.2, 1.3), seed + 1)
    reach = height - 0.75 * np.square(sway) + 0.55 * height * tongues
    heat = smoothstep(0.0, 0.5, reach - y + 0.14) * smoothstep(foot, foot + 0.1, y)
    heat = heat * np.clip(0.55 + 0.9 * tongues, 0, 1)
    colour = np.stack([heat**1.1 * 2.6, heat**2.0 * 1.2, heat**3.6 * 0.4], -1)
    return np.asarray(colour, np.float32)
