"""Prints the CUDA devices of this machine as one line of JSON: `python -m worker.device`."""

import json
import sys

import torch


def devices() -> dict[str, object]:
    """Return the CUDA devices that torch sees, their memory, and the CUDA version of torch."""
    properties = [torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count())]
    return {
        "torch": torch.__version__,
        "built_for_cuda": torch.version.cuda,
        "devices": [
            {"name": device.name, "memory_gib": round(device.total_memory / 2**30, 1)}
            for device in properties
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(devices()) + "\n")
