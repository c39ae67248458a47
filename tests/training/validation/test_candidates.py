"""The folder of a validation set comes back whole, or is refused with the line."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.validation.candidates import (
    Validation,
    read_validation,
    unknown_docid,
    write_validation,
)
from tests.formats.strategies import garbage, ids, line_texts

FILES = ("candidates.tsv", "topics.tsv", "qrels.txt", "validation.json")
SMALL = Validation(
    {"1": "copy a tree", "2": "dense"},
    {"1": ["a", "b"], "2": ["c", "a"]},
    {"1": {"b": 1, "x": 0}, "2": {"c": 2}},
    {"baseline": 0.5},
)


@st.composite
def validations(draw: st.DrawFn) -> Validation:
    texts = line_texts.map(str.strip)
    topics = draw(st.dictionaries(ids, texts, min_size=1, max_size=4))
    several = st.lists(ids, min_size=1, max_size=6, unique=True)
    candidates = {qid: draw(several) for qid in topics}
    qrels = {}
    for qid, docids in candidates.items():
        positive = draw(st.sampled_from(docids))
        qrels[qid] = {draw(ids): 0, positive: draw(st.integers(1, 3))}
    return Validation(topics, candidates, qrels, {"seed": draw(st.integers())})


@given(validation=validations())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, validation: Validation
) -> None:
    folder = tmp_path_factory.mktemp("validation") / "V"
    write_validation(folder, validation)
    read = read_validation(folder)
    assert read.folder == folder
    assert read.topics == validation.topics
    assert read.candidates == validation.candidates
    assert read.qrels == validation.qrels
    assert read.about == validation.about


def test_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "topics.tsv").write_text("mine")
    with pytest.raises(TasbError, match=r"holds files but no validation\.json"):
        write_validation(tmp_path, SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["topics.tsv"]
    assert (tmp_path / "topics.tsv").read_text() == "mine"


@given(content=garbage, name=st.sampled_from(FILES))
def test_garbage_gives_a_validation_set_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    folder = tmp_path_factory.mktemp("garbage") / "V"
    write_validation(folder, SMALL)
    (folder / name).write_bytes(content)
    with suppress(TasbError):
        read = read_validation(folder)
        for qid in read.topics:
            positives = {d for d, grade in read.qrels[qid].items() if grade > 0}
            assert positives
            assert positives <= set(read.candidates[qid])


def test_the_folder_is_as_documented(tmp_path: Path) -> None:
    write_validation(tmp_path / "V", SMALL)
    candidates, topics, qrels, about = (
        (tmp_path / "V" / name).read_text() for name in FILES
    )
    assert candidates == "1\ta\n1\tb\n2\tc\n2\ta\n"
    assert topics == "1\tcopy a tree\n2\tdense\n"
    assert qrels == "1 0 b 1\n1 0 x 0\n2 0 c 2\n"
    assert json.loads(about) == {"queries": 2, "candidates": 4, "baseline": 0.5}


def test_white_space_within_a_query_becomes_spaces(tmp_path: Path) -> None:
    topics = {"1": "copy\ta\r\ntree", "2": "dense"}
    validation = Validation(topics, SMALL.candidates, SMALL.qrels, {})
    write_validation(tmp_path / "V", validation)
    assert read_validation(tmp_path / "V").topics["1"] == "copy a  tree"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("candidates.tsv", "1\ta\n1\tb\n3\tc\n", r":3: unknown query 3; expected one"),
        ("candidates.tsv", "1\ta\n1\ta\n", r":2: docid a again for query 1; expected"),
        ("candidates.tsv", "1\ta\n1\tb\n2\tc\n2\t", r":4: no line end, as in a file"),
        ("candidates.tsv", "1\ta\n1\tb\tc\n", r":2: 3 columns; expected two: qid<TAB>"),
        ("candidates.tsv", "1\ta\n1\tb c\n", r":2: id 'b c'; expected one word"),
        (
            "candidates.tsv",
            "1\ta\n1\tb\n2\tc\n",
            r"2 queries, 3 candidates; expected",
        ),
        ("candidates.tsv", "1\ta\n1\tb\n", r"topics.tsv:2: query 2 has no candidates"),
        ("candidates.tsv", "1\ta\n2\tc\n", r"qrels.txt:1: positive b of query 1; exp"),
        (
            "topics.tsv",
            "2\tx\n1\ty\n3\tz\n",
            r":3: query 3 has no candidates; exp",
        ),
        ("qrels.txt", "1 0 b 1\n2 0 c 0\n", r"topics.tsv:2: query 2 has no positives"),
        ("qrels.txt", "1 0 b 1\n2 0 c 1\n4 0 c 1\n", r":3: unknown query 4; expected"),
        ("qrels.txt", "1 0 b 1\n2 0 q 2\n", r"qrels.txt:2: positive q of query 2; exp"),
        ("validation.json", "[1]", "validation.json: not a JSON object; expected what"),
        (
            "validation.json",
            "{",
            r"validation.json:1: not JSON \(.*; expected what .* wrote; make",
        ),
        ("validation.json", "{}", "expected None queries, None candidates"),
    ],
)
def test_a_bad_folder_is_refused_with_file_and_line(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    write_validation(tmp_path / "V", SMALL)
    (tmp_path / "V" / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_validation(tmp_path / "V")


def test_another_folder_is_no_validation_set(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no such file; expected what tasb make-valid"):
        read_validation(tmp_path)


def test_a_docid_that_is_not_one_word_leaves_the_old_folder(tmp_path: Path) -> None:
    write_validation(tmp_path / "V", SMALL)
    bad = Validation(SMALL.topics, {"1": ["b b"], "2": ["c"]}, SMALL.qrels, {})
    with pytest.raises(TasbError, match="id 'b b'; expected one word"):
        write_validation(tmp_path / "V", bad)
    assert read_validation(tmp_path / "V").candidates == SMALL.candidates
    assert [path.name for path in tmp_path.iterdir()] == ["V"]


def test_an_unknown_docid_is_named_with_its_line(tmp_path: Path) -> None:
    write_validation(tmp_path / "V", SMALL)
    error = unknown_docid(read_validation(tmp_path / "V"), "c", 2)
    assert "candidates.tsv:3: unknown docid 'c' and 2 more; expected" in str(error)
    assert str(unknown_docid(SMALL, "c", 0)).startswith("unknown docid 'c' and 0 more;")
