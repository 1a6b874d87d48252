"""Style codes outside the network: storing, reading and mixing them.

Shapes: V views, L style levels, S style tokens, W channels of a style code.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save, save_file
from torch import Tensor

FORMAT: Final = "dualtrans-style-code-2"
FORMAT_WITHOUT_VIEWS: Final = "dualtrans-style-code-1"
"""The format of codes that were computed from one view of `VIEW_WITHOUT_VIEWS_PX`."""
VIEW_WITHOUT_VIEWS_PX: Final = 256
LEVELS_NAME: Final = "levels"
TOKENS_NAME: Final = "slots"
"""Names of the two tensors in a stored style code and, after the style's id, in a presets file."""
VIEWS_NAME: Final = "view_sides_px"


@dataclass(frozen=True)
class StyleView:
    """The vectors of a style code for one view of the artwork.

    A view is the artwork at one size. The strokes of a result grow with the strokes in the view, so
    the code of a larger view gives larger strokes.
    """

    side_px: float
    """Short side of the artwork as the style controller sees it."""
    levels: Float[Tensor, "L W"]
    tokens: Float[Tensor, "S W"]


@dataclass(frozen=True)
class StyleCode:
    """The style code of one style: the control factors tau of Eq. 3 for a few views.

    A few kB per view. It is stored and used without the picture that it was computed from.
    """

    views: tuple[StyleView, ...]
    """At least one, by ascending side."""
    model_version: str
    """Only the weights of this version can read the code."""

    @property
    def sides_px(self) -> tuple[float, ...]:
        """The sides of the views, ascending."""
        return tuple(view.side_px for view in self.views)

    def at(self, side_px: float) -> StyleView:
        """Return the vectors for a view of any side.

        Between two views they are interpolated linearly over the logarithm of the side. Outside of
        the views they are those of the nearest view.
        """
        shares = torch.tensor(interpolation_weights(self.sides_px, side_px))
        return _mix_views(self.views, shares, side_px)

    def to_bytes(self) -> bytes:
        """Return the code as fp16 safetensors, with views and model version in the metadata."""
        metadata = {
            "format": FORMAT,
            "model_version": self.model_version,
            VIEWS_NAME: _format_sides(self.views),
        }
        return save(_stack(self.views), metadata)

    @classmethod
    def from_bytes(cls, blob: bytes) -> "StyleCode":
        """Read the bytes that `to_bytes` returned, now or in an earlier version of the project.

        Raises:
            ValueError: the bytes are not a style code.
        """
        try:
            tensors = load(blob)
            metadata = _read_metadata(blob)
            return cls(_read_views(metadata, tensors), metadata["model_version"])
        except (SafetensorError, ValueError) as error:
            raise ValueError(f"{len(blob)} bytes are not a style code: {error}") from error
        except KeyError as error:
            raise ValueError(
                f"{len(blob)} bytes are not a style code: they have no {error}"
            ) from error

    @staticmethod
    def mix(codes: Sequence["StyleCode"], weights: Sequence[float]) -> "StyleCode":
        """Return the weighted mean of several style codes, with the views of all of them.

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
        sides = sorted({side for code in codes for side in code.sides_px})
        views = tuple(_mix_views([code.at(side) for code in codes], shares, side) for side in sides)
        return StyleCode(views, versions.pop())


def interpolation_weights(sides_px: Sequence[float], side_px: float) -> list[float]:
    """Return the weight of each view of a code in the code of a view of `side_px`.

    Two neighbouring views have a positive weight, or one.
    """
    positions = [log(side) for side in sides_px]
    position = min(max(log(side_px), positions[0]), positions[-1])
    weights = [0.0] * len(positions)
    upper = max(1, bisect_left(positions, position))
    if len(positions) == 1:
        return [1.0]
    share = (position - positions[upper - 1]) / (positions[upper] - positions[upper - 1])
    weights[upper - 1], weights[upper] = 1 - share, share
    return weights


def _mix_views(
    views: Sequence[StyleView], shares: Float[Tensor, " N"], side_px: float
) -> StyleView:
    return StyleView(
        side_px,
        torch.einsum("n,nlw->lw", shares, torch.stack([view.levels for view in views])),
        torch.einsum("n,nsw->sw", shares, torch.stack([view.tokens for view in views])),
    )


# Stored form


def _stack(views: Sequence[StyleView]) -> dict[str, Float[Tensor, "V _ W"]]:
    return {
        LEVELS_NAME: torch.stack([view.levels for view in views]).half().contiguous(),
        TOKENS_NAME: torch.stack([view.tokens for view in views]).half().contiguous(),
    }


def _read_metadata(blob: bytes) -> dict[str, str]:
    """Return the metadata of a valid safetensors file, which `load` does not return."""
    header_bytes = int.from_bytes(blob[:8], "little")
    metadata: dict[str, str] = json.loads(blob[8 : 8 + header_bytes]).get("__metadata__", {})
    return metadata


def _read_views(
    metadata: Mapping[str, str], tensors: Mapping[str, Tensor]
) -> tuple[StyleView, ...]:
    """Return the views of a stored code.

    Raises:
        ValueError: the format is unknown, or the tensors do not fit it.
        KeyError: a part is missing.
    """
    found = metadata["format"]
    if found not in (FORMAT, FORMAT_WITHOUT_VIEWS):
        raise ValueError(f"their format is {found!r}")
    levels, tokens = tensors[LEVELS_NAME], tensors[TOKENS_NAME]
    if found == FORMAT_WITHOUT_VIEWS:
        return _unstack(levels[None], tokens[None], str(VIEW_WITHOUT_VIEWS_PX))
    return _unstack(levels, tokens, metadata[VIEWS_NAME])


def _unstack(levels: Tensor, tokens: Tensor, sides: str) -> tuple[StyleView, ...]:
    """Return the views.

    Args:
        levels: V x L x W.
        tokens: V x S x W.
        sides: V numbers, separated by spaces.

    Raises:
        ValueError: the sides are not positive and ascending, or the shapes differ from the above.
    """
    sides_px = [float(side) for side in sides.split()]
    if not sides_px or sides_px != sorted({side for side in sides_px if 0 < side < inf}):
        raise ValueError(f"the sides of the views are {sides!r}")
    fit = levels.ndim == tokens.ndim == 3 and levels.shape[::2] == tokens.shape[::2]
    if not fit or len(levels) != len(sides_px):
        shapes = f"{list(levels.shape)} and {list(tokens.shape)}"
        raise ValueError(f"the tensors of {len(sides_px)} views have the shapes {shapes}")
    return tuple(map(StyleView, sides_px, levels.float(), tokens.float()))


def _format_sides(views: Sequence[StyleView]) -> str:
    return " ".join(f"{view.side_px:g}" for view in views)


# Presets


def write_presets(
    codes: Mapping[str, StyleCode],
    path: Path,
    model_version: str,
    records: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Write the style codes of the presets, by id, to one fp16 safetensors file.

    Args:
        codes: by id.
        path: file to write.
        model_version: the version of the weights.
        records: how each code was made, as JSON values by id.
    """
    tensors = {
        f"{style_id}.{name}": tensor
        for style_id, code in codes.items()
        for name, tensor in _stack(code.views).items()
    }
    metadata = {"model_version": model_version}
    for style_id, code in codes.items():
        record = dict((records or {}).get(style_id, {}))
        metadata[style_id] = json.dumps({VIEWS_NAME: _format_sides(code.views), **record})
    save_file(tensors, path, metadata)


def read_presets(path: Path, model_version: str) -> dict[str, StyleCode]:
    """Return the style codes of a file that `write_presets` has written, by id, sorted.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: the file contains no style codes, or they are of another model version.
    """
    with _open(path) as file:
        metadata = file.metadata() or {}
        found = metadata.pop("model_version", None)
        if found != model_version:
            raise ValueError(f"{path} is of model {found}, these weights are {model_version}")
        if not metadata:
            raise ValueError(f"{path} contains no style codes with views")
        return {
            style_id: StyleCode(
                _unstack(
                    file.get_tensor(f"{style_id}.{LEVELS_NAME}"),
                    file.get_tensor(f"{style_id}.{TOKENS_NAME}"),
                    json.loads(record)[VIEWS_NAME],
                ),
                model_version,
            )
            for style_id, record in sorted(metadata.items())
        }


def read_preset_records(path: Path) -> dict[str, dict[str, Any]]:
    """Return how each code of a presets file was made, by id.

    Raises:
        FileNotFoundError, ValueError: as `read_presets`.
    """
    with _open(path) as file:
        metadata = file.metadata() or {}
        metadata.pop("model_version", None)
        return {style_id: json.loads(record) for style_id, record in sorted(metadata.items())}


def _open(path: Path) -> Any:  # noqa: ANN401  # safetensors has no type for an open file
    try:
        return safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{path} contains no style codes: {error}") from error
