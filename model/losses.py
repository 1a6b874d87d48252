"""Every loss: first those of the paper, one function per equation and in its order, then ours.

Shapes: B batch, C channels, D channels of tokens, H x W pixels or tokens, S scales, F statistics.
Pictures are in [-1, 1].
"""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from jaxtyping import Float
from torch import Tensor

from model.config import AdversarialKind, LossWeights
from model.pictures import luma_of

StyleNorm = Literal["root", "square"]

_PLACEMENT_WINDOWS_PX = (8, 16)
_TIE_BREAK = 0.3  # share of the surroundings that orders equally calm windows
_FLAT_DEVIATION = 2 / 127.5  # 2 of 255 levels: calmer windows count as equally calm

# Losses of the paper


def style_discriminator_loss(
    real: Float[Tensor, "..."],
    fake: Float[Tensor, "..."],
    kind: AdversarialKind,
) -> Float[Tensor, ""]:
    """Penalise D_s for low logits of artworks (`real`) and high logits of results (`fake`).

    Paper: Eq. 1, the discriminator's side. -log sigmoid(real) - log(1 - sigmoid(fake)), in the
    stable form with softplus.
    """
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def style_generator_loss(fake: Float[Tensor, "..."], kind: AdversarialKind) -> Float[Tensor, ""]:
    """Penalise the generator for results that D_s does not classify as artworks.

    Paper: Eq. 1, the generator's side. "minimax" is the printed form, log(1 - sigmoid(fake));
    "nonsaturating" is -log sigmoid(fake). See model/README.md, decision 10.
    """
    if kind == "hinge":
        return -fake.mean()
    if kind == "minimax":
        return -F.softplus(fake).mean()
    return F.softplus(-fake).mean()


def style_loss(
    result: Float[Tensor, "B S F"],
    style: Float[Tensor, "B S F"],
    channels: Sequence[int],
    scale_weights: Sequence[float],
    norm: StyleNorm = "root",
) -> Float[Tensor, ""]:
    """Penalise results whose features differ from the style's in mean or deviation.

    Paper: Eq. 2. sum_i |mu(phi_i(G)) - mu(phi_i(y))|_2 + |sigma(phi_i(G)) - sigma(phi_i(y))|_2

    Differs from the paper: each layer is divided by the mean energy of both pictures, and "square"
    uses squared norms; see model/README.md, decision 6. With the energy of the style alone, a blank
    sheet of paper dominated the loss of a whole batch.

    Args:
        result: statistics of the results in the order mu_1, sigma_1, mu_2, ...
        style: statistics of the artworks in the same order.
        channels: the number of channels of each phi_i.
        scale_weights: the weight of each scale.
        norm: "root" is the printed form. "square", as in DualAST, has the largest gradient at the
            layer that is farthest from the style.
    """
    sizes = [size for count in channels for size in (count, count)]
    distances: list[Tensor] = []
    differences = torch.split(result - style, sizes, dim=-1)
    energies = torch.split((result.detach().square() + style.square()) / 2, sizes, dim=-1)
    for index in range(0, len(sizes), 2):
        energy = (energies[index] + energies[index + 1]).sum(-1).clamp(min=1e-6)
        distances += [part.square().sum(-1) / energy for part in differences[index : index + 2]]
    shares = torch.stack(distances)
    if norm == "root":  # the constant keeps the gradient finite if result and style agree
        shares = (shares + 1e-6).sqrt()
    mean_over_layers = shares.mean(0) * 2
    weights = mean_over_layers.new_tensor(scale_weights)
    return (mean_over_layers * weights / weights.sum()).sum(-1).mean()


def structure_loss(
    result: Float[Tensor, "B 3 H W"],
    photo: Float[Tensor, "B 3 H W"],
    pooled: Literal["luma", "rgb"],
) -> Float[Tensor, ""]:
    """Penalise results whose coarse layout differs from that of the photo.

    Paper: Eq. 7. |P(G) - P(x)|_2^2, with P average pooling. The pooling window is 10 px for a short
    side of 768 px, in proportion for other sizes, and at least 2 px.

    `pooled`: "rgb" is the literal reading, which also preserves the palette of the photo. "luma"
    compares instance-normalised luma, which leaves the palette to the style; see model/README.md,
    decision 7.
    """
    kernel = max(2, round(10 * min(photo.shape[2:]) / 768))

    def pool(pictures: Tensor) -> Tensor:
        means = F.avg_pool2d(pictures, kernel, stride=1)
        return means if pooled == "rgb" else instance_normalise_features(luma_of(means))

    return F.mse_loss(pool(result), pool(photo))


def style_aware_loss(
    photo_tokens: Float[Tensor, "B H W D"],
    result_tokens: Float[Tensor, "B H W D"],
    kind: Literal["normalised", "plain"],
) -> Float[Tensor, ""]:
    """Penalise results that E encodes differently from the photo; no gradient to `photo_tokens`.

    Paper: L_SA, named in section 3 and never defined. "plain" is the loss of AST, mean
    |E(x) - E(G)|.

    "normalised" first brings each channel to mean 0 and deviation 1 over the picture. E can then
    lower the loss neither by shrinking its output nor by one large constant, which normalisation
    over channels allowed; see model/README.md, decision 8.
    """
    if kind == "plain":
        return F.l1_loss(result_tokens, photo_tokens.detach())
    photo, result = (
        instance_normalise_features(rearrange(tokens, "b h w d -> b d h w"))
        for tokens in (photo_tokens, result_tokens)
    )
    return F.l1_loss(result, photo.detach())


def feature_discriminator_loss(
    photo: Float[Tensor, "..."], result: Float[Tensor, "..."]
) -> Float[Tensor, ""]:
    """Penalise D_f for low logits of E(x) (`photo`) and high logits of E(G) (`result`).

    Paper: Eq. 8, the discriminator's side.
    Differs from the paper: a hinge, as in DualAST; see model/README.md, decision 10.
    """
    return F.relu(1 - photo).mean() + F.relu(1 + result).mean()


def feature_generator_loss(result: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Penalise results whose E(G) D_f separates from E(x).

    Paper: Eq. 8, the generator's side. -D_f(E(G))
    """
    return -result.mean()


def weighted_sum(terms: dict[str, Tensor], weights: LossWeights) -> Float[Tensor, ""]:
    """Return the total loss of a step.

    Paper: Eq. 9. L_all = sum_i lambda_i L_i, over the terms present.
    """
    return torch.stack([getattr(weights, name) * term for name, term in terms.items()]).sum()


# Our losses


def content_loss(
    result: Float[Tensor, "B C H W"],
    photo: Float[Tensor, "B C H W"],
    weights: Float[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Penalise lost content: MSE of instance-normalised relu4_1, weighted per picture."""
    difference = instance_normalise_features(result) - instance_normalise_features(photo)
    return (reduce(difference.square(), "b c h w -> b", "mean") * weights).mean()


def placement_loss(
    result: Float[Tensor, "B 3 H W"],
    photo: Float[Tensor, "B 3 H W"],
    style: Float[Tensor, "B 3 h w"],
) -> Float[Tensor, ""]:
    """Penalise texture in the calm areas of a photo, and its absence in the busy ones.

    Eq. 2 asks for the style's contrast and does not say where. Here the local contrast of the
    result shall have the values of the style's, in the order of the photo's: the calmest place of
    the photo gets the calmest value. L1 of the logarithms, over windows of 8 and 16 px.
    """
    terms = []
    for window in _PLACEMENT_WINDOWS_PX:
        actual = _local_contrast(result, window)
        with torch.no_grad():
            order = _local_contrast(photo, window)
            order = order + _TIE_BREAK * F.avg_pool2d(order, 5, 1, 2, count_include_pad=False)
            values = _local_contrast(style, window).flatten(1).sort(dim=1).values
            target = _resampled(values, actual[0].numel())
            ranks = order.flatten(1).argsort(dim=1).argsort(dim=1)
        terms.append(F.l1_loss(actual.flatten(1), target.gather(1, ranks)))
    return torch.stack(terms).mean()


def identity_loss(
    result: Float[Tensor, "B 3 H W"],
    photo: Float[Tensor, "B 3 H W"],
    is_identity: Float[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Penalise changes under the photo's own style code: mean |G - x| where `is_identity` is 1."""
    distance = reduce((result - photo).abs(), "b c h w -> b", "mean")
    return (distance * is_identity).sum() / is_identity.sum().clamp(min=1.0)


def teacher_loss(
    result: Float[Tensor, "B 3 H W"], target: Float[Tensor, "B 3 H W"]
) -> Float[Tensor, ""]:
    """Penalise the distance from the teacher's result: mean |G - T|."""
    return F.l1_loss(result, target)


def total_variation(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, ""]:
    """Penalise noise: the mean absolute difference of neighbouring pixels."""
    rows = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs().mean()
    columns = (pictures[:, :, :, 1:] - pictures[:, :, :, :-1]).abs().mean()
    return rows + columns


# Local contrast


def _local_contrast(pictures: Float[Tensor, "B 3 H W"], window: int) -> Float[Tensor, "B 1 h w"]:
    """Return the log-deviation of luma in windows that overlap by half."""
    luma = luma_of(pictures.float())
    mean = F.avg_pool2d(luma, window, window // 2)
    variance = F.avg_pool2d(luma.square(), window, window // 2) - mean.square()
    return (variance.clamp(min=0) + _FLAT_DEVIATION**2).sqrt().log()


def _resampled(values: Float[Tensor, "B N"], count: int) -> Float[Tensor, "B M"]:
    """Return `count` quantiles of sorted values."""
    return F.interpolate(values[:, None], count, mode="linear", align_corners=True)[:, 0]


# Normalisation


def instance_normalise_features(features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
    """Bring each channel to mean 0 and deviation 1 over the picture, in fp32."""
    wide = features.float()
    centred = wide - reduce(wide, "b c h w -> b c 1 1", "mean")
    variance = reduce(centred.square(), "b c h w -> b c 1 1", "mean")
    return centred * (variance + 1e-5).rsqrt()
