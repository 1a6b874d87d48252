import pytest
import torch.nn.functional as F

from model.perceptual.compact import CompactPerceptual, TapHead
from model.perceptual.vgg import Vgg19
from model.perceptual_training.first_head import fit_first_head
from tests.model.samples import random_vgg_weights, tensor


def test_the_head_predicts_the_tap_of_other_pictures_too():
    vgg, network = Vgg19(random_vgg_weights()), CompactPerceptual()
    head = network.heads[0]
    assert isinstance(head, TapHead)
    pictures = F.avg_pool2d(tensor(128, 128, batch=4), 2)
    tap = vgg(pictures)[0]
    head.set_units(tap)

    error = fit_first_head(head, pictures, tap, seed=0)

    others = F.avg_pool2d(tensor(128, 128, seed=1, batch=2), 2)
    wanted = vgg(others)[0]
    difference = (head(others) - wanted).square().mean() / wanted.square().mean()
    assert error < 0.01
    assert difference.item() == pytest.approx(error, abs=0.01)
    assert head.linear.weight.isfinite().all()
