"""Mistakes in a study's file are named with file and line."""

from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tests.study.quick import STUDY, write_study


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("measures: [nDCG@10", "measures: [nDGC@10", "unknown measure 'nDGC@10'"),
        ("    seeds: [1, 2]\n", "    seeds: [1, 1]\n", "seeds: ['1', '1']"),
        ("table/cut: too", "table/cat: too", "did you mean 'table/cut'?"),
        ("    not_run: {table/cut: too", "    notes: {table/cat: too", "'table/cut'?"),
        ("    chains: [fuse]", "    chains: [fuze]", "did you mean 'fuse'?"),
        ("same_as: table/good", "same_as: table/god", "did you mean 'table/good'?"),
        ("[table/good > table/poor], test: test", "[a > b], test: test", "'a'"),
        ("[table/good > table/poor]", "[table/good >> table/poor]", "compare"),
        ("paper: [[.602, null]]", "paper: [[.602]]", "1 lists of 2 numbers or null"),
        ("labels: [Cut]", "labels: [Cut, it]", "2 labels; expected 1"),
        ("name: quick", "name: quack", "expected the file's: quick"),
        ("writes: shared.txt", "writes: ../shared.txt", "without '..'"),
        ("    temporary: true", "    temporary: yess", "true or false"),
        ("steady], test: test, measure: RR@10, within: .01", "steady], test: test, "
         "measure: RR@10", "one with = and steady, none with >"),
        ("      - name: good", "      - name: poor", "names that differ"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = STUDY.replace(old, new, 1)
    assert text != STUDY
    with pytest.raises(TasbError) as caught:
        write_study(tmp_path, text)
    assert message in str(caught.value)
    assert "quick.yaml:" in str(caught.value)


def test_what_the_file_says_is_read(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    assert study.all_cells() == [
        *("table/poor", "table/good", "table/again", "table/cut", "table/never")
    ]
    assert study.profiles["full"].seeds == (1, 2, 3)
    assert study.cell("table/poor")[1].paper == ((0.602, None),)
    assert [claim.relation for claim in study.claims] == [">", ">", "steady", "="]
    assert study.tests["test"].level == 1
