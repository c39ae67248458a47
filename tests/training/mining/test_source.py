"""Triples by id and by text, from files and from what the datasets library loads."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.formats.text_triples import TextTriple
from tasb_pyserini.training.mining.source import open_triples
from tests.training.mining.folders import write_folder

datasets = pytest.importorskip("datasets")

CHECKOUT = Path(__file__).parents[3]

ROWS: list[dict[str, object]] = [
    {"query_id": 7, "positive_id": 1, "negative_id": 2},
    {"query_id": 7, "positive_id": 1, "negative_id": 3},
]
IDS = [Triple("7", "1", "2"), Triple("7", "1", "3")]
TEXT_ROWS = [{"query": "a q", "positive": "a p", "negative": "a n"}]


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "datasets.config.HF_DATASETS_CACHE", tmp_path / ".cache", raising=True
    )


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "arrow", "saved", "splits"])
def test_a_folder_that_datasets_loads_gives_its_split_train(ending: str) -> None:
    write_folder("D", ROWS, ending)
    assert list(open_triples("D").ids or ()) == IDS


@pytest.mark.parametrize("ending", ["jsonl", "parquet", "arrow"])
def test_a_file_or_a_pattern_of_files_does_too(ending: str) -> None:
    write_folder("D", ROWS, ending)
    for source in (f"D/train.{ending}", f"D/*.{ending}"):
        assert list(open_triples(source).ids or ()) == IDS


def triples_of(row: dict[str, object]) -> list[object]:
    write_folder("D", [row], "jsonl")
    return take_all("D")


@pytest.mark.parametrize(
    ("columns", "make"),
    [
        ("query_id positive_id negative_id", Triple),
        ("qid pos_id neg_id", Triple),
        ("qid pos neg", Triple),
        ("query positive negative", TextTriple),
        ("anchor pos neg", TextTriple),
        ("score anchor positive negative more", TextTriple),
    ],
)
def test_columns_are_found_by_their_names(
    columns: str, make: Callable[[str, str, str], object]
) -> None:
    row: dict[str, object] = {name: name for name in columns.split()}
    chosen = [name for name in row if name not in ("score", "more")]
    assert triples_of(row) == [make(*chosen)]


def test_ids_win_over_texts_beside_them() -> None:
    row = {"qid": 1, "query": "a q", "pos_id": "p", "pos": "a p", "neg_id": "n"}
    assert triples_of({**row, "neg": "a n"}) == [Triple("1", "p", "n")]


def test_other_columns_are_listed() -> None:
    with pytest.raises(InputError) as caught:
        triples_of({"sentence1": "a", "sentence2": "b"})
    assert str(caught.value) == (
        "D: columns sentence1, sentence2; expected query_id|qid, positive_id|pos_id, "
        "negative_id|neg_id; or query|anchor, positive|pos, negative|neg; or "
        "query_id|qid, pos, neg"
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"query": "a", "pos": "b", "neg": ["c", "d"]}, "neg ['c', 'd']; expected a t"),
        ({"query": "a", "pos": " ", "neg": "c"}, "pos ' '; expected a text"),
        ({"qid": "a b", "pos": "b", "neg": "c"}, "qid 'a b'; expected an id: one wo"),
        ({"qid": 1.5, "pos": "b", "neg": "c"}, "qid 1.5; expected an id: one word"),
    ],
)
def test_a_value_of_another_kind_is_named_with_its_row(
    row: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        triples_of(row)
    assert str(caught.value).startswith(f"D:1: {message}")


def test_what_datasets_cannot_load_is_one_line() -> None:
    Path("empty").mkdir()
    Path("test").mkdir()
    Path("test/test.jsonl").write_text('{"qid": 1, "pos": 2, "neg": 3}\n')
    Path("bad").mkdir()
    Path("bad/train.jsonl").write_text('{"qid": 1}\n{"qid"')
    other = datasets.Dataset.from_list(ROWS)
    datasets.DatasetDict({"dev": other}).save_to_disk("saved")
    for source, message in (
        ("saved", r"saved: datasets can't load it: no split 'train' among dev"),
        ("empty", r"empty: datasets can't load it: .*doesn't contain any data files"),
        ("test", r"test: datasets can't load it: Bad split: train"),
        ("bad", r"bad: datasets can't load it: JSON parse error"),
        ("test:other", r"test:other: datasets can't load it: BuilderConfig 'other'"),
        ("none.jsonl", r"none\.jsonl: no such file"),
    ):
        with pytest.raises(TasbError, match=message) as caught:
            open_triples(source)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE=1", "HF_ENDPOINT=http://[::1]:9"])
def test_a_name_on_the_hub_without_a_network_is_one_line(variable: str) -> None:
    name, _, value = variable.partition("=")
    code = """
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.mining.source import open_triples
try:
    open_triples("someone/triples:hard")
except TasbError as error:
    print(error)
"""
    environ = {key: of for key, of in os.environ.items() if key != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env={**environ, name: value},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    [line] = done.stdout.splitlines()
    assert line.startswith("someone/triples:hard: no such file or folder, and the hub ")
    assert ("switched off" if value == "1" else "can't be reached") in line


def test_a_table_holds_ids_or_texts(tmp_path: Path) -> None:
    Path("ids.tsv").write_text("7\t1\t2\n7\t1\t3\n")
    assert list(open_triples("ids.tsv").ids or ()) == IDS
    Path("qidpidtriples.train").write_text("7\t1\t2\n7\t1\t3\n")
    assert list(open_triples("qidpidtriples.train").ids or ()) == IDS
    Path("t.tsv.gz").write_bytes(gzip.compress(b"a q\ta p\ta n\n"))
    assert list(open_triples("t.tsv.gz").texts or ()) == [
        TextTriple("a q", "a p", "a n")
    ]


def test_an_empty_file_of_json_holds_no_triples() -> None:
    Path("t.jsonl").touch()
    with pytest.raises(
        InputError, match=r"t\.jsonl: no triples; expected at least one"
    ):
        take_all("t.jsonl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\t2\t3\n1\t2\n", r"t\.tsv:2: 2 columns; expected three ids"),
        ("1\t2\t3\n" * 100 + "a b\t2\t3\n", r"t\.tsv:101: id 'a b'; expected three id"),
        ("a q\t2\t3\n1\t2\t3\t4\n", r"t\.tsv:2: 4 columns; expected three texts"),
        ("1\t2\t3\n1\t2\t3", r"t\.tsv:2: no line end, as in a file cut short"),
        ("", r"t\.tsv: no triples; expected at least one line"),
    ],
)
def test_a_bad_line_of_a_table_is_named(content: str, message: str) -> None:
    Path("t.tsv").write_text(content)
    with pytest.raises(InputError, match=message):
        take_all("t.tsv")


def take_all(source: str) -> list[object]:
    opened = open_triples(source)
    return [*(opened.ids or ()), *(opened.texts or ())]
