"""tasb prebuilt, and names in place of paths, against a server on this machine."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tasb_pyserini.cli.main import main
from tasb_pyserini.cli.names import located, located_lucene
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.prebuilt.entry import Prebuilt
from tests.prebuilt.entries import INDEX, entry, index_archive, remote, write_catalog
from tests.prebuilt.server import FileServer
from tests.prebuilt.small_indexes import encoded_queries_archive, faiss_archive, vectors

QUERIES = {"1": "what is a dog", "2": "capital of france"}
TOPICS = "".join(f"{qid}\t{text}\n" for qid, text in QUERIES.items()).encode()


@pytest.fixture
def entries(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Prebuilt]:
    """Make an index and topics known by name, with an empty cache."""
    known = [
        entry("mini", "lucene", remote(server, "mini.1.tar.gz", index_archive())),
        entry("mini-topics", "topics", remote(server, "topics.mini.tsv", TOPICS)),
    ]
    catalog = write_catalog(tmp_path / "catalog.json", *known)
    monkeypatch.setenv("TASB_CATALOG", str(catalog))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    for name in ("TASB_SHARED_CACHE", "TASB_OFFLINE", "TASB_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    return {each.name: each for each in known}


def tasb(*words: object) -> int:
    return main(["prebuilt", *map(str, words)])


def json_of(capsys: pytest.CaptureFixture[str], *words: object, status: int = 0) -> Any:
    capsys.readouterr()
    assert tasb(*words, "--json") == status
    return json.loads(capsys.readouterr().out)


def test_get_prints_the_paths_alone_and_path_finds_them_again(
    entries: dict[str, Prebuilt], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb("get", "mini", "mini-topics", "--limit-rate", "100M") == 0
    index, topics = capsys.readouterr().out.splitlines()
    assert Path(index) == tmp_path / "cache" / "indexes" / entries["mini"].folder_name
    assert Path(topics).read_bytes() == TOPICS
    assert tasb("path", "mini") == 0
    assert capsys.readouterr().out == f"{index}\n"
    assert json_of(capsys, "path", "mini") == {"mini": index}
    assert json_of(capsys, "get", "mini") == {"mini": index}


def test_path_of_what_is_absent_is_one_line_and_status_1(
    entries: dict[str, Prebuilt], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb("path", "mini") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "tasb prebuilt: mini: not on the disk; run `tasb prebuilt get mini`\n"
    )


@pytest.mark.parametrize("step", ["info", "get", "verify", "path", "remove"])
def test_a_mistyped_name_is_met_with_the_nearest(
    step: str, entries: dict[str, Prebuilt], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb(step, "mini-topic") == 1
    err = capsys.readouterr().err
    assert "did you mean 'mini-topics'?" in err
    assert err.count("\n") == 1


def test_get_looks_at_all_names_before_it_downloads_any(
    entries: dict[str, Prebuilt], server: FileServer
) -> None:
    assert tasb("get", "mini", "no-such-name") == 1
    assert server.requests == []


def test_list_by_kind_and_by_what_is_installed(
    entries: dict[str, Prebuilt], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tasb("get", "mini") == 0
    installed = json_of(capsys, "list", "--installed")
    assert [(each["name"], each["state"]) for each in installed] == [
        ("mini", "present")
    ]
    assert installed[0]["size"] == entries["mini"].files[0].size
    topics = json_of(capsys, "list", "--kind", "topics")
    assert {"mini-topics", "dl20"} <= {each["name"] for each in topics}
    assert {each["kind"] for each in topics} == {"topics"}
    assert tasb("list") == 0
    table = capsys.readouterr().out
    row = next(line for line in table.splitlines() if line.startswith(" mini "))
    assert row.split()[:5] == ["mini", "lucene", str(installed[0]["size"]), "B", "yes"]
    assert "25.2 GB" in table


def test_info_says_all_that_the_entry_says(
    entries: dict[str, Prebuilt],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TASB_MIRROR", "http://127.0.0.1:9/copies")
    assert tasb("info", "msmarco-v1-passage.tasb") == 0
    out = capsys.readouterr().out
    assert "25.2 GB (25,162,329,450 bytes)" in out
    assert "538546d5818527a51d87ce482e7a197e" in out
    assert "http://127.0.0.1:9/copies/faiss-flat.msmarco-v1-passage" in out
    assert "https://rgw.cs.uwaterloo.ca/pyserini/indexes/faiss/" in out
    assert "Hofstätter et al." in out
    assert "no; would be at " in out
    report = json_of(capsys, "info", "mini")
    assert report["files"][0]["md5"] == entries["mini"].files[0].md5
    assert report["place"].endswith(entries["mini"].folder_name)
    assert report["path"] is None


def test_verify_says_what_was_checked_and_finds_a_flipped_byte(
    entries: dict[str, Prebuilt], capsys: pytest.CaptureFixture[str]
) -> None:
    paths = json_of(capsys, "get", "mini", "mini-topics")
    assert tasb("verify", "mini", "mini-topics") == 0
    assert "topics.mini.tsv: md5 as in the catalogue" in capsys.readouterr().out
    damaged = Path(paths["mini"]) / "segments_1"
    damaged.write_bytes(INDEX["segments_1"].swapcase())
    report = json_of(capsys, "verify", "mini", "mini-topics", status=1)
    assert report["mini-topics"]["faults"] == []
    assert len(report["mini"]["faults"]) == 1
    assert "segments_1" in report["mini"]["faults"][0]
    assert tasb("verify", "mini") == 1
    assert "mini: WRONG" in capsys.readouterr().out


def test_remove_and_du_count_bytes_of_own_and_shared_caches(
    entries: dict[str, Prebuilt],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tasb("get", "mini") == 0
    monkeypatch.setenv("TASB_SHARED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "own"))
    assert tasb("get", "mini", "mini-topics") == 0
    report = json_of(capsys, "du")
    assert report["entries"]["mini"]["state"] == "shared"
    assert report["shared"] == report["entries"]["mini"]["bytes"] > 0
    assert report["own"] == report["entries"]["mini-topics"]["bytes"] > 0
    assert tasb("du") == 0
    assert f"{report['own']:,}  in the own cache" in capsys.readouterr().out
    assert tasb("remove", "mini") == 1
    assert "only read" in capsys.readouterr().err
    assert json_of(capsys, "remove", "mini-topics") == {"mini-topics": report["own"]}
    assert json_of(capsys, "du")["own"] == 0


def test_names_with_markup_are_printed_as_they_are(
    entries: dict[str, Prebuilt],
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = Prebuilt(
        name="odd",
        kind="topics",
        description="[bold]loud[/bold] [/red]",
        files=entries["mini-topics"].files,
    )
    monkeypatch.setenv("TASB_CATALOG", str(write_catalog(tmp_path / "odd.json", odd)))
    assert tasb("list", "--kind", "topics") == 0
    assert "[bold]loud[/bold] [/red]" in capsys.readouterr().out


@pytest.fixture
def search_entries(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Make a Faiss index, encoded queries and topics known by name."""
    docids = ["a", "b", "c"]
    index = faiss_archive(tmp_path / "faiss", docids, vectors(3, 1))
    encoded = encoded_queries_archive(QUERIES, vectors(2, 2))
    known = [
        entry("tiny", "faiss", remote(server, "faiss.tar.gz", index)),
        entry("tiny-encoded", "encoded-queries", remote(server, "q.tar.gz", encoded)),
        entry("tiny-topics", "topics", remote(server, "topics.tsv", TOPICS)),
    ]
    catalog = write_catalog(tmp_path / "search.json", *known)
    monkeypatch.setenv("TASB_CATALOG", str(catalog))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))


def tasb_search(output: Path, index: str = "tiny", topics: str = "tiny-topics") -> int:
    words = ["--topics", topics, "--encoded-queries", "tiny-encoded"]
    return main(["search", "--index", index, *words, "--output", str(output)])


def test_search_by_name_fetches_and_then_needs_no_server(
    search_entries: None, server: FileServer, tmp_path: Path
) -> None:
    assert tasb_search(tmp_path / "run.txt") == 0
    scores = vectors(2, 2) @ vectors(3, 1).T
    best = [["a", "b", "c"][at] for row in scores for at in np.argsort(-row)]
    rows = (tmp_path / "run.txt").read_text().splitlines()
    assert [row.split()[2] for row in rows] == best
    begun = len(server.requests)
    server.faults.status = 500
    assert tasb_search(tmp_path / "again.txt") == 0
    assert (tmp_path / "again.txt").read_text().splitlines() == rows
    assert len(server.requests) == begun


def test_offline_refuses_to_fetch_in_one_line(
    search_entries: None,
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TASB_OFFLINE", "1")
    assert tasb_search(tmp_path / "run.txt") == 1
    err = capsys.readouterr().err
    assert "TASB_OFFLINE" in err
    assert err.count("\n") == 1
    assert server.requests == []


def test_a_path_comes_before_a_name_and_a_wrong_name_has_its_nearest(
    search_entries: None,
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny").mkdir()
    assert tasb_search(tmp_path / "run.txt") == 1
    assert "tiny: no file 'index'" in capsys.readouterr().err
    assert tasb_search(tmp_path / "run.txt", index="tinny") == 1
    err = capsys.readouterr().err
    assert "tinny: no such file or folder" in err
    assert "did you mean 'tiny'?" in err
    assert tasb_search(tmp_path / "run.txt", index="no/such/folder") == 1
    assert "expected a Faiss index directory" in capsys.readouterr().err
    assert tasb_search(tmp_path / "run.txt", index="tiny-topics") == 1
    assert "unknown prebuilt name" in capsys.readouterr().err


def test_judgements_are_fetched_by_name_and_measured(
    entries: dict[str, Prebuilt],
    server: FileServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    judged = remote(server, "qrels.mini.txt", b"1 0 a 1\n2 0 b 1\n")
    qrels = entry("mini-topics.qrels", "qrels", judged)
    catalog = write_catalog(tmp_path / "c.json", qrels, entries["mini-topics"])
    monkeypatch.setenv("TASB_CATALOG", str(catalog))
    (tmp_path / "run.txt").write_text("1 Q0 a 1 2 x\n2 Q0 c 1 2 x\n2 Q0 b 2 1 x\n")
    words = ["--topics", "mini-topics", "--measures", "RR", "--json"]
    run = str(tmp_path / "run.txt")
    assert main(["eval", run, "--qrels", "mini-topics.qrels", *words]) == 0
    assert "0.75" in capsys.readouterr().out
    assert main(["eval", run, "--qrels", "mini-topic.qrels", *words]) == 1
    assert "did you mean 'mini-topics.qrels'?" in capsys.readouterr().err


def test_a_lucene_index_is_a_folder_a_name_of_ours_or_else_one_of_pyserinis(
    entries: dict[str, Prebuilt], tmp_path: Path
) -> None:
    assert located_lucene(str(tmp_path)) == tmp_path
    folder = located_lucene("mini")
    assert isinstance(folder, Path)
    assert {path.name for path in folder.iterdir()} == set(INDEX)
    assert located_lucene("beir-v1.0.0-scifact.flat") == "beir-v1.0.0-scifact.flat"


def test_topics_in_an_archive_are_not_one_file() -> None:
    with pytest.raises(TasbError, match="an archive of several files"):
        located("msmarco-passage-queries", "topics")
