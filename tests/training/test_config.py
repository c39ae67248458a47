import math
from typing import Any

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.config import TrainingConfig, learning_rate_at


def test_the_defaults_are_the_authors() -> None:
    config = TrainingConfig(steps=850_000)

    assert (config.batch_size, config.learning_rate) == (32, 7e-6)
    assert learning_rate_at(0, config) == 7e-6
    assert learning_rate_at(425_000, config) == pytest.approx(3.5e-6)
    assert learning_rate_at(850_000, config) == 0


def test_warmup_rises_to_the_cosine_without_a_jump() -> None:
    config = TrainingConfig(steps=100, warmup_steps=10, learning_rate=1.0)
    rates = [learning_rate_at(step, config) for step in range(100)]

    assert rates[:10] == pytest.approx([(step + 1) / 11 for step in range(10)])
    assert rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[55] == pytest.approx((1 + math.cos(math.pi * 45 / 90)) / 2)
    assert 0 < rates[99] < 0.001


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
