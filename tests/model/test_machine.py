"""What is asked of the machine, it answers."""

import torch

from model.machine import available_bytes, fast_precision, keep_large_blocks


def test_the_free_memory_is_told_in_bytes():
    free = available_bytes()

    assert free is None or free > 2**20


def test_a_cpu_knows_which_precision_is_fast():
    assert fast_precision(torch.device("cpu")) in {"fp32", "bf16"}


def test_large_blocks_may_be_kept_twice():
    keep_large_blocks()
    keep_large_blocks()
