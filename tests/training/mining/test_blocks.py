"""A search by blocks gives each query what a search of its own gives."""

from pathlib import Path

import pytest
from hypothesis import given

from tasb_pyserini.formats.records import Run, Topics
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tasb_pyserini.training.mining.blocks import search_blocks
from tests.formats.strategies import runs


@pytest.mark.parametrize(("size", "sizes"), [(2, [2, 2, 1]), (5, [5]), (9, [5])])
def test_no_more_than_a_block_is_searched_at_a_time(
    size: int, sizes: list[int]
) -> None:
    searched: list[int] = []

    def search(topics: Topics) -> Run:
        searched.append(len(topics))
        return {qid: {query: 1.0} for qid, query in topics.items()}

    hits = search_blocks(search, {str(n): f"d{n}" for n in range(5)}, size)
    assert next(hits) == ("0", {"d0": 1.0})
    assert searched == sizes[:1]
    assert [*hits] == [(str(n), {f"d{n}": 1.0}) for n in range(1, 5)]
    assert searched == sizes


@given(run=runs)
def test_hits_are_ranked_as_in_a_written_run(
    tmp_path_factory: pytest.TempPathFactory, run: Run
) -> None:
    path: Path = tmp_path_factory.mktemp("runs") / "run.txt"
    write_run(path, run, "x")
    topics = {qid: "query" for qid in run}
    for qid, hits in search_blocks(lambda block: {q: run[q] for q in block}, topics, 2):
        assert ranked(hits) == ranked(read_run(path).get(qid, {}))


def test_scores_that_a_run_file_cannot_part_are_a_tie() -> None:
    run = {"q": {"a": 8.50001049041748, "b": 8.500009536743164}}
    assert [docid for docid, _ in ranked(run["q"])] == ["a", "b"]
    [(_, hits)] = search_blocks(lambda topics: run, {"q": "query"})
    assert [docid for docid, _ in ranked(hits)] == ["b", "a"]
