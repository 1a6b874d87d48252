"""D_s and D_f: what they take, what they tell, what they can learn."""

import pytest
import torch

from model.config import BASE, TINY
from model.network.discriminators import AttentionPool, FeatureDiscriminator, StyleDiscriminator
from tests.model.samples import tensor


@pytest.mark.parametrize(("height", "width"), [(64, 64), (96, 64), (64, 112)])
def test_d_s_has_a_verdict_at_each_of_three_grids(height: int, width: int):
    assert StyleDiscriminator(TINY)(tensor(height, width, batch=2)).shape == (2, 3)


def test_d_s_judges_every_picture_by_itself():
    judge, pictures = StyleDiscriminator(TINY).eval(), tensor(64, 64, batch=3)

    together = judge(pictures)

    torch.testing.assert_close(judge(pictures[1:2]), together[1:2], rtol=1e-4, atol=1e-5)


def test_the_verdict_at_a_quarter_is_of_the_fine_picture_alone():
    judge = StyleDiscriminator(TINY).eval()
    coarse_patches = next(judge.embeds[2].parameters())

    fine, _, coarse = judge(tensor(64, 64))[0]

    (by_fine,) = torch.autograd.grad(fine, coarse_patches, retain_graph=True)
    (by_coarse,) = torch.autograd.grad(coarse, coarse_patches)
    assert float(by_fine.abs().max()) == 0
    assert float(by_coarse.abs().max()) > 0


def test_d_f_has_one_verdict_a_picture():
    assert FeatureDiscriminator(TINY)(torch.randn(2, 4, 6, 32)).shape == (2, 1)


def test_d_f_learns_to_tell_two_kinds_of_tokens():
    judge, kinds = FeatureDiscriminator(TINY), torch.randn(2, 4, 4, 32)
    optimiser = torch.optim.Adam(judge.parameters(), lr=3e-3)
    for _ in range(20):
        marks = judge(kinds)
        loss = torch.relu(1 - marks[0]).sum() + torch.relu(1 + marks[1]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    real, fake = judge(kinds)[:, 0].tolist()
    assert real > 0.5 > -0.5 > fake


def test_a_pool_of_equal_tokens_is_the_value_of_one():
    pool, token = AttentionPool(8, 2), torch.randn(8)

    pooled = pool(token.expand(1, 3, 5, 8))

    expected = pool.key_value(pool.norm(token))[8:]
    torch.testing.assert_close(pooled[0], expected)


def test_neither_has_a_convolution_and_both_stay_small():
    judges = [StyleDiscriminator(BASE), FeatureDiscriminator(BASE)]

    kinds = {type(module).__name__ for judge in judges for module in judge.modules()}
    sizes = [sum(p.numel() for p in judge.parameters()) for judge in judges]
    assert not [kind for kind in kinds if kind.startswith("Conv")]
    assert [round(size / 1e6, 1) for size in sizes] == [2.0, 1.2]
