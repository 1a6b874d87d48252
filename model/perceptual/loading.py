"""Loads the perceptual network that style codes are fitted with."""

from pathlib import Path

import torch

from model.perceptual.compact import load_compact_perceptual
from model.perceptual.network import PerceptualNetwork
from model.perceptual.vgg import load_fast_vgg


def load_perceptual_network(vgg: Path | None, device: torch.device) -> PerceptualNetwork:
    """Load the packaged compact network, or VGG-19 if a file with its weights is named.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file does not contain the network.
    """
    if vgg is None:
        return load_compact_perceptual(None, device)
    return load_fast_vgg(vgg, device)
