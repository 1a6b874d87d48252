"""Style transfer by optimising the pixels (Gatys et al., 2016).

Shapes: S scales, F statistics, C channels, H x W pixels.
"""

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model import losses
from model.metrics import STYLE_SCALES
from model.perceptual.statistics import pyramid_statistics, pyramid_statistics_from_taps
from model.perceptual.vgg import TAP_CHANNELS, Vgg19
from model.pictures import to_picture, to_tensor

_LEARNING_RATE = 0.05  # in the range [-1, 1]; 0.02 gets half as far in 80 steps
_STYLE_WEIGHT = 20.0  # with content 1: close to AdaIN's content distance (0.61, one 256 px pair)


class Gatys:
    """Adam on the pixels, starting from the photo, with the losses of the evaluation itself.

    Differs from the original: mean and deviation of the features instead of Gram matrices, and
    instance-normalised content. The result shows which values of the metrics are possible.
    """

    strengths = (1.0,)

    def __init__(self, vgg: Vgg19, steps: int, *, content: float = 1.0) -> None:
        """Optimise for `steps` steps with the content weight `content`.

        With content weight 0 the result is the smallest style distance within `steps` steps.
        `vgg` may be in bf16, which is faster on many CPUs.
        """
        self.name = "Gatys" if content else "Gatys, style loss only"
        self.note = f"our implementation, {steps} steps of Adam on VGG-19's statistics"
        self.vgg, self.steps, self.content = vgg, steps, content

    def stylize(self, photo: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """Return the result after about a minute.

        Raises:
            ValueError: `strength` is not 1.
        """
        if strength != 1:
            raise ValueError(f"strength is {strength}, but Gatys supports only 1")
        number_type = next(self.vgg.parameters()).dtype
        with torch.autocast("cpu", torch.bfloat16, enabled=number_type == torch.bfloat16):
            start, style = (to_tensor(to_rgb(picture))[None] for picture in (photo, artwork))
            return to_picture(self._optimise(start, style)[0])

    def _optimise(
        self, start: Float[Tensor, "1 3 H W"], style: Float[Tensor, "1 3 h w"]
    ) -> Float[Tensor, "1 3 H W"]:
        with torch.no_grad():
            target = pyramid_statistics(self.vgg, style, STYLE_SCALES)
            content = self.vgg(start)[-1]
        picture = start.clone().requires_grad_()
        optimiser = torch.optim.Adam([picture], lr=_LEARNING_RATE)
        for _ in range(self.steps):
            optimiser.zero_grad()
            self._loss(picture, target, content).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            with torch.no_grad():
                picture.clamp_(-1, 1)
        return picture.detach()

    def _loss(
        self,
        picture: Float[Tensor, "1 3 H W"],
        target: Float[Tensor, "1 S F"],
        content: Float[Tensor, "1 C h w"],
    ) -> Float[Tensor, ""]:
        taps = self.vgg(picture)
        statistics = pyramid_statistics_from_taps(self.vgg, taps, picture, STYLE_SCALES)
        scale_weights = (1.0,) * STYLE_SCALES
        style_loss = losses.style_loss(statistics, target, TAP_CHANNELS, scale_weights)
        loss = _STYLE_WEIGHT * style_loss
        if self.content:
            content_loss = losses.content_loss(taps[-1], content, torch.ones(1))
            loss = loss + self.content * content_loss
        return loss
