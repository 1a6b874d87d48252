"""Generates `docs/pictures.md`: results of 1600 px, in their own pixels and at the size of a phone.

The photos are the two scenes that this project renders.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from app.styles.presets import included_presets
from art.landscape.scene import draw_landscape
from art.still_life.scene import draw_still_life
from model.contact_sheet import contact_sheet
from model.inference import Stylizer
from styling.brush import DEFAULT_BRUSH, Brush

SIZE_PX = (1600, 1200)
CROP_PX = (480, 360)
PHONE_PX = (390, 292)
"""The width of a phone's screen in logical pixels, and the height of a result on it."""
QUALITY = 85
STYLES = (
    "nixi-black-pottery",
    "great-wave",
    "van-gogh-haystacks",
    "monet-water-lilies",
    "carved-red-lacquer",
    "red-chalk",
)
BRUSH_STYLES = ("van-gogh-haystacks", "great-wave")
_COLUMNS = 4


@dataclass(frozen=True)
class Scene:
    """A rendered photo, and the part of it that is shown in its own pixels."""

    name: str
    draw: Callable[[int, int], Image.Image]
    corner: tuple[float, float]
    """The upper left corner of the part, as shares of width and height."""
    description: str

    def crop(self, picture: Image.Image) -> Image.Image:
        """Return the part, in pixels of the picture."""
        left, top = (round(x * side) for x, side in zip(self.corner, picture.size, strict=True))
        return picture.crop((left, top, left + CROP_PX[0], top + CROP_PX[1]))


SCENES = (
    Scene("still-life", draw_still_life, (0.36, 0.3), "the side of the black pot"),
    Scene("landscape", draw_landscape, (0.34, 0.05), "a mountain under a sky with clouds"),
)


def save_large_pictures(stylizer: Stylizer, docs: Path) -> list[Path]:
    """Write `pictures.md` to the folder `docs` and the sheets to its folder `pictures`.

    Raises:
        KeyError: a preset has no stored code.
    """
    strengths = {preset.entry.id: preset.entry.default_tau for preset in included_presets()}
    folder = docs / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for scene in SCENES:
        photo = scene.draw(*SIZE_PX)
        for name, sheet in _sheets(stylizer, scene, photo, strengths).items():
            path = folder / f"{name}.jpg"
            sheet.save(path, quality=QUALITY, optimize=True)
            paths.append(path)
    page = docs / "pictures.md"
    page.write_text(_page(strengths), encoding="utf-8")
    return [*paths, page]


def _sheets(
    stylizer: Stylizer, scene: Scene, photo: Image.Image, strengths: Mapping[str, float]
) -> dict[str, Image.Image]:
    """Return the three sheets of a scene by file name."""
    medium = {
        style_id: stylizer.stylize(photo, stylizer.preset(style_id), strengths[style_id])
        for style_id in tqdm(STYLES, desc=scene.name, unit="result")
    }
    brushes = [
        [
            medium[style_id]
            if brush == DEFAULT_BRUSH
            else stylizer.stylize(
                photo, stylizer.preset(style_id), strengths[style_id], brush=brush
            )
            for brush in Brush
        ]
        for style_id in BRUSH_STYLES
    ]
    pictures = [photo, *medium.values()]
    rows = [pictures[start : start + _COLUMNS] for start in range(0, len(pictures), _COLUMNS)]
    return {
        f"{scene.name}-pixels": contact_sheet(
            [[scene.crop(picture) for picture in row] for row in rows], CROP_PX
        ),
        f"{scene.name}-phone": contact_sheet(rows, PHONE_PX),
        f"{scene.name}-brushes": contact_sheet(
            [[scene.crop(picture) for picture in row] for row in brushes], CROP_PX
        ),
    }


def _page(strengths: Mapping[str, float]) -> str:
    styles = "".join(
        f"| {number} | `{style_id}` | {strengths[style_id]:g} |\n"
        for number, style_id in enumerate(STYLES, 2)
    )
    brush_styles = " and ".join(f"`{style_id}`" for style_id in BRUSH_STYLES)
    brushes = ", ".join(Brush)
    sections = "".join(_scene_section(scene, brush_styles, brushes) for scene in SCENES)
    return f"""# Large pictures

Results of {SIZE_PX[0]} x {SIZE_PX[1]} px, made from two photos that the programs in
[art/](../art/README.md) render. `python -m art pictures` writes this page and its sheets with the
included weights and style codes.

The sheets show seven pictures, from left to right and from top to bottom:

| picture | style | strength (`tau`) |
|---|---|---|
| 1 | the photo | |
{styles}
The strength is that of the style in the service.
{sections}"""


def _scene_section(scene: Scene, brush_styles: str, brushes: str) -> str:
    title = scene.name.replace("-", " ").capitalize()
    width, height = CROP_PX
    return f"""
## {title}

A part of {width} x {height} px in its own pixels: {scene.description}.

![{title} and six results, a part in its own pixels](pictures/{scene.name}-pixels.jpg)

The whole picture, {PHONE_PX[0]} px wide as on a phone:

![{title} and six results at the size of a phone](pictures/{scene.name}-phone.jpg)

The same part with the brushes {brushes}, from left to right; the rows are {brush_styles}:

![{title} in two styles with three brushes](pictures/{scene.name}-brushes.jpg)
"""
