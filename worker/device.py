"""What this machine can render on, as one line of JSON: `python -m worker.device`."""

import json
import sys

import torch


def devices() -> dict[str, object]:
    """The CUDA devices that torch sees, with their memory, and what torch was built for."""
    found = [torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count())]
    return {
        "torch": torch.__version__,
        "built_for_cuda": torch.version.cuda,
        "devices": [
            {"name": device.name, "memory_gib": round(device.total_memory / 2**30, 1)}
            for device in found
        ],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(devices()) + "\n")
