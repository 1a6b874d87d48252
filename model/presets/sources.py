"""From which artworks each style that ships was computed: file patterns below one folder.

Only artworks long in the public domain. The pictures themselves are neither shipped nor shown;
names and credits are in app/styles/presets/catalogue.json, under the same ids.
"""

SOURCES: dict[str, tuple[str, ...]] = {
    # No photograph of Nixi pottery itself was to be had: black ware of the same kind stands for it.
    "nixi-black-pottery": (
        "pottery/blackgoblet_*",
        "pottery/blackstoneware_*",
        "pottery/barronegro_*",
        "pottery/nizamabad_*",
        "pottery/darkceramic_*",
    ),
    "blue-and-white-porcelain": (
        "pottery/ceramic_206.*",
        "pottery/ceramic_242.*",
        "pottery/ceramic_89.*",
        "style/cnpattern_58.*",
    ),
    "carved-red-lacquer": ("style/cnpattern_47.*", "style/cnpattern_57.*"),
    "silk-brocade": ("style/cnpattern_24.*",),
    "painting-on-silk": ("style/cnfigure_23.*", "style/cnfigure_45.*"),
    "ink-landscape": ("style/cnpaint_535.*",),
    "great-wave": ("style/gordicstyle_6.*",),
    "van-gogh-night-road": ("style/dualast_6.*",),
    "van-gogh-haystacks": ("style/dualast_3.*",),
    "van-gogh-self-portrait": ("style/painterly_4.*",),
    "monet-water-lilies": ("style/dualast_10.*",),
    "monet-haystacks": ("style/painterly_29.*",),
    "seurat-grande-jatte": ("style/painterly_26.*",),
    "cezanne-basket-of-apples": ("style/painterly_15.*",),
    "vermeer-pearl-earring": ("style/painterly_20.*",),
    "red-chalk": ("style/adainstyle_0.*", "style/adainstyle_2.*"),
}
