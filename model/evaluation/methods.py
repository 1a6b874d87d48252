"""What is measured: every method takes a photograph and an artwork and gives a picture."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar, runtime_checkable

from PIL import Image

from model.inference import Stylizer
from model.network.bands import BAND_TOKENS

OURS = "DualTrans"
"""The names of our rows begin with it."""
_BANDS = 4

T = TypeVar("T")


@runtime_checkable
class Method(Protocol):
    """A way to restyle a photograph."""

    @property
    def name(self) -> str:
        """As the table calls it."""

    @property
    def note(self) -> str:
        """What a reader of its figures must know."""

    @property
    def strengths(self) -> Sequence[float]:
        """Those it can be asked for, rising; 1 is the style as the method means it."""

    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """`photograph` after `artwork`, in the photograph's size."""


class DualTrans:
    """Ours. A style's code is computed once, as the service does."""

    def __init__(self, name: str, stylizer: Stylizer, strengths: Sequence[float]) -> None:
        """`name` tells several weights apart."""
        self.name, self.stylizer, self.strengths = name, stylizer, sorted(strengths)
        self.note = f"weights {stylizer.model_version}, {stylizer.precision}; strength is tau"
        self._code = Remembered(stylizer.style_code)

    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """The strength is tau."""
        return self.stylizer.stylize(photograph, self._code(artwork), strength)

    def paint_in_bands(self, photograph: Image.Image, artwork: Image.Image) -> Image.Image:
        """At tau 1 in a batch so large that the decoder works in bands of rows.

        Copies share the tokens of a band; alone, a picture of up to 1024 px is painted whole.
        """
        tokens = (photograph.width // 4) * (photograph.height // 4)
        copies = max(1, _BANDS * BAND_TOKENS // tokens)
        code = self._code(artwork)
        batch = self.stylizer.stylize_batch([photograph] * copies, [code] * copies, [1.0] * copies)
        return batch[0]


class Remembered(Generic[T]):
    """What a method computes of one picture alone, kept for the pictures that it saw last.

    Pillow's pictures have no hash: the very object is what is known again.
    """

    def __init__(self, compute: Callable[[Image.Image], T], capacity: int = 64) -> None:
        """`capacity` is the number of pictures."""
        self.compute, self.capacity = compute, capacity
        self._known: OrderedDict[int, tuple[Image.Image, T]] = OrderedDict()

    def __call__(self, picture: Image.Image) -> T:
        """Computed the first time."""
        if id(picture) not in self._known:  # the picture is kept, so that its id stays its own
            self._known[id(picture)] = (picture, self.compute(picture))
        self._known.move_to_end(id(picture))
        if len(self._known) > self.capacity:
            self._known.popitem(last=False)
        return self._known[id(picture)][1]


def full_strength(strengths: Sequence[float]) -> float:
    """Strength 1, or the nearest below that there is.

    Raises:
        ValueError: all are above 1.
    """
    if min(strengths) > 1:
        raise ValueError(f"of the strengths {list(strengths)} none is 1 or below")
    return max(strength for strength in strengths if strength <= 1)


UNMEASURED = {
    "SANet": "no trained weights to be had, and it needs relu5_1",
    "IEST": "no trained weights to be had, and it needs relu5_1",
    "MCCNet": "no trained weights to be had",
    "AST": "no trained weights to be had",
    "StyTR-2": "no trained weights to be had",
}
"""The paper's and the field's other methods, with the reason why their rows are empty."""
