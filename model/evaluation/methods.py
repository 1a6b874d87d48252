"""The interface of a style-transfer method, and its implementation for DualTrans."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar, runtime_checkable

from PIL import Image

from model.inference import StyleCode, Stylizer
from model.multiscale import rendering_sizes
from model.network.bands import BAND_TOKENS
from styling.brush import Brush

DUALTRANS = "DualTrans"
"""Prefix of the method names of our own weights."""
_BANDS = 4

T = TypeVar("T")


@runtime_checkable
class Method(Protocol):
    """A style-transfer method."""

    @property
    def name(self) -> str:
        """Name in the tables."""

    @property
    def note(self) -> str:
        """What a reader must know to interpret the figures."""

    @property
    def strengths(self) -> Sequence[float]:
        """Supported strengths in ascending order; 1 is the method's normal strength."""

    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Return the photo in the style of the artwork, in the size of the photo."""


class DualTrans:
    """DualTrans with one weights file. Style codes are cached, as in the service."""

    def __init__(
        self,
        name: str,
        stylizer: Stylizer,
        strengths: Sequence[float],
        *,
        codes: "Codes | None" = None,
    ) -> None:
        """Use one weights file.

        Args:
            name: distinguishes several weights files, and codes of several origins.
            stylizer: the weights.
            strengths: as in `Method`.
            codes: makes the style codes; default: the style controller computes them.
        """
        self.name, self.stylizer, self.strengths = name, stylizer, sorted(strengths)
        self._style_code = codes or Codes(stylizer.style_code)
        self.note = (
            f"weights {stylizer.model_version}, {stylizer.precision}; strength is tau; "
            f"style codes {self._style_code.origin}"
        )

    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Return the result; the strength is tau."""
        return self.stylizer.stylize(photo, self._style_code(artwork), strength)

    def stylize_in_bands(self, photo: Image.Image, artwork: Image.Image) -> Image.Image:
        """Return the result at strength 1, computed in bands of rows.

        A single square is rendered at up to 768 px, in one piece. The tokens of a band are counted
        over the batch, so a batch of copies forces the decoder to split it, at every size at which
        the photo is rendered.
        """
        height, width = rendering_sizes((photo.height, photo.width), Brush.MEDIUM.scale)[0]
        tokens = (width // 4) * (height // 4)
        copies = max(1, _BANDS * BAND_TOKENS // tokens)
        code = self._style_code(artwork)
        batch = self.stylizer.stylize_batch([photo] * copies, [code] * copies, [1.0] * copies)
        return batch[0]


class Codes:
    """Makes and caches the style codes of artworks.

    An artwork that is shown to the methods at several sizes has one code, as in the service.
    """

    def __init__(
        self,
        compute: Callable[[Image.Image], StyleCode],
        *,
        origin: str = "from the style controller",
        largest: Callable[[Image.Image], Image.Image] = lambda artwork: artwork,
    ) -> None:
        """Use a way to make codes.

        Args:
            compute: makes the code of an artwork.
            origin: how the codes are made, for the notes below the tables.
            largest: returns the largest size of an artwork, see `SizedPictures`. The code is made
                from it.
        """
        self.origin = origin
        self._largest, self._cached = largest, PictureCache(compute)

    def __call__(self, artwork: Image.Image) -> StyleCode:
        """Return the code of the artwork."""
        return self._cached(self._largest(artwork))


class PictureCache(Generic[T]):
    """Least-recently-used cache of a value computed from one picture.

    Pillow pictures cannot be hashed, so the key is the identity of the picture object.
    """

    def __init__(self, compute: Callable[[Image.Image], T], capacity: int = 64) -> None:
        """`capacity` is the number of pictures."""
        self.compute, self.capacity = compute, capacity
        self._entries: OrderedDict[int, tuple[Image.Image, T]] = OrderedDict()

    def __call__(self, picture: Image.Image) -> T:
        """Return the cached value, computing it the first time."""
        key = id(picture)
        if key not in self._entries:  # the entry references the picture, so its id stays unique
            self._entries[key] = (picture, self.compute(picture))
        self._entries.move_to_end(key)
        if len(self._entries) > self.capacity:
            self._entries.popitem(last=False)
        return self._entries[key][1]


def full_strength(strengths: Sequence[float]) -> float:
    """Return the largest strength that is not above 1.

    Raises:
        ValueError: all strengths are above 1.
    """
    if min(strengths) > 1:
        raise ValueError(f"none of the strengths {list(strengths)} is 1 or below")
    return max(strength for strength in strengths if strength <= 1)


UNMEASURED = {
    "SANet": "no trained weights available, and it needs relu5_1",
    "IEST": "no trained weights available, and it needs relu5_1",
    "MCCNet": "no trained weights available",
    "AST": "no trained weights available",
    "StyTR-2": "no trained weights available",
}
"""Other published methods, with the reason why they are not measured."""
