"""ColBERT's scores of pairs on disk are those of a slow loop over texts."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertTokenizer, PreTrainedModel

from tasb_pyserini.cli.main import main
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.pairs.store import open_pairs
from tasb_pyserini.training.scoring.pairwise import load_teacher
from tasb_pyserini.training.scoring.teacher import Teacher
from tests.training.scoring.teachers import (
    PASSAGES,
    QUERIES,
    make_teacher,
    write_inputs,
)
from tests.training.teachers.published import make_published, plain_maxsim

TRIPLES = [
    ("q1", "d3", "d4"),
    ("q1", "d2", "d3"),
    ("q2", "d1", "d5"),
    ("q3", "d2", "d4"),
]


@pytest.fixture(scope="module")
def parts(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, PreTrainedModel, nn.Linear]:
    folder = tmp_path_factory.mktemp("teacher") / "colbert"
    return folder, *make_published(folder, "ColBERT")


@torch.no_grad()
def slow_score(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
    query: str,
    passage: str,
    lengths: tuple[int, int],
) -> float:
    """Score one pair as transformers reads it, nothing padded."""
    folder, transformer, last = parts
    tokenizer = BertTokenizer.from_pretrained(folder)
    vectors = []
    for text, length in zip((query, passage), lengths, strict=True):
        ids = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
        hidden = transformer(input_ids=ids["input_ids"]).last_hidden_state
        vectors.append(last(hidden)[0])
    return plain_maxsim(*vectors)


@pytest.mark.parametrize("lengths", [(30, 50), (4, 9)])
def test_pairs_are_scored_by_a_colbert(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
    lengths: tuple[int, int],
    tmp_path: Path,
) -> None:
    triples, topics, collection = write_inputs(tmp_path, TRIPLES)
    words = {
        "--teacher": parts[0],
        "--triples": triples,
        "--topics": topics,
        "--collection": collection,
        "--output": tmp_path / "scored",
        "--query-max-length": lengths[0],
        "--passage-max-length": lengths[1],
        "--device": "cpu",
    }

    assert main(["score", *[str(w) for pair in words.items() for w in pair]]) == 0

    pairs = open_pairs(tmp_path / "scored")
    assert pairs.pos_score is not None
    assert pairs.neg_score is not None
    rows = zip(pairs.pos, pairs.neg, pairs.pos_score, pairs.neg_score, strict=True)
    queries = [
        pairs.qids[n]
        for n in range(pairs.n_queries)
        for _ in range(pairs.offsets[n], pairs.offsets[n + 1])
    ]
    found = {
        (qid, pairs.docids[int(docid)]): float(score)
        for qid, (pos, neg, *scores) in zip(queries, rows, strict=True)
        for docid, score in zip((pos, neg), scores, strict=True)
    }
    expected = {
        (qid, docid): slow_score(parts, QUERIES[qid], PASSAGES[docid], lengths)
        for qid, *docids in TRIPLES
        for docid in docids
    }
    assert found == pytest.approx(expected, abs=1e-4)
    assert max(expected.values()) - min(expected.values()) > 0.1


def test_a_folder_says_which_teacher_it_is_and_how_much_it_reads(
    parts: tuple[Path, PreTrainedModel, nn.Linear], tmp_path: Path
) -> None:
    cross = make_teacher(tmp_path / "cat")
    assert isinstance(load_teacher(str(cross), device="cpu"), Teacher)
    colbert = load_teacher(str(parts[0]), device="cpu")
    assert (colbert.query_room, colbert.passage_room) == (28, 58)
    assert colbert.settings()["precision"] == "fp32"


def test_lengths_that_leave_no_token_are_refused(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
) -> None:
    with pytest.raises(TasbError, match="2 and 60 tokens; expected more than 2"):
        load_teacher(str(parts[0]), query_max_length=2, device="cpu")
