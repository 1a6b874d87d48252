"""Magenta's arbitrary style transfer (Ghiasi et al., 2017), as its mobile TFLite models run it."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from imaging.color import to_rgb
from model.evaluation.methods import Remembered

_PREDICTOR = "style_predict_quantized_256.tflite"
_TRANSFORMER = "style_transfer_f16_384.tflite"
STYLE_SIDE_PX = 256
SIDE_PX = 384

Numbers = NDArray[np.float32]


@runtime_checkable
class Network(Protocol):
    """One of the two models."""

    def __call__(self, *inputs: Numbers) -> Numbers:
        """Inputs are told apart by their shapes."""


class Magenta:
    """Strength mixes the style vectors of photograph and artwork.

    The models take squares, of 256 px for the style and 384 px for the photograph: pictures are
    brought to them, and the result back.
    """

    name = "Magenta"
    note = (
        f"published TFLite models, always at {SIDE_PX} x {SIDE_PX} px; "
        "strength mixes the style vector with the photograph's own"
    )
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, predictor: Network, transformer: Network) -> None:
        """`predictor`: artwork to style vector; `transformer`: photograph and vector to picture."""
        self.predictor, self.transformer = predictor, transformer
        self._style = Remembered(lambda picture: predictor(_square(picture, STYLE_SIDE_PX)))

    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """In the photograph's size."""
        style = self._style(artwork)
        if strength < 1:
            style = strength * style + (1 - strength) * self._style(photograph)
        painted = self.transformer(_square(photograph, SIDE_PX), style.astype(np.float32))
        pixels = (painted[0].clip(0, 1) * 255).round().astype(np.uint8)
        return Image.fromarray(pixels).resize(photograph.size, Image.Resampling.LANCZOS)


def _square(picture: Image.Image, side: int) -> Numbers:
    """RGB in [0, 1], channels last, a batch of one."""
    small = to_rgb(picture).resize((side, side), Image.Resampling.LANCZOS)
    pixels: Numbers = np.asarray(small).astype(np.float32)
    return pixels[None] / np.float32(255)


class _TfliteModel:
    """One file, on as many threads as torch has."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415  # of an extra

        self.interpreter: Any = Interpreter(
            model_path=str(path), num_threads=torch.get_num_threads()
        )
        self.interpreter.allocate_tensors()
        self.places = {
            tuple(place["shape"]): place["index"] for place in self.interpreter.get_input_details()
        }
        self.output = self.interpreter.get_output_details()[0]["index"]

    def __call__(self, *inputs: Numbers) -> Numbers:
        for given in inputs:
            self.interpreter.set_tensor(self.places[given.shape], given)
        self.interpreter.invoke()
        result: Numbers = self.interpreter.get_tensor(self.output)
        return result


def load_magenta(folder: Path) -> Magenta:
    """Read both models.

    Raises:
        ValueError: a file is missing, or the package that runs them is.
    """
    try:
        return Magenta(_TfliteModel(folder / _PREDICTOR), _TfliteModel(folder / _TRANSFORMER))
    except ImportError as error:
        raise ValueError("Magenta's models need: pip install 'dualtrans[evaluation]'") from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{folder} does not hold Magenta's models: {reason}") from error
