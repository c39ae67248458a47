"""The Ray that is there: connected to, and shared out among workers."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tasb_pyserini.encoders.backends.device import runs_on_gpus
from tasb_pyserini.formats.errors import TasbError

THREADS = 4
"""Most threads of a worker on a CPU, unless the number of workers is given."""

Resources = Mapping[str, float]
"""Of a machine, as Ray names them: ``{"CPU": 8.0, "GPU": 1.0, …}``."""


@dataclass(frozen=True, slots=True)
class Share:
    """What each of some workers gets.

    Parameters
    ----------
    workers
        How many.
    threads
        Cores of one.
    gpus
        GPUs of one: 1, a fraction where several share one, 0 on a CPU.
    """

    workers: int
    threads: int
    gpus: float = 0.0


def share_gpus(machines: Sequence[Resources], workers: int | None) -> Share:
    """Share out GPUs: by default one a worker, with as many cores as all can have.

    Raises
    ------
    TasbError
        If there are none.

    Examples
    --------
    >>> share_gpus([{"CPU": 64}, {"CPU": 8, "GPU": 1}, {"CPU": 12, "GPU": 3}], None)
    Share(workers=4, threads=4, gpus=1.0)
    >>> share_gpus([{"CPU": 8, "GPU": 2}], workers=3)
    Share(workers=3, threads=2, gpus=0.5)
    """
    # A worker asks for a core as well.
    usable = [
        (int(machine["CPU"]), int(machine["GPU"]))
        for machine in machines
        if machine.get("CPU", 0) >= 1 and machine.get("GPU", 0) >= 1
    ]
    gpus = sum(gpus for _, gpus in usable)
    if not gpus:
        raise TasbError(
            "Ray has no machine with a GPU and a core; start one, or say --device cpu"
        )
    workers = workers or gpus
    together = -(-workers // gpus)
    threads = min(cores // (gpus * together) for cores, gpus in usable)
    return Share(workers, max(1, threads), 1 / together)


def share_cores(machines: Sequence[Resources], workers: int | None) -> Share:
    """Share out cores: by default `THREADS` a worker.

    Raises
    ------
    TasbError
        If there are none.

    Examples
    --------
    >>> share_cores([{"CPU": 8}, {"CPU": 6}], None)
    Share(workers=3, threads=4, gpus=0.0)
    >>> share_cores([{"CPU": 8}, {"CPU": 6}], workers=3).threads
    4
    >>> share_cores([{"CPU": 2}], workers=9).threads
    1
    """
    cores = [int(machine["CPU"]) for machine in machines if machine.get("CPU", 0) >= 1]
    if not cores:
        raise TasbError("Ray has no machine with a core to work on; start one")
    if workers is None:
        threads = min(THREADS, *cores)
        return Share(sum(n // threads for n in cores), threads)
    most = range(max(cores), 0, -1)
    fitting = (n for n in most if sum(c // n for c in cores) >= workers)
    return Share(workers, next(fitting, 1))


def choose_device(
    machines: Sequence[Resources], device: str, backend: str | None
) -> str:
    """Return ``cpu`` or ``cuda``, by what Ray has and not this machine.

    Parameters
    ----------
    machines
        Of Ray.
    device
        What the user named; ``auto`` is a GPU a worker where Ray has any.
    backend
        What the user named; None: any.

    Raises
    ------
    TasbError
        If the device is neither, or ``cuda`` where Ray has no GPU.

    Examples
    --------
    >>> there = [{"CPU": 4}, {"CPU": 8, "GPU": 2}]
    >>> choose_device(there, "auto", None), choose_device(there, "auto", "int8")
    ('cuda', 'cpu')
    """
    if device not in ("auto", "cpu", "cuda"):
        raise TasbError(
            f"device {device!r} with Ray, which assigns GPUs itself; expected auto, "
            "cpu or cuda"
        )
    gpus = any(machine.get("GPU", 0) >= 1 for machine in machines)
    if device == "auto":
        return "cuda" if gpus and runs_on_gpus(backend) else "cpu"
    if device == "cuda" and not gpus:
        raise TasbError(
            "device 'cuda': Ray has no machine with a GPU; say --device cpu"
        )
    return device


def alive_machines(ray: Any) -> list[Resources]:
    """Return the resources of each machine that is alive."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


@contextmanager
def connected() -> Iterator[Any]:
    """Yield the module ``ray``, connected; what is started here ends here.

    Raises
    ------
    TasbError
        If Ray is not installed.
    """
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
