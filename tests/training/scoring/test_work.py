import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.scoring.work import (
    has_scores,
    open_work,
    read_scores,
    write_scores,
)

DAMAGED = "00000.npy: damaged; expected 3 scores; delete the file and run tasb score"


@given(st.lists(st.floats(width=32, allow_nan=False), max_size=20))
def test_scores_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, scores: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("work")
    write_scores(folder, 7, np.array(scores, np.float32))
    assert has_scores(folder, 7)
    assert not has_scores(folder, 6)
    assert read_scores(folder, 7, len(scores)).tolist() == scores


@given(st.integers(1, 139))
def test_a_shard_cut_short_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, bytes_left: int
) -> None:
    folder = tmp_path_factory.mktemp("work")
    write_scores(folder, 0, np.ones(3, np.float32))
    path = folder / "00000.npy"
    path.write_bytes(path.read_bytes()[:bytes_left])
    with pytest.raises(InputError, match=DAMAGED):
        read_scores(folder, 0, 3)


@pytest.mark.parametrize(
    "other", [np.ones(4, np.float32), np.ones(3), np.array([{}] * 3, dtype=object)]
)
def test_another_array_is_refused(tmp_path: Path, other: np.ndarray) -> None:
    np.save(tmp_path / "00000.npy", other)
    with pytest.raises(InputError, match=DAMAGED):
        read_scores(tmp_path, 0, 3)


def test_the_same_work_goes_on_and_other_work_is_refused(tmp_path: Path) -> None:
    manifest = {"weights": "sha256:1", "texts": ["a", "b"]}
    for _ in range(2):
        with open_work(tmp_path / "work", manifest):
            pass
    message = r"\(weights: there 'sha256:1', now 'sha256:2'\); choose another output"
    with (
        pytest.raises(TasbError, match=message),
        open_work(tmp_path / "work", manifest | {"weights": "sha256:2"}),
    ):
        pass


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_bad_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with (
        pytest.raises(InputError, match="expected what tasb score wrote; delete the f"),
        open_work(tmp_path, {"precision": "fp32"}),
    ):
        pass


HOLD = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / ".lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with (
            pytest.raises(TasbError, match="another process is scoring into it"),
            open_work(tmp_path, {}),
        ):
            pass
        process.kill()
