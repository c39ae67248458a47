from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.formats.triples import write_triples
from tasb_pyserini.training.ids import IdTable
from tasb_pyserini.training.pairs.convert import import_run
from tasb_pyserini.training.pairs.store import open_pairs
from tests.training.pairs.rows import names, rows_of, slow_order

Hits = dict[tuple[str, str], float]

TRIPLES = [Triple("q", "p", "n1"), Triple("q", "p", "n2"), Triple("r", "p", "n1")]
HITS = {("q", "p"): 2.0, ("q", "n1"): -1.0, ("q", "n2"): 3.5, ("r", "n1"): 9.0}


def write_hits(path: Path, hits: Iterable[tuple[tuple[str, str], float]]) -> None:
    path.write_text(
        "".join(f"{qid} Q0 {docid} 7 {score!r} cat\n" for (qid, docid), score in hits)
    )


def write_both(folder: Path, triples: list[Triple], hits: Hits) -> tuple[Path, Path]:
    write_triples(folder / "t.tsv", triples)
    write_hits(folder / "run.txt", hits.items())
    return folder / "t.tsv", folder / "run.txt"


def test_pairs_get_the_scores_of_the_run(tmp_path: Path) -> None:
    hits = {**HITS, ("r", "p"): 0.25, ("r", "p9"): 1.0}
    triples, run = write_both(tmp_path, TRIPLES, hits)
    report = import_run(triples, run, tmp_path / "pairs")
    assert rows_of(open_pairs(tmp_path / "pairs")) == [
        ("q", "p", "n2", 2.0, 3.5),
        ("q", "p", "n1", 2.0, -1.0),
        ("r", "p", "n1", 0.25, 9.0),
    ]
    assert report["sources"] == {"triples": str(triples), "run": str(run)}
    # A passage that no triple names is none of the store's.
    assert (report["passages"], report["unscored"]) == (3, 0)


def test_a_missing_score_is_named_with_the_triple(tmp_path: Path) -> None:
    triples, run = write_both(tmp_path, TRIPLES, HITS)
    with pytest.raises(InputError) as caught:
        import_run(triples, run, tmp_path / "pairs")
    assert str(caught.value) == (
        f"{triples}:3: no score of passage p for query r in {run}; expected a score "
        "of every passage; score the pairs, or leave such triples out with "
        "--drop-unscored"
    )
    assert not (tmp_path / "pairs").exists()


def test_triples_without_a_score_can_be_left_out(tmp_path: Path) -> None:
    triples, run = write_both(tmp_path, TRIPLES, HITS)
    report = import_run(triples, run, tmp_path / "pairs", drop_unscored=True)
    assert (report["pairs"], report["unscored"], report["queries"]) == (2, 1, 1)


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    triples, run = write_both(tmp_path, TRIPLES, {("x", "y"): 1.0})
    with pytest.raises(TasbError, match="no pairs left to write"):
        import_run(triples, run, tmp_path / "pairs", drop_unscored=True)


@settings(max_examples=60)
@given(
    triples=st.lists(st.builds(Triple, names, names, names), min_size=1),
    hits=st.dictionaries(st.tuples(names, names), st.floats(-9, 9), min_size=1),
    dropped=st.sets(st.integers(0, 20)),
)
def test_a_run_scores_as_a_dict_would(
    tmp_path_factory: pytest.TempPathFactory,
    triples: list[Triple],
    hits: Hits,
    dropped: set[int],
) -> None:
    folder = tmp_path_factory.mktemp("run")
    named = [(t.qid, docid) for t in triples for docid in (t.pos, t.neg)]
    hits |= {hit: n / 8 for n, hit in enumerate(named) if n not in dropped}
    expected = [
        ScoredTriple(t.qid, t.pos, t.neg, hits[t.qid, t.pos], hits[t.qid, t.neg])
        for t in triples
        if (t.qid, t.pos) in hits and (t.qid, t.neg) in hits
    ]
    paths = write_both(folder, triples, hits)
    if not expected:
        with pytest.raises(TasbError, match="no pairs left"):
            import_run(*paths, folder / "pairs", drop_unscored=True)
        return
    report = import_run(*paths, folder / "pairs", drop_unscored=True)
    assert rows_of(open_pairs(folder / "pairs")) == slow_order(expected)
    assert report["unscored"] == len(triples) - len(expected)


@pytest.mark.parametrize(
    "text", ["q\tQ0\tp\t1\t2\tt\nq Q0  n 2 1 t\r\n", "q Q0 p 1 2 t\nq Q0 n 2 1 t"]
)
def test_a_run_is_parted_by_any_white_space(tmp_path: Path, text: str) -> None:
    write_triples(tmp_path / "t.tsv", [Triple("q", "p", "n")])
    (tmp_path / "run.txt").write_text(text)
    import_run(tmp_path / "t.tsv", tmp_path / "run.txt", tmp_path / "pairs")
    assert rows_of(open_pairs(tmp_path / "pairs")) == [("q", "p", "n", 2.0, 1.0)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q Q0 p 1 nan t", ":2: score 'nan'; expected a finite number"),
        ("q Q0 p 1 2", ":2: 5 columns; expected six"),
        ("q Q0 n 9 2 t", ":2: docid n again for query q; expected each docid once"),
        ("q Q0 p\t3 1 2 t", ":2: 7 columns; expected six"),
    ],
)
def test_a_run_at_fault_is_named(tmp_path: Path, line: str, message: str) -> None:
    write_triples(tmp_path / "t.tsv", [Triple("q", "p", "n")])
    (tmp_path / "run.txt").write_text(f"q Q0 n 1 1 t\n{line}\nq Q0 d 1 1 t\n")
    with pytest.raises(InputError, match=rf"run\.txt{message}"):
        import_run(tmp_path / "t.tsv", tmp_path / "run.txt", tmp_path / "pairs")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["run.txt", "t.tsv"]


def test_unknown_ids_are_named_in_the_triples(tmp_path: Path) -> None:
    paths = write_both(tmp_path, TRIPLES[:2], HITS)
    known = IdTable.of(["p", "n1"])
    with pytest.raises(InputError, match=r"t\.tsv:2: docid n2 is not in the coll"):
        import_run(*paths, tmp_path / "pairs", known_docids=known)
