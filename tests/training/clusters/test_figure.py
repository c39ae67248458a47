"""Figure 1 shows eight clusters that can be told apart, and its points are written."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.clusters.figure import choose_clusters, draw_clusters
from tests.training.clusters.questions import placed_clusters


def read_points(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_eight_clusters_are_drawn_with_their_queries(tmp_path: Path) -> None:
    clusters = placed_clusters([12, 2, 9, 0, 30, 8, 7, 10, 11, 6, 1, 14])
    shown = draw_clusters(clusters, tmp_path / "topics.svg", seed=1)
    assert len(shown) == 8
    assert not {1, 3, 10} & set(shown)

    points = read_points(tmp_path / "topics.csv")
    members = [(n, position) for n in shown for position in clusters.clusters[n]]
    assert [(int(p["cluster"]), p["qid"]) for p in points] == [
        (n, f"q{position}") for n, position in members
    ]
    assert all(clusters.topics[point["qid"]] == point["query"] for point in points)

    root = ElementTree.parse(tmp_path / "topics.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    # A marker is defined once and used for each point and once in the legend.
    uses = "".join(ElementTree.tostring(root, encoding="unicode")).count("<ns0:use ")
    assert uses >= len(points)


def test_clusters_that_lie_apart_lie_apart_on_the_map(tmp_path: Path) -> None:
    clusters = placed_clusters([40, 40, 40])
    draw_clusters(clusters, tmp_path / "topics.png")
    points = read_points(tmp_path / "topics.csv")
    places = np.array([[float(p["x"]), float(p["y"])] for p in points])
    cluster = np.array([p["cluster"] for p in points])
    away = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(away, np.inf)
    assert (cluster[away.argmin(axis=1)] == cluster).mean() > 0.99


def test_the_same_seed_draws_the_same_figure(tmp_path: Path) -> None:
    clusters = placed_clusters([5] * 20)
    for name in ("one.svg", "two.svg", "one.png", "two.png", "one.pdf", "two.pdf"):
        draw_clusters(clusters, tmp_path / name, seed=3)
    for ending in (".svg", ".png", ".pdf", ".csv"):
        one, two = (tmp_path / f"{name}{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG\r\n")
    chosen = {
        tuple(choose_clusters(clusters, np.random.default_rng(seed)))
        for seed in range(9)
    }
    assert len(chosen) > 5


def test_a_figure_of_three_queries_is_drawn(tmp_path: Path) -> None:
    assert draw_clusters(placed_clusters([3]), tmp_path / "topics.png") == [0]
    assert len(read_points(tmp_path / "topics.csv")) == 3


def test_a_large_cluster_is_drawn_in_part(tmp_path: Path) -> None:
    draw_clusters(placed_clusters([300, 5]), tmp_path / "topics.png")
    points = read_points(tmp_path / "topics.csv")
    assert [p["cluster"] for p in points] == ["0"] * 250 + ["1"] * 5
    assert len({p["qid"] for p in points}) == 255


@pytest.mark.parametrize("name", ["topics.jpg", "topics", "topics.csv"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TasbError, match=r"a name that ends in \.png, \.svg, \.pdf"):
        draw_clusters(placed_clusters([5]), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_clusters_of_one_or_two_queries_are_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(TasbError, match="no cluster has 3 queries or more"):
        draw_clusters(placed_clusters([2, 1, 2]), tmp_path / "topics.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["topics.svg", "topics.png"])
def test_a_matplotlibrc_does_not_show(tmp_path: Path, name: str) -> None:
    draw_clusters(placed_clusters([5]), tmp_path / name)
    plain = (tmp_path / name).read_bytes()
    with matplotlib.rc_context({"figure.facecolor": "red", "font.size": 25}):
        draw_clusters(placed_clusters([5]), tmp_path / name)
    assert (tmp_path / name).read_bytes() == plain
