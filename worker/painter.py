"""The model as the worker uses it, and the adapter to `model.inference`.

No other module of the worker imports the model. It is imported when a worker starts and not with
this module, because the import takes seconds and needs PyTorch.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeAlias
from zlib import crc32

from PIL import Image

from core.errors import SetupError
from core.settings import Settings
from styling.brush import DEFAULT_BRUSH, Brush

log = logging.getLogger(__name__)

StyleCode: TypeAlias = Any
"""A style code in memory. Only the painter that returned it can read it."""


@dataclass(frozen=True)
class PaintRequest:
    """One photo, and how to stylize it."""

    photo: Image.Image
    code: StyleCode
    tau: float
    """The style strength, 0 to 1.5."""
    levels: Mapping[str, float] = field(default_factory=dict)
    """Shares of tau by level (colour, texture, structure); a level that is left out has share 1."""
    brush: Brush = DEFAULT_BRUSH
    keep_color: bool = False


@dataclass(frozen=True)
class RefinedCode:
    """A style code after some steps of refinement, in the form that is stored."""

    code: bytes
    steps: int
    """Steps that were done; fewer than asked for if the refinement was stopped."""


class RefinementUnavailableError(Exception):
    """This worker cannot refine any style, because the perceptual network cannot be loaded."""


class Painter(Protocol):
    """A loaded model."""

    @property
    def model_version(self) -> str:
        """The version of the weights. Style codes are valid for one version only."""

    @property
    def device(self) -> str:
        """The device that the model runs on, such as `cpu` or `cuda:0`."""

    def encode_style(self, picture: Image.Image) -> bytes:
        """Compute the style code of a picture, in the form that is stored."""

    @property
    def can_refine(self) -> bool:
        """Whether `refine_style` can be used: it is switched on, and its weights can be read."""

    def refine_style(
        self,
        picture: Image.Image,
        *,
        start: bytes | None,
        steps: int,
        should_stop: Callable[[], bool],
    ) -> RefinedCode:
        """Improve the style code of a picture by gradient descent.

        Args:
            picture: the style.
            start: the stored code to start from; None starts from the encoder's code.
            steps: number of steps, about a second each on two cores.
            should_stop: called before each step; when it returns True, the code so far is returned.

        Raises:
            RefinementUnavailableError: the perceptual network cannot be loaded; from then on
                `can_refine` is False.
            ValueError: the model refuses the picture or the code.
        """

    def read_code(self, data: bytes) -> StyleCode:
        """Read a stored style code.

        Raises:
            ValueError: the bytes are not a style code.
        """

    def preset_code(self, style_id: str) -> StyleCode:
        """Return the style code of a preset.

        Raises:
            KeyError: no preset has this id.
            ValueError, OSError: the presets do not belong to the loaded weights, or are missing.
        """

    def preset_ids(self) -> list[str]:
        """Return the ids of the presets. Raises ValueError or OSError as `preset_code` does."""

    def mix_codes(self, codes: Sequence[StyleCode], weights: Sequence[float]) -> StyleCode:
        """Return the weighted mean of style codes. The weights need not add up to 1."""

    def rendered_pixels(self, size: tuple[int, int], brush: Brush) -> int:
        """Return how many pixels the model renders for a photo of this width and height."""

    def paint(self, requests: Sequence[PaintRequest]) -> list[Image.Image]:
        """Stylize photos of one size together; the results have the size of the photos.

        Raises:
            ValueError: the model refuses a photo, a strength or a style code.
            MemoryError: a single photo does not fit into memory.
        """


PainterLoader: TypeAlias = Callable[[Settings], Painter]


class StylizerPainter:
    """A `Painter` that uses `model.inference.Stylizer`."""

    def __init__(self, inference: ModuleType, settings: Settings) -> None:
        """Load the weights.

        Raises:
            OSError, ValueError: the weights are missing or unreadable, or the device is unknown.
        """
        self._inference = inference
        self._stylizer = inference.Stylizer.load(
            settings.weights, device=settings.device, precision=settings.precision
        )
        self._vgg = settings.perceptual_weights
        self._can_refine = settings.refines_styles and _is_readable(
            self._vgg or inference.COMPACT_WEIGHTS
        )
        self._fitter: Any = None

    @property
    def model_version(self) -> str:
        """The version of the weights."""
        return str(self._stylizer.model_version)

    @property
    def device(self) -> str:
        """The device that the model runs on."""
        return str(self._stylizer.device)

    def encode_style(self, picture: Image.Image) -> bytes:
        """Compute the style code of a picture, in the form that is stored."""
        data: bytes = self._stylizer.style_code(picture).to_bytes()
        return data

    @property
    def can_refine(self) -> bool:
        """Whether refinement is switched on and no attempt to read its weights has failed."""
        return self._can_refine

    def refine_style(
        self,
        picture: Image.Image,
        *,
        start: bytes | None,
        steps: int,
        should_stop: Callable[[], bool],
    ) -> RefinedCode:
        """Improve the style code of a picture, on the photos that are packaged with the model."""
        result = self._loaded_fitter().fit(
            [picture],
            steps=steps,
            start=None if start is None else self.read_code(start),
            seed=0 if start is None else crc32(start),  # a resumed run draws other crops
            should_stop=should_stop,
        )
        return RefinedCode(result.code.to_bytes(), result.steps)

    def _loaded_fitter(self) -> Any:  # noqa: ANN401  # a StyleFitter; the model is imported late
        """Return the fitter, which is loaded when the first style is refined."""
        if self._fitter is None:
            if not self._can_refine:
                raise RefinementUnavailableError("the refinement is off")
            try:
                self._fitter = self._stylizer.style_fitter(self._vgg)
            except (OSError, ValueError) as error:
                self._can_refine = False
                raise RefinementUnavailableError(str(error)) from error
        return self._fitter

    def read_code(self, data: bytes) -> StyleCode:
        """Read a stored style code."""
        return self._inference.StyleCode.from_bytes(data)

    def preset_code(self, style_id: str) -> StyleCode:
        """Return the style code of a preset."""
        return self._stylizer.preset(style_id)

    def preset_ids(self) -> list[str]:
        """Return the ids of the presets."""
        return list(self._stylizer.preset_ids())

    def mix_codes(self, codes: Sequence[StyleCode], weights: Sequence[float]) -> StyleCode:
        """Return the weighted mean of style codes."""
        return self._inference.StyleCode.mix(codes, weights)

    def rendered_pixels(self, size: tuple[int, int], brush: Brush) -> int:
        """Return how many pixels the model renders for a photo of this width and height."""
        return int(self._stylizer.rendered_pixels(size, brush))

    def paint(self, requests: Sequence[PaintRequest]) -> list[Image.Image]:
        """Stylize photos of one size together."""
        results: list[Image.Image] = self._stylizer.stylize_batch(
            [request.photo for request in requests],
            [request.code for request in requests],
            [request.tau for request in requests],
            levels=[self._inference.LevelStrengths(**request.levels) for request in requests],
            brushes=[request.brush for request in requests],
            keep_colors=[request.keep_color for request in requests],
        )
        return results


def _is_readable(weights: Path) -> bool:
    """Return whether the file can be opened; the reason is logged if it cannot."""
    try:
        with weights.open("rb"):
            return True
    except OSError as error:
        log.error("own styles are not refined: %s", error)  # noqa: TRY400  # no traceback needed
        return False


def import_model() -> PainterLoader:
    """Import the model and return the function that loads its weights.

    Raises:
        SetupError: the model or PyTorch is not installed.
    """
    try:
        inference = import_module("model.inference")
    except ImportError as error:
        raise SetupError(
            f"the model is not installed ({error}): pip install 'dualtrans[all]'"
        ) from error
    return lambda settings: StylizerPainter(inference, settings)
