"""Magenta's arbitrary style transfer (Ghiasi et al., 2017) with its published TFLite models."""

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from imaging.color import to_rgb
from model.evaluation.methods import PictureCache

_PREDICTOR = "style_predict_quantized_256.tflite"
_TRANSFORMER = "style_transfer_f16_384.tflite"
STYLE_SIDE_PX = 256
SIDE_PX = 384

FloatArray = NDArray[np.float32]


@runtime_checkable
class Network(Protocol):
    """One of the two models."""

    def __call__(self, *inputs: FloatArray) -> FloatArray:
        """Run the model. Inputs are assigned by their shapes."""


class Magenta:
    """Magenta. The strength interpolates between the style vectors of photo and artwork.

    The models accept only squares, of 256 px for the style and 384 px for the photo: pictures are
    resized to them, and the result is resized back.
    """

    name = "Magenta"
    note = (
        f"published TFLite models, always at {SIDE_PX} x {SIDE_PX} px; "
        "strength interpolates from the photo's own style vector to the artwork's"
    )
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)

    def __init__(self, predictor: Network, transformer: Network) -> None:
        """Use the two models.

        Args:
            predictor: artwork -> style vector.
            transformer: photo, style vector -> result.
        """
        self.predictor, self.transformer = predictor, transformer
        self._style_vector = PictureCache(
            lambda picture: predictor(_to_square(picture, STYLE_SIDE_PX))
        )

    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Return the result in the size of the photo."""
        style = self._style_vector(artwork)
        if strength < 1:
            style = strength * style + (1 - strength) * self._style_vector(photo)
        result = self.transformer(_to_square(photo, SIDE_PX), style.astype(np.float32))
        pixels = (result[0].clip(0, 1) * 255).round().astype(np.uint8)
        return Image.fromarray(pixels).resize(photo.size, Image.Resampling.LANCZOS)


def _to_square(picture: Image.Image, side: int) -> FloatArray:
    """Return RGB in [0, 1], shape (1, side, side, 3)."""
    square = to_rgb(picture).resize((side, side), Image.Resampling.LANCZOS)
    pixels: FloatArray = np.asarray(square).astype(np.float32)
    return pixels[None] / np.float32(255)


class _TfliteModel:
    """A TFLite file, run with as many threads as torch uses."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415  # optional dependency

        self.interpreter: Any = Interpreter(
            model_path=str(path), num_threads=torch.get_num_threads()
        )
        self.interpreter.allocate_tensors()
        self.input_indices = {
            tuple(detail["shape"]): detail["index"]
            for detail in self.interpreter.get_input_details()
        }
        self.output_index = self.interpreter.get_output_details()[0]["index"]

    def __call__(self, *inputs: FloatArray) -> FloatArray:
        for array in inputs:
            self.interpreter.set_tensor(self.input_indices[array.shape], array)
        self.interpreter.invoke()
        result: FloatArray = self.interpreter.get_tensor(self.output_index)
        return result


def load_magenta(folder: Path) -> Magenta:
    """Read both models from a folder.

    Raises:
        ValueError: a file or the TFLite package is missing.
    """
    try:
        return Magenta(_TfliteModel(folder / _PREDICTOR), _TfliteModel(folder / _TRANSFORMER))
    except ImportError as error:
        raise ValueError("Magenta's models need: pip install 'dualtrans[evaluation]'") from error
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{folder} does not contain Magenta's models: {reason}") from error
