"""Times and measures come from tables and from what tasb pipeline prints."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasb_pyserini.cli import pipeline
from tasb_pyserini.evaluation.figures.latency import Point
from tasb_pyserini.evaluation.figures.points import read_points
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.search.pipeline.results import Row

TABLE = """system,RR@10,ms_per_query,note
BM25,.194,55,"fast, old"
DeepCT,.243,,

TAS-B,.343,6.4e1,
ColBERT,,458,
"""


def test_a_table_is_read_by_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(TABLE)
    expected = [Point("BM25", 55.0, 0.194), Point("TAS-B", 64.0, 0.343)]
    for name in ("RR@10", "MRR@10", "rr@10"):
        assert read_points(path, name) == (expected, ["DeepCT", "ColBERT"])


def test_a_heading_that_is_no_measure_is_found_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("system,ms_per_query,DL20 nDCG@10,,\na,1,.5,,\n")
    assert read_points(path, "DL20 nDCG@10") == ([Point("a", 1.0, 0.5)], [])


def test_a_system_of_two_lines_keeps_both(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(b'system,ms_per_query,RR@10\r\n"BM25\r\nold",1,.5\r\n')
    assert read_points(path, "RR@10") == ([Point("BM25\nold", 1.0, 0.5)], [])


def row(retrieval: str, ms: float | None, *reranks: tuple[str, int]) -> Row:
    return Row(
        run=Path("run.txt"),
        retrieval=retrieval,
        reranking=tuple(model for model, _ in reranks),
        depths=tuple(depth for _, depth in reranks),
        already=False,
        ms_per_query=1.0,
        ms_in_all=ms,
        measures={"nDCG@10": 0.5},
        path={},
    )


def test_the_stages_of_a_pipeline_are_read_as_it_prints_them(tmp_path: Path) -> None:
    rows = [
        row("bm25", 5.0),
        row("bm25 + dense", 9.5, ("monot5", 100), ("duot5", 10)),
        row("dense", None),
    ]
    path = tmp_path / "stages.json"
    path.write_text(json.dumps({"stages": [pipeline._report(of) for of in rows]}))
    points, left_out = read_points(path, "nDCG@10")
    assert points == [
        Point("bm25", 5.0, 0.5),
        Point("bm25 + dense > monot5@100 > duot5@10", 9.5, 0.5),
    ]
    assert left_out == ["dense"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.csv", "", "p.csv:1: no column system; expected system, ms_per_query"),
        ("p.csv", "system,RR\na,1\n", "p.csv:1: no column ms_per_query; expected"),
        ("p.csv", "system,ms_per_query\na,1\n", "p.csv:2: no measures; expected one"),
        (
            "p.csv",
            "system,ms_per_query,RR@10\na,1,1\n",
            "p.csv:2: unknown measure 'nDCG@10'; known: RR@10; expected one of these",
        ),
        (
            "p.csv",
            'system,ms_per_query,nDCG@10\na,"3,500",1\n',
            "p.csv:2: ms_per_query '3,500'; expected a finite number",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10\na,0,1\n",
            "p.csv:2: ms_per_query 0; expected a time above 0",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10\na,1,nan\n",
            "p.csv:2: nDCG@10 'nan'; expected a finite number",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10\na,٣,1\n",
            "p.csv:2: ms_per_query '٣'; expected a finite number",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10,nDCG@10\na,1,1,2\n",
            "p.csv:1: column nDCG@10 again; expected each heading once",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10\na,1\n",
            "p.csv:2: 2 columns; expected 3, as in line 1",
        ),
        (
            "p.csv",
            "system,ms_per_query,nDCG@10\na,1,1,9,9\n",
            "p.csv:2: 5 columns; expected 3, as in line 1",
        ),
        ("p.txt", "", "p.txt: unknown kind; expected a .csv file, or .json of"),
        ("p.json", "{\n]", "p.json:2: not JSON ("),
        ("p.json", "[1]", "p.json: not a JSON object; expected what tasb pipeline"),
        ("p.json", '{"stages": [{"retrieval": "x"}]}', "p.json: other JSON; expected"),
    ],
)
def test_other_files_are_refused_with_their_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    with pytest.raises(InputError) as raised:
        read_points(Path(name), "nDCG@10")
    assert str(raised.value).startswith(message)


cells = st.sampled_from(
    [
        *("system", "ms_per_query", "RR", "1", "", '"', ",", "\n", "\r", "é", "\0"),
        *("{", "}", "[", "]", '"stages":', '"retrieval":', "null", "NaN"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(cells), ending=st.sampled_from([".csv", ".json"]))
def test_any_text_is_read_or_refused(
    tmp_path: Path, words: list[str], ending: str
) -> None:
    path = tmp_path / f"any{ending}"
    path.write_text("".join(words), encoding="utf-8", newline="")
    with suppress(TasbError):
        points, _ = read_points(path, "RR")
        assert all(point.ms_per_query > 0 for point in points)
