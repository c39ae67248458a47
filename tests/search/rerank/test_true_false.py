from pathlib import Path

import pytest

from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.search.rerank.monot5 import MonoT5
from tests.search.rerank.models import PIECES, make_t5


def test_a_tokenizer_without_the_answers_is_refused(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5", pieces=PIECES[1:])
    with pytest.raises(TasbError, match="lacks one of ▁false, ▁true and an end of"):
        MonoT5.check(str(folder))


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = make_t5(tmp_path / "t5")
    other = make_t5(tmp_path / "other", pieces=[*PIECES, "▁more"])
    (folder / "tokenizer.json").write_bytes((other / "tokenizer.json").read_bytes())
    with pytest.raises(TasbError, match="expected a tokenizer and a model that belong"):
        MonoT5.load(str(folder), device="cpu")
