"""`dualtrans train`: train a generator, see model/training."""

from collections.abc import Sequence

from model.training.__main__ import main as train


def main(arguments: Sequence[str]) -> int:
    """Train with these options. Returns the exit status."""
    return train(list(arguments))
