"""Encode shards on one or several machines, with Ray Data.

Ray passes only the numbers of shards about. Each worker reads the collection from, and
writes whole shards into, folders that all machines see under the same path. A shard
whose worker or machine is lost is done again elsewhere; done twice, it is the same.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.worker import (
    EncoderSource,
    ShardWorker,
    Work,
    split,
)

THREADS = 4
"""Most threads of a worker on a CPU, unless the number of workers is given."""

SHARDS_A_TASK = 8
"""Most shards that a worker takes at once."""

Columns = dict[str, NDArray[Any]]


def encode_with_ray(
    work: Work,
    numbers: Sequence[int],
    *,
    source: EncoderSource,
    workers: int | None = None,
) -> Iterator[int]:
    """Encode shards; yield the number of each once it is on disk, in any order.

    Runs on the Ray that this process is connected to; else on the one that
    ``RAY_ADDRESS`` names; else on one that is started here and ended afterwards.

    Parameters
    ----------
    work
        What the shards are of; all machines see its paths.
    numbers
        Of the shards, ascending.
    source
        Of the encoder; a folder in its name is one that all machines see. The device
        ``auto`` is one GPU a worker where Ray has any.
    workers
        How many; None: one a GPU, or one for each 4 cores of a machine.

    Raises
    ------
    TasbError
        If Ray is not installed, or a worker found a mistake.
    """
    with _connected() as ray:
        gpus = int(ray.cluster_resources().get("GPU", 0))
        on_gpu = source.device != "cpu" and gpus > 0
        cores = [
            int(node["Resources"]["CPU"])
            for node in ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU", 0) >= 1
        ]
        threads = _threads(cores, gpus if on_gpu and workers is None else workers)
        if workers is None:
            workers = gpus if on_gpu else sum(n // threads for n in cores)
        yield from _run(
            replace(
                work,
                collection=work.collection.resolve(),
                output=work.output.resolve(),
            ),
            numbers,
            replace(
                source,
                name=_whole_name(source.name),
                device="cuda" if on_gpu else "cpu",
            ),
            min(workers, len(numbers)),
            threads,
            min(1.0, gpus / workers) if on_gpu else 0.0,
        )


class _Encode:
    """What a worker of the pool runs."""

    def __init__(self, work: Work, source: EncoderSource, threads: int) -> None:
        self.worker = ShardWorker(work, source, threads)

    def __call__(self, batch: Columns) -> Columns:
        numbers, mistake = batch["number"], ""
        try:
            self.worker.encode(numbers.tolist())
        except TasbError as error:
            # Ray would print the traceback of a raised one, several times.
            mistake = str(error)
        return {"number": numbers, "mistake": np.full(len(numbers), mistake)}


def _run(
    work: Work,
    numbers: Sequence[int],
    source: EncoderSource,
    workers: int,
    threads: int,
    gpus: float,
) -> Iterator[int]:
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = [{"number": number} for number in numbers]
    tasks = len(split(numbers, workers, SHARDS_A_TASK))
    done = ray.data.from_items(rows, override_num_blocks=tasks).map_batches(
        _Encode,
        batch_size=None,
        fn_constructor_args=(work, source, threads),
        compute=ray.data.ActorPoolStrategy(
            size=workers, max_tasks_in_flight_per_actor=2
        ),
        num_cpus=threads,
        num_gpus=gpus,
    )
    for row in done.iter_rows():
        if row["mistake"]:
            raise TasbError(str(row["mistake"]))
        yield int(row["number"])


@contextmanager
def _connected() -> Iterator[Any]:
    # Read when Ray is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise TasbError(
            f'no Ray here ({error}); pip install "tasb-pyserini[ray]"'
        ) from error
    if ray.is_initialized():
        yield ray
        return
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield ray
    finally:
        ray.shutdown()


def _threads(cores: Sequence[int], workers: int | None) -> int:
    """Return the most threads that let so many workers run on machines at once.

    Examples
    --------
    >>> _threads([8, 6], workers=3), _threads([8, 6], workers=None), _threads([2], 9)
    (4, 4, 1)
    """
    if workers is None:
        return min(THREADS, *cores)
    most = range(max(cores), 0, -1)
    return next((n for n in most if sum(c // n for c in cores) >= workers), 1)


def _whole_name(name: str) -> str:
    """Return an encoder's name with the whole path of its folder, if it has one."""
    location = parse_name(name).location
    if location and Path(location).is_dir():
        return name.removesuffix(location) + str(Path(location).resolve())
    return name
