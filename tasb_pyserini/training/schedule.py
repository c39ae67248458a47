"""The learning rate of each update."""

import math

from tasb_pyserini.training.config import TrainingConfig


def learning_rate_at(step: int, config: TrainingConfig) -> float:
    """Return the learning rate of an update: a linear rise, then the schedule.

    ``cosine``, to zero, is the authors' schedule (matchmaker steps
    ``get_cosine_schedule_with_warmup`` so that it ends at 850,000 updates); the paper's
    text has a ``constant`` rate.

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
    if config.schedule == "constant":
        return config.learning_rate
    done = (step - config.warmup_steps) / (config.steps - config.warmup_steps)
    return config.learning_rate * (1 + math.cos(math.pi * done)) / 2
