import gzip
import struct
from contextlib import suppress
from pathlib import Path

import pytest
import pytrec_eval
from hypothesis import example, given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.formats.runs import ranked, read_run, write_run
from tests.formats.strategies import garbage, ids, runs, single_floats


def order(scores: dict[str, float]) -> list[str]:
    return [docid for docid, _ in ranked(scores)]


def order_by_pytrec_eval(scores: dict[str, float]) -> list[str]:
    """Find each docid's rank as the reciprocal rank of a query that seeks it alone."""
    sought = {f"{number}": {docid: 1} for number, docid in enumerate(scores)}
    evaluator = pytrec_eval.RelevanceEvaluator(sought, {"recip_rank"})
    found = evaluator.evaluate(dict.fromkeys(sought, scores))
    ranks = {
        docid: round(1 / found[f"{number}"]["recip_rank"])
        for number, docid in enumerate(scores)
    }
    return sorted(ranks, key=lambda docid: ranks[docid])


def printed(path: Path) -> dict[str, list[tuple[str, str]]]:
    hits: dict[str, list[tuple[str, str]]] = {}
    for line in path.read_text().splitlines():
        qid, _, docid, _, score, _ = line.split()
        hits.setdefault(qid, []).append((docid, score))
    return hits


# --- the order -------------------------------------------------------------------


def test_ties_go_to_the_docid_that_sorts_last() -> None:
    assert order({"d1": 1.0, "d10": 1.0, "d2": 1.0, "e": 0.5, "a": 2.0}) == [
        "a",
        "d2",
        "d10",
        "d1",
        "e",
    ]


def test_scores_are_compared_in_single_precision_and_returned_in_double() -> None:
    # Single precision has steps of 2 ** -23 above 1 and of 2 ** -17 above 64.
    assert ranked({"b": 1.0, "a": 1.0 + 2**-25}) == [("b", 1.0), ("a", 1.0 + 2**-25)]
    assert order({"b": 1.0, "a": 1.0 + 2**-23}) == ["a", "b"]
    assert order({"b": 100.000001, "a": 100.000002}) == ["b", "a"]


close_scores = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-24, 1.0 + 2**-23, 100.0, 100.000002]),
    st.floats(-200, 200),
)


@given(scores=st.dictionaries(ids, close_scores, min_size=1, max_size=12))
def test_the_order_is_that_of_pytrec_eval(scores: dict[str, float]) -> None:
    assert order(scores) == order_by_pytrec_eval(scores)


# --- writing ---------------------------------------------------------------------


def test_a_written_run_reads_as_trec_prescribes(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.txt"
    run = {"2": {"b": 1.0, "c": 71.25, "a": 1.0}, "1": {"ä": -0.5}, "3": {}}
    write_run(path, run, "tasb")
    assert path.read_text(encoding="utf-8") == (
        "2 Q0 c 1 71.250000 tasb\n"
        "2 Q0 b 2 1.000000 tasb\n"
        "2 Q0 a 3 1.000000 tasb\n"
        "1 Q0 ä 1 -0.500000 tasb\n"
    )


def test_scores_that_print_alike_are_ordered_as_ties(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    write_run(path, {"q": {"a": 0.10000004, "b": 0.10000001}}, "tag")
    assert printed(path) == {"q": [("b", "0.100000"), ("a", "0.100000")]}


def test_scores_that_only_double_precision_tells_apart_print_alike(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.txt"
    write_run(path, {"q": {"a": 100.000002, "b": 100.000001}}, "tag")
    assert printed(path) == {"q": [("b", "100.000000"), ("a", "100.000000")]}


dense_scores = st.one_of(
    st.integers(0, 40).map(lambda step: 7.9999 + step * 1e-6),
    st.integers(0, 40).map(lambda step: 15.99998 + step * 1e-6),
    st.integers(0, 40).map(lambda step: 100 + step * 3e-6),
    st.floats(-1e30, 1e30),
)


@given(hits=st.dictionaries(ids, dense_scores, min_size=1, max_size=20))
@example(hits={"a": 1e-8, "b": -1e-8})  # 0.000000 and -0.000000 are equal
@example(hits={"a": 0.0, "b": -0.0})
def test_every_tool_finds_the_printed_order(
    tmp_path_factory: pytest.TempPathFactory, hits: dict[str, float]
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.txt"
    write_run(path, {"q": hits}, "tag")
    lines = printed(path)["q"]
    in_double = sorted(((float(text), docid) for docid, text in lines), reverse=True)
    as_printed = [docid for docid, _ in lines]
    assert [docid for _, docid in in_double] == as_printed
    assert order_by_pytrec_eval({d: float(t) for d, t in lines}) == as_printed
    assert list(read_run(path)["q"]) == as_printed


@given(run=runs)
def test_a_run_comes_back_with_scores_to_six_decimals(
    tmp_path_factory: pytest.TempPathFactory, run: Run
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.txt.gz"
    write_run(path, run, "tag")
    again = read_run(path)
    assert again == {
        qid: {docid: float(f"{score:.6f}") for docid, score in hits.items()}
        for qid, hits in run.items()
    }
    assert list(again) == list(run)
    other = path.with_name("again.txt.gz")
    write_run(other, again, "tag")
    assert other.read_bytes() == path.read_bytes()


@given(score=single_floats)
def test_single_precision_scores_lose_only_what_is_not_printed(
    tmp_path_factory: pytest.TempPathFactory, score: float
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.txt"
    write_run(path, {"q": {"d": score}}, "tag")
    back = read_run(path)["q"]["d"]
    if abs(score) >= 16:
        assert struct.pack("f", back) == struct.pack("f", score)
    else:
        assert abs(back - score) <= 5.01e-7


@pytest.mark.parametrize("tag", ["", "two words", "tab\tbed", "line\n"])
def test_a_tag_that_would_make_more_columns_is_refused(
    tmp_path: Path, tag: str
) -> None:
    with pytest.raises(TasbError, match="expected one word without white space"):
        write_run(tmp_path / "run.txt", {"q": {"d": 1.0}}, tag)
    assert not (tmp_path / "run.txt").exists()


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            {"q": {"d": 1.0}, "r": {"d": float("nan")}},
            "score nan of docid d for query r",
        ),
        ({"q": {"d": float("-inf")}}, "score -inf of docid d for query q"),
        ({"q": {"d": 1e39}}, r"score 1e\+39 of docid d for query q"),
        ({"q": {"d": 1.0, "two words": 1.0}}, "id 'two words' of query q: expected on"),
        ({"": {"d": 1.0}}, "id '' of query : expected one word in a run"),
        ({"q": {"d": 1.0, "d\0": 1.0}}, r"id 'd\\x00' of query q: expected one word"),
        ({"\ufeffq": {"d": 1.0}}, r"id '\\ufeffq' of query \ufeffq: expected one word"),
    ],
)
def test_a_run_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, run: Run, message: str
) -> None:
    path = tmp_path / "run.txt"
    path.write_text("old")
    with pytest.raises(TasbError, match=message):
        write_run(path, run, "tag")
    assert path.read_text() == "old"


# --- reading ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run.txt", "run.txt.gz"])
def test_a_run_is_ordered_by_score_whatever_its_ranks_say(
    tmp_path: Path, name: str
) -> None:
    content = b"2 Q0 a 1 1 x\n1 Q0 z 1 5e-1 x\n2\tQ0\tb\t2\t3.5\tx\r\n2 Q0 c 3 1 x\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    run = read_run(path)
    assert list(run) == ["2", "1"]
    assert list(run["2"].items()) == [("b", 3.5), ("c", 1.0), ("a", 1.0)]
    assert run["1"] == {"z": 0.5}


def test_an_empty_run_is_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    write_run(path, {}, "tag")
    assert read_run(path) == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q Q0 e 2 0.5", "5 columns; expected six: qid Q0 docid rank score tag"),
        ("q 0 e 1", "4 columns; expected six: qid Q0 docid rank score tag"),
        ("q Q0 e 2 0.5 my tag", "7 columns; expected six: qid Q0 docid rank score tag"),
        ("q Q0 e 2 high tag", "score 'high'; expected a finite number"),
        ("q Q0 e 2 nan tag", "score 'nan'; expected a finite number"),
        ("q Q0 e 2 -inf tag", "score '-inf'; expected a finite number"),
        ("q Q0 e 2 1e999 tag", "score '1e999'; expected a finite number"),
        ("q Q0 e 2 1_0 tag", "score '1_0'; expected a finite number"),
        ("q Q0 e 2 ٣ tag", "score '٣'; expected a finite number"),
        ("q Q0 d\0 2 0.5 tag", "word 'd\\x00'; expected plain UTF-8 text"),
        ("\ufeffr Q0 d 1 0.5 tag", "word '\\ufeffr'; expected plain UTF-8 text"),
        ("q Q0 d 2 0.5 tag", "docid d again for query q; expected each docid once a q"),
    ],
)
def test_a_bad_line_of_a_run_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "run.txt"
    path.write_text(f"q Q0 d 1 1.0 tag\n{line}\n")
    with pytest.raises(InputError) as caught:
        read_run(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")


@given(content=garbage)
def test_garbage_gives_a_run_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "run.txt"
    path.write_bytes(content)
    with suppress(InputError):
        run = read_run(path)
        assert all(hits for hits in run.values())
        write_run(path, run, "tag")
        assert read_run(path).keys() == run.keys()


def test_more_decimals_tell_near_scores_apart(tmp_path: Path) -> None:
    run = {"q": {"a": 0.0000003, "b": 0.0000001}}
    write_run(tmp_path / "six", run, "x")
    assert list(read_run(tmp_path / "six")["q"]) == ["b", "a"]  # both 0.000000
    write_run(tmp_path / "twelve", run, "x", decimals=12)
    assert list(read_run(tmp_path / "twelve")["q"]) == ["a", "b"]
    assert " 0.000000300000 x\n" in (tmp_path / "twelve").read_text()
