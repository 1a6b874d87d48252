"""Which presets have a source picture that the project draws, and the function that draws it."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from art.sources.black_pottery import draw_black_pottery
from art.sources.blueprint import draw_blueprint
from art.sources.circles import draw_concentric_circles
from art.sources.linocut import draw_linocut
from art.sources.neon import draw_neon
from art.sources.pop_print import draw_pop_print
from art.sources.porcelain import draw_porcelain
from art.sources.sashiko import draw_sashiko
from art.sources.stained_glass import draw_stained_glass
from art.sources.torn_paper import draw_torn_paper
from art.sources.zellige import draw_zellige

DRAWN_SOURCES: dict[str, Callable[[], Image.Image]] = {
    "nixi-black-pottery": draw_black_pottery,
    "blue-and-white-porcelain": draw_porcelain,
    "zellige": draw_zellige,
    "linocut": draw_linocut,
    "pop-print": draw_pop_print,
    "blueprint": draw_blueprint,
    "sashiko": draw_sashiko,
    "stained-glass": draw_stained_glass,
    "torn-paper": draw_torn_paper,
    "neon-night": draw_neon,
    "concentric-circles": draw_concentric_circles,
}
"""By preset id: the ids of `model.presets.sources.DRAWN`."""


def save_sources(folder: Path) -> list[Path]:
    """Write each source picture to `<preset id>.png`, as `python -m model.presets` expects it."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for style_id, draw in DRAWN_SOURCES.items():
        path = folder / f"{style_id}.png"
        draw().save(path)
        paths.append(path)
    return paths
