"""Encode shards on one or several machines, with Ray Data.

Ray passes only the numbers of shards about. Each worker reads the collection from, and
writes whole shards into, folders that all machines see under the same path. A shard
whose worker or machine is lost is done again elsewhere; done twice, it is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasb_pyserini.encoders.names import absolute_name, parse_name
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.ray_cluster import (
    Share,
    alive_machines,
    choose_device,
    connected,
    share_cores,
    share_gpus,
)
from tasb_pyserini.indexing.engines.worker import (
    EncoderSource,
    ShardWorker,
    Work,
    split,
)

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
        If Ray is not installed, has nothing to work on, or a worker found a mistake.
    """
    with connected() as ray:
        source = for_cluster(ray, source)
        share_out = share_cores if source.device == "cpu" else share_gpus
        share = share_out(alive_machines(ray), workers)
        yield from _run(
            replace(
                work,
                collection=work.collection.resolve(),
                output=work.output.resolve(),
            ),
            numbers,
            source,
            replace(share, workers=min(share.workers, len(numbers))),
        )


def for_cluster(ray: Any, source: EncoderSource) -> EncoderSource:
    """Return a source that means the same on all machines.

    Parameters
    ----------
    ray
        From :func:`~tasb_pyserini.indexing.engines.ray_cluster.connected`.
    source
        Its device is decided, and the folder in its name made absolute.

    Raises
    ------
    TasbError
        If Ray has no such device.
    """
    device = choose_device(
        alive_machines(ray), source.device, parse_name(source.name).backend
    )
    return replace(source, name=absolute_name(source.name), device=device)


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
    share: Share,
) -> Iterator[int]:
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    rows = [{"number": number} for number in numbers]
    tasks = len(split(numbers, share.workers, SHARDS_A_TASK))
    done = ray.data.from_items(rows, override_num_blocks=tasks).map_batches(
        _Encode,
        batch_size=None,
        fn_constructor_args=(work, source, share.threads),
        compute=ray.data.ActorPoolStrategy(
            size=share.workers, max_tasks_in_flight_per_actor=2
        ),
        num_cpus=share.threads,
        num_gpus=share.gpus,
    )
    for row in done.iter_rows():
        if row["mistake"]:
            raise TasbError(str(row["mistake"]))
        yield int(row["number"])
