"""``auto`` finds the device, and a device that is not there is refused."""

import pytest
import torch

from tasb_pyserini.encoders.backends.device import pick_device
from tasb_pyserini.formats.errors import TasbError


def test_auto_is_the_gpu_where_there_is_one() -> None:
    assert pick_device("auto") == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("backend", ["openvino", "int8"])
def test_auto_is_the_cpu_for_backends_that_run_there_alone(backend: str) -> None:
    assert pick_device("auto", backend) == "cpu"


@pytest.mark.parametrize("backend", [None, "onnx", "int8"])
def test_a_gpu_that_is_not_there_is_refused(backend: str | None) -> None:
    with pytest.raises(TasbError, match="no device 'cuda:99': torch sees"):
        pick_device("cuda:99", backend)
    with pytest.raises(TasbError, match="expected cpu, cuda or cuda:N"):
        pick_device("mps", backend)
