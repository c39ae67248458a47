from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.pairs import average as module
from tasb_pyserini.training.pairs.average import average_pairs
from tasb_pyserini.training.pairs.store import open_pairs, pairs_of
from tasb_pyserini.training.pairs.writer import write_pairs
from tests.training.pairs.rows import names, rows_of, slow_order

Key = tuple[str, str, str]
Teacher = dict[Key, tuple[float, float]]

few = st.sampled_from(["a", "b", "c", "d"])
score = st.floats(-100, 100, width=32)
teachers = st.dictionaries(
    st.tuples(few | names, few, few), st.tuples(score, score), min_size=1
)


def write_teacher(folder: Path, name: str, teacher: Teacher) -> Path:
    rows = [ScoredTriple(*key, *scores) for key, scores in teacher.items()]
    write_pairs(folder / name, pairs_of(rows))
    return folder / name


def test_the_mean_is_taken_pair_by_pair(tmp_path: Path) -> None:
    one = write_teacher(
        tmp_path, "1", {("q", "p", "n"): (2.0, 1.0), ("q", "p", "m"): (2.0, 8.0)}
    )
    two = write_teacher(
        tmp_path, "2", {("q", "p", "m"): (4.0, -8.0), ("r", "x", "y"): (0.0, 0.0)}
    )
    report = average_pairs([one, two], tmp_path / "mean")
    mean = open_pairs(tmp_path / "mean")
    assert rows_of(mean) == [("q", "p", "m", 3.0, 0.0)]
    # Ids that no pair names are gone.
    assert (list(mean.qids), list(mean.docids)) == (["q"], ["m", "p"])
    assert report["left_out"] == {str(one): 1, str(two): 1}


@settings(max_examples=50)
@given(drawn=st.lists(teachers, min_size=2, max_size=3), shared=teachers)
@pytest.mark.parametrize("at_once", [1, 1000])
def test_means_are_those_of_a_dict(
    tmp_path_factory: pytest.TempPathFactory,
    at_once: int,
    drawn: list[Teacher],
    shared: Teacher,
) -> None:
    folder = tmp_path_factory.mktemp("mean")
    # All teachers score `shared`, each in its own way.
    for number, teacher in enumerate(drawn):
        teacher |= {key: (s[1], s[0] - number) for key, s in shared.items()}
    folders = [write_teacher(folder, str(n), t) for n, t in enumerate(drawn)]
    common = set.intersection(*map(set, drawn))
    expected = []
    for key in common:
        scores = np.array([teacher[key] for teacher in drawn], np.float32)
        pos, neg = scores.astype(np.float64).mean(axis=0).tolist()
        expected.append(ScoredTriple(*key, pos, neg))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAIRS_AT_ONCE", at_once)
        report = average_pairs(folders, folder / "out")
    mean = open_pairs(folder / "out")
    assert rows_of(mean) == slow_order(expected)
    assert set(mean.docids) == {docid for _, *pair in common for docid in pair}
    assert list(report["left_out"].values()) == [len(t) - len(common) for t in drawn]


def test_teachers_with_nothing_in_common_are_refused(tmp_path: Path) -> None:
    one = write_teacher(tmp_path, "1", {("q", "p", "n"): (1.0, 0.0)})
    two = write_teacher(tmp_path, "2", {("q", "n", "p"): (1.0, 0.0)})
    with pytest.raises(TasbError, match="no pair is in all; expected teachers of"):
        average_pairs([one, two], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_one_teacher_is_not_enough(tmp_path: Path) -> None:
    one = write_teacher(tmp_path, "1", {("q", "p", "n"): (1.0, 0.0)})
    with pytest.raises(TasbError, match="expected at least two to average"):
        average_pairs([one], tmp_path / "mean")


def test_a_pair_scored_in_two_ways_is_refused(tmp_path: Path) -> None:
    rows = [ScoredTriple("q", "p", "n", 1.0, 0.0), ScoredTriple("q", "p", "n", 2.0, 0)]
    write_pairs(tmp_path / "1", pairs_of(rows))
    two = write_teacher(tmp_path, "2", {("q", "p", "n"): (1.0, 0.0)})
    with pytest.raises(TasbError, match="1: 1 pairs are scored in two ways"):
        average_pairs([two, tmp_path / "1"], tmp_path / "mean")


def test_pairs_without_scores_are_refused(tmp_path: Path) -> None:
    one = write_teacher(tmp_path, "1", {("q", "p", "n"): (1.0, 0.0)})
    write_pairs(tmp_path / "2", pairs_of([Triple("q", "p", "n")]))
    with pytest.raises(TasbError, match="2: no scores; expected scored pairs"):
        average_pairs([one, tmp_path / "2"], tmp_path / "mean")
