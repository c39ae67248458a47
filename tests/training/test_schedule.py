import math

import pytest

from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.schedule import learning_rate_at


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
