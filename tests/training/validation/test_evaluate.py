"""Validation equals encoding, ranking and measuring by other means."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import BertDot, load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.evaluation.measures import Measure, evaluate, mean
from tasb_pyserini.formats.errors import InputError, TasbError
from tasb_pyserini.training.tokens import tokenize_collection
from tasb_pyserini.training.validation.candidates import Validation, write_validation
from tasb_pyserini.training.validation.evaluate import validate
from tasb_pyserini.training.validation.prepare import (
    ValidationSet,
    open_validation_set,
)
from tests.training.toy import Toy, write_toy
from tests.training.validation.prepared import make_validation_set

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def validation(toy: Toy) -> Validation:
    """Return the held-out queries, each with seven of the twelve passages."""
    rng = np.random.default_rng(3)
    candidates = {}
    for qid in toy.held_out:
        others = [docid for docid in toy.passages if docid != toy.relevant[qid]]
        some = [*rng.choice(others, 6, replace=False).tolist(), toy.relevant[qid]]
        candidates[qid] = rng.permutation(some).tolist()
    topics = {qid: toy.queries[qid] for qid in toy.held_out}
    qrels = {qid: {toy.relevant[qid]: 1} for qid in toy.held_out}
    return Validation(topics, candidates, qrels, {})


def prepare(start: Path, toy: Toy, validation: Validation) -> ValidationSet:
    folder, spec = find_checkpoint(str(start))
    return make_validation_set(validation, toy.passages, load_tokenizer(folder), spec)


def load(start: Path) -> BertDot:
    folder, spec = find_checkpoint(str(start))
    return load_model(folder, spec)


def by_other_means(start: Path, toy: Toy, validation: Validation) -> float:
    """Encode with the public encoder, one text at a time, and rank with NumPy."""
    encoder = Encoder.load(f"tasb:{start}")
    run = {}
    for qid, docids in validation.candidates.items():
        query = encoder.encode_queries([toy.queries[qid]])[0]
        run[qid] = {
            docid: float(encoder.encode_passages([toy.passages[docid]])[0] @ query)
            for docid in docids
        }
    measure = Measure.parse("nDCG@10")
    return mean(evaluate(run, validation.qrels, [measure])[measure].values())


def test_validation_equals_the_encoder_and_the_measure_over_the_candidates(
    toy: Toy, start: Path, validation: Validation
) -> None:
    expected = by_other_means(start, toy, validation)
    value = validate(load(start), prepare(start, toy, validation), CPU)
    assert value == pytest.approx(expected, abs=1e-9)
    assert 0.2 < value < 0.99


def test_other_candidates_give_another_value(
    toy: Toy, start: Path, validation: Validation
) -> None:
    alone = {qid: [toy.relevant[qid]] for qid in toy.held_out}
    easy = Validation(validation.topics, alone, validation.qrels, {})
    assert validate(load(start), prepare(start, toy, easy), CPU) == 1.0


def test_training_goes_on_as_if_nobody_had_asked(
    toy: Toy, start: Path, validation: Validation
) -> None:
    validation_set = prepare(start, toy, validation)
    model = load(start).train()
    frozen = model.get_submodule(
        "transformer.embeddings"
    ).eval()  # a part that someone keeps fixed
    modes = [module.training for module in model.modules()]
    torch.manual_seed(11)
    state = torch.get_rng_state()
    first = validate(model, validation_set, CPU)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in model.modules()] == modes
    assert model.training
    assert not frozen.training
    assert all(weight.grad is None for weight in model.parameters())
    # With dropout two answers would differ.
    assert validate(model, validation_set, CPU) == first
    assert first == validate(load(start), validation_set, CPU)


def test_a_folder_and_a_tokenised_collection_give_the_same_value(
    toy: Toy, start: Path, validation: Validation, tmp_path: Path
) -> None:
    _, _, collection = write_toy(tmp_path / "toy", toy)
    write_validation(tmp_path / "V", validation)
    folder, spec = find_checkpoint(str(start))
    tokenizer = load_tokenizer(folder)
    table = tokenize_collection(
        collection, tokenizer, spec, tmp_path / "cache", progress=False
    )
    opened = open_validation_set(tmp_path / "V", table, tokenizer, spec)
    model = load(start)
    expected = validate(model, prepare(start, toy, validation), CPU)
    assert validate(model, opened, CPU) == expected
    # Each passage is there once, though many queries have it.
    assert len(opened.passages) == len(toy.passages)


def test_a_passage_that_the_collection_lacks_is_refused_with_its_line(
    toy: Toy, start: Path, validation: Validation, tmp_path: Path
) -> None:
    _, _, collection = write_toy(tmp_path / "toy", toy)
    qid = toy.held_out[0]
    more = {**validation.candidates, qid: [toy.relevant[qid], "d99"]}
    bad = Validation(validation.topics, more, validation.qrels, {})
    write_validation(tmp_path / "V", bad)
    folder, spec = find_checkpoint(str(start))
    tokenizer = load_tokenizer(folder)
    table = tokenize_collection(
        collection, tokenizer, spec, tmp_path / "cache", progress=False
    )
    with pytest.raises(InputError, match=r"candidates\.tsv:2: unknown docid 'd99'"):
        open_validation_set(tmp_path / "V", table, tokenizer, spec)
    with pytest.raises(TasbError, match="unknown docid 'd99' and 0 more; expected"):
        prepare(start, toy, bad)


def test_under_autocast_the_transformer_is_bf16_and_nothing_else_changes(
    toy: Toy, start: Path, validation: Validation
) -> None:
    validation_set, model = prepare(start, toy, validation), load(start)
    full = validate(model, validation_set, CPU)
    half = validate(model, validation_set, CPU, mixed_precision="bf16")
    assert half == pytest.approx(full, abs=0.05)
    with torch.autocast("cpu", torch.bfloat16):
        assert validate(model, validation_set, CPU) == full


def test_weights_that_are_no_numbers_are_refused_and_the_mode_comes_back(
    toy: Toy, start: Path, validation: Validation
) -> None:
    model = load(start).train()
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(TasbError, match=r"a score of query .* is no number; look for"):
        validate(model, prepare(start, toy, validation), CPU)
    assert all(module.training for module in model.modules())
