"""`StyleFitter` improves the style code of one style by gradient descent.

The style controller computes a code in one pass, and codes that paint the style better exist
nearby. Only the code is changed: the generator stays as it is, so a fitted code costs nothing when
it is used. The same is known of the encoders of GAN inversion as the amortisation gap.

Shapes: V views, L style levels, S style tokens, W channels of a style code, B crops, P photos.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from model.config import CODE_VIEW_SCALE
from model.contrast_placement import place_contrast
from model.fitting.photos import CROP_PX, FittingPhoto, prepare_photos
from model.fitting.targets import SIDES_PX, StyleTargets, pooled_statistics
from model.losses import instance_normalise_features
from model.network.style_control import StyleCodes
from model.perceptual.network import PerceptualNetwork
from model.style_code import StyleCode, StyleView, interpolation_weights

if TYPE_CHECKING:
    from model.inference import Stylizer

_STYLE_WEIGHT = 10.0
_RATE = 0.05  # of the deviation of the code
_CROPS_PER_STEP = 3
_CHECK_SIDES_PX = (384, 384, 384, 512)
"""Sides at which held-out photos are rendered for the figures, one photo each."""
_STEPS_BETWEEN_CHECKS = 40


@dataclass(frozen=True)
class Figures:
    """What the held-out photos say of a code, in the units of `model.metrics`.

    Figures of the compact network approximate those of VGG-19.
    """

    style: float
    content: float

    @property
    def objective(self) -> float:
        """The loss that the fit minimises."""
        return _STYLE_WEIGHT * self.style + self.content


@dataclass(frozen=True)
class FitProgress:
    """The state of a fit after a step."""

    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class FitResult:
    """A fitted code."""

    code: StyleCode
    steps: int
    """Steps that were done; fewer than asked for if the fit was stopped."""
    before: Figures
    after: Figures
    """Figures on held-out photos, of the code at the start and of the returned code. The perceptual
    network of the fit measures them."""
    perceptual: str
    """Name of this network, `compact` or `vgg19`."""


class StyleFitter:
    """Fits style codes for one generator on one set of photos."""

    def __init__(
        self,
        stylizer: "Stylizer",
        perceptual: PerceptualNetwork,
        photos: Sequence[Image.Image],
    ) -> None:
        """Compute the content codes of the photos.

        Args:
            stylizer: the generator and its style controller.
            perceptual: measures style and content, on the device of the generator. It is
                differentiable in its pictures.
            photos: at least 5. Four of them are held out: they measure the code and do not change
                it.

        Raises:
            ValueError: there are fewer than 5 photos, or a side of one is under 64 px.
        """
        if len(photos) <= len(_CHECK_SIDES_PX):
            raise ValueError(
                f"a fit needs at least {len(_CHECK_SIDES_PX) + 1} photos, {len(photos)} were given"
            )
        self._stylizer, self._perceptual = stylizer, perceptual
        prepared = prepare_photos(stylizer, photos)
        count = len(_CHECK_SIDES_PX)
        self._held_out, self._photos = prepared[:count], prepared[count:]

    def fit(
        self,
        artworks: Sequence[Image.Image],
        *,
        steps: int,
        start: StyleCode | None = None,
        seed: int = 0,
        should_stop: Callable[[], bool] = lambda: False,
        report: Callable[[FitProgress], None] = lambda _: None,
    ) -> FitResult:
        """Return a better style code for artworks of one style.

        Args:
            artworks: the pictures of the style; several are fitted to their mean statistics.
            steps: number of gradient steps, about a second each on two cores.
            start: the code to start with, with the views of `Stylizer.style_code`; default: the
                code that the style controller computes.
            seed: seed of the order of photos and of the crops.
            should_stop: called before each step. When it returns True, the fit ends.
            report: called after each step.

        Returns:
            The best code that was seen. It is `start` if no step improved it.

        Raises:
            ValueError: there are no artworks, a side of one is under 64 px, or `start` is of
                another model version.
        """
        code = start or self._stylizer.style_code(artworks)
        self._stylizer.check_version(code)
        targets = StyleTargets(self._perceptual, artworks)
        before = best = self._measure(code, targets)
        best_code, done = code, 0
        trial = _TrainableCode(code, self._stylizer.device)
        for crops in self._draw_crops(steps, seed):
            if should_stop():
                break
            loss = self._loss(trial, targets, crops)
            trial.step(loss, _RATE * _rate_share(done, steps))
            done += 1
            report(FitProgress(done, steps, loss.item()))
            if done % _STEPS_BETWEEN_CHECKS == 0 and done < steps:
                best_code, best = self._better(best_code, best, trial, targets)
        if done:
            best_code, best = self._better(best_code, best, trial, targets)
        return FitResult(best_code, done, before, best, self._perceptual.name)

    def _better(
        self, best_code: StyleCode, best: Figures, trial: "_TrainableCode", targets: StyleTargets
    ) -> tuple[StyleCode, Figures]:
        """Return the trial code and its figures if they are better, else the best so far."""
        code = trial.to_code()
        figures = self._measure(code, targets)
        return (code, figures) if figures.objective < best.objective else (best_code, best)

    def _draw_crops(self, steps: int, seed: int) -> Iterator["_Crops"]:
        random = np.random.default_rng(seed)
        for _ in range(steps):
            side_px = int(random.choice(SIDES_PX))
            crops_per_photo = _CROPS_PER_STEP if side_px > 2 * CROP_PX else 1
            count = _CROPS_PER_STEP // crops_per_photo
            chosen = random.choice(len(self._photos), count, replace=count > len(self._photos))
            photos = [self._photos[index] for index in chosen for _ in range(crops_per_photo)]
            yield _Crops(
                side_px,
                crops_per_photo,
                torch.stack([photo.crop(side_px, random) for photo in photos]).to(
                    self._stylizer.device
                ),
                _content_codes(photos),
            )

    def _loss(
        self, trial: "_TrainableCode", targets: StyleTargets, crops: "_Crops"
    ) -> Float[Tensor, ""]:
        """Return the style loss of each photo plus the content loss of each crop.

        A large photo has several crops, and the statistics are pooled over them: its sky may stay
        calm where another part has the style's texture.
        """
        codes = trial.at(CODE_VIEW_SCALE * crops.side_px, len(crops.pictures))
        with self._stylizer.autocast():
            results = self._stylizer.generator(crops.pictures, crops.content_codes, codes)
        strength = crops.pictures.new_ones(len(crops.pictures))
        results = place_contrast(results.float(), crops.pictures, strength, side_px=crops.side_px)
        style, content = self._distances(
            results, crops.pictures, targets, crops.side_px, crops.crops_per_photo
        )
        return _STYLE_WEIGHT * style + content

    def _distances(
        self,
        results: Float[Tensor, "B 3 H W"],
        photos: Float[Tensor, "B 3 H W"],
        targets: StyleTargets,
        side_px: int,
        crops_per_photo: int = 1,
    ) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Return style distance and content distance, as in `model.metrics`."""
        perceptual = self._perceptual
        taps, statistics = pooled_statistics(perceptual, results, crops_per_photo)
        with torch.no_grad():
            photo_taps = perceptual(perceptual.cast(photos))
        result, photo = (instance_normalise_features(each[-1]) for each in (taps, photo_taps))
        return targets.distance(statistics, side_px), (result - photo).square().mean()

    @torch.no_grad()
    def _measure(self, code: StyleCode, targets: StyleTargets) -> Figures:
        styles, contents = [], []
        device = self._stylizer.device
        for photo, side_px in zip(self._held_out, _CHECK_SIDES_PX, strict=True):
            picture = photo.resized(side_px)[None].to(device)
            view = code.at(CODE_VIEW_SCALE * side_px)
            style_code = StyleCodes(view.levels[None].to(device), view.tokens[None].to(device))
            with self._stylizer.autocast():
                result = self._stylizer.generator(picture, photo.content_code, style_code)
            result = place_contrast(result.float().clamp(-1, 1), picture, picture.new_ones(1))
            style, content = self._distances(result, picture, targets, side_px)
            styles.append(float(style))
            contents.append(float(content))
        return Figures(float(np.mean(styles)), float(np.mean(contents)))


@dataclass(frozen=True)
class _Crops:
    """The input of one step."""

    side_px: int
    """Short side of the photos that the crops are parts of."""
    crops_per_photo: int
    pictures: Float[Tensor, "B 3 H W"]
    content_codes: StyleCodes


class _TrainableCode:
    """A style code with a common part and a part of each view, and their optimiser.

    Every step changes the common part, so the views help each other.
    """

    def __init__(self, code: StyleCode, device: torch.device) -> None:
        self._version = code.model_version
        self._sides_px = code.sides_px
        self._starts = [
            torch.stack([view.levels for view in code.views]).to(device),
            torch.stack([view.tokens for view in code.views]).to(device),
        ]
        self._changes = [
            [
                torch.zeros_like(start[:1], requires_grad=True),
                torch.zeros_like(start, requires_grad=True),
            ]
            for start in self._starts
        ]
        self._optimiser = torch.optim.Adam(
            {"params": changes, "deviation": float(start.std())}
            for start, changes in zip(self._starts, self._changes, strict=True)
        )

    def step(self, loss: Float[Tensor, ""], rate: float) -> None:
        """Change the code by about `rate` times its deviation."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group["deviation"]
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # in torch
        self._optimiser.step()

    def at(self, side_px: float, count: int) -> StyleCodes:
        """Return the code of a view, `count` times."""
        weights = self._starts[0].new_tensor(interpolation_weights(self._sides_px, side_px))
        levels, tokens = (
            torch.einsum("v,vnw->nw", weights, part).expand(count, -1, -1) for part in self._parts()
        )
        return StyleCodes(levels, tokens)

    def to_code(self) -> StyleCode:
        with torch.no_grad():
            levels, tokens = (part.cpu().clone() for part in self._parts())
        return StyleCode(tuple(map(StyleView, self._sides_px, levels, tokens)), self._version)

    def _parts(self) -> list[Float[Tensor, "V _ W"]]:
        return [
            start + sum(changes) for start, changes in zip(self._starts, self._changes, strict=True)
        ]


def _content_codes(photos: Sequence[FittingPhoto]) -> StyleCodes:
    return StyleCodes(
        torch.cat([photo.content_code.levels for photo in photos]),
        torch.cat([photo.content_code.tokens for photo in photos]),
    )


def _rate_share(step: int, steps: int) -> float:
    """Return 1 in the first half of the steps, then a linear fall to nearly 0."""
    return min(1.0, 2 * (steps - step) / steps)
