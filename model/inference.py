"""Stylizer, the one door to the generator: Pillow pictures in, Pillow pictures out.

B batch, L levels, S slots, W channels of a style code, H x W pixels.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from imaging.color import to_rgb
from model.checkpoint import load_generator
from model.machine import Precision, available_bytes, fast_precision, keep_large_blocks
from model.network.generator import Generator
from model.network.style_control import ControlFactors
from model.pictures import to_picture, to_tensor

WEIGHTS = Path(__file__).parent / "weights" / "dualtrans.safetensors"
PRESETS = Path(__file__).parent / "weights" / "presets.safetensors"
SMALLEST_SIDE_PX = 64
STRONGEST_TAU = 1.5
_CODE_FORMAT = "dualtrans-style-code-1"
_BYTES_PER_PIXEL = 185  # in fp32, `python -m benchmarks.memory`: 3.4 GiB at 4096 x 4096
_BYTES_OF_A_BAND = 300 * 2**20


@dataclass(frozen=True)
class StyleCode:
    """A style as the generator knows it: a few kB, stored and used without its picture."""

    levels: Float[Tensor, "L W"]
    slots: Float[Tensor, "S W"]
    model_version: str
    """A code is read only by the weights that wrote it."""

    def to_bytes(self) -> bytes:
        """fp16 safetensors with the model's version inside."""
        tensors = {
            "levels": self.levels.half().contiguous(),
            "slots": self.slots.half().contiguous(),
        }
        return save(tensors, {"format": _CODE_FORMAT, "model_version": self.model_version})

    @classmethod
    def from_bytes(cls, blob: bytes) -> "StyleCode":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the bytes are no style code.
        """
        try:
            tensors = load(blob)
            length = int.from_bytes(blob[:8], "little")
            metadata = json.loads(blob[8 : 8 + length]).get("__metadata__", {})
        except (SafetensorError, ValueError) as error:
            raise ValueError(f"{len(blob)} bytes are not a style code: {error}") from error
        version = metadata.get("model_version")
        is_ours = metadata.get("format") == _CODE_FORMAT and tensors.keys() == {"levels", "slots"}
        if not is_ours or version is None:
            raise ValueError(f"{len(blob)} bytes are not a {_CODE_FORMAT}")
        return cls(tensors["levels"].float(), tensors["slots"].float(), version)

    @staticmethod
    def mix(codes: Sequence["StyleCode"], weights: Sequence[float]) -> "StyleCode":
        """The weighted mean of styles.

        Args:
            codes: of one model version.
            weights: not negative; they are divided by their sum.

        Raises:
            ValueError: no codes, another number of weights, a negative one, a sum of zero, or
            codes of several versions.
        """
        if not codes or len(codes) != len(weights):
            raise ValueError(f"{len(codes)} codes and {len(weights)} weights do not make a mixture")
        if min(weights) < 0 or not 0 < sum(weights) < float("inf"):
            raise ValueError(f"weights {list(weights)} are not shares: none negative, not all zero")
        versions = {code.model_version for code in codes}
        if len(versions) > 1:
            raise ValueError(f"codes of {len(versions)} model versions: {sorted(versions)}")
        shares = torch.tensor(weights, dtype=torch.float32) / sum(weights)
        return StyleCode(
            torch.einsum("n,nlw->lw", shares, torch.stack([code.levels for code in codes])),
            torch.einsum("n,nsw->sw", shares, torch.stack([code.slots for code in codes])),
            versions.pop(),
        )


@dataclass(frozen=True)
class LevelStrengths:
    """What each level of a style is told to do, as a share of tau: 1 is all of it.

    The decoder is steered at three grids, and each moves what is of its size.
    """

    colour: float = 1.0
    """At 1/4 and finer: palette, contrast, the finest strokes."""
    texture: float = 1.0
    """At 1/8, with the style's slots."""
    structure: float = 1.0
    """At 1/16: large forms."""

    def of(self, tau: float) -> list[float]:
        """The strength of each level, finest first."""
        return [tau * share for share in (self.colour, self.texture, self.structure)]


class Stylizer:
    """A loaded generator.

        stylizer = Stylizer.load()
        code = stylizer.style_code(Image.open("painting.jpg"))
        stylizer.stylize(Image.open("photograph.jpg"), code, tau=0.8).save("out.jpg")

    Deterministic: the same pictures and codes give the same picture.
    """

    def __init__(
        self, generator: Generator, version: str, device: torch.device, precision: Precision
    ) -> None:
        """Use `Stylizer.load`."""
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
        """Read the weights once and keep them.

        Args:
            weights: a file of model.checkpoint; the trained one that ships when left out.
            device: "cpu", "cuda", "cuda:1"; a GPU when there is one.
            precision: "fp32" or "bf16"; what the machine does fast when left out.

        Raises:
            FileNotFoundError, ValueError: no such weights, device or precision.
        """
        keep_large_blocks()
        chosen = _device(device)
        generator, version = load_generator(weights or WEIGHTS)
        return cls(generator.to(chosen), version, chosen, _precision(precision, chosen))

    # Styles

    def style_code(self, pictures: Image.Image | Sequence[Image.Image]) -> StyleCode:
        """The code of an artwork, or the mean code of several (a painter, a kind of pottery).

        Raises:
            ValueError: no pictures, or one under 64 px a side.
        """
        several = [pictures] if isinstance(pictures, Image.Image) else list(pictures)
        if not several:
            raise ValueError("a style code needs at least one picture, 0 were given")
        codes = [self._code_of(picture) for picture in several]
        return StyleCode.mix(codes, [1.0] * len(codes))

    def preset(self, style_id: str) -> StyleCode:
        """The code of a style that ships.

        Raises:
            KeyError: there is none of this id.
        """
        return self._shipped()[style_id]

    def preset_ids(self) -> list[str]:
        """The ids of the styles that ship."""
        return list(self._shipped())

    # Pictures

    def stylize(
        self,
        picture: Image.Image,
        code: StyleCode,
        tau: float = 1.0,
        *,
        levels: LevelStrengths = LevelStrengths(),
        keep_color: bool = False,
    ) -> Image.Image:
        """Paint one photograph.

        Args:
            picture: at least 64 px a side; the result has its size.
            code: of `style_code`, `preset` or `StyleCode.mix`.
            tau: strength, 0 (the photograph) over 1 (the style as learned) to 1.5.
            levels: shares of tau for colour, texture and structure; tau times a share is 0 to 1.5.
            keep_color: give the result the photograph's palette (mean and covariance of its
            colours).

        Raises:
            ValueError: a side under 64 px, tau outside 0 to 1.5, or a code of another model
            version.
            MemoryError: the picture is too large for this machine.
        """
        return self.stylize_batch(
            [picture], [code], [tau], levels=[levels], keep_colors=[keep_color]
        )[0]

    def stylize_regions(
        self,
        picture: Image.Image,
        codes: tuple[StyleCode, StyleCode],
        mask: Image.Image,
        tau: float = 1.0,
    ) -> Image.Image:
        """Paint one photograph in two styles, each where the mask says, in one pass.

        Args:
            picture: at least 64 px a side; the result has its size.
            codes: of the black and of the white parts of the mask.
            mask: of any size and mode, read as grey and stretched over the picture; grey mixes.
            tau: strength of both, 0 to 1.5.

        Raises:
            ValueError: as `stylize`.
            MemoryError: the picture is too large for this machine.
        """
        rgb = to_rgb(picture)
        self._refuse([rgb] * 2, codes, [tau] * 2, [LevelStrengths()] * 2, [False] * 2)
        try:
            self._refuse_too_large([rgb] * 2)
            return self._paint_regions(rgb, codes, mask, tau)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise MemoryError(_too_large(picture, error)) from error

    def stylize_batch(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        taus: Sequence[float],
        *,
        levels: Sequence[LevelStrengths] | None = None,
        keep_colors: Sequence[bool] | None = None,
    ) -> list[Image.Image]:
        """Paint photographs of one size in one forward pass; styles and strengths may differ.

        A batch that the device cannot hold is halved until it fits.

        Raises:
            ValueError: as `stylize`, or pictures of several sizes, or lists of several lengths.
            MemoryError: one picture alone does not fit.
        """
        keep = list(keep_colors) if keep_colors is not None else [False] * len(pictures)
        shares = list(levels) if levels is not None else [LevelStrengths()] * len(pictures)
        self._refuse(pictures, codes, taus, shares, keep)
        strengths = [share.of(tau) for share, tau in zip(shares, taus, strict=True)]
        painted = self._paint_halving([to_rgb(picture) for picture in pictures], codes, strengths)
        return [
            with_palette_of(result, picture) if kept else result
            for result, picture, kept in zip(painted, pictures, keep, strict=True)
        ]

    # Inside

    def _refuse(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        taus: Sequence[float],
        levels: Sequence[LevelStrengths],
        keep_colors: Sequence[bool],
    ) -> None:
        if not len(pictures) == len(codes) == len(taus) == len(levels) == len(keep_colors) > 0:
            raise ValueError(
                f"{len(pictures)} pictures, {len(codes)} codes, {len(taus)} taus, {len(levels)} "
                f"choices of levels and {len(keep_colors)} of colours do not pair up"
            )
        sizes = {picture.size for picture in pictures}
        if len(sizes) > 1:
            raise ValueError(f"a batch has one size, these have {len(sizes)}: {sorted(sizes)}")
        _refuse_small(pictures[0])
        for tau in taus:
            if not 0 <= tau <= STRONGEST_TAU:
                raise ValueError(f"tau is {tau}, it runs from 0 to {STRONGEST_TAU}")
        for tau, shares in zip(taus, levels, strict=True):
            for name, share in vars(shares).items():
                if not 0 <= tau * share <= STRONGEST_TAU:
                    raise ValueError(
                        f"tau {tau} times {name} {share} is {tau * share:g}, it runs from 0 to "
                        f"{STRONGEST_TAU}"
                    )
        for code in codes:
            if code.model_version != self.model_version:
                raise ValueError(
                    f"the style code is of model {code.model_version}, this is {self.model_version}"
                )

    def _paint_halving(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        strengths: Sequence[Sequence[float]],
    ) -> list[Image.Image]:
        try:
            self._refuse_too_large(pictures)
            return self._paint(pictures, codes, strengths)
        except (torch.OutOfMemoryError, MemoryError) as error:
            if len(pictures) == 1:
                raise MemoryError(_too_large(pictures[0], error)) from error
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        half = len(pictures) // 2
        return [
            *self._paint_halving(pictures[:half], codes[:half], strengths[:half]),
            *self._paint_halving(pictures[half:], codes[half:], strengths[half:]),
        ]

    def _refuse_too_large(self, pictures: Sequence[Image.Image]) -> None:
        """A process that takes too much is killed without a word: so a CPU's need is told."""
        if self.device.type != "cpu":
            return
        width, height = pictures[0].size
        needed = len(pictures) * width * height * _BYTES_PER_PIXEL + _BYTES_OF_A_BAND
        free = available_bytes()
        if free is not None and needed > free:
            raise MemoryError(
                f"{needed / 2**30:.1f} GiB are needed and {free / 2**30:.1f} GiB are free"
            )

    @torch.inference_mode()
    def _paint(
        self,
        pictures: Sequence[Image.Image],
        codes: Sequence[StyleCode],
        strengths: Sequence[Sequence[float]],
    ) -> list[Image.Image]:
        batch = torch.stack([to_tensor(picture) for picture in pictures]).to(self.device)
        strength = torch.tensor(strengths, dtype=torch.float32, device=self.device)
        with self._autocast():
            own = self._own(pictures)
            painted = self.generator(batch, own, own.moved(self._factors(codes), strength))
        return [to_picture(one) for one in painted]

    @torch.inference_mode()
    def _paint_regions(
        self,
        picture: Image.Image,
        codes: Sequence[StyleCode],
        mask: Image.Image,
        tau: float,
    ) -> Image.Image:
        grey = mask.convert("L").resize(picture.size, Image.Resampling.BILINEAR)
        white = torch.from_numpy(np.asarray(grey, dtype=np.float32) / 255).to(self.device)
        strength = torch.full((len(codes), 1), tau, device=self.device)
        with self._autocast():
            own = self._own([picture])
            painted = self.generator.regions(
                to_tensor(picture)[None].to(self.device),
                own,
                own.moved(self._factors(codes), strength),
                torch.stack([1 - white, white]),
            )
        return to_picture(painted[0])

    def _own(self, pictures: Sequence[Image.Image]) -> ControlFactors:
        """The photographs' own codes: where strength begins."""
        side = self.generator.style.side
        sized = torch.stack([to_tensor(_at_style_size(picture, side)) for picture in pictures])
        return self.generator.code(sized.to(self.device))

    def _factors(self, codes: Sequence[StyleCode]) -> ControlFactors:
        return ControlFactors(
            torch.stack([code.levels for code in codes]).to(self.device),
            torch.stack([code.slots for code in codes]).to(self.device),
        )

    @torch.inference_mode()
    def _code_of(self, picture: Image.Image) -> StyleCode:
        _refuse_small(picture)
        sized = _at_style_size(to_rgb(picture), self.generator.style.side)
        with self._autocast():
            factors = self.generator.code(to_tensor(sized)[None].to(self.device))
        return StyleCode(
            factors.levels[0].float().cpu(), factors.slots[0].float().cpu(), self.model_version
        )

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def _shipped(self) -> dict[str, StyleCode]:
        if self._presets is None:
            self._presets = read_presets(PRESETS, self.model_version)
        return self._presets


def read_presets(path: Path, version: str) -> dict[str, StyleCode]:
    """The codes of a presets file by id.

    Raises:
        ValueError: they are of other weights than `version`, or the file holds none.
    """
    try:
        opened = safe_open(path, framework="pt")
    except SafetensorError as error:
        raise ValueError(f"{path} holds no style codes: {error}") from error
    with opened as file:
        written = (file.metadata() or {}).get("model_version")
        if written != version:
            raise ValueError(f"{path} is of model {written}, these weights are {version}")
        names = file.keys()
        ids = sorted(n.removesuffix(".levels") for n in names if n.endswith(".levels"))
        return {
            style_id: StyleCode(
                file.get_tensor(f"{style_id}.levels").float(),
                file.get_tensor(f"{style_id}.slots").float(),
                version,
            )
            for style_id in ids
        }


def with_palette_of(picture: Image.Image, source: Image.Image) -> Image.Image:
    """`picture` with its colours moved so that their mean and covariance are those of `source`.

    The linear map of least movement between the two (Monge-Kantorovich): T = A^-1/2 (A^1/2 B
    A^1/2)^1/2 A^-1/2. Only two statistics of the photograph enter, none of its pixels.
    """
    here = np.asarray(picture, dtype=np.float64).reshape(-1, 3)
    there = np.asarray(to_rgb(source), dtype=np.float64).reshape(-1, 3)
    covariance = np.cov(here.T) + np.eye(3)
    wanted = np.cov(there.T) + np.eye(3)
    root = _power(covariance, 0.5)
    inverse = _power(covariance, -0.5)
    move = inverse @ _power(root @ wanted @ root, 0.5) @ inverse
    moved = (here - here.mean(0)) @ move.T + there.mean(0)
    pixels = moved.round().clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels.reshape(picture.height, picture.width, 3))


def _power(matrix: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors @ np.diag(values.clip(min=1e-9) ** exponent) @ vectors.T)


def _device(asked: str | None) -> torch.device:
    try:
        chosen = torch.device(asked or ("cuda" if torch.cuda.is_available() else "cpu"))
    except RuntimeError as error:
        raise ValueError(f"device is {asked!r}, it is cpu, cuda or cuda:1") from error
    if chosen.type not in {"cpu", "cuda"}:
        raise ValueError(f"device is {asked!r}, it is cpu, cuda or cuda:1")
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device is {asked!r}, and {torch.cuda.device_count()} CUDA devices are here"
        )
    return chosen


def _precision(asked: str | None, device: torch.device) -> Precision:
    if asked not in {None, "fp32", "bf16"}:
        raise ValueError(f"precision is {asked!r}, it is fp32 or bf16")
    if asked is not None:
        return "fp32" if asked == "fp32" else "bf16"
    return fast_precision(device)


def _refuse_small(picture: Image.Image) -> None:
    if min(picture.size) < SMALLEST_SIDE_PX:
        raise ValueError(
            f"the picture is {picture.width} x {picture.height} px, "
            f"its sides must be at least {SMALLEST_SIDE_PX}"
        )


def _too_large(picture: Image.Image, error: BaseException) -> str:
    first_line = str(error).partition("\n")[0]
    return (
        f"a picture of {picture.width} x {picture.height} px does not fit into memory: {first_line}"
    )


def _at_style_size(picture: Image.Image, side: int) -> Image.Image:
    """Short side brought down to `side`, the long one to at most four times as much."""
    scale = min(1.0, side / min(picture.size))
    width, height = (min(round(edge * scale), 4 * side) for edge in picture.size)
    if (width, height) == picture.size:
        return picture
    return picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3)
