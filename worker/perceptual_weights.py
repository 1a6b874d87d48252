"""Says why own styles cannot be refined: `python -m worker.perceptual_weights [FILE]`.

FILE contains VGG-19; without it, the compact perceptual network is checked. Prints one line to
stdout and exits with 1, or prints nothing and exits with 0.
"""

import sys
from pathlib import Path

import torch

from model.inference import load_perceptual_network


def main(path: Path | None) -> int:
    """Load the file once. Returns the exit status."""
    try:
        load_perceptual_network(path, torch.device("cpu"))
    except (OSError, ValueError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
