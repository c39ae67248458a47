from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.score_shards import (
    has_scores,
    read_scores,
    refuse_wild,
    write_scores,
)

DAMAGED = "00000.npy: damaged; expected 3 scores; delete the file and run the same c"


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


@pytest.mark.parametrize("wild", ["nan", "inf", "-inf"])
def test_the_first_score_that_is_no_number_is_named(wild: str) -> None:
    scores = np.array([1, wild, "nan"], np.float32)
    with pytest.raises(TasbError, match=f"^score {wild} of pair 1; expected a finite"):
        refuse_wild(scores, lambda place: f"pair {place}")
    refuse_wild(scores[:1], lambda _: pytest.fail("all are finite"))
