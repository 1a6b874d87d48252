"""The public API of the model: `Stylizer` takes Pillow pictures and returns Pillow pictures.

Shapes: H x W pixels, R regions, L style levels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model.checkpoint import load_generator
from model.config import CODE_VIEW_SCALE
from model.fitting.fitter import FitProgress, FitResult, StyleFitter
from model.fitting.photos import packaged_photos
from model.machine import (
    Precision,
    available_memory_bytes,
    choose_device,
    choose_precision,
    reuse_freed_memory,
)
from model.multiscale import Size, render_multiscale, rendering_sizes, size_of
from model.network.generator import Generator
from model.network.style_control import StyleCodes
from model.palette import match_palette
from model.perceptual.compact import COMPACT_WEIGHTS
from model.perceptual.loading import load_perceptual_network
from model.pictures import check_side, to_picture, to_tensor
from model.style_code import StyleCode, StyleView, read_presets
from styling.brush import DEFAULT_BRUSH, Brush
from styling.strength import DEFAULT_STRENGTH, Strength, checked_strength

__all__ = [
    "COMPACT_WEIGHTS",
    "PRESETS",
    "WEIGHTS",
    "FitProgress",
    "FitResult",
    "LevelStrengths",
    "StyleCode",
    "StyleFitter",
    "Stylizer",
    "load_perceptual_network",
]

WEIGHTS = Path(__file__).parent / "weights" / "dualtrans.safetensors"
PRESETS = Path(__file__).parent / "weights" / "presets.safetensors"

VIEW_SIDES_PX = (128, 256, 512)
"""The views of a style code that is computed from a picture."""
# Bounds of the peak in fp32, from `python -m benchmarks.memory`:
_BYTES_PER_RENDERED_PIXEL = 185  # panoramas of 8192 x 1024 and 12288 x 768 px
_BYTES_PER_RESULT_PIXEL = 140  # 4096 x 4096 px with `keep_color`, which needs 50 more than without
_BAND_BYTES = 300 * 2**20
_CORRECTED_BELOW = 0.25
"""Below this strength the result moves to the photo itself. No default strength is so low, and the
photo is rendered twice there."""


@dataclass(frozen=True)
class LevelStrengths:
    """The share of the style strength that each style level gets; 1 is the full strength.

    Each level controls features of a different size.
    """

    colour: float = 1.0
    """At 1/4 and finer: palette, contrast, the finest strokes."""
    texture: float = 1.0
    """At 1/8, and for the style tokens."""
    structure: float = 1.0
    """At 1/16: large forms."""

    def strengths(self, tau: Strength) -> list[Strength]:
        """Return `tau` times each share, the finest level first.

        Raises:
            ValueError: a product is not in the range of the style strength.
        """
        return [self._strength(tau, name) for name in ("colour", "texture", "structure")]

    def _strength(self, tau: Strength, name: str) -> Strength:
        share: float = getattr(self, name)
        try:
            return checked_strength(tau * share)
        except ValueError as error:
            raise ValueError(f"tau {tau:g} times {name} {share:g}: {error}") from error


class Stylizer:
    """A loaded generator.

        stylizer = Stylizer.load()
        code = stylizer.style_code(Image.open("artwork.jpg"))
        stylizer.stylize(Image.open("photo.jpg"), code, tau=0.8).save("result.jpg")

    Deterministic: the same photos and style codes give the same results.

    In this API, `tau` is the style strength (the paper's control factor, as in the service's API),
    not a style code.
    """

    def __init__(
        self, generator: Generator, version: str, device: torch.device, precision: Precision
    ) -> None:
        """Use `Stylizer.load` instead."""
        self.generator = generator
        self.model_version = version
        self.device = device
        self.precision = precision
        self._presets: dict[str, StyleCode] | None = None

    @classmethod
    def load(
        cls,
        weights: Path | None = None,
        *,
        device: str | None = None,
        precision: str | None = None,
    ) -> "Stylizer":
        """Load a generator once, for any number of calls.

        Args:
            weights: a file written by `model.checkpoint`; default: the released weights.
            device: "cpu", "cuda" or "cuda:1"; default: a GPU if there is one.
            precision: "fp32" or "bf16"; default: the faster one on this machine.

        Raises:
            FileNotFoundError: the weights do not exist.
            ValueError: the file is not a weights file, or the device or precision is unknown or
            not available.
        """
        reuse_freed_memory()
        chosen = choose_device(device)
        generator, version = load_generator(weights or WEIGHTS)
        return cls(generator.to(chosen), version, chosen, choose_precision(precision, chosen))

    # Style codes

    def style_code(self, pictures: Image.Image | Sequence[Image.Image]) -> StyleCode:
        """Return the style code of an artwork, or the mean code of several artworks.

        Raises:
            ValueError: there are no pictures, or a side of one is under 64 px.
        """
        artworks = [pictures] if isinstance(pictures, Image.Image) else list(pictures)
        if not artworks:
            raise ValueError("a style code needs at least one picture, 0 were given")
        codes = [self._style_code_of(artwork) for artwork in artworks]
        return StyleCode.mix(codes, [1.0] * len(codes))

    def fit_style_code(
        self,
        pictures: Sequence[Image.Image],
        photos: Sequence[Image.Image] | None = None,
        *,
        perceptual_weights: Path | None = None,
        steps: int = 60,
        start: StyleCode | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        report: Callable[[FitProgress], None] = lambda _: None,
    ) -> FitResult:
        """Return a better style code of artworks of one style, found by gradient descent.

        Args:
            pictures: the artworks.
            photos: photos to render during the fit; default: those that the model contains.
            perceptual_weights: VGG-19, normalised or torchvision's, for a better fit;
                default: the compact perceptual network, whose weights are included.
            steps: number of gradient steps, about a second each on two cores.
            start: the code to start with; default: the code that the style controller computes.
            should_stop: called before each step. When it returns True, the fit ends.
            report: called after each step.

        Raises:
            ValueError: a picture or `start` cannot be used, or the file has other content.
            OSError: the file cannot be read.
        """
        fitter = self.style_fitter(perceptual_weights, photos)
        return fitter.fit(
            pictures, steps=steps, start=start, should_stop=should_stop, report=report
        )

    def style_fitter(
        self,
        perceptual_weights: Path | None = None,
        photos: Sequence[Image.Image] | None = None,
    ) -> StyleFitter:
        """Return the fitter that `fit_style_code` uses, to fit several styles.

        Raises:
            ValueError, OSError: as `fit_style_code`.
        """
        perceptual = load_perceptual_network(perceptual_weights, self.device)
        return StyleFitter(self, perceptual, photos or packaged_photos())

    def preset(self, style_id: str) -> StyleCode:
        """Return the style code of a preset.

        Raises:
            KeyError: no preset has this id.
            ValueError: the presets file is of another model version than these weights.
        """
        return self._read_presets()[style_id]

    def preset_ids(self) -> list[str]:
        """Return the ids of the presets, sorted.

        Raises:
            ValueError: the presets file is of another model version than these weights.
        """
        return list(self._read_presets())

    # Results

    def stylize(
        self,
        picture: Image.Image,
        code: StyleCode,
        tau: Strength = DEFAULT_STRENGTH,
        *,
        levels: LevelStrengths = LevelStrengths(),
        brush: Brush = DEFAULT_BRUSH,
        keep_color: bool = False,
    ) -> Image.Image:
        """Render one photo in a style.

        Args:
            picture: the photo, at least 64 px per side. The result has the same size.
            code: from `style_code`, `preset` or `StyleCode.mix`.
            tau: the style strength, from 0 (the photo) over 1 (the style as trained) to 1.5.
            levels: shares of `tau` for colour, texture and structure; `tau` times a share must
                also be from 0 to 1.5.
            brush: the size of the strokes.
            keep_color: give the result the palette of the photo (mean and covariance of its
                colours).

        Raises:
            ValueError: a side is under 64 px, `tau` or its product with a share is out of range,
                or the code is of another model version.
            MemoryError: the photo is too large for this machine.
        """
        return self.stylize_batch(
            [picture],
            [code],
            [tau],
            levels=[levels],
            brushes=[brush],
            keep_colors=[keep_color],
        )[0]

    def rendered_pixels(self, size: tuple[int, int], brush: Brush = DEFAULT_BRUSH) -> int:
        """Return how many pixels the generator renders for a photo, at all sizes together.

        The time of `stylize` is about proportional to it, and not to the pixels of the photo.

        Args:
            size: width and height of the photo in px, at least 64 per side.
            brush: the size of the strokes.
        """
        width, height = size
        return sum(h * w for h, w in rendering_sizes((height, width), brush.scale))

    def stylize_regions(
        self,
        picture: Image.Image,
        codes: tuple[StyleCode, StyleCode],
        mask: Image.Image,
        tau: Strength = DEFAULT_STRENGTH,
        *,
        brush: Brush = DEFAULT_BRUSH,
    ) -> Image.Image:
        """Render one photo in two styles that a mask separates.

        Args:
            picture: the photo, at least 64 px per side. The result has the same size.
            codes: the styles of the black and of the white areas of the mask.
            mask: of any size and mode. It is converted to grey and resized to the photo; grey
                blends both styles.
            tau: the style strength of both styles, 0 to 1.5.
            brush: the size of the strokes of both styles.

        Raises:
            ValueError: as `stylize`.
            MemoryError: the photo is too large for this machine.
        """
        photo = to_rgb(picture)
        self._check_inputs([photo] * 2, codes, [tau] * 2, [LevelStrengths()] * 2)
        try:
            self._check_memory([photo] * 2, brush)
            return self._run_regions(photo, codes, brush, mask, tau)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise MemoryError(_out_of_memory_message(picture, error)) from error

    def stylize_batch(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        taus: Sequence[Strength],
        *,
        levels: Sequence[LevelStrengths] | None = None,
        brushes: Sequence[Brush] | None = None,
        keep_colors: Sequence[bool] | None = None,
    ) -> list[Image.Image]:
        """Render photos of one size together; styles, strengths and brushes may differ.

        Photos with one brush share their forward passes. A batch that does not fit into memory is
        halved until it fits. The arguments are those of `stylize`, one per photo.

        Raises:
            ValueError: as `stylize`, or the photos differ in size, or the lists in length.
            MemoryError: a single photo does not fit.
        """
        count = len(pictures)
        keep = list(keep_colors) if keep_colors is not None else [False] * count
        sizes = list(brushes) if brushes is not None else [DEFAULT_BRUSH] * count
        shares = list(levels) if levels is not None else [LevelStrengths()] * count
        self._check_inputs(pictures, codes, taus, shares, brushes=sizes, keep_colors=keep)
        strengths = [share.strengths(tau) for share, tau in zip(shares, taus, strict=True)]
        results: list[Image.Image] = list(pictures)
        for brush in dict.fromkeys(sizes):  # photos with one brush share forward passes
            chosen = [index for index, size in enumerate(sizes) if size == brush]
            rendered = self._run_or_halve(
                [to_rgb(pictures[index]) for index in chosen],
                [codes[index] for index in chosen],
                [strengths[index] for index in chosen],
                brush,
            )
            for index, result in zip(chosen, rendered, strict=True):
                results[index] = match_palette(result, pictures[index]) if keep[index] else result
        return results

    # Checks

    def _check_inputs(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        taus: Sequence[Strength],
        levels: Sequence[LevelStrengths],
        **others: Sequence[Any],
    ) -> None:
        lists = {"pictures": pictures, "codes": codes, "taus": taus, "levels": levels, **others}
        if len({len(items) for items in lists.values()}) > 1 or not pictures:
            counts = ", ".join(f"{len(items)} {name}" for name, items in lists.items())
            raise ValueError(f"the lists differ in length or are empty: {counts}")
        sizes = {picture.size for picture in pictures}
        if len(sizes) > 1:
            raise ValueError(
                f"the pictures of a batch must have one size, these have {len(sizes)}: "
                f"{sorted(sizes)}"
            )
        check_side(pictures[0])
        for tau, shares in zip(taus, levels, strict=True):
            checked_strength(tau)
            shares.strengths(tau)  # raises if a product is out of range
        for code in codes:
            self.check_version(code)

    def check_version(self, code: StyleCode) -> None:
        """Raise ValueError if the code is of another model version."""
        if code.model_version != self.model_version:
            raise ValueError(
                f"the style code is of model {code.model_version}, this is {self.model_version}"
            )

    def _check_memory(self, photos: Sequence[Image.Image], brush: Brush) -> None:
        """Raise MemoryError on a CPU with too little free memory.

        Without this check the operating system would kill the process.
        """
        if self.device.type != "cpu":
            return
        width, height = photos[0].size
        rendered = max(h * w for h, w in rendering_sizes((height, width), brush.scale))
        per_photo = rendered * _BYTES_PER_RENDERED_PIXEL + width * height * _BYTES_PER_RESULT_PIXEL
        needed = len(photos) * per_photo + _BAND_BYTES
        free = available_memory_bytes()
        if free is not None and needed > free:
            raise MemoryError(
                f"{needed / 2**30:.1f} GiB are needed and {free / 2**30:.1f} GiB are free"
            )

    # Forward passes

    def _run_or_halve(
        self,
        photos: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        strengths: Sequence[Sequence[Strength]],
        brush: Brush,
    ) -> list[Image.Image]:
        try:
            self._check_memory(photos, brush)
            return self._run(photos, codes, strengths, brush)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if len(photos) == 1:
                raise MemoryError(_out_of_memory_message(photos[0], error)) from error
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        half = len(photos) // 2
        return [
            *self._run_or_halve(photos[:half], codes[:half], strengths[:half], brush),
            *self._run_or_halve(photos[half:], codes[half:], strengths[half:], brush),
        ]

    @torch.inference_mode()
    def _run(
        self,
        photos: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        strengths: Sequence[Sequence[Strength]],
        brush: Brush,
    ) -> list[Image.Image]:
        batch = torch.stack([to_tensor(photo) for photo in photos]).to(self.device)
        strength = torch.tensor(strengths, dtype=torch.float32, device=self.device)
        sizes = rendering_sizes(size_of(batch), brush.scale)
        content_codes = self.content_codes(photos)

        def render(level: Float[Tensor, "B 3 h w"]) -> Float[Tensor, "B 3 h w"]:
            views = self._stack_views(codes, level, brush)
            style_codes = content_codes.moved_towards(views, strength)
            with self.autocast():
                return self.generator(level, content_codes, style_codes)

        largest = strength.amax(dim=1)
        results = render_multiscale(batch, sizes, render, largest)
        results = self._corrected(results, batch, content_codes, largest, sizes)
        return [to_picture(result) for result in results]

    @torch.inference_mode()
    def _run_regions(
        self,
        photo: Image.Image,
        codes: Sequence[StyleCode],
        brush: Brush,
        mask: Image.Image,
        tau: Strength,
    ) -> Image.Image:
        strength = torch.full((len(codes), 1), tau, device=self.device)
        batch = to_tensor(photo)[None].to(self.device)
        shares = _mask_shares(mask, photo.size).to(self.device)
        sizes = rendering_sizes(size_of(batch), brush.scale)
        content_code = self.content_codes([photo])

        def render(level: Float[Tensor, "1 3 h w"]) -> Float[Tensor, "R 3 h w"]:
            views = self._stack_views(codes, level, brush)
            style_codes = content_code.moved_towards(views, strength)
            with self.autocast():
                return self.generator.render_styles(level, content_code, style_codes)

        results = render_multiscale(batch, sizes, render, strength[:, 0]).clamp(-1, 1)
        result = torch.einsum("rchw,rhw->chw", results, shares)[None]
        result = self._corrected(result, batch, content_code, strength[:1, 0], sizes)
        return to_picture(result[0])

    def _corrected(
        self,
        results: Float[Tensor, "B 3 H W"],
        photos: Float[Tensor, "B 3 H W"],
        content_codes: StyleCodes,
        strength: Float[Tensor, " B"],
        sizes: Sequence[Size],
    ) -> Float[Tensor, "B 3 H W"]:
        """Subtract the error of the network at strength 0 from results of a low strength.

        The share of the error that is subtracted falls from 1 at strength 0, where the result is
        the photo, to 0 at `_CORRECTED_BELOW`, so the result is continuous in the strength.
        """
        share = (1 - strength / _CORRECTED_BELOW).clamp_min(0)
        low = share.nonzero()[:, 0]
        if not len(low):
            return results
        codes = StyleCodes(content_codes.levels[low], content_codes.tokens[low])

        def render(level: Float[Tensor, "B 3 h w"]) -> Float[Tensor, "B 3 h w"]:
            with self.autocast():
                return self.generator(level, codes, codes)

        unchanged = render_multiscale(photos[low], sizes, render, torch.zeros_like(share[low]))
        corrected = results.clamp(-1, 1)
        corrected[low] -= share[low, None, None, None] * (unchanged.clamp(-1, 1) - photos[low])
        return corrected

    def content_codes(self, photos: Sequence[Image.Image]) -> StyleCodes:
        """Return the style codes of RGB photos themselves; strength 0 renders with them."""
        side = self._style_side
        return self._encode_style(
            [_resize_for_style(photo, min(side, *photo.size)) for photo in photos]
        )

    @torch.inference_mode()
    def _style_code_of(self, artwork: Image.Image) -> StyleCode:
        check_side(artwork)
        picture = to_rgb(artwork)
        return StyleCode(
            tuple(self._view_of(picture, side_px) for side_px in VIEW_SIDES_PX),
            self.model_version,
        )

    def _view_of(self, artwork: Image.Image, side_px: int) -> StyleView:
        """Return the code of one view.

        A view that is not larger than the artwork is resized in two steps, as the style crops are
        in training. Without the first step an artwork of 256 px was seen more sharply than any
        crop, and its code gave a style distance of 0.051 to 0.052 instead of 0.030 to 0.039.
        """
        if side_px <= min(artwork.size):
            crop = _resize_for_style(artwork, round(side_px / CODE_VIEW_SCALE))
            view = _resize_for_style(crop, side_px, Image.Resampling.BILINEAR)
        else:
            view = _resize_for_style(artwork, side_px)
        codes = self._encode_style([view])
        return StyleView(side_px, codes.levels[0].float().cpu(), codes.tokens[0].float().cpu())

    def _encode_style(self, pictures: Sequence[Image.Image]) -> StyleCodes:
        batch = torch.stack([to_tensor(picture) for picture in pictures])
        with self.autocast():
            return self.generator.encode_style(batch.to(self.device))

    def _stack_views(
        self, codes: Sequence[StyleCode], photos: Float[Tensor, "B 3 h w"], brush: Brush
    ) -> StyleCodes:
        """Return the view of each code that fits the size at which the photos are rendered.

        A brush renders at another size than medium, and uses the same view. A view that grew with
        this size would change the strokes in px, and so cancel the effect of the brush.
        """
        side_px = CODE_VIEW_SCALE * brush.scale * min(photos.shape[2:])
        views = [code.at(side_px) for code in codes]
        return StyleCodes(
            torch.stack([view.levels for view in views]).to(self.device),
            torch.stack([view.tokens for view in views]).to(self.device),
        )

    @property
    def _style_side(self) -> int:
        return self.generator.config.style_side

    def autocast(self) -> torch.autocast:
        """Return the context in which the generator computes with this precision."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def _read_presets(self) -> dict[str, StyleCode]:
        if self._presets is None:
            self._presets = read_presets(PRESETS, self.model_version)
        return self._presets


def _out_of_memory_message(picture: Image.Image, error: BaseException) -> str:
    first_line = str(error).partition("\n")[0]
    return (
        f"a picture of {picture.width} x {picture.height} px does not fit into memory: {first_line}"
    )


def _mask_shares(mask: Image.Image, size: tuple[int, int]) -> Float[Tensor, "R H W"]:
    """Return the shares of black and of white at each pixel; they sum to 1."""
    grey = mask.convert("L").resize(size, Image.Resampling.BILINEAR)
    white = torch.from_numpy(np.asarray(grey, dtype=np.float32) / 255)
    return torch.stack([1 - white, white])


def _resize_for_style(
    picture: Image.Image, side: int, resampling: Image.Resampling = Image.Resampling.BICUBIC
) -> Image.Image:
    """Return the picture with a short side of `side` px and a long side of at most 4 x `side`."""
    scale = side / min(picture.size)
    width, height = (min(round(edge * scale), 4 * side) for edge in picture.size)
    if (width, height) == picture.size:
        return picture
    return picture.resize((width, height), resampling, reducing_gap=3)
