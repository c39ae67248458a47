import pytest
import torch

from tasb_pyserini.training.losses.precision import at_least_fp32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_two_and_four_bytes_become_fp32(dtype: torch.dtype) -> None:
    assert at_least_fp32(torch.ones(1, dtype=dtype)).dtype == torch.float32


def test_what_is_wide_enough_is_not_copied() -> None:
    for tensor in (torch.ones(1), torch.ones(1).double()):
        assert at_least_fp32(tensor) is tensor
