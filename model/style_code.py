"""Style codes outside the network: storing, reading and mixing them.

Shapes: L style levels, S style tokens, W channels of a style code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save, save_file
from torch import Tensor

FORMAT: Final = "dualtrans-style-code-1"
LEVELS_NAME: Final = "levels"
TOKENS_NAME: Final = "slots"
"""Names of the two tensors in a stored style code and, after the style's id, in a presets file."""


@dataclass(frozen=True)
class StyleCode:
    """The style code of one style: the control factors tau of Eq. 3, a few kB.

    It is stored and used without the picture that it was computed from.
    """

    levels: Float[Tensor, "L W"]
    tokens: Float[Tensor, "S W"]
    model_version: str
    """Only the weights of this version can read the code."""

    def to_bytes(self) -> bytes:
        """Return the code as fp16 safetensors, with the model version in the metadata."""
        tensors = {LEVELS_NAME: _to_fp16(self.levels), TOKENS_NAME: _to_fp16(self.tokens)}
        return save(tensors, {"format": FORMAT, "model_version": self.model_version})

    @classmethod
    def from_bytes(cls, blob: bytes) -> "StyleCode":
        """Read the bytes that `to_bytes` returned.

        Raises:
            ValueError: the bytes are not a style code.
        """
        try:
            tensors = load(blob)
            header_bytes = int.from_bytes(blob[:8], "little")
            metadata = json.loads(blob[8 : 8 + header_bytes]).get("__metadata__", {})
        except (SafetensorError, ValueError) as error:
            raise ValueError(f"{len(blob)} bytes are not a style code: {error}") from error
        version = metadata.get("model_version")
        has_tensors = tensors.keys() == {LEVELS_NAME, TOKENS_NAME}
        if metadata.get("format") != FORMAT or not has_tensors or version is None:
            raise ValueError(f"{len(blob)} bytes are not a {FORMAT}")
        return cls(tensors[LEVELS_NAME].float(), tensors[TOKENS_NAME].float(), version)

    @staticmethod
    def mix(codes: Sequence["StyleCode"], weights: Sequence[float]) -> "StyleCode":
        """Return the weighted mean of several style codes.

        Args:
            codes: all of the same model version.
            weights: one per code, not negative. They are divided by their sum.

        Raises:
            ValueError: there are no codes, the number of weights differs, a weight is negative or
            not finite, the sum is zero, or the codes are of several model versions.
        """
        if not codes or len(codes) != len(weights):
            raise ValueError(
                f"{len(codes)} codes and {len(weights)} weights cannot be mixed; give one weight "
                "per code"
            )
        if min(weights) < 0 or not 0 < sum(weights) < float("inf"):
            raise ValueError(
                f"weights {list(weights)} are not shares: none may be negative and their sum must "
                "be positive and finite"
            )
        versions = {code.model_version for code in codes}
        if len(versions) > 1:
            raise ValueError(f"the codes are of {len(versions)} model versions: {sorted(versions)}")
        shares = torch.tensor(weights, dtype=torch.float32) / sum(weights)
        return StyleCode(
            torch.einsum("n,nlw->lw", shares, torch.stack([code.levels for code in codes])),
            torch.einsum("n,nsw->sw", shares, torch.stack([code.tokens for code in codes])),
            versions.pop(),
        )


# Presets


def write_presets(codes: Mapping[str, StyleCode], path: Path, model_version: str) -> None:
    """Write the style codes of the presets, by id, to one fp16 safetensors file."""
    tensors: dict[str, Tensor] = {}
    for style_id, code in codes.items():
        tensors[f"{style_id}.{LEVELS_NAME}"] = _to_fp16(code.levels)
        tensors[f"{style_id}.{TOKENS_NAME}"] = _to_fp16(code.tokens)
    save_file(tensors, path, {"model_version": model_version})


def read_presets(path: Path, model_version: str) -> dict[str, StyleCode]:
    """Return the style codes of a presets file by id, sorted.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file contains no style codes, or they are of another model version.
    """
    try:
        opened = safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{path} contains no style codes: {error}") from error
    with opened as file:
        found = (file.metadata() or {}).get("model_version")
        if found != model_version:
            raise ValueError(f"{path} is of model {found}, these weights are {model_version}")
        suffix = f".{LEVELS_NAME}"
        ids = sorted(name.removesuffix(suffix) for name in file.keys() if name.endswith(suffix))  # noqa: SIM118  # not a dict
        return {
            style_id: StyleCode(
                file.get_tensor(f"{style_id}.{LEVELS_NAME}").float(),
                file.get_tensor(f"{style_id}.{TOKENS_NAME}").float(),
                model_version,
            )
            for style_id in ids
        }


def _to_fp16(tensor: Tensor) -> Tensor:
    return tensor.half().contiguous()
