"""What each worker asks of Ray is there, on some machine, for all of them at once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing.engines.ray_cluster import (
    Resources,
    Share,
    choose_device,
    share_cores,
    share_gpus,
)

MACHINES = st.lists(
    st.builds(
        lambda gpus, cores: {"CPU": float(gpus + cores), "GPU": float(gpus)},
        st.integers(0, 8),
        st.integers(0, 64),
    ),
    max_size=5,
)


def places(machines: Sequence[Resources], share: Share) -> int:
    """Count, machine by machine, the workers that Ray can start at once."""
    found = 0
    for machine in machines:
        cores, gpus = machine.get("CPU", 0), [1.0] * int(machine.get("GPU", 0))
        while cores >= share.threads:
            if share.gpus:
                free = [n for n, left in enumerate(gpus) if left > share.gpus - 1e-9]
                if not free:
                    break
                gpus[free[0]] -= share.gpus
            cores -= share.threads
            found += 1
    return found


@given(machines=MACHINES)
def test_by_default_each_gpu_has_a_worker(machines: list[Resources]) -> None:
    gpus = sum(int(machine["GPU"]) for machine in machines)
    if gpus == 0:
        with pytest.raises(TasbError, match="Ray has no machine with a GPU"):
            share_gpus(machines, None)
        return
    share = share_gpus(machines, None)
    assert (share.workers, share.gpus) == (gpus, 1.0)
    assert places(machines, share) == gpus


@pytest.mark.parametrize(
    ("machines", "workers", "expected"),
    [
        ([{"CPU": 64.0}, {"CPU": 8.0, "GPU": 1.0}], None, Share(1, 8, 1.0)),
        ([{"CPU": 8.0, "GPU": g} for g in (1.0, 3.0)], None, Share(4, 2, 1.0)),
        ([{"CPU": 16.0, "GPU": 2.0}], 3, Share(3, 4, 0.5)),
        ([{"CPU": 16.0, "GPU": 2.0}], 1, Share(1, 8, 1.0)),
        ([{"CPU": 1.0, "GPU": 1.0}], 2, Share(2, 1, 0.5)),
    ],
)
def test_cores_and_gpus_are_counted_where_they_are(
    machines: list[Resources], workers: int | None, expected: Share
) -> None:
    assert share_gpus(machines, workers) == expected


@given(machines=MACHINES, workers=st.none() | st.integers(1, 40))
def test_workers_on_cores_fit(machines: list[Resources], workers: int | None) -> None:
    cores = sum(int(machine["CPU"]) for machine in machines)
    if cores == 0:
        with pytest.raises(TasbError, match="Ray has no machine with a core"):
            share_cores(machines, workers)
        return
    share = share_cores(machines, workers)
    assert places(machines, share) >= min(share.workers, cores)


GPUS: list[Resources] = [{"CPU": 4.0}, {"CPU": 8.0, "GPU": 2.0}]


@pytest.mark.parametrize(
    ("machines", "device", "backend", "expected"),
    [
        (GPUS, "auto", None, "cuda"),
        (GPUS, "auto", "fp16", "cuda"),
        (GPUS, "auto", "int8", "cpu"),
        (GPUS, "auto", "openvino", "cpu"),
        (GPUS, "cpu", None, "cpu"),
        (GPUS, "cuda", None, "cuda"),
        (GPUS[:1], "auto", "fp16", "cpu"),
    ],
)
def test_the_device_is_rays_and_not_this_machines(
    machines: list[Resources], device: str, backend: str | None, expected: str
) -> None:
    assert choose_device(machines, device, backend) == expected


@pytest.mark.parametrize(
    ("device", "message"),
    [("cuda", "no machine with a GPU"), ("cuda:1", "assigns GPUs itself")],
)
def test_a_device_that_ray_has_not_is_refused(device: str, message: str) -> None:
    with pytest.raises(TasbError, match=message):
        choose_device(GPUS[:1], device, None)
