"""The batches of a run whose pairs change every so many steps."""

from collections.abc import Iterator
from functools import partial
from typing import Protocol

from accelerate import Accelerator

from tasb_pyserini.training.batches.compose import PairBatch
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.log import TrainingLog
from tasb_pyserini.training.ranks import on_all

REFRESH = "refresh"
"""Folder in a run's own, for newly drawn pairs."""


class LoadBatches(Protocol):
    """Yields batches by their numbers, this process's share of each."""

    def __call__(
        self, start: int, stop: int, *, rank: int, world_size: int, pin_memory: bool
    ) -> Iterator[PairBatch]:
        """Yield the batches `start` to `stop` - 1."""


class Refreshes(Protocol):
    """Draws negatives anew; see `tasb_pyserini.training.refresh`."""

    def begin(self, step: int) -> None:
        """Remove what a run that stood at a later step had left."""

    def make(self, step: int) -> dict[str, float]:
        """Draw the pairs of a step, if that is not done; return figures for the log."""

    def load(self, step: int) -> LoadBatches:
        """Return what gives batches of the pairs drawn at a step."""


def segment_batches(
    config: TrainingConfig,
    start: int,
    load: LoadBatches,
    refresh: Refreshes | None,
    accelerator: Accelerator,
    log: TrainingLog,
) -> Iterator[PairBatch]:
    """Yield the batches from a step on, in a segment from the pairs drawn before it.

    New pairs are drawn when the first batch after them is asked for: what happens after
    a step, such as saving, has happened by then.

    Parameters
    ----------
    config
        The run's settings.
    start
        Updates made.
    load
        Gives the batches of the first segment.
    refresh
        Gives those of all others.
    accelerator
        Knows the processes, all of which ask for the same batches.
    log
        Gets a line for each new draw.
    """
    world_size = 1 if config.gather else accelerator.num_processes
    rank = 0 if config.gather else accelerator.process_index
    pin_memory = accelerator.device.type == "cuda"
    if refresh is not None:
        refresh.begin(start)
    for drawn, first, stop in segments(config, start):
        if refresh is not None and drawn:
            if first == drawn:
                figures = refresh.make(drawn)
                on_all(accelerator, partial(log.note, drawn, **figures))
            load = refresh.load(drawn)
        yield from load(
            first * config.accumulate,
            stop * config.accumulate,
            rank=rank,
            world_size=world_size,
            pin_memory=pin_memory,
        )


def segments(config: TrainingConfig, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield when pairs were drawn, and the first step and the end of their use.

    Parameters
    ----------
    config
        The run's settings.
    start
        Updates made.

    Examples
    --------
    >>> config = TrainingConfig(steps=8, refresh_every=3)
    >>> list(segments(config, 4))
    [(3, 4, 6), (6, 6, 8)]
    """
    every = config.refresh_every or config.steps
    while start < config.steps:
        drawn = start // every * every
        stop = min(drawn + every, config.steps)
        yield drawn, start, stop
        start = stop
