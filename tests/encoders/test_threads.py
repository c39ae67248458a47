"""OMP_NUM_THREADS rules; else the cores that the process may use."""

import os

import pytest

from tasb_pyserini.encoders.threads import MOST, default_threads


@pytest.mark.parametrize("said", ["", "0", "-2", "many", "2,4"])
def test_what_is_no_number_of_threads_is_passed_over(said: str) -> None:
    assert default_threads({"OMP_NUM_THREADS": said}) == default_threads({})


def test_a_number_is_taken_however_many_cores_there_are() -> None:
    assert default_threads({"OMP_NUM_THREADS": "64"}) == 64


@pytest.mark.parametrize(
    ("cores", "processes", "threads"),
    [(128, 8, 16), (128, 1, 16), (128, 32, 4), (24, 2, 12), (2, 4, 1)],
)
def test_processes_share_all_cores_not_the_most_that_one_takes(
    cores: int, processes: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _: set(range(cores)), raising=False
    )
    assert default_threads({}, processes) == threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone has it")
def test_only_the_cores_of_this_process_count() -> None:
    cores = os.sched_getaffinity(0)
    assert default_threads({}) == min(MOST, len(cores))
    os.sched_setaffinity(0, {min(cores)})
    try:
        assert default_threads({}) == 1
    finally:
        os.sched_setaffinity(0, cores)
