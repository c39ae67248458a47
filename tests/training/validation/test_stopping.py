"""Patience, followed by hand."""

import json
from dataclasses import asdict

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.validation.stopping import Patience

# step, value, best step, stop with patience 2, never before step 500
SEQUENCE = [
    (100, 0.30, 100, False),
    (200, 0.20, 100, False),
    (300, 0.30, 100, False),  # waited twice, but too early; equal is no better
    (400, 0.31, 400, False),
    (500, 0.30, 400, False),
    (600, 0.40, 600, False),
    (700, 0.10, 600, False),
    (800, 0.39, 600, True),
]


def test_patience_runs_out_as_by_hand() -> None:
    patience = Patience(limit=2, not_before=500)
    for step, value, best_step, stop in SEQUENCE:
        assert patience.update(step, value) == stop
        assert patience.best_step == best_step
    assert (patience.best, patience.waited) == (0.4, 2)


def test_patience_through_json_after_every_step_is_the_same() -> None:
    patience = Patience(limit=2, not_before=500)
    for step, value, best_step, stop in SEQUENCE:
        patience = Patience(**json.loads(json.dumps(asdict(patience))))
        assert patience.update(step, value) == stop
        assert patience.best_step == best_step


def test_waiting_counts_before_the_first_step_at_which_it_may_stop() -> None:
    # The authors' numbers: a run that was best at its first validation waits until
    # step 300,000, the 75th, and ends there.
    patience = Patience()
    stops = [patience.update(4_000 * n, 0.5 - n / 1_000) for n in range(1, 76)]
    assert stops == [False] * 74 + [True]


def test_thirty_validations_without_improvement_end_a_long_run() -> None:
    patience = Patience(best=0.3, best_step=400_000)
    stops = [patience.update(400_000 + 4_000 * n, 0.3) for n in range(1, 31)]
    assert stops == [False] * 29 + [True]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number_is_refused(value: float) -> None:
    patience = Patience()
    with pytest.raises(TasbError, match="at step 8: expected a number"):
        patience.update(8, value)
    assert patience == Patience()
