import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import ScoredTriple, Triple
from tasb_pyserini.training.ids import write_ids
from tasb_pyserini.training.pairs.store import open_pairs, pairs_of
from tasb_pyserini.training.pairs.writer import new_store, write_pairs
from tests.training.pairs.rows import rows_of, scored_rows, slow_order

ROWS = [
    ScoredTriple("q2", "d1", "d2", 3.0, 1.0),
    ScoredTriple("q10", "d1", "d3", 3.0, 4.0),
    ScoredTriple("q2", "d1", "d3", 3.0, 2.0),
    ScoredTriple("q2", "d1", "d10", 3.0, 2.0),
]


def test_pairs_stand_by_query_then_margin_then_passages() -> None:
    pairs = pairs_of(ROWS)
    # By UTF-8 bytes: q10 before q2, d10 before d2.
    assert list(pairs.qids) == ["q10", "q2"]
    assert list(pairs.docids) == ["d1", "d10", "d2", "d3"]
    assert pairs.offsets.tolist() == [0, 1, 4]
    assert pairs.neg.tolist() == [3, 1, 3, 2]
    assert pairs.margins(slice(0, 4)).tolist() == [-1.0, 1.0, 1.0, 2.0]
    assert (len(pairs), pairs.n_queries) == (4, 2)


@given(rows=scored_rows)
def test_pairs_in_memory_are_in_the_slow_order(rows: list[ScoredTriple]) -> None:
    assert rows_of(pairs_of(rows)) == slow_order(rows)
    assert rows_of(pairs_of(rows[::-1])) == slow_order(rows)


@given(rows=scored_rows, scored=st.booleans())
def test_a_store_holds_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ScoredTriple], scored: bool
) -> None:
    folder = tmp_path_factory.mktemp("store") / "pairs"
    given_rows = rows if scored else [Triple(r.qid, r.pos, r.neg) for r in rows]
    pairs = pairs_of(given_rows)
    manifest = write_pairs(folder, pairs, sources=["here"])
    opened = open_pairs(folder)
    assert rows_of(opened) == rows_of(pairs)
    assert opened.offsets.tolist() == pairs.offsets.tolist()
    assert (opened.pos_score is None) == (not scored)
    assert manifest == json.loads((folder / "pairs.json").read_text())
    assert manifest["pairs"] == len(pairs)
    assert manifest["sources"] == ["here"]


def test_datasets_opens_the_columns(tmp_path: Path) -> None:
    import datasets

    write_pairs(tmp_path / "p", pairs_of(ROWS))
    opened = datasets.Dataset.from_file(str(tmp_path / "p" / "pairs.arrow"))
    kinds = {name: feature.dtype for name, feature in opened.features.items()}
    assert kinds == {
        "qid": "int32",
        "pos": "int32",
        "neg": "int32",
        "pos_score": "float32",
        "neg_score": "float32",
    }
    assert opened[0] == {
        "qid": 0,
        "pos": 0,
        "neg": 3,
        "pos_score": 3.0,
        "neg_score": 4.0,
    }


def test_columns_are_mapped_and_pickle_as_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [ScoredTriple("q", "p", f"d{n}", 0.0, n / 7) for n in range(1000)]
    write_pairs(Path("p"), pairs_of(rows))
    opened = open_pairs(Path("p"))
    assert not opened.neg.flags.owndata
    assert not opened.neg.flags.writeable
    pickled = pickle.dumps(opened)
    assert len(pickled) < 500
    monkeypatch.chdir(tmp_path.parent)
    assert rows_of(pickle.loads(pickled)) == slow_order(rows)


def test_pairs_in_memory_pickle() -> None:
    assert rows_of(pickle.loads(pickle.dumps(pairs_of(ROWS)))) == slow_order(ROWS)


def test_some_scores_are_not_enough() -> None:
    with pytest.raises(TasbError, match="4 of 5 pairs scored; expected all"):
        pairs_of([*ROWS, Triple("q", "p", "n")])


def test_margins_of_unscored_pairs_are_refused() -> None:
    pairs = pairs_of([Triple("q", "p", "n")])
    with pytest.raises(TasbError, match="no scores; expected scored pairs"):
        pairs.margins(slice(0, 1))


@pytest.mark.parametrize("name", ["pairs.arrow", "qids.txt", "docids.txt"])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str) -> None:
    write_pairs(tmp_path / "p", pairs_of(ROWS))
    path = tmp_path / "p" / name
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-3])
    message = rf"{name}: {size - 3} bytes; expected {size} as pairs\.json says; make"
    with pytest.raises(TasbError, match=message):
        open_pairs(tmp_path / "p")
    path.unlink()
    with pytest.raises(TasbError, match=rf"{name}: no such file; make the folder"):
        open_pairs(tmp_path / "p")


def test_columns_of_another_form_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p" / "pairs.arrow"
    write_pairs(tmp_path / "p", pairs_of(ROWS))
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(TasbError, match="not an Arrow stream; make the folder again"):
        open_pairs(tmp_path / "p")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"no pairs\.json in it; expected a folder written by tasb pairs"),
        ("{", r"1: not JSON \(.*; expected the form 'tasb pairs 1'; make the"),
        ("[]", "not a JSON object; expected the form 'tasb pairs 1'; make the folder"),
        ('{"form": "tasb pairs 9"}', "not of the form 'tasb pairs 1'; make"),
        ('{"form": "tasb pairs 1"}', "not of the form 'tasb pairs 1'; make"),
    ],
)
def test_a_foreign_folder_is_refused(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "pairs.json").write_text(content)
    with pytest.raises(TasbError, match=message):
        open_pairs(tmp_path)


def test_an_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no such folder; expected a folder written"):
        open_pairs(tmp_path / "p")


def test_what_is_not_a_store_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(TasbError, match="holds something else"):
        write_pairs(tmp_path, pairs_of(ROWS))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_writer_that_fails_leaves_the_old_store(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p", pairs_of(ROWS))
    columns = {
        name: np.zeros(3) for name in ("qid", "pos", "neg", "pos_score", "neg_score")
    }

    def fail() -> None:
        with new_store(tmp_path / "p", scored=True) as store:
            store.append(columns)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows_of(open_pairs(tmp_path / "p")) == slow_order(ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_a_repeat_is_left_out_across_pieces(tmp_path: Path) -> None:
    columns = {"qid": np.zeros(2), "pos": np.zeros(2), "neg": np.array([1, 2])}
    with new_store(tmp_path / "p", scored=False) as store:
        write_ids(store.folder / "qids.txt", ["q"])
        write_ids(store.folder / "docids.txt", ["a", "b", "c"])
        store.append(columns)
        store.append({name: column[:0] for name, column in columns.items()})
        store.append({name: column[1:] for name, column in columns.items()})
        manifest = store.finish({})
    assert (manifest["pairs"], manifest["repeated"]) == (2, 1)
    assert open_pairs(tmp_path / "p").neg.tolist() == [1, 2]
