"""The best hits of some queries, from a run that is not kept whole."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.runs import read_best_hits, read_run

scattered = st.lists(
    st.tuples(st.sampled_from("123"), st.sampled_from("abcdef"), st.integers(0, 3)),
    min_size=1,
    unique_by=lambda hit: hit[:2],
)


def lines_of(hits: list[tuple[str, str, int]]) -> str:
    return "".join(f"{qid} Q0 {docid} 1 {score} t\n" for qid, docid, score in hits)


@given(
    hits=scattered,
    together=st.booleans(),
    qids=st.sets(st.sampled_from("124")),
    depth=st.integers(1, 4),
)
def test_the_best_hits_are_the_first_of_the_whole_run(
    tmp_path_factory: pytest.TempPathFactory,
    hits: list[tuple[str, str, int]],
    together: bool,
    qids: set[str],
    depth: int,
) -> None:
    path = tmp_path_factory.mktemp("best") / "run.txt"
    path.write_text(lines_of(sorted(hits) if together else hits))
    best = read_best_hits(path, qids, depth)
    assert [(qid, list(found.items())) for qid, found in best.items()] == [
        (qid, list(found.items())[:depth])
        for qid, found in read_run(path).items()
        if qid in qids
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("1 Q0 a 1 2 t\n1 Q0 a 2 1 t\n", ":2: docid a again for query 1"),
        ("9 Q0 a 1 2 t\n9 Q0 a 2 1 t\n", ":2: docid a again for query 9"),
        ("1 Q0 a 1 2 t\n9 Q0 a 2 1 t\n1 Q0 a 1 2 t\n", ":3: docid a again for"),
        ("9 Q0 a 1 nan t\n", ":1: score 'nan'"),
        ("9 Q0 a 1\n", ":1: 4 columns; expected six"),
    ],
)
def test_a_bad_line_of_any_query_is_refused(
    tmp_path: Path, lines: str, message: str
) -> None:
    (tmp_path / "run.txt").write_text(lines)
    with pytest.raises(InputError, match=message):
        read_best_hits(tmp_path / "run.txt", {"1"}, 1)


def test_hits_beyond_the_depth_and_of_other_queries_are_not_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.txt"
    with path.open("w") as file:
        for qid in range(100):
            file.writelines(f"{qid} Q0 {qid}-{n} {n} {-n} t\n" for n in range(500))
    tracemalloc.start()
    try:
        best = read_best_hits(path, [f"{qid}" for qid in range(50)], 5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(best) == 50
    # A hit takes more than 100 bytes; of 50,000, no more than 750 are needed at once.
    assert most < 1_000_000
