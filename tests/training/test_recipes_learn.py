"""Every recipe learns 64 triples by heart; only the student learns."""

import json
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tasb_pyserini.cli.recipes import TEACHERS
from tasb_pyserini.encoders.checkpoint import find_checkpoint
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer
from tasb_pyserini.formats.records import Triple
from tasb_pyserini.training.batches.compose import pad
from tasb_pyserini.training.batches.loader import load_batches
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.data import TrainingData, tokenize_triples
from tasb_pyserini.training.recipe import load_recipe, recipe_names
from tasb_pyserini.training.sampling.sampler import Sampler
from tasb_pyserini.training.teachers.colbert import colbert_scores
from tasb_pyserini.training.teachers.loading import load_colbert
from tasb_pyserini.training.teaching import InBatchTeacher
from tasb_pyserini.training.trainer import train
from tests.training.steps import gradients_of, toy_colbert, without_dropout
from tests.training.toy import ANSWERED, ASKED, FILLERS, Toy, toy_student

N_QUERIES = 32
RECIPES = [name for name in recipe_names() if name not in TEACHERS]
QUICK: dict[str, object] = {
    "steps": 1_000,
    "batch_size": 8,
    "learning_rate": 2e-3,
    "warmup_steps": 20,
    "schedule": "cosine",
    "log_every": 25,
}


class Setting(NamedTuple):
    start: Path
    teacher: Path
    toy: Toy


def make_texts() -> Toy:
    """Return 32 queries, each with a relevant and two other passages of its own."""
    rng = np.random.default_rng(2)
    words = [*ASKED, *ANSWERED, *FILLERS]
    toy = Toy({}, {}, {}, [], [])
    for i in range(N_QUERIES):
        toy.queries[f"q{i:02}"] = " ".join(rng.choice(words, 4))
        for kind in ("p", "m", "n"):
            toy.passages[f"{kind}{i:02}"] = " ".join(rng.choice(words, 8))
        toy.triples += [Triple(f"q{i:02}", f"p{i:02}", f"{k}{i:02}") for k in "mn"]
    return toy


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    root, toy = tmp_path_factory.mktemp("recipes"), make_texts()
    start = without_dropout(toy_student(root / "a", toy), root / "start")
    return Setting(start, toy_colbert(start, root / "colbert", dimension=8), toy)


def prepare(setting: Setting, name: str) -> tuple[TrainingConfig, TrainingData]:
    """Return a recipe with quick settings, and data with the ColBERT's scores.

    One teacher gives the scores of pairs and of batches, so that a student can meet
    both at once.
    """
    recipe = load_recipe(name).changed(QUICK)
    folder, spec = find_checkpoint(str(setting.start))
    data = tokenize_triples(
        setting.toy.triples,
        setting.toy.queries,
        setting.toy.passages,
        load_tokenizer(folder),
        recipe.spec(spec),
    )
    scores = all_scores(setting, data)
    pairs = data.pairs
    queries = np.repeat(np.arange(pairs.n_queries), np.diff(pairs.offsets))
    scored = replace(
        pairs,
        pos_score=scores[queries, pairs.pos],
        neg_score=scores[queries, pairs.neg],
    )
    return recipe.config(), replace(data, pairs=scored)


def all_scores(setting: Setting, data: TrainingData) -> NDArray[np.float32]:
    """Return ColBERT's score of each query with each passage."""
    queries = pad(data.queries, data.query_rows)
    passages = pad(data.passages, data.passage_rows)
    scores = colbert_scores(load_colbert(setting.teacher), queries, [passages])
    return np.asarray(scores.detach())


def halves() -> list[NDArray[np.int64]]:
    return [np.arange(0, N_QUERIES // 2), np.arange(N_QUERIES // 2, N_QUERIES)]


@pytest.mark.parametrize(
    "name",
    [
        name if name == "tas-balanced" else pytest.param(name, marks=pytest.mark.slow)
        for name in RECIPES
    ],
)
def test_a_recipe_learns_its_triples_by_heart(
    setting: Setting, tmp_path: Path, name: str
) -> None:
    """What a query's own passages score can be met exactly; so can labels.

    That all 3,072 scores of a ColBERT are met by vectors of 32 dimensions at once is
    not said: the loss has to fall below a twenty-fifth.
    """
    config, data = prepare(setting, name)

    folder = train(
        config,
        data,
        setting.start,
        tmp_path / "t",
        clusters=halves(),
        teacher=setting.teacher if config.needs_colbert else None,
        device="cpu",
    )

    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    losses = [line["loss"] for line in lines]
    assert losses[-1] < (0.04 if config.needs_colbert else 0.001) * losses[0]


@pytest.mark.parametrize("name", RECIPES)
def test_the_gradient_reaches_every_parameter_of_the_student_and_none_of_the_teacher(
    setting: Setting, name: str
) -> None:
    config, data = prepare(setting, name)
    colbert = load_colbert(setting.teacher)
    before = {key: tensor.clone() for key, tensor in colbert.state_dict().items()}
    sampler = Sampler(data.pairs, config.sampling, halves())
    model = load_model(setting.start, data.spec).train()
    teacher = InBatchTeacher(colbert.requires_grad_(False), masks=0, mask_id=4)

    gradients, _, _ = gradients_of(
        model,
        config,
        list(load_batches(data, sampler, 0, 2)),
        teacher if config.needs_colbert else None,
    )

    assert gradients.keys() == {key for key, _ in model.named_parameters()}
    largest = max(float(gradient.abs().max()) for gradient in gradients.values())
    for key, gradient in gradients.items():
        # A key's bias moves no score.
        if not key.endswith("k_lin.bias"):
            assert float(gradient.abs().max()) > 1e-7 * largest, key
    assert all(parameter.grad is None for parameter in colbert.parameters())
    for key, tensor in colbert.state_dict().items():
        assert torch.equal(tensor, before[key])
