"""Topics by Pyserini's names come from our catalogue, as Pyserini gives them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.bindings.topics_and_qrels import our_topics
from tasb_pyserini.prebuilt.cache import entry_folder
from tasb_pyserini.prebuilt.catalog import find
from tests.conftest import Collections

DEV = "msmarco-passage-dev-subset"
CACHED = {2: {"title": "from Pyserini's cache"}}


def none_in_pyserini(name: str) -> Any:
    raise ValueError(f"Topic {name} Not Found")


def cached_by_pyserini(name: str) -> Any:
    return CACHED


@pytest.fixture
def no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be fetched: the cache is a file."""
    (tmp_path / "cache").touch()
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TASB_OFFLINE", "0")


def test_dev_queries_have_no_outer_white_space(
    collections: Collections, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = collections("msmarco-topics-qrels") / "topics.msmarco-passage.dev-subset.txt"
    lines = file.read_text().splitlines()
    assert (lines[1], lines[4406]) == (
        "2\t Androgen receptor define",
        "163602\tdoes bacterial infection cause joint pain ",
    )
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    folder = entry_folder(tmp_path, find(DEV, {}))
    folder.mkdir(parents=True)
    shutil.copy(file, folder)
    topics = our_topics(none_in_pyserini)(DEV)
    assert len(topics) == 6980
    assert topics[2] == {"title": "Androgen receptor define"}
    assert topics[163602] == {"title": "does bacterial infection cause joint pain"}


@pytest.mark.usefixtures("no_room")
def test_pyserinis_cache_helps_where_topics_cannot_be_fetched() -> None:
    assert our_topics(cached_by_pyserini)(DEV) == CACHED


@pytest.mark.usefixtures("no_room")
def test_what_nobody_has_is_told_in_our_words() -> None:
    with pytest.raises(OSError, match="not written"):
        our_topics(none_in_pyserini)(DEV)


@pytest.mark.usefixtures("no_room")
def test_pyserini_is_not_asked_where_the_network_is_forbidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TASB_OFFLINE", "1")
    with pytest.raises(OSError, match="TASB_OFFLINE forbids"):
        our_topics(cached_by_pyserini)(DEV)


@pytest.mark.usefixtures("no_room")
def test_a_name_of_the_users_never_gives_pyserinis_topics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = {"filename": "t.tsv", "urls": ["http://127.0.0.1:9/t.tsv"], "md5": "0" * 32}
    entry = {"name": DEV, "kind": "topics", "description": "mine", "files": [file]}
    (tmp_path / "catalog.json").write_text(json.dumps([entry]))
    monkeypatch.setenv("TASB_CATALOG", str(tmp_path / "catalog.json"))
    with pytest.raises(OSError, match="not written"):
        our_topics(cached_by_pyserini)(DEV)
