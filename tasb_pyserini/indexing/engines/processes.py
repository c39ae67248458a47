"""Encode shards in several processes of this machine, each on its own device."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing.queues import SimpleQueue

from tasb_pyserini.encoders.threads import default_threads
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.worker import (
    EncoderSource,
    ShardWorker,
    Work,
    split,
)

SHARDS_A_TASK = {"cpu": 1, "cuda": 8}
"""Most shards that a worker takes at once, by kind of device.

Within a task the next shard is read while one is computed: that keeps a GPU busy. On a
CPU it would gain nothing, and the work would be shared out less evenly.
"""

_worker: ShardWorker


def encode_in_processes(
    work: Work,
    numbers: Sequence[int],
    *,
    source: EncoderSource,
    devices: Sequence[str],
) -> Iterator[int]:
    """Encode shards; yield the number of each once it is on disk, in any order.

    The vectors are those of one process, to the last bit.

    Parameters
    ----------
    work
        What the shards are of.
    numbers
        Of the shards, ascending.
    source
        Of the encoder; its device is not used.
    devices
        One process each: ``["cuda:0", "cuda:1"]``, ``["cpu"] * 4``. They share this
        machine's cores.

    Raises
    ------
    TasbError
        If a process was killed, or found a mistake.
    """
    devices = devices[: len(numbers)]
    context = multiprocessing.get_context("spawn")
    places: SimpleQueue[str] = context.SimpleQueue()
    for device in devices:
        places.put(device)
    threads = default_threads(processes=len(devices))
    most = SHARDS_A_TASK["cuda" if "cuda" in devices[0] else "cpu"]
    others = {*multiprocessing.active_children()}
    pool = ProcessPoolExecutor(
        len(devices), context, _start, (work, source, places, threads)
    )
    try:
        tasks = [
            pool.submit(_encode, task) for task in split(numbers, len(devices), most)
        ]
        for task in as_completed(tasks):
            yield from task.result()
    except BrokenProcessPool as error:
        raise TasbError(
            f"{work.output}: a worker process ended without a word (killed for "
            "memory?); the shards that are done stay: run the same command again, "
            "with fewer processes if memory is short"
        ) from error
    except (KeyboardInterrupt, GeneratorExit):
        # Nobody waits for the shards under way, which may take minutes.
        for worker in {*multiprocessing.active_children()} - others:
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _start(
    work: Work, source: EncoderSource, places: "SimpleQueue[str]", threads: int
) -> None:
    global _worker
    # Ctrl-C reaches all processes of a terminal; the parent alone speaks of it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_threads(threads)
    _worker = ShardWorker(work, replace(source, device=places.get()), threads)


def _limit_threads(threads: int) -> None:
    """Limit PyTorch too, which has one count for a process and reads it when loaded."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(threads)


def _encode(numbers: Sequence[int]) -> list[int]:
    return _worker.encode(numbers)


def _end_with_parent() -> None:
    """Leave when the parent was killed: the pool's processes would wait for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
