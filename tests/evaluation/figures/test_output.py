"""A figure is written in every form, the same each time, its numbers beside it."""

from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from tasb_pyserini.evaluation.figures.output import check_outputs, write_figure
from tasb_pyserini.evaluation.figures.recall import RecallCurves, draw_recall
from tasb_pyserini.formats.errors import TasbError

CURVES = RecallCurves((1, 10), {"one": [0.1, 1 / 3], "$two": [0.0, 0.5]}, 7)


def write(*pictures: Path) -> None:
    draw = partial(draw_recall, curves=CURVES)
    write_figure(pictures, CURVES.table(), draw)


def test_each_form_and_one_table_a_name(tmp_path: Path) -> None:
    names = ("a.png", "a.svg", "sub/b.PNG", "a.pdf")
    write(*(tmp_path / name for name in names))
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert files == {*names, "a.csv", "sub/b.csv"}
    table = (tmp_path / "a.csv").read_bytes()
    assert table == b"cutoff,one,$two\n1,0.1,0.0\n10,0.3333333333333333,0.5\n"
    assert (tmp_path / "sub/b.csv").read_bytes() == table
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    svg = (tmp_path / "a.svg").read_text()
    for words in (">one<", ">$two<", ">recall, mean of 7 queries<", ">10<"):
        assert words in svg


def test_bytes_are_the_same_again_and_whatever_the_user_has_set(
    tmp_path: Path,
) -> None:
    endings = ("png", "svg", "pdf")
    write(*(tmp_path / f"one.{ending}" for ending in endings))
    changed: dict[Any, Any] = {"font.size": 33, "svg.fonttype": "path"}
    with matplotlib.rc_context(changed):
        for ending in reversed(endings):
            write(tmp_path / f"two.{ending}")
        assert matplotlib.rcParams["font.size"] == 33
    for ending in (*endings, "csv"):
        one, two = (tmp_path / f"{name}.{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert b"<dc:date>" not in (tmp_path / "one.svg").read_bytes()


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.csv"])
def test_an_unknown_suffix_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(TasbError, match=r"expected a name that ends in \.png, \.svg"):
        write(tmp_path / "good.png", tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    other = tmp_path / "." / "points.png"
    with pytest.raises(TasbError, match=r"points\.csv: is read, and .*points\.png"):
        check_outputs([other], [points])
    check_outputs([tmp_path / "figure.png"], [points])
