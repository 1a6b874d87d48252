"""Files, Pillow pictures and tensors: uint8 RGB outside the network, floats in [-1, 1] inside."""

import io
import pkgutil
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image, ImageCms, ImageOps
from torch import Tensor

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""Files that are taken for pictures in a folder."""


def to_tensor(picture: Image.Image) -> Float[Tensor, "3 H W"]:
    """A Pillow RGB picture as floats in [-1, 1]."""
    pixels = torch.from_numpy(np.array(picture, dtype=np.uint8))
    return rearrange(pixels, "h w c -> c h w").float() / 127.5 - 1


def to_picture(tensor: Float[Tensor, "3 H W"]) -> Image.Image:
    """Floats in [-1, 1] as a Pillow RGB picture; what lies outside is cut."""
    pixels = ((tensor.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(rearrange(pixels, "c h w -> h w c").contiguous().cpu().numpy())


def to_rgb(picture: Image.Image) -> Image.Image:
    """The picture itself when it is RGB already."""
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def open_picture(path: Path) -> Image.Image:
    """A picture file as upright sRGB, what is transparent on white.

    Raises:
        ValueError: the file is no picture or is cut short.
    """
    try:
        with Image.open(path) as file:
            profile = file.info.get("icc_profile")
            picture = _in_eight_bits(ImageOps.exif_transpose(file))
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} cannot be read as a picture: {error}") from error
    if picture.mode != "RGBA":
        return _in_srgb(picture, profile)
    page = Image.new("RGB", picture.size, "white")
    page.paste(_in_srgb(picture.convert("RGB"), profile), mask=picture.getchannel("A"))
    return page


@runtime_checkable
class Save(Protocol):
    """Writes a picture to a file, in the format that the file's name says."""

    def __call__(self, picture: Image.Image, path: Path, *, quality: int) -> None:
        """`quality` from 0 to 100, where the format has one."""


def saver(named: str | None) -> Save:
    """What writes pictures: Pillow, or a function that the caller knows and names.

    Args:
        named: `module:function` of a `Save`; the way in for marks that the model knows nothing of.

    Raises:
        ValueError: there is no such function.
    """
    if named is None:
        return _save
    try:
        found: Save = pkgutil.resolve_name(named)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{named} is no function that saves pictures: {error}") from error
    return found


def _save(picture: Image.Image, path: Path, *, quality: int) -> None:
    picture.save(path, quality=quality)


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """L, RGB, RGBA or CMYK; Pillow's own conversion of 16-bit grey would clip it to white."""
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in {"L", "CMYK"} else to_rgb(picture)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Through the embedded profile; one that does not fit the picture is left aside."""
    if not profile:
        return to_rgb(picture)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return to_rgb(picture)
    return to_rgb(converted) if converted is not None else to_rgb(picture)
