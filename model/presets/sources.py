"""The source pictures of each preset's style code.

All artworks have long been in the public domain. The project does not include them. Names
and credits are in `app/styles/presets/catalogue.json` under the same ids.
"""

from pathlib import Path

DRAWN: tuple[str, ...] = (
    "nixi-black-pottery",
    "blue-and-white-porcelain",
    "zellige",
    "linocut",
    "pop-print",
    "blueprint",
    "sashiko",
    "stained-glass",
    "torn-paper",
    "neon-night",
    "concentric-circles",
)
"""Presets whose only source picture is drawn by this project: `python -m art sources`."""

SOURCES: dict[str, tuple[str, ...]] = {
    "cizhou-ware": ("pottery/museumpottery_41.*",),
    "carved-red-lacquer": ("style/cnpattern_47.*", "style/cnpattern_57.*"),
    "silk-brocade": ("style/cnpattern_24.*",),
    "indigo-batik": ("style/cnpattern_20.*", "style/cnpattern_53.*"),
    "dragon-embroidery": ("style/cnpattern_28.*",),
    "cloisonne": ("style/cnpattern_32.*",),
    "stone-mosaic": ("style/mst21_3.*",),
    "ink-landscape": ("style/cnpaint_535.*",),
    "great-wave": ("style/gordicstyle_6.*",),
    "van-gogh-night-road": ("style/dualast_6.*",),
    "van-gogh-haystacks": ("style/dualast_3.*",),
    "van-gogh-self-portrait": ("style/painterly_4.*",),
    "van-gogh-bedroom": ("style/painterly_27.*",),
    "van-gogh-straw-hat": ("style/gordicstyle_7.*",),
    "monet-water-lilies": ("style/dualast_10.*",),
    "monet-haystacks": ("style/painterly_29.*",),
    "seurat-grande-jatte": ("style/painterly_26.*",),
    "cezanne-basket-of-apples": ("style/painterly_15.*",),
    "renoir-pont-neuf": ("style/painterly_16.*",),
    "gauguin-golden-bodies": ("style/gordicstyle_3.*",),
    "red-chalk": ("style/adainstyle_0.*", "style/adainstyle_2.*"),
}
"""Presets computed from artworks, as file patterns relative to one folder.

The style code of several pictures is their mean.
"""


def find_sources(artworks: Path, drawn: Path | None) -> dict[str, list[Path]]:
    """Return the files of the source pictures of every preset, by id.

    Args:
        artworks: the folder that the patterns of SOURCES are relative to.
        drawn: folder written by `python -m art sources`; None leaves the presets of DRAWN out.

    Raises:
        ValueError: a preset has no source picture.
    """
    paths = {style_id: _matches(artworks, patterns) for style_id, patterns in SOURCES.items()}
    if drawn is None:
        return paths
    return paths | {style_id: _matches(drawn, (f"{style_id}.png",)) for style_id in DRAWN}


def _matches(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    if not paths:
        raise ValueError(f"no picture in {folder} matches {', '.join(patterns)}")
    return paths
