"""Which parameters Muon updates and which AdamW."""

import torch
from torch import nn

from model.network.generator import Generator
from model.training.optimiser import Optimiser


def test_every_parameter_belongs_to_one_of_the_two_optimisers(generator: Generator):
    optimiser = Optimiser([generator], 1e-3)

    counts = [len(group["params"]) for part in optimiser.parts for group in part.param_groups]
    assert sum(counts) == len(list(generator.parameters()))
    assert min(counts) > 0


def test_muon_updates_inner_matrices_and_adamw_the_rest():
    network = nn.ModuleDict({"embed": nn.Linear(16, 16), "inside": nn.Linear(16, 16)})

    muon, adamw = Optimiser([network], 1e-3).parts

    assert muon.param_groups[0]["params"] == [network["inside"].weight]
    assert len(adamw.param_groups[0]["params"]) == 3


def test_a_muon_step_is_equally_large_in_all_directions():
    layer = nn.Linear(12, 12)
    optimiser, before = (
        Optimiser([nn.ModuleDict({"inside": layer})], 1e-2),
        layer.weight.detach().clone(),
    )
    layer.weight.grad = torch.diag(torch.linspace(0.01, 1, 12))

    optimiser.step(1e-2)

    moved = torch.linalg.svdvals(before * (1 - 1e-2 * 0.01) - layer.weight.detach())
    assert float(moved.max() / moved.min()) < 2  # those of the gradient have the ratio 100


def test_a_step_uses_the_given_learning_rate():
    layer = nn.Linear(4, 4)
    optimiser = Optimiser([nn.ModuleDict({"a": layer, "inside": nn.Linear(12, 12)})], 1.0)
    layer.weight.grad = torch.ones(4, 4)
    before = layer.weight.clone()

    optimiser.step(0.0)

    assert torch.equal(layer.weight, before)
