"""Documents are ranked by their best, or first, passage: as Pyserini, as trec_eval."""

from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import write_run
from tasb_pyserini.search.passages.docids import refuse_plain
from tasb_pyserini.search.passages.firstp import first_passage
from tasb_pyserini.search.passages.maxp import max_passage

RUNS = st.dictionaries(
    st.sampled_from(["q1", "q2"]),
    st.dictionaries(
        st.sampled_from([f"d{d}#{p}" for d in range(4) for p in range(11)] + ["d9"]),
        st.integers(-5, 5).map(float),
        max_size=20,
    ),
)


@given(RUNS, st.integers(1, 6))
def test_maxp_is_the_best_passage_of_each_document(run: Run, k: int) -> None:
    found = max_passage(run, k)
    for qid, hits in run.items():
        documents = {docid.split("#")[0] for docid in hits}
        best = {
            document: max(s for d, s in hits.items() if d.split("#")[0] == document)
            for document in documents
        }
        order = sorted(best, key=lambda docid: (best[docid], docid), reverse=True)
        assert list(found[qid].items()) == [(d, best[d]) for d in order[:k]]


@given(RUNS, st.integers(1, 6))
def test_firstp_is_passage_0_and_nothing_else(run: Run, k: int) -> None:
    found = first_passage(run, k)
    for qid, hits in run.items():
        first = {
            d.removesuffix("#0"): s
            for d, s in hits.items()
            if d.endswith("#0") or "#" not in d
        }
        order = sorted(first, key=lambda docid: (first[docid], docid), reverse=True)
        assert list(found[qid].items()) == [(d, first[d]) for d in order[:k]]


def test_ties_go_to_the_docid_that_sorts_last() -> None:
    run = {"q": {"a#3": 1.0, "b#0": 1.0, "c#9": 1.0}}
    assert list(max_passage(run, 2)["q"]) == ["c", "b"]


def test_a_delimiter_of_another_length_is_taken_whole() -> None:
    run = {"q": {"D#1||0": 2.0, "D#1||1": 3.0, "E||0": 1.0}}
    assert max_passage(run, 9, "||") == {"q": {"D#1": 3.0, "E": 1.0}}
    assert first_passage(run, 9, "||") == {"q": {"D#1": 2.0, "E": 1.0}}


def test_a_run_without_passages_is_refused() -> None:
    with pytest.raises(TasbError, match="docid 'd1': no '#' in it or in any other"):
        refuse_plain({"q": {"d1": 1.0, "d2": 0.5}}, "#")
    refuse_plain({"q": {"d1": 1.0, "d2#0": 0.5}}, "#")
    refuse_plain({"q": {}}, "#")


@pytest.mark.pyserini
@pytest.mark.parametrize(("seed", "k"), [(0, 5), (1, 100), (2, 30)])
def test_maxp_writes_the_run_that_pyserini_writes(
    tmp_path: Path, seed: int, k: int
) -> None:
    from pyserini.output_writer import OutputFormat, get_output_writer

    hit = namedtuple("hit", ["docid", "score"])
    rng = np.random.default_rng(seed)
    run: Run = {}
    for qid in ("q1", "q2", "q3"):
        names = rng.choice(
            [f"D{d}#{p}" for d in range(40) for p in range(9)], 200, False
        )
        scores = rng.permutation(4_000)[:200] / 16  # all different, exact in fp32
        run[qid] = dict(
            sorted(
                zip(names.tolist(), scores.tolist(), strict=True),
                key=lambda pair: -pair[1],
            )
        )
    theirs, ours = tmp_path / "theirs.txt", tmp_path / "ours.txt"
    with get_output_writer(
        str(theirs),
        OutputFormat.TREC,
        "w",
        max_hits=1000,
        tag="maxp",
        use_max_passage=True,
        max_passage_delimiter="#",
        max_passage_hits=k,
    ) as writer:
        for qid, hits in run.items():
            writer.write(qid, [hit(docid, score) for docid, score in hits.items()])
    write_run(ours, max_passage(run, k), tag="maxp")
    assert ours.read_text() == theirs.read_text()
