"""D_s and D_f: shapes, dependencies, and that they can learn."""

import pytest
import torch

from model.config import BASE, TINY
from model.network.discriminators import AttentionPool, FeatureDiscriminator, StyleDiscriminator
from tests.model.samples import tensor


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 64), (64, 112)])
def test_d_s_returns_a_logit_for_each_of_three_grids(height: int, width: int):
    assert StyleDiscriminator(TINY)(tensor(height, width, batch=2)).shape == (2, 3)


def test_d_s_logits_do_not_depend_on_the_rest_of_the_batch():
    discriminator, pictures = StyleDiscriminator(TINY).eval(), tensor(64, 64, batch=3)

    together = discriminator(pictures)

    torch.testing.assert_close(discriminator(pictures[1:2]), together[1:2], rtol=1e-4, atol=1e-5)


def test_the_logit_at_a_quarter_depends_only_on_the_fine_grid():
    discriminator = StyleDiscriminator(TINY).eval()
    coarse_patches = next(discriminator.embeds[2].parameters())

    fine, _, coarse = discriminator(tensor(64, 64))[0]

    (fine_gradient,) = torch.autograd.grad(fine, coarse_patches, retain_graph=True)
    (coarse_gradient,) = torch.autograd.grad(coarse, coarse_patches)
    assert float(fine_gradient.abs().max()) == 0
    assert float(coarse_gradient.abs().max()) > 0


def test_d_f_returns_one_logit_per_picture():
    assert FeatureDiscriminator(TINY)(torch.randn(2, 4, 6, 32)).shape == (2, 1)


def test_d_f_learns_to_separate_two_kinds_of_tokens():
    discriminator, kinds = FeatureDiscriminator(TINY), torch.randn(2, 4, 4, 32)
    optimiser = torch.optim.Adam(discriminator.parameters(), lr=3e-3)
    for _ in range(20):
        logits = discriminator(kinds)
        loss = torch.relu(1 - logits[0]).sum() + torch.relu(1 + logits[1]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    real, fake = discriminator(kinds)[:, 0].tolist()
    assert real > 0.5 > -0.5 > fake


def test_pooling_equal_tokens_returns_the_value_of_one():
    pool, token = AttentionPool(8, 2), torch.randn(8)

    pooled = pool(token.expand(1, 3, 5, 8))

    expected = pool.key_value(pool.norm(token))[8:]
    torch.testing.assert_close(pooled[0], expected)


def test_the_discriminators_have_no_convolution_and_a_known_size():
    discriminators = [StyleDiscriminator(BASE), FeatureDiscriminator(BASE)]

    kinds = {
        type(module).__name__
        for discriminator in discriminators
        for module in discriminator.modules()
    }
    sizes = [sum(p.numel() for p in discriminator.parameters()) for discriminator in discriminators]
    assert not [kind for kind in kinds if kind.startswith("Conv")]
    assert [round(size / 1e6, 1) for size in sizes] == [2.0, 1.2]
