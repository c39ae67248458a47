from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tasb_pyserini.formats.write_columns import RankedHits, write_run_columns
from tests.formats.strategies import ids, single_floats

SCORES = st.one_of(
    st.integers(-40, 40).map(lambda step: 7.9999 + step * 1e-6),
    st.integers(-40, 40).map(lambda step: step * 1e-7),
    st.sampled_from([0.0, -0.0, 9e12, 1e30]),
    single_floats,
)
RUNS = st.dictionaries(ids, st.dictionaries(ids, SCORES, max_size=12), max_size=4)


def ranked_hits(run: Run) -> list[RankedHits]:
    hits = []
    for qid, scores in run.items():
        best = ranked(scores)
        docids = pa.array([docid for docid, _ in best], pa.large_string())
        single = np.array([score for _, score in best], np.float32)
        hits.append(RankedHits(qid, docids, single))
    return hits


@given(run=RUNS, name=st.sampled_from(["run.txt", "run.gz"]))
def test_the_bytes_are_those_of_write_run(
    tmp_path_factory: pytest.TempPathFactory, run: Run, name: str
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    write_run(folder / name, run, "tag")
    write_run_columns(folder / f"columns-{name}", ranked_hits(run), "tag")
    written = (folder / f"columns-{name}").read_bytes()
    assert written == (folder / name).read_bytes()


@given(hits=st.dictionaries(ids, SCORES, min_size=1, max_size=20))
def test_with_more_decimals_the_order_is_still_the_printed_one(
    tmp_path_factory: pytest.TempPathFactory, hits: dict[str, float]
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.txt"
    write_run_columns(path, ranked_hits({"q": hits}), "tag", decimals=12)
    lines = [line.split() for line in path.read_text().splitlines()]
    assert [line[2] for line in lines] == list(read_run(path)["q"])
    assert [line[3] for line in lines] == [f"{n}" for n in range(1, len(hits) + 1)]
    for _, _, docid, _, text, _ in lines:
        assert text == f"{np.float32(hits[docid]):.12f}"


def test_more_queries_than_are_written_at_once(tmp_path: Path) -> None:
    run = {f"{q}": {f"d{n}": float(-n) for n in range(q % 3)} for q in range(700)}
    write_run(tmp_path / "a", run, "tag")
    write_run_columns(tmp_path / "b", ranked_hits(run), "tag")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, score: float
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("old")
    docids = pa.array(["a", "b"], pa.large_string())
    hits = [RankedHits("q", docids, np.array([1, score], np.float32))]
    with pytest.raises(TasbError, match=f"score {score} of docid b for query q"):
        write_run_columns(path, hits, "tag")
    with pytest.raises(TasbError, match="expected one word without white space"):
        write_run_columns(path, [], "two words")
    assert path.read_text() == "old"
