"""Optimisation of the pixels themselves (Gatys et al., 2016), and by it the bound on style.

S scales, F statistics, C channels.
"""

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from imaging.color import to_rgb
from model import losses
from model.perceptual import TAP_CHANNELS, Vgg19, coarser_statistics, pyramid_statistics
from model.pictures import to_picture, to_tensor

_SCALES = 2  # those of the style distance
_RATE = 0.05  # of the range [-1, 1]; 0.02 is half as far after 80 steps
_STYLE = 20.0  # beside content 1: near AdaIN's content distance (0.61 each on one pair at 256 px)


class Gatys:
    """Adam on the picture, from the photograph, by what the evaluation measures itself.

    Differs from the original: mean and deviation of the features in place of their Gram matrices,
    instance-normalised content; so that it shows what the measures of the table allow.
    """

    strengths = (1.0,)

    def __init__(self, vgg: Vgg19, steps: int, *, content: float = 1.0) -> None:
        """`content` 0 leaves style alone: how small the style distance becomes in `steps` steps.

        `vgg` may be in bf16, which is faster on many CPUs.
        """
        self.name = "Gatys" if content else "Gatys, style alone"
        self.note = f"our own, {steps} steps of Adam on VGG-19's statistics"
        self.vgg, self.steps, self.content = vgg, steps, content

    def paint(self, photograph: Image.Image, artwork: Image.Image, strength: float) -> Image.Image:
        """One picture takes a minute.

        Raises:
            ValueError: `strength` is not 1.
        """
        if strength != 1:
            raise ValueError(f"strength is {strength}, an optimisation has 1 alone")
        number_type = next(self.vgg.parameters()).dtype
        with torch.autocast("cpu", torch.bfloat16, enabled=number_type == torch.bfloat16):
            start, style = (to_tensor(to_rgb(p))[None] for p in (photograph, artwork))
            return to_picture(self._optimised(start, style)[0])

    def _optimised(
        self, start: Float[Tensor, "1 3 H W"], style: Float[Tensor, "1 3 h w"]
    ) -> Float[Tensor, "1 3 H W"]:
        with torch.no_grad():
            target = pyramid_statistics(self.vgg, style, _SCALES)
            content = self.vgg(start)[-1]
        picture = start.clone().requires_grad_()
        optimiser = torch.optim.Adam([picture], lr=_RATE)
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
        statistics = coarser_statistics(self.vgg, taps, picture, _SCALES)
        loss = _STYLE * losses.style_loss(statistics, target, TAP_CHANNELS, (1.0,) * _SCALES)
        if self.content:
            kept = losses.content_loss(taps[-1], content, torch.ones(1))
            loss = loss + self.content * kept
        return loss
