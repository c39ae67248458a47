from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.replace import replace_file
from tasb_pyserini.formats.text_triples import (
    TextTriple,
    holds_texts,
    read_text_triples,
)
from tests.formats.strategies import garbage, ids, line_texts

triple_lists = st.lists(st.builds(TextTriple, line_texts, line_texts, line_texts))


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with replace_file(path) as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
    return path


@given(triples=triple_lists)
@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_any_texts_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, triples: list[TextTriple]
) -> None:
    rows = [(triple.query, triple.pos, triple.neg) for triple in triples]
    if rows and rows[0][0].startswith("\ufeff"):
        rows[0] = ("\ufeff" + rows[0][0], *rows[0][1:])
    path = write(tmp_path_factory.mktemp("texts") / name, [*rows])
    assert list(read_text_triples(path)) == triples


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q\tp\n", "2: 2 columns; expected three texts: query<TAB>positive<TAB>negat"),
        ("q\tp\tn\tn\n", "2: 4 columns; expected three texts: query<TAB>positive<TA"),
        ("a q\t \ta n\n", "2: empty positive; expected three texts: query<TAB>positi"),
        ("a q\ta p\t\n", "2: empty negative; expected three texts: query<TAB>positiv"),
        ("a q\ta p\ta n", "2: no line end, as in a file cut short; expected one after"),
    ],
)
def test_a_bad_triple_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "triples.tsv"
    path.write_text(f"what is a dog\tan animal\ta car\n{line}")
    triples = read_text_triples(path)
    assert next(triples) == TextTriple("what is a dog", "an animal", "a car")
    with pytest.raises(InputError) as caught:
        next(triples)
    assert str(caught.value).startswith(f"{path}:{message}")


@pytest.mark.parametrize(
    ("line", "texts"), [("dog", False), ("a dog", True), ("", True)]
)
def test_one_text_among_the_first_100_lines_tells(
    tmp_path: Path, line: str, texts: bool
) -> None:
    rows = [("1", "2", "3")] * 99
    path = write(tmp_path / "t.tsv", [*rows, ("1", line, "3"), ("1", "two words", "3")])
    assert holds_texts(path) is texts


@given(rows=st.lists(st.tuples(ids, ids, ids), min_size=1, max_size=150))
def test_ids_are_never_taken_for_texts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    assert not holds_texts(write(tmp_path_factory.mktemp("ids") / "t.tsv.gz", rows))


def test_an_empty_file_is_neither(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").touch()
    with pytest.raises(InputError, match=r"t\.tsv: no triples; expected at least one"):
        holds_texts(tmp_path / "t.tsv")


@given(content=garbage)
def test_garbage_gives_texts_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "t.tsv"
    path.write_bytes(content)
    with suppress(InputError):
        holds_texts(path)
    with suppress(InputError):
        for triple in read_text_triples(path):
            assert all(text.strip() for text in (triple.query, triple.pos, triple.neg))
