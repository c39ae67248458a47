"""A run's log becomes a figure, and TensorBoard's events where that is installed."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import pytest

from tasb_pyserini.training.curves import draw_curves, read_curves
from tasb_pyserini.training.log import TrainingLog


def write_log(folder: Path, *, validate: bool = True, parts: bool = True) -> None:
    with TrainingLog(folder, 0, 0.0) as log:
        for step in (10, 20, 30):
            losses = {"loss": 90.0 / step}
            if parts:
                losses |= {"pair_loss": 60.0 / step, "in_batch_loss": 40.0 / step}
            log.write(step, step / 2, **losses, learning_rate=7e-6, tokens=100 * step)
            if validate and step > 10:
                log.note(step, validation=step / 100)


def texts_of(picture: Path) -> str:
    """Return what stands in a picture, in which text stays text."""
    root = ElementTree.parse(picture).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return picture.read_text(encoding="utf-8")


def test_curves_are_the_values_of_the_log_by_step(tmp_path: Path) -> None:
    write_log(tmp_path)

    curves = read_curves(tmp_path / "log.jsonl")

    assert curves["loss"] == [(10, 9.0), (20, 4.5), (30, 3.0)]
    assert curves["validation"] == [(20, 0.2), (30, 0.3)]
    assert curves["steps_per_second"] == [(10, 2.0), (20, 2.0), (30, 2.0)]


def test_the_figure_has_a_panel_for_each_kind_of_curve(tmp_path: Path) -> None:
    write_log(tmp_path)

    picture = draw_curves(tmp_path)

    assert picture == tmp_path / "curves.svg"
    shown = texts_of(picture)
    for label in ("loss", "pair loss", "in batch loss", "learning rate", "step"):
        assert f">{label}</text>" in shown
    assert ">validation</text>" in shown


def test_what_a_run_did_not_have_is_not_drawn(tmp_path: Path) -> None:
    write_log(tmp_path, validate=False, parts=False)

    picture = draw_curves(tmp_path)

    assert picture is not None
    shown = texts_of(picture)
    assert ">loss</text>" in shown
    assert "pair loss" not in shown
    assert "validation" not in shown


def test_no_other_figure_of_the_process_is_touched(tmp_path: Path) -> None:
    from matplotlib import pyplot

    open_figures = pyplot.get_fignums()
    write_log(tmp_path)
    draw_curves(tmp_path)

    assert pyplot.get_fignums() == open_figures


def test_a_log_without_a_line_gives_no_figure(tmp_path: Path) -> None:
    with TrainingLog(tmp_path, 0, 0.0):
        pass

    assert draw_curves(tmp_path) is None
    assert not (tmp_path / "curves.svg").exists()


def test_a_matplotlibrc_does_not_show(tmp_path: Path) -> None:
    write_log(tmp_path)
    draw_curves(tmp_path)
    plain = (tmp_path / "curves.svg").read_bytes()
    with matplotlib.rc_context({"figure.facecolor": "red", "font.size": 25}):
        draw_curves(tmp_path)
    assert (tmp_path / "curves.svg").read_bytes() == plain


def test_without_tensorboard_the_log_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)

    write_log(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["log.jsonl"]
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["loss"] == 4.5


def test_tensorboard_shows_the_log_without_what_a_killed_run_did_later(
    tmp_path: Path,
) -> None:
    library = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    write_log(tmp_path)
    with TrainingLog(tmp_path, 20, 10.0) as log:
        log.write(25, 12.0, loss=2.0)

    events = library.EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    shown = [(event.step, event.value) for event in events.Scalars("loss")]
    assert shown == [(10, 9.0), (20, 4.5), (25, 2.0)]
