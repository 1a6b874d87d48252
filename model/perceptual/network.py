"""What every perceptual network offers.

Shapes: B batch, H x W pixels.
"""

from typing import Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor


@runtime_checkable
class PerceptualNetwork(Protocol):
    """A frozen network whose taps measure style and content: `Vgg19` or `CompactPerceptual`."""

    name: str
    """`vgg19` or `compact`; figures of different networks cannot be compared."""

    def cast(self, pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 H W"]:
        """Return the pictures in the precision and on the device of the weights."""

    def __call__(self, pictures: Float[Tensor, "B 3 H W"]) -> list[Tensor]:
        """Return relu1_1, relu2_1, relu3_1 and relu4_1 of VGG-19, or predictions of them.

        They have 64, 128, 256 and 512 channels and 1/1, 1/2, 1/4 and 1/8 of the size, rounded up.
        `pictures` are in [-1, 1] and were cast with `cast`.
        """
