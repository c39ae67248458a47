"""ColBERT's scores of pairs on disk are those of a slow loop over texts."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertTokenizer, PreTrainedModel

from tasb_pyserini.cli.main import main
from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.pairs.store import open_pairs
from tasb_pyserini.training.scoring.pairwise import load_teacher
from tasb_pyserini.training.teachers.loading import load_colbert, save_colbert
from tasb_pyserini.training.teachers.reads import Reads
from tests.teachers import (
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
    masks: int = 0,
) -> float:
    """Score one pair as transformers reads it, nothing padded, [MASK]s at the end."""
    folder, transformer, last = parts
    tokenizer = BertTokenizer.from_pretrained(folder)
    vectors = []
    for text, length, more in zip((query, passage), lengths, (masks, 0), strict=True):
        ids = tokenizer(text, truncation=True, max_length=length)["input_ids"]
        ids += [tokenizer.mask_token_id] * more
        hidden = transformer(input_ids=torch.tensor([ids])).last_hidden_state
        vectors.append(last(hidden)[0])
    return plain_maxsim(*vectors)


def save_with(reads: Reads | None, published: Path, folder: Path) -> Path:
    """Save a published teacher as one that reads this."""
    model = load_colbert(published)
    model.reads = reads
    save_colbert(model, folder, tokenizer=published)
    return folder


def tasb_score(
    folder: Path,
    teacher: Path,
    lengths: tuple[int, int],
    *,
    query_prefix: str = "",
    passage_prefix: str = "",
) -> dict[tuple[str, str], float]:
    """Return what ``tasb score`` writes, for texts that begin with the prefixes."""
    folder.mkdir(exist_ok=True)
    triples, topics, collection = write_inputs(folder, TRIPLES)
    for path, prefix in ((topics, query_prefix), (collection, passage_prefix)):
        path.write_text(path.read_text().replace("\t", f"\t{prefix}"))
    words = {
        "--teacher": teacher,
        "--triples": triples,
        "--topics": topics,
        "--collection": collection,
        "--output": folder / "scored",
        "--query-max-length": lengths[0],
        "--passage-max-length": lengths[1],
        "--device": "cpu",
    }
    assert main(["score", *[str(w) for pair in words.items() for w in pair]]) == 0
    pairs = open_pairs(folder / "scored")
    assert pairs.pos_score is not None
    assert pairs.neg_score is not None
    rows = zip(pairs.pos, pairs.neg, pairs.pos_score, pairs.neg_score, strict=True)
    queries = [
        pairs.qids[n]
        for n in range(pairs.n_queries)
        for _ in range(pairs.offsets[n], pairs.offsets[n + 1])
    ]
    return {
        (qid, pairs.docids[int(docid)]): float(score)
        for qid, (pos, neg, *scores) in zip(queries, rows, strict=True)
        for docid, score in zip((pos, neg), scores, strict=True)
    }


@pytest.mark.parametrize("lengths", [(30, 50), (4, 9)])
def test_pairs_are_scored_by_a_colbert(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
    lengths: tuple[int, int],
    tmp_path: Path,
) -> None:
    found = tasb_score(tmp_path, parts[0], lengths)

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
    assert isinstance(load_teacher(str(cross), device="cpu"), CrossEncoder)
    colbert = load_teacher(str(parts[0]), device="cpu")
    assert (colbert.query_room, colbert.passage_room) == (28, 58)
    assert colbert.settings()["precision"] == "fp32"


@pytest.mark.parametrize("lengths", [(30, 50), (6, 9)])
def test_a_colbert_that_learned_with_prefixes_scores_texts_as_if_they_had_them(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
    lengths: tuple[int, int],
    tmp_path: Path,
) -> None:
    marked = save_with(Reads("[Q]", "the"), parts[0], tmp_path / "marked")

    found = tasb_score(tmp_path / "a", marked, lengths)

    written = {"query_prefix": "[Q] ", "passage_prefix": "the "}
    assert found == tasb_score(tmp_path / "b", parts[0], lengths, **written)
    plain = tasb_score(tmp_path / "c", parts[0], lengths)
    assert all(abs(found[pair] - plain[pair]) > 1e-3 for pair in plain)


def test_a_colbert_that_learned_with_masks_scores_with_as_many_behind_each_query(
    parts: tuple[Path, PreTrainedModel, nn.Linear], tmp_path: Path
) -> None:
    masked = save_with(Reads(masks=3), parts[0], tmp_path / "masked")

    found = tasb_score(tmp_path, masked, (5, 50))

    expected = {
        (qid, docid): slow_score(parts, QUERIES[qid], PASSAGES[docid], (5, 50), 3)
        for qid, *docids in TRIPLES
        for docid in docids
    }
    assert found == pytest.approx(expected, abs=1e-4)
    # They need positions of the 60 that there are.
    longest = load_teacher(str(masked), query_max_length=99, device="cpu")
    assert (longest.query_room, longest.passage_room) == (55, 58)


@pytest.mark.parametrize("reads", [None, Reads()])
def test_work_begun_before_teachers_said_what_they_read_goes_on_where_it_is_nothing(
    parts: tuple[Path, PreTrainedModel, nn.Linear], tmp_path: Path, reads: Reads | None
) -> None:
    folder = save_with(reads, parts[0], tmp_path / "plain")
    names = {"weights", "query_max_length", "passage_max_length", "precision"}
    assert load_teacher(str(folder), device="cpu").settings().keys() == names
    other = save_with(Reads(masks=1), parts[0], tmp_path / "masked")
    settings = load_teacher(str(other), device="cpu").settings()
    assert settings["reads"]["masks"] == 1


def test_masks_that_the_vocabulary_lacks_are_refused(
    parts: tuple[Path, PreTrainedModel, nn.Linear], tmp_path: Path
) -> None:
    folder = save_with(Reads(masks=8), parts[0], tmp_path / "masked")
    load_tokenizer(folder).save(str(folder / "tokenizer.json"))
    pieces = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(pieces.replace("[MASK]", "[other]"))
    with pytest.raises(TasbError, match=r"reads 8 \[MASK\] behind a query; expected"):
        load_teacher(str(folder), device="cpu")


def test_lengths_that_leave_no_token_are_refused(
    parts: tuple[Path, PreTrainedModel, nn.Linear],
) -> None:
    with pytest.raises(TasbError, match="2 and 60 tokens; expected more than 2"):
        load_teacher(str(parts[0]), query_max_length=2, device="cpu")
