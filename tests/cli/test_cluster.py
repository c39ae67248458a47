"""``tasb cluster`` from topics to clusters, tables and the figure."""

import argparse
import json
from pathlib import Path

import pytest

from tasb_pyserini.cli import cluster
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.clusters.file import read_clusters
from tests.checkpoints import make_checkpoint
from tests.training.clusters.questions import make_topics

pytest.importorskip("faiss")

TOPICS = make_topics(80)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("model") / "small")


def tasb_cluster(folder: Path, checkpoint: Path, *words: str) -> int:
    topics = folder / "topics.tsv"
    topics.write_text("".join(f"{qid}\t{text}\n" for qid, text in TOPICS.items()))
    inputs = ["--topics", f"{topics}", "--encoder", f"tasb:{checkpoint}"]
    output = ["--output", f"{folder / 'C'}", "--device", "cpu"]
    parser = argparse.ArgumentParser()
    cluster.add_arguments(parser)
    return cluster.run(parser.parse_args([*inputs, *output, *words]))


def test_clusters_are_written_and_their_sizes_printed(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb_cluster(tmp_path, checkpoint, "--k", "3") == 0
    printed = capsys.readouterr()
    clusters = read_clusters(tmp_path / "C" / "clusters.tsv", TOPICS)
    sizes = sorted(map(len, clusters))
    assert sum(sizes) == 80
    lines = printed.out.splitlines()
    assert lines[0].startswith(
        f"{tmp_path / 'C'}: 80 queries in 3 clusters (inner-product, objective "
    )
    cells = [cell.strip() for cell in lines[5].strip("│").split("│")]
    tiny = sum(0 < size < 32 for size in sizes)
    assert (cells[0], cells[2], cells[4]) == (
        str(sizes[0]),
        str(sizes[1]),
        str(sizes[2]),
    )
    assert cells[5:] == ["0", str(tiny)]
    # Three examples of each cluster stand in the table of the largest.
    assert sum(query in printed.out for query in TOPICS.values()) >= 9
    assert "26.7 queries a cluster are few for k-means; Faiss advises 39" in printed.err


def test_json_is_the_report_with_its_place(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--k", "2", "--metric", "euclidean", "--seed", "7", "--starts", "2"]
    assert tasb_cluster(tmp_path, checkpoint, *words, "--json") == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert report.pop("output") == str(tmp_path / "C")
    assert report == json.loads((tmp_path / "C" / "clusters.json").read_text())
    named = {key: report[key] for key in ("k", "metric", "seed", "starts")}
    assert named == {"k": 2, "metric": "euclidean", "seed": 7, "starts": 2}
    assert "are few" not in captured.err


def test_a_figure_is_drawn_of_clusters_that_are_there(
    checkpoint: Path, tmp_path: Path
) -> None:
    assert tasb_cluster(tmp_path, checkpoint, "--k", "4") == 0
    before = (tmp_path / "C" / "clusters.tsv").stat().st_mtime_ns
    figure = tmp_path / "topics.svg"
    assert tasb_cluster(tmp_path, checkpoint, "--k", "4", "--figure", f"{figure}") == 0
    assert (tmp_path / "C" / "clusters.tsv").stat().st_mtime_ns == before
    assert figure.is_file()
    assert figure.with_suffix(".csv").is_file()


def test_a_figure_is_not_drawn_over_the_topics(
    checkpoint: Path, tmp_path: Path
) -> None:
    topics = tmp_path / "t.csv"
    topics.write_text("1\twhat is a tree\n")
    words = ["--topics", f"{topics}", "--figure", f"{tmp_path / 't.svg'}"]
    with pytest.raises(TasbError, match=r"t\.csv: "):
        tasb_cluster(tmp_path, checkpoint, *words)
    assert topics.read_text() == "1\twhat is a tree\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--k", "81"], "81 clusters of 80 queries; expected"),
        (["--k", "3", "--seed", "-5"], "seed -5; expected 0 to"),
        (["--k", "3", "--figure", "f.jpg"], r"f\.jpg: expected a name that ends in"),
    ],
)
def test_a_mistake_is_found_before_anything_is_written(
    checkpoint: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        tasb_cluster(tmp_path, checkpoint, *words)
    assert {path.name for path in tmp_path.iterdir()} - {"tasb-cache"} == {"topics.tsv"}
