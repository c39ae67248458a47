import math
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import TrainingConfig


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": 0}, "steps 0: expected at least 1"),
        ({"batch_size": 0}, "batch_size 0: expected at least 1"),
        ({"learning_rate": 0.0}, "learning_rate 0.0: expected a number above 0"),
        ({"learning_rate": math.nan}, "learning_rate nan: expected a number above 0"),
        ({"max_grad_norm": math.inf}, "max_grad_norm inf: expected a number above 0"),
        ({"warmup_steps": 10}, "warmup_steps 10: expected at least 0 and fewer than"),
        ({"seed": -1}, "seed -1: expected 0 to"),
        ({"log_every": 0}, "log_every 0: expected at least 1"),
    ],
)
def test_a_value_out_of_range_is_named(changed: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"steps": 10, **changed}

    with pytest.raises(TasbError, match=f"^{message}"):
        TrainingConfig(**values)
