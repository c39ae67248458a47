"""Batches composed ahead, by worker processes, in order."""

from collections.abc import Generator

import torch
from torch.utils.data import DataLoader, Dataset

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.batches.compose import PairBatch, compose
from tasb_pyserini.training.data import TrainingData
from tasb_pyserini.training.sampling.sampler import Sampler

AHEAD = 8
"""How many batches each worker has ready at most."""

RELEASE_EVERY = 64
"""Batches after which a process lets go of the texts that it has read."""


def load_batches(
    data: TrainingData,
    sampler: Sampler,
    start: int,
    stop: int,
    *,
    workers: int = 0,
    rank: int = 0,
    world_size: int = 1,
    pin_memory: bool = False,
) -> Generator[PairBatch, None, None]:
    """Yield the batches `start` to `stop` - 1, each the same for any number of workers.

    Workers map the same arrays, so that further ones cost next to no memory, and stay
    at most :data:`AHEAD` batches ahead each.

    Parameters
    ----------
    data
        Pairs and texts.
    sampler
        Draws the batches by their numbers.
    start, stop
        Numbers of the first batch, and of the one after the last.
    workers
        Processes that compose; 0: none but this one.
    rank, world_size
        Of several training processes this one's share of each batch.
    pin_memory
        Whether the tensors lie where a GPU can fetch them by itself.

    Raises
    ------
    TasbError
        If a worker was killed. Another error in a worker is raised here with its type
        and the worker's traceback.
    """
    loader = DataLoader(
        _Batches(data, sampler, rank, world_size),
        batch_size=None,
        sampler=range(start, stop),
        num_workers=workers,
        prefetch_factor=AHEAD if workers else None,
        pin_memory=pin_memory,
        # Without one of its own the loader draws from the random state of dropout.
        generator=torch.Generator(),
    )
    try:
        yield from loader
    except RuntimeError as error:
        # What torch says, in data/dataloader.py, of a worker that is gone.
        if "DataLoader worker (pid" not in str(error):
            raise
        raise TasbError(
            "a process that composes batches was killed, perhaps for want of memory; "
            "run the same command again to go on, with fewer workers or a smaller batch"
        ) from error


class _Batches(Dataset[PairBatch]):
    """Batches by number."""

    def __init__(
        self, data: TrainingData, sampler: Sampler, rank: int, world_size: int
    ) -> None:
        self.data, self.sampler = data, sampler
        self.rank, self.world_size = rank, world_size
        self._composed = 0

    def __getitem__(self, number: int) -> PairBatch:
        share = self.sampler.batch(number).share(self.rank, self.world_size)
        batch = compose(self.data, number, share)
        self._composed += 1
        if self._composed % RELEASE_EVERY == 0:
            self.data.passages.release()
        return batch
