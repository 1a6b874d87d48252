"""`dualtrans evaluate`: measure models on the same pictures, see model/evaluation."""

from collections.abc import Sequence

from model.evaluation.__main__ import main as evaluate


def main(arguments: Sequence[str]) -> int:
    """Evaluate with these options. Returns the exit status."""
    return evaluate(list(arguments))
