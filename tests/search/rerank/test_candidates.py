from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tasb_pyserini.search.rerank.candidates import reorder, take_candidates

SCORES = st.lists(
    st.floats(-1000, 1000, width=32).map(lambda x: round(x, 3)), max_size=20
)


@given(st.lists(SCORES, max_size=4), st.integers(1, 20), st.data())
def test_no_hit_is_lost_and_those_below_keep_their_order(
    lists: list[list[float]], depth: int, data: st.DataObject
) -> None:
    run = {
        str(qid): dict(ranked({f"d{n}": score for n, score in enumerate(scores)}))
        for qid, scores in enumerate(lists)
    }
    texts = {docid: docid for hits in run.values() for docid in hits}
    candidates = take_candidates(run, dict.fromkeys(run, "x"), texts, depth)
    n = sum(len(one.docids) for one in candidates)
    new = data.draw(st.lists(st.floats(-20, 20, width=32), min_size=n, max_size=n))
    found = reorder(run, candidates, np.array(new, np.float32))
    assert list(found) == list(run)
    remaining = iter(new)
    for qid, hits in run.items():
        old, now = list(hits), list(found[qid])
        assert set(now) == set(old)
        assert now[depth:] == old[depth:]
        expected = dict(zip(old[:depth], remaining, strict=False))
        assert found[qid].items() >= expected.items()
        assert now == [docid for docid, _ in ranked(found[qid])]


def test_the_order_survives_the_file(tmp_path: Path) -> None:
    run = {"q": {f"d{n}": 1000.0 - n for n in range(1000)}}
    texts = {docid: docid for docid in run["q"]}
    lists = take_candidates(run, {"q": "x"}, texts, 50)
    found = reorder(run, lists, np.linspace(-3, -9.12345, 50, dtype=np.float32))
    write_run(tmp_path / "run.txt", found, "tag")
    assert list(read_run(tmp_path / "run.txt")["q"]) == list(run["q"])


def test_what_is_missing_is_named() -> None:
    run = {"1": {"a": 1.0}, "2": {"b": 1.0}, "3": {"c": 1.0}}
    with pytest.raises(TasbError, match=r"query 2 of the run \(2 in all\) is not in"):
        take_candidates(run, {"1": "x"}, {"a": "A"}, 10)
    topics = {"1": "x", "2": "y", "3": "z"}
    with pytest.raises(TasbError, match="no text of docid b, a hit of query 2"):
        take_candidates(run, topics, {"a": "A"}, 10)
