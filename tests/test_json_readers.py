"""Whatever stands in a JSON file, its reader ends in one line, or takes it as absent.

Of the file of clusters that is read as absent, tests/training/clusters tells.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasb_pyserini.encoders.cross.loading import model_type
from tasb_pyserini.encoders.matchmaker.files import read_config
from tasb_pyserini.encoders.sentence_transformers import LENGTHS, read_modules
from tasb_pyserini.encoders.weight_files import weight_files
from tasb_pyserini.evaluation.figures.points import read_points
from tasb_pyserini.formats import work
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.indexing import shards
from tasb_pyserini.indexing.lucene_dense_sphere import read_norm
from tasb_pyserini.prebuilt import record
from tasb_pyserini.prebuilt.catalog import read_catalog
from tasb_pyserini.prebuilt.download.state import read_state
from tasb_pyserini.quickstart.outcome import Outcome
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.stage_records import read_stage_record
from tasb_pyserini.search.pipeline.hashes import Hashes
from tasb_pyserini.search.pipeline.record import read_record
from tasb_pyserini.search.tuned import Tuned
from tasb_pyserini.study.record import Record
from tasb_pyserini.training.best import read_scores
from tasb_pyserini.training.mining.round import open_round
from tasb_pyserini.training.pairs import store
from tasb_pyserini.training.pretrain.mlm import load_mlm
from tasb_pyserini.training.record import open_record, read_result
from tasb_pyserini.training.teachers.start import find_kind
from tasb_pyserini.training.tokens import open_tokens
from tasb_pyserini.training.validation.candidates import read_validation
from tests.encoders.sentence_folders import add_modules
from tests.formats.bad_json import BAD

Read = Callable[[Path], Any]


def modules_and_lengths(folder: Path) -> object:
    lengths = (folder / LENGTHS).read_bytes()
    add_modules(folder, "cls_token")
    (folder / LENGTHS).write_bytes(lengths)
    return read_modules(folder)


def modules_in_one_folder(folder: Path) -> object:
    kinds = [{"type": "Transformer", "path": ""}, {"type": "Pooling", "path": ""}]
    (folder / "modules.json").write_text(json.dumps(kinds))
    return read_modules(folder)


REFUSING: dict[str, tuple[str, Read]] = {
    "tasb ask": ("quickstart.json", Outcome.read),
    "tuned parameters": ("t.json", lambda folder: Tuned.read(folder / "t.json")),
    "work under way": ("manifest.json", work.read_manifest),
    "vectors": ("manifest.json", shards.read_manifest),
    "norm": ("norm.json", read_norm),
    "latency": ("p.json", lambda folder: read_points(folder / "p.json", "RR@10")),
    "pairs": ("pairs.json", store.read_manifest),
    "tokens": ("tokens.json", open_tokens),
    "validation set": ("validation.json", read_validation),
    "hard-negative round": ("refresh.json", lambda folder: open_round(folder, {}, "")),
    "run to go on with": ("training.json", lambda folder: open_record(folder, {})),
    "result of a run": ("training.json", read_result),
    "best checkpoints": ("best.json", read_scores),
    "start of pretraining": ("config.json", load_mlm),
    "cross-encoder": ("config.json", model_type),
    "teacher": ("config.json", lambda folder: read_config(folder, "ColBERT")),
    "shards": ("model.safetensors.index.json", weight_files),
    "result of a regression": ("result.json", Result.read),
    "record of a study": ("1.json", lambda folder: Record.read(folder / "1.json")),
    "catalogue": ("c.json", lambda folder: read_catalog(folder / "c.json")),
    "modules": ("modules.json", read_modules),
    "lengths": (LENGTHS, modules_and_lengths),
    "pooling": ("config.json", modules_in_one_folder),
}

PASSING_OVER: dict[str, tuple[str, Read]] = {
    "pipeline's record": ("1.json", lambda folder: read_record(folder / "1.json")),
    "kind of a teacher": ("config.json", find_kind),
    "files of an archive": ("r.json", lambda f: record.read_record(f / "r.json")),
    "half-done download": ("s.json", lambda folder: read_state(folder / "s.json")),
    "stage of a regression": (".stages/a.json", lambda f: read_stage_record(f, "a")),
    "hashes": (".hashes", lambda folder: Hashes(folder / ".hashes").known or None),
}


@pytest.mark.parametrize("content", [content for content, _ in BAD.values()], ids=BAD)
@pytest.mark.parametrize(("name", "read"), REFUSING.values(), ids=REFUSING)
def test_a_damaged_file_is_named(
    tmp_path: Path, name: str, read: Read, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TasbError, match=rf"{name}:.*; expected "):
        read(tmp_path)


@pytest.mark.parametrize("content", [content for content, _ in BAD.values()], ids=BAD)
@pytest.mark.parametrize(("name", "read"), PASSING_OVER.values(), ids=PASSING_OVER)
def test_a_damaged_file_is_as_good_as_none(
    tmp_path: Path, name: str, read: Read, content: bytes
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path) is None
