"""What decides how a student learns: the numbers of a training run."""

import math
from dataclasses import dataclass
from typing import Literal

from tasb_pyserini.formats.errors import TasbError

Precision = Literal["no", "bf16", "fp16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The settings of one training run.

    Defaults are those of the authors' code (matchmaker's ``config/train/defaults.yaml``
    and ``modes/tas_balanced.yaml``) where it has one.

    Parameters
    ----------
    steps
        Updates of the weights; the authors stop at 700,000 to 850,000.
    batch_size
        Queries a batch, each with its two passages.
    learning_rate
        Highest learning rate of Adam. 7e-6 suits a pre-trained model; one that starts
        from nothing needs about a hundred times as much.
    warmup_steps
        Updates over which the learning rate rises to its highest.
    max_grad_norm
        Gradients longer than this are scaled down to it.
    mixed_precision
        What the transformer computes in; scores and losses are fp32 in any case.
    seed
        Of batches and dropout.
    checkpoint_every
        Updates between two saved states, from which a killed run goes on.
    log_every
        Updates between two lines of the log.

    Raises
    ------
    TasbError
        If a value is out of range.
    """

    steps: int
    batch_size: int = 32
    learning_rate: float = 7e-6
    warmup_steps: int = 0
    max_grad_norm: float = 10_000.0
    mixed_precision: Precision = "no"
    seed: int = 42
    checkpoint_every: int = 1_000
    log_every: int = 50

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "checkpoint_every", "log_every"):
            if getattr(self, name) < 1:
                raise _out_of_range(name, getattr(self, name), "at least 1")
        for name in ("learning_rate", "max_grad_norm"):
            if not 0 < getattr(self, name) < math.inf:
                raise _out_of_range(name, getattr(self, name), "a number above 0")
        if not 0 <= self.warmup_steps < self.steps:
            expected = f"at least 0 and fewer than the {self.steps} steps"
            raise _out_of_range("warmup_steps", self.warmup_steps, expected)
        if not 0 <= self.seed < 2**63:
            raise _out_of_range("seed", self.seed, "0 to 2**63 - 1")


def learning_rate_at(step: int, config: TrainingConfig) -> float:
    """Return the learning rate of an update: a linear rise, then a cosine to zero.

    The authors' schedule (matchmaker steps ``get_cosine_schedule_with_warmup`` so that
    it ends at 850,000 updates); the paper's text has a constant rate.

    Parameters
    ----------
    step
        Updates made before this one.
    config
        The run's settings.

    Examples
    --------
    >>> config = TrainingConfig(steps=6, warmup_steps=2, learning_rate=1.0)
    >>> [round(learning_rate_at(step, config), 3) for step in range(7)]
    [0.333, 0.667, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / (config.warmup_steps + 1)
    done = (step - config.warmup_steps) / (config.steps - config.warmup_steps)
    return config.learning_rate * (1 + math.cos(math.pi * done)) / 2


def _out_of_range(name: str, value: object, expected: str) -> TasbError:
    return TasbError(f"{name} {value}: expected {expected}")
