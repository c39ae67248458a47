import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training import ids as module
from tasb_pyserini.training.ids import IdTable, write_ids
from tests.formats.strategies import ids

names_lists = st.lists(ids, max_size=20)


@given(names=names_lists)
def test_ids_written_are_the_ids_read(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("ids") / "ids.txt"
    write_ids(path, names)
    assert path.read_text() == "".join(f"{name}\n" for name in names)
    for table in (IdTable.open(path), IdTable.of(names)):
        assert list(table) == names
        assert [table[number] for number in range(len(table))] == names


@given(names=names_lists, wanted=names_lists)
@pytest.mark.parametrize("small", [0, 100], ids=["arrow", "dict"])
def test_find_gives_the_first_number_of_each_name_or_minus_one(
    small: int, names: list[str], wanted: list[str]
) -> None:
    # Half of what is looked for is there.
    wanted = wanted + names[::2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL", small)
        patch.setattr(module, "IDS_AT_ONCE", 3)
        found = IdTable.of(names).find(IdTable.of(wanted))
    assert found.dtype == np.int64
    expected = [names.index(name) if name in names else -1 for name in wanted]
    assert found.tolist() == expected


def test_an_id_that_begins_or_ends_another_is_not_that_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SMALL", 0)
    table = IdTable.of(["12", "123", "23"])
    assert table.find(IdTable.of(["1", "2", "3", "123"])).tolist() == [-1, -1, -1, 1]


def test_many_ids_open_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BYTES_AT_ONCE", 64)
    monkeypatch.setattr(module, "NAMES_AT_ONCE", 7)
    path = tmp_path / "ids.txt"
    write_ids(path, map(str, range(5000)))
    table = IdTable.open(path)
    assert (len(table), table[0], table[4999], table[-1]) == (5000, "0", "4999", "4999")
    assert list(table) == [str(number) for number in range(5000)]


def test_a_number_beyond_the_table_is_an_index_error() -> None:
    table = IdTable.of(["a"])
    for number in (1, -2):
        with pytest.raises(IndexError):
            table[number]


def test_an_opened_table_pickles_as_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"d{number}" for number in range(1000)]
    write_ids(Path("ids.txt"), names)
    pickled = pickle.dumps(IdTable.open(Path("ids.txt")))
    assert len(pickled) < 500
    monkeypatch.chdir(tmp_path.parent)
    assert list(pickle.loads(pickled)) == names
    assert list(pickle.loads(pickle.dumps(IdTable.of(names)))) == names


def test_a_table_is_written_as_it_is(tmp_path: Path) -> None:
    write_ids(tmp_path / "a.txt", ["b", "a"])
    write_ids(tmp_path / "b.txt", IdTable.open(tmp_path / "a.txt"))
    assert (tmp_path / "b.txt").read_text() == "b\na\n"


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("d1\nd2\nd")
    with pytest.raises(InputError, match=r"cut short; expected a line end after"):
        IdTable.open(path)


def test_an_empty_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text("d1\n\nd2\n")
    with pytest.raises(InputError, match=r"ids\.txt:2: empty line"):
        IdTable.open(path)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no such file; expected one id a line"):
        IdTable.open(tmp_path / "ids.txt")


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_a_name_that_is_no_line_is_refused_and_nothing_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(TasbError, match="expected one word"):
        write_ids(tmp_path / "ids.txt", ["a", name])
    assert not list(tmp_path.iterdir())
