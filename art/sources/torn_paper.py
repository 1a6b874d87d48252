"""A collage of torn coloured paper (chigiri-e): sun, mountains, sea."""

import numpy as np
from PIL import Image, ImageDraw

from art.sources.canvas import SCALE, SIDE_PX, clouds, finished, palette

_SKY = palette(
    ((244, 214, 160), (240, 184, 130), (228, 150, 120), (200, 208, 204), (246, 232, 204))
)
_SUN = palette(((214, 60, 44), (230, 96, 56), (196, 44, 52)))
_FAR = palette(((122, 130, 160), (150, 140, 164), (100, 118, 150)))
_NEAR = palette(((44, 78, 92), (34, 98, 96), (60, 110, 84), (28, 60, 84)))
_SEA = palette(((38, 104, 140), (62, 140, 158), (24, 74, 118), (120, 176, 172), (226, 220, 196)))


def draw_torn_paper(side: int = SIDE_PX, *, seed: int = 0) -> Image.Image:
    """Draw scraps of washi with white torn edges, `side` x `side` px."""
    rng = np.random.default_rng(seed)
    large = side * SCALE
    picture = Image.new("RGB", (large, large), (238, 226, 200))
    ridge_far = 0.46 + 0.07 * clouds(256, (1.0, 0.3), rng)[0]
    ridge_near = 0.60 + 0.06 * clouds(256, (1.0, 0.25), rng)[0]
    places = rng.permutation([(x, y) for x in np.linspace(0, 1, 24) for y in np.linspace(0, 1, 30)])
    layers: list[list[tuple[np.ndarray, np.ndarray]]] = [[], [], [], [], []]
    for place in places + rng.normal(0, 0.012, places.shape):
        column = int(np.clip(place[0], 0, 0.999) * 256)
        if place[1] > 0.74 + 0.01 * np.sin(place[0] * 20):
            layer, papers = 4, _SEA
        elif place[1] > ridge_near[column]:
            layer, papers = 3, _NEAR
        elif place[1] > ridge_far[column]:
            layer, papers = 2, _FAR
        elif np.hypot(place[0] - 0.33, place[1] - 0.26) < 0.14:
            layer, papers = 1, _SUN
        else:
            layer, papers = 0, _SKY
        layers[layer].append((place, papers[rng.integers(len(papers))]))
    for scraps in layers:
        for place, colour in scraps:
            _lay(picture, place, colour + rng.normal(0, 9, 3), rng)
    pixels = np.asarray(picture, dtype=np.float32)
    fibre = clouds(large, (0.0015, 0.02), rng) + clouds(large, (0.02, 0.0015), rng)
    pulp = 1 + 0.035 * fibre + 0.03 * clouds(large, 0.006, rng)
    return finished(pixels * pulp[..., None], grain=2.5, rng=rng)


def _lay(
    picture: Image.Image, place: np.ndarray, colour: np.ndarray, rng: np.random.Generator
) -> None:
    """Lay a scrap on the picture: its shadow, its white core, its coloured face."""
    side = picture.width
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    size = rng.uniform(0.026, 0.046) * np.array((rng.uniform(1.0, 1.7), 1))
    outline = (
        1
        + 0.16 * np.cos(3 * angles + rng.uniform(0, 6))
        + 0.10 * np.cos(5 * angles + rng.uniform(0, 6))
    )
    turn = rng.normal(0, 0.5)
    spin = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    rim = 0.16 + 0.10 * np.cos(angles + rng.uniform(0, 6))  # the white edge is wider on one side

    def polygon(reach: np.ndarray, shift: float = 0.0) -> list[tuple[float, float]]:
        ray = np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None] * size
        return [(float(x), float(y)) for x, y in (ray @ spin + place + shift) * side]

    torn = outline * (1 + 0.035 * rng.normal(0, 1, 48))
    inner = (outline - rim) * (1 + 0.03 * rng.normal(0, 1, 48))
    pen = ImageDraw.Draw(picture, "RGBA")
    for shift, opacity in ((0.0042, 26), (0.003, 40), (0.0018, 50)):
        pen.polygon(polygon(torn, shift), fill=(30, 24, 30, opacity))
    white = tuple(int(v) for v in (244 + rng.normal(0, 4, 3)).clip(0, 255))
    pen.polygon(polygon(torn), fill=(*white, 255))
    pen.polygon(polygon(inner), fill=(*(int(v) for v in colour.clip(0, 255)), 255))
