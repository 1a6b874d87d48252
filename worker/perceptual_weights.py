"""Says why the perceptual weights cannot be used: `python -m worker.perceptual_weights FILE`.

Prints one line to stdout and exits with 1, or prints nothing and exits with 0.
"""

import sys
from pathlib import Path

import torch

from model.inference import load_fast_vgg


def main(path: Path) -> int:
    """Load the file once. Returns the exit status."""
    try:
        load_fast_vgg(path, torch.device("cpu"))
    except (OSError, ValueError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
