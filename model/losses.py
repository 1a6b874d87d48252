"""Every loss of the paper, one function an equation and in its order, then the terms that are ours.

B batch, C channels, H x W pixels or tokens, S scales, F statistics. Pictures are in [-1, 1].
"""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from jaxtyping import Float
from torch import Tensor

from model.config import AdversarialKind, LossWeights

StyleNorm = Literal["root", "square"]

# The paper's


def style_discriminator_loss(
    real: Float[Tensor, "..."],
    fake: Float[Tensor, "..."],
    kind: AdversarialKind,
) -> Float[Tensor, ""]:
    """Punishes D_s for taking painted pictures for paintings, and paintings for painted.

    Paper: Eq. 1, the discriminator's side. -log sigmoid(real) - log(1 - sigmoid(fake)), stable as
    softplus.
    """
    if kind == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def style_generator_loss(fake: Float[Tensor, "..."], kind: AdversarialKind) -> Float[Tensor, ""]:
    """Punishes the generator when D_s sees through it.

    Paper: Eq. 1, the generator's side. minimax is as printed, log(1 - sigmoid(fake));
    nonsaturating is -log sigmoid(fake).
    """
    if kind == "hinge":
        return -fake.mean()
    if kind == "minimax":
        return -F.softplus(fake).mean()
    return F.softplus(-fake).mean()


def style_loss(
    painted: Float[Tensor, "B S F"],
    style: Float[Tensor, "B S F"],
    channels: Sequence[int],
    scale_weights: Sequence[float],
    norm: StyleNorm = "root",
) -> Float[Tensor, ""]:
    """Punishes a painted picture whose features have another mean or deviation than the style's.

    Paper: Eq. 2. sum_i |mu(phi_i(G)) - mu(phi_i(y))|_2 + |sigma(phi_i(G)) - sigma(phi_i(y))|_2
    `channels`: of each phi_i; statistics lie as mu_1, sigma_1, mu_2, ... Each level is divided by
    the mean energy of the two: by the style's alone, a blank sheet of paper outweighed a batch.
    `norm`: "root" is as printed; "square", as DualAST has it, pulls hardest at the level that is
    farthest from the style's; see model/README.md, decision 6.
    """
    sizes = [size for count in channels for size in (count, count)]
    distances: list[Tensor] = []
    differences = torch.split(painted - style, sizes, dim=-1)
    energies = torch.split((painted.detach().square() + style.square()) / 2, sizes, dim=-1)
    for index in range(0, len(sizes), 2):
        energy = (energies[index] + energies[index + 1]).sum(-1).clamp(min=1e-6)
        distances += [part.square().sum(-1) / energy for part in differences[index : index + 2]]
    shares = torch.stack(distances)
    if norm == "root":  # the floor keeps its gradient finite where painted and style agree
        shares = (shares + 1e-6).sqrt()
    mean_over_levels = shares.mean(0) * 2
    weights = mean_over_levels.new_tensor(scale_weights)
    return (mean_over_levels * weights / weights.sum()).sum(-1).mean()


def structure_loss(
    painted: Float[Tensor, "B 3 H W"],
    photograph: Float[Tensor, "B 3 H W"],
    pooled: Literal["luma", "rgb"],
) -> Float[Tensor, ""]:
    """Punishes a painted picture whose coarse layout is not the photograph's.

    Paper: Eq. 7. |P(G) - P(x)|_2^2
    P is average pooling. "rgb" is the literal reading and holds the photograph's palette fast;
    "luma" compares instance-normalised luma, which leaves the palette to the style; see
    model/README.md, decision 7.
    """
    kernel = max(2, round(10 * min(photograph.shape[2:]) / 768))

    def seen(pictures: Tensor) -> Tensor:
        pooled_pictures = F.avg_pool2d(pictures, kernel, stride=1)
        return (
            pooled_pictures
            if pooled == "rgb"
            else instance_normalise_features(_luma(pooled_pictures))
        )

    return F.mse_loss(seen(painted), seen(photograph))


def style_aware_loss(
    photograph_tokens: Float[Tensor, "B H W D"],
    painted_tokens: Float[Tensor, "B H W D"],
    seen: Literal["normalised", "plain"],
) -> Float[Tensor, ""]:
    """Punishes a painted picture that E reads as other content than the photograph.

    Paper: L_SA, named in section 3 and never defined; AST's mean |E(x) - E(G)|, which "plain" is.
    "normalised" first brings every channel to mean 0 and deviation 1 over the picture: E can lower
    it neither by shrinking nor by one large constant, which a norm over channels let it; see
    model/README.md, decision 8.
    """
    if seen == "plain":
        return F.l1_loss(painted_tokens, photograph_tokens.detach())
    photograph, painted = (
        instance_normalise_features(rearrange(tokens, "b h w d -> b d h w"))
        for tokens in (photograph_tokens, painted_tokens)
    )
    return F.l1_loss(painted, photograph.detach())


def feature_discriminator_loss(
    content: Float[Tensor, "..."], painted: Float[Tensor, "..."]
) -> Float[Tensor, ""]:
    """Punishes D_f for confusing E(x) with E(G).

    Paper: Eq. 8, the discriminator's side, as a hinge (as DualAST trains it); see model/README.md,
    decision 10.
    """
    return F.relu(1 - content).mean() + F.relu(1 + painted).mean()


def feature_generator_loss(painted: Float[Tensor, "..."]) -> Float[Tensor, ""]:
    """Punishes a painted picture whose E(G) D_f tells from E(x).

    Paper: Eq. 8, the generator's side. -D_f(E(G))
    """
    return -painted.mean()


def weighted_sum(terms: dict[str, Tensor], weights: LossWeights) -> Float[Tensor, ""]:
    """The whole of what a step minimises.

    Paper: Eq. 9. L_all = sum_i lambda_i L_i, over the terms present.
    """
    return torch.stack([getattr(weights, name) * term for name, term in terms.items()]).sum()


# Ours


def content_loss(
    painted: Float[Tensor, "B C H W"],
    photograph: Float[Tensor, "B C H W"],
    weights: Float[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Punishes lost content: MSE of instance-normalised features (relu4_1), weighted by picture."""
    difference = instance_normalise_features(painted) - instance_normalise_features(photograph)
    return (reduce(difference.square(), "b c h w -> b", "mean") * weights).mean()


def identity_loss(
    painted: Float[Tensor, "B 3 H W"],
    photograph: Float[Tensor, "B 3 H W"],
    is_identity: Float[Tensor, " B"],
) -> Float[Tensor, ""]:
    """Punishes change where tau is the photograph's own: mean |G - x| over pictures marked 1."""
    distance = reduce((painted - photograph).abs(), "b c h w -> b", "mean")
    return (distance * is_identity).sum() / is_identity.sum().clamp(min=1.0)


def teacher_loss(
    painted: Float[Tensor, "B 3 H W"], taught: Float[Tensor, "B 3 H W"]
) -> Float[Tensor, ""]:
    """Punishes distance from a teacher's picture: mean |G - T|."""
    return F.l1_loss(painted, taught)


def total_variation(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, ""]:
    """Punishes noise: mean |difference| of neighbouring pixels."""
    rows = (pictures[:, :, 1:] - pictures[:, :, :-1]).abs().mean()
    columns = (pictures[:, :, :, 1:] - pictures[:, :, :, :-1]).abs().mean()
    return rows + columns


def instance_normalise_features(features: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
    """Every channel to mean 0 and deviation 1 over the picture, in fp32."""
    wide = features.float()
    centred = wide - reduce(wide, "b c h w -> b c 1 1", "mean")
    variance = reduce(centred.square(), "b c h w -> b c 1 1", "mean")
    return centred * (variance + 1e-5).rsqrt()


def _luma(pictures: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 1 H W"]:
    weights = pictures.new_tensor([0.299, 0.587, 0.114])  # BT.601
    return reduce(pictures * rearrange(weights, "c -> c 1 1"), "b c h w -> b 1 h w", "sum")
