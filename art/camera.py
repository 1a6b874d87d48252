"""From linear light to an 8-bit picture."""

import numpy as np
from jaxtyping import Float
from PIL import Image


def develop(light: Float[np.ndarray, "H W 3"], *, exposure: float, seed: int) -> Image.Image:
    """Apply exposure, vignetting, a filmic tone curve, gamma 2.2 and slight film grain."""
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    vignette = np.clip((x * x + y * y - 0.3) / 1.6, 0, 1)[..., None]
    exposed = np.clip(light * exposure * (1 - 0.22 * vignette), 0, None)
    film = exposed * (2.51 * exposed + 0.03) / (exposed * (2.43 * exposed + 0.59) + 0.14)
    grain = np.random.default_rng([seed, 3]).normal(0, 0.008, (height, width, 1))
    pixels = np.clip(film, 0, 1) ** (1 / 2.2) + grain
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))
