from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing

from tasb_pyserini.encoders.cross.loading import load_pair_tokenizer
from tasb_pyserini.encoders.cross.template import PairTemplate
from tasb_pyserini.formats.errors import TasbError
from tests.teachers import make_teacher


def backend(tmp_path: Path, kind: str) -> Tokenizer:
    folder = make_teacher(tmp_path / kind, kind)
    tokenizer: Tokenizer = load_pair_tokenizer(folder).backend_tokenizer
    return tokenizer


def test_berts_template_is_cls_query_sep_passage_sep(tmp_path: Path) -> None:
    template = PairTemplate.of(backend(tmp_path, "bert"))
    ids, types = template.join([np.array([7, 8])], [np.array([9])])
    assert ids.tolist() == [[2, 7, 8, 3, 9, 3]]
    assert types.tolist() == [[0, 0, 0, 0, 1, 1]]
    assert len(template) == 3


def test_robertas_template_has_two_separators_between(tmp_path: Path) -> None:
    template = PairTemplate.of(backend(tmp_path, "roberta"))
    ids, types = template.join(
        [np.array([7, 8]), np.array([7])], [np.array([9]), np.array([9, 10])]
    )
    assert ids.tolist() == [[0, 7, 8, 2, 2, 9, 2], [0, 7, 2, 2, 9, 10, 2]]
    assert types.tolist() == [[0] * 7] * 2
    assert len(template) == 4


def test_another_order_is_refused(tmp_path: Path) -> None:
    tokenizer = backend(tmp_path, "bert")
    tokenizer.post_processor = TemplateProcessing(
        single="$A", pair="$B:0 [SEP] $A:1", special_tokens=[("[SEP]", 3)]
    )
    with pytest.raises(TasbError, match="expected special tokens, the query, special"):
        PairTemplate.of(tokenizer)


def test_a_tokenizer_without_special_tokens_has_an_empty_template(
    tmp_path: Path,
) -> None:
    tokenizer = backend(tmp_path, "bert")
    tokenizer.post_processor = TemplateProcessing(single="$A", pair="$A $B:1")
    template = PairTemplate.of(tokenizer)
    ids, types = template.join([np.array([7, 8])], [np.array([9])])
    assert (len(template), ids.tolist(), types.tolist()) == (
        0,
        [[7, 8, 9]],
        [[0, 0, 1]],
    )
