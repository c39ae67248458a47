"""Prebuilt indexes of a spec: those in the cache, too large, others or none."""

import json
from pathlib import Path

import pytest

from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tests.regressions.tiny import copying_spec, write_spec

MD5 = 32 * "a"


def spec_of_a_huge_index(data: Path, specs: Path) -> Spec:
    index = f"  - {{name: huge, md5: {MD5}, size: {10**18}, documents: 1}}\n"
    text = copying_spec(data, more=f"network: true\nindexes:\n{index}")
    return write_spec(specs, text)


def test_an_index_larger_than_the_disk_of_the_cache_is_not_fetched(
    data: Path, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "disk" / "not" / "yet"))
    spec = spec_of_a_huge_index(data, specs)
    result = run_spec(spec, tmp_path / "work", data=data)
    assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
    why = f"free on the disk of {tmp_path}/disk; the indexes need 2e+06 TB; let"
    assert why in result.verdicts[0].why


def know_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, md5: str) -> Path:
    """Put the huge index into the catalogue; return the folder of cached indexes."""
    file = {"filename": "huge.tar.gz", "urls": ["https://example.org/h"], "md5": md5}
    entry = {"name": "huge", "kind": "faiss", "description": "x", "files": [file]}
    (tmp_path / "catalog.json").write_text(json.dumps([entry]))
    monkeypatch.setenv("TASB_CATALOG", str(tmp_path / "catalog.json"))
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "indexes"


def test_an_index_in_the_cache_needs_no_disk(
    data: Path, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = know_huge(tmp_path, monkeypatch, MD5)
    spec = spec_of_a_huge_index(data, specs)
    result = run_spec(spec, tmp_path / "work", data=data)
    assert "the indexes need 2e+06 TB" in result.verdicts[0].why
    (cached / f"huge.{MD5}").mkdir(parents=True)
    result = run_spec(spec, tmp_path / "work", data=data)
    assert (result.passed, result.indexes) == (True, {"huge": MD5})


def test_another_index_than_that_of_the_spec_is_not_run(
    data: Path, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = 32 * "b"
    cached = know_huge(tmp_path, monkeypatch, other)
    (cached / f"huge.{other}").mkdir(parents=True)
    result = run_spec(spec_of_a_huge_index(data, specs), tmp_path / "work", data=data)
    assert result.indexes == {}
    assert {(verdict.verdict, verdict.why) for verdict in result.verdicts} == {
        (
            "NOT RUN",
            f"index huge: md5 {other} in the catalogue; expected {MD5}, as "
            "copying.yaml says",
        )
    }


def test_an_index_that_was_never_fetched_is_not_run(
    data: Path, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in the catalogue, so that Pyserini's own would be asked; nobody does."""
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache" / "indexes" / f"strange.{32 * 'b'}").mkdir(parents=True)
    index = f"  - {{name: strange, md5: {MD5}, size: 1, documents: 1}}\n"
    spec = write_spec(specs, copying_spec(data, more=f"indexes:\n{index}"))
    result = run_spec(spec, tmp_path / "work", data=data)
    assert result.indexes == {}
    assert {verdict.verdict for verdict in result.verdicts} == {"NOT RUN"}
    assert f"strange: none from an archive with md5 {MD5}" in result.verdicts[0].why
    (tmp_path / "cache" / "indexes" / f"strange.{MD5}").mkdir()
    assert run_spec(spec, tmp_path / "work", data=data).passed


def test_a_damaged_catalogue_is_not_run_with_the_reason(
    data: Path, specs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASB_CATALOG", str(tmp_path / "none.json"))
    spec = spec_of_a_huge_index(data, specs)
    first = run_spec(spec, tmp_path / "work", data=data).verdicts[0]
    assert (first.verdict, "none.json: no such file" in first.why) == ("NOT RUN", True)
