import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.records import Triple, is_id
from tasb_pyserini.formats.triples import read_triples, write_triples
from tests.formats.strategies import garbage, ids

triple_lists = st.lists(st.builds(Triple, ids, ids, ids))


def test_triples_are_qid_pos_neg(tmp_path: Path) -> None:
    path = tmp_path / "new" / "triples.tsv"
    triples = [Triple("q", "pos", "neg"), Triple("q", "pos", "other")]
    assert write_triples(path, iter(triples)) == 2
    assert path.read_text() == "q\tpos\tneg\nq\tpos\tother\n"
    assert list(read_triples(path)) == triples


@given(triples=triple_lists)
@pytest.mark.parametrize("name", ["t.tsv", "t.tsv.gz"])
def test_any_triples_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, triples: list[Triple]
) -> None:
    path = tmp_path_factory.mktemp("triples") / name
    assert write_triples(path, triples) == len(triples)
    assert list(read_triples(path)) == triples


def test_a_compressed_name_gives_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv.gz"
    write_triples(path, [Triple("1", "2", "3")])
    assert gzip.decompress(path.read_bytes()) == b"1\t2\t3\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("q\tpos", "2 columns; expected three ids: qid<TAB>pos<TAB>neg"),
        ("q pos neg", "1 column; expected three ids: qid<TAB>pos<TAB>neg"),
        ("1.5\t0.5\tq\tpos\tneg", "5 columns; expected three ids: qid<TAB>pos<TAB>neg"),
        ("q\t\tneg", "id ''; expected three ids: qid<TAB>pos<TAB>neg"),
        ("q\tthe text\tneg", "id 'the text'; expected three ids: qid<TAB>pos<TAB>neg"),
    ],
)
def test_a_bad_triple_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "triples.tsv"
    path.write_text(f"q\tpos\tneg\n{line}\n")
    triples = read_triples(path)
    assert next(triples) == Triple("q", "pos", "neg")
    with pytest.raises(InputError) as caught:
        next(triples)
    assert str(caught.value) == f"{path}:2: {message}"


def test_triples_that_stop_with_an_error_leave_the_old_file(tmp_path: Path) -> None:
    old, new = tmp_path / "old.tsv", tmp_path / "new.tsv"
    old.write_text("q\tpos\tneg\nbroken\n")
    new.write_text("kept")
    with pytest.raises(InputError):
        write_triples(new, read_triples(old))
    assert new.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.tsv", "old.tsv"]


@given(content=garbage)
def test_garbage_gives_triples_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("garbage") / "t.tsv"
    path.write_bytes(content)
    with suppress(InputError):
        for triple in read_triples(path):
            assert all(map(is_id, (triple.qid, triple.pos, triple.neg)))
