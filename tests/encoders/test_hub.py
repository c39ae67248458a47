"""What is fetched from a hub, what is asked again, and what is assumed without one."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import close_session, constants, hf_hub_download

from tasb_pyserini.encoders import hub
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.pretrained import find_model
from tasb_pyserini.formats.errors import TasbError
from tests.checkpoints import make_checkpoint
from tests.encoders.hub_cache import REVISION
from tests.encoders.hub_server import Hub, serving
from tests.encoders.sentence_folders import add_modules

MODEL = ("config.json", "pytorch_model.bin", "vocab.txt", "tokenizer_config.json")
"""What transformers caches of a checkpoint."""

SPEC = {"checkpoint": "x", "pooling": "mean", "normalize": True, "dimension": 32}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "source")


@pytest.fixture
def served(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hub]:
    """A hub with ``o/n``, and an empty cache."""
    with serving(Hub(n=source)) as hub_:
        monkeypatch.setattr(constants, "ENDPOINT", hub_.address)
        template = f"{hub_.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        yield hub_


def cached_by_another_program(*more: str) -> None:
    for name in (*MODEL, *more):
        hf_hub_download("o/n", name)


def test_a_spec_that_another_program_did_not_cache_is_fetched(
    source: Path, served: Hub
) -> None:
    (source / "encoder.json").write_text(json.dumps(SPEC))
    cached_by_another_program()
    served.asked.clear()
    folder, spec = find_checkpoint("o/n")
    assert (spec.pooling, spec.normalize) == ("mean", True)
    assert served.downloads() == ["encoder.json"]
    served.asked.clear()
    assert find_checkpoint("o/n") == (folder, spec)
    assert served.asked == []


@pytest.mark.parametrize("cached", [False, True])
def test_that_there_is_no_spec_is_asked_once(
    served: Hub, cached: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if cached:
        cached_by_another_program()
    _, spec = find_checkpoint("o/n")
    assert (spec.pooling, spec.normalize) == ("cls", False)
    served.asked.clear()
    assert find_checkpoint("o/n")[1] == spec
    assert served.asked == []
    known = huggingface_hub.try_to_load_from_cache("o/n", "encoder.json")
    assert known is huggingface_hub._CACHED_NO_EXIST
    assert "assumed" not in capsys.readouterr().err


def test_without_the_hub_a_line_says_what_is_assumed(
    source: Path,
    served: Hub,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cached_by_another_program()
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    capsys.readouterr()
    assert find_checkpoint("o/n")[1].pooling == "cls"
    assert capsys.readouterr().err.splitlines() == [
        "tasb: o/n: no encoder.json in the hub's cache, and the hub can't be asked for "
        "it (HF_HUB_OFFLINE is set); assumed: [CLS], not normalised, 30 and 200 tokens"
    ]


def test_modules_of_sentence_transformers_are_fetched(
    source: Path, served: Hub
) -> None:
    add_modules(source, "mean_tokens", normalize=True, max_seq_length=64)
    cached_by_another_program()
    served.asked.clear()
    _, spec = find_checkpoint("o/n")
    assert (spec.pooling, spec.normalize, spec.query_max_length) == ("mean", True, 64)
    assert served.downloads() == [
        "1_Pooling/config.json", "modules.json", "sentence_bert_config.json",
    ]  # fmt: skip


@pytest.mark.parametrize("find", [find_checkpoint, find_model])
def test_weights_in_two_forms_are_fetched_once(
    source: Path, served: Hub, tmp_path: Path, find: object
) -> None:
    safe = make_checkpoint(tmp_path / "safe", "safetensors")
    shutil.copy(safe / "model.safetensors", source)
    assert callable(find)
    find("o/n")
    assert "model.safetensors" in served.downloads()
    assert "pytorch_model.bin" not in served.downloads()
    served.asked.clear()
    find("o/n")
    assert served.asked == []
    (source / "model.safetensors").unlink()
    shutil.rmtree(constants.HF_HUB_CACHE)
    huggingface_hub._tree_cache._IN_MEMORY_TREE_CACHE.clear()
    find("o/n")
    assert "pytorch_model.bin" in served.downloads()


@pytest.mark.parametrize("find", [find_checkpoint, find_model])
def test_shards_in_two_forms_are_fetched_once(
    source: Path, served: Hub, find: object
) -> None:
    (source / "pytorch_model.bin").unlink()
    for stem, ending in ("model", "safetensors"), ("pytorch_model", "bin"):
        shard = f"{stem}-00001-of-00001.{ending}"
        (source / shard).write_text(shard)
        index = source / f"{stem}.{ending}.index.json"
        index.write_text(json.dumps({"weight_map": {"a": shard}}))
    assert callable(find)
    find("o/n")
    assert "model-00001-of-00001.safetensors" in served.downloads()
    assert "pytorch_model-00001-of-00001.bin" not in served.downloads()
    served.asked.clear()
    find("o/n")
    assert served.asked == []


def test_the_hub_is_asked_through_the_proxy_that_its_library_uses(
    served: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://hub.invalid")
    for variable in "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY":
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ALL_PROXY", served.address)
    close_session()
    try:
        assert "vocab.txt" in hub.ask_hub("o/n", None)
    finally:
        close_session()
    assert served.asked == ["GET http://hub.invalid/api/models/o/n"]


def test_what_the_hub_does_not_have_is_named(served: Hub) -> None:
    with pytest.raises(TasbError, match=r"could not fetch it from .*\(it answers 404 "):
        find_checkpoint("o/other")


def test_a_file_that_did_not_come_is_an_error(source: Path, served: Hub) -> None:
    """The library then gives the folder that it had before."""
    (source / "encoder.json").write_text(json.dumps(SPEC))
    cached_by_another_program()
    served.lost.append(f"/api/models/o/n/tree/{REVISION}")
    with pytest.raises(hub.HubError, match=r"^encoder\.json did not come$"):
        hub.fetch_snapshot("o/n", REVISION, ["encoder.json"])
