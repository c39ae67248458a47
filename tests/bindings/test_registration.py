"""Which class each name gets: ours for ``tasb`` and ``tasb:…``, else Pyserini's."""

import json
import shutil
from pathlib import Path

import pytest
from transformers import BertConfig, BertModel

from tests.bindings.conftest import Python
from tests.checkpoints import VOCABULARY, make_checkpoint

CODE = """
import json, sys
from pyserini.encode.__main__ import init_encoder
from pyserini.search.faiss import FaissSearcher
from pyserini.search.faiss.__main__ import init_query_encoder
from tasb_pyserini.formats.errors import TasbError

OPTIONS = (None, "", None, "cpu", 256, "cls", False, None, False, None, False, False)

def kind(load, *arguments):
    try:
        return type(load(*arguments)).__name__
    except TasbError as error:
        return str(error)

print(json.dumps([
    [
        kind(init_query_encoder, name, None, *OPTIONS),
        kind(init_encoder, name, None, "cpu", "cls", False, None, False, False),
        kind(FaissSearcher._init_encoder_from_str, name),
    ]
    for name in sys.argv[1:]
]))
"""

pytestmark = pytest.mark.pyserini


def make_bert(folder: Path) -> Path:
    """Write a BERT of one layer with random weights, as TCT-ColBERT's are."""
    config = BertConfig(
        vocab_size=len(VOCABULARY.read_text(encoding="utf-8").splitlines()),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder)
    shutil.copy(VOCABULARY, folder / "vocab.txt")
    return folder


def test_our_classes_answer_to_our_names_alone(python: Python, tmp_path: Path) -> None:
    work = tmp_path / "tasb-work"
    ours = make_checkpoint(work / "balanced-finance")
    tct = make_bert(work / "tct_colbert")
    other = make_bert(work / "bge")
    done = python("-c", CODE, f"tasb:{ours}", tct, other, "tasb")
    by_prefix, by_pyserini, by_part, public = json.loads(done.stdout.splitlines()[-1])
    assert by_prefix == ["TasbQueryEncoder", "TasbDocumentEncoder", "TasbQueryEncoder"]
    assert by_pyserini == [
        "TctColBertQueryEncoder",
        "TctColBertDocumentEncoder",
        "TctColBertQueryEncoder",
    ]
    refusal = (
        f"encoder '{other}': 'tasb' within a name is no choice of encoder; use "
        f"'tasb:{other}' for a TAS-B checkpoint, or --encoder-class auto"
    )
    assert by_part == [refusal, refusal, "AutoQueryEncoder"]
    assert all("could not fetch sebastian-hofstaetter" in error for error in public)
