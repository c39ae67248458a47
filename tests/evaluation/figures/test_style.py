"""Lines differ in grey, and every log scale has numbers to read it by."""

from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from tasb_pyserini.evaluation.figures.latency import Point, draw_latency
from tasb_pyserini.evaluation.figures.output import write_figure
from tasb_pyserini.evaluation.figures.style import line_style, log_x


def test_lines_differ_without_their_colours() -> None:
    looks = [line_style(number) for number in range(32)]
    assert len({(look["marker"], look["linestyle"]) for look in looks}) == 32
    for one, other in pairwise(looks):
        assert one["marker"] != other["marker"]
        assert one["linestyle"] != other["linestyle"]
        assert one["color"] != other["color"]


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        ((1, 1000), {"1", "2", "5", "10", "500", "1,000"}),
        ((0.001, 1000), {"0.001", "0.01", "1", "1,000"}),
        ((31, 39), {"32", "36"}),
        ((64, 64), {"60", "80"}),
    ],
)
def test_ticks_of_a_log_scale_are_plain_numbers(
    ends: tuple[float, float], shown: set[str]
) -> None:
    axes = Figure(figsize=(7, 4)).subplots()
    axes.plot(ends, [0, 1])
    log_x(axes, *ends)
    low, high = axes.get_xlim()
    ticks = [x for x in axes.xaxis.get_major_locator()() if low <= x <= high]
    labels = axes.xaxis.get_major_formatter().format_ticks(ticks)
    assert shown <= set(labels)
    assert 2 <= len(labels) <= 12


@pytest.mark.parametrize("times", [(64,), (55, 64), (1, 30_000)])
def test_no_markup_of_numbers_is_shown(tmp_path: Path, times: tuple[int, ...]) -> None:
    points = [Point(f"${ms}", ms, 0.5) for ms in times]
    draw = partial(draw_latency, points=points, measure="RR")
    write_figure([tmp_path / "a.svg"], [], draw)
    svg = (tmp_path / "a.svg").read_text()
    assert "mathdefault" not in svg
    assert all(f">${ms}<" in svg for ms in times)
