"""A batch in chunks gives the gradient of the whole."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tasb_pyserini.training.batches.groups import BatchEncoder, regroup
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.objective import Losses, Vectors, compute_losses
from tasb_pyserini.training.teachers.loading import load_colbert
from tasb_pyserini.training.teaching import InBatchTeacher, targets_of
from tests.training.steps import (
    batches_of,
    gradients_of,
    load_student,
    scored_data,
    toy_colbert,
    without_dropout,
)
from tests.training.toy import Toy

N = 7
CONTRASTIVE = TrainingConfig(steps=1, batch_size=N)
DUAL = replace(CONTRASTIVE, pair_loss="margin-mse", in_batch_loss="margin-mse")
TWICE = replace(DUAL, encode_query="twice")

Step = tuple[dict[str, Tensor], list[Losses], Tensor]


@pytest.fixture(scope="module")
def still(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_dropout(start, tmp_path_factory.mktemp("still") / "student")


@pytest.fixture(scope="module")
def teacher(start: Path, tmp_path_factory: pytest.TempPathFactory) -> InBatchTeacher:
    folder = toy_colbert(start, tmp_path_factory.mktemp("teacher") / "colbert")
    model = load_colbert(folder).requires_grad_(False)
    return InBatchTeacher(model, masks=0, mask_id=4)


def step(
    start: Path, toy: Toy, config: TrainingConfig, teacher: InBatchTeacher, chunk: int
) -> Step:
    config = replace(config, cache_chunk=chunk)
    batches = batches_of(scored_data(start, toy), config, 1)
    needed = teacher if config.needs_colbert else None
    return gradients_of(load_student(start), config, batches, needed)


def assert_equal_steps(one: Step, other: Step) -> None:
    (gradients, losses, _), (others, other_losses, _) = one, other
    assert gradients.keys() == others.keys()
    largest = max(float(gradient.abs().max()) for gradient in gradients.values())
    assert largest > 0.01
    for name, gradient in gradients.items():
        torch.testing.assert_close(
            gradient / largest, others[name] / largest, atol=1e-5, rtol=1e-5, msg=name
        )
    torch.testing.assert_close(losses, other_losses, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("chunk", [1, 3, N - 1, N, N + 1])
@pytest.mark.parametrize("config", [CONTRASTIVE, DUAL, TWICE])
def test_chunks_of_any_size_give_the_plain_gradient(
    still: Path, toy: Toy, teacher: InBatchTeacher, config: TrainingConfig, chunk: int
) -> None:
    plain = step(still, toy, config, teacher, 0)
    assert_equal_steps(plain, step(still, toy, config, teacher, chunk))


@pytest.mark.parametrize("config", [CONTRASTIVE, DUAL, TWICE])
def test_one_chunk_with_dropout_is_the_plain_step(
    start: Path, toy: Toy, teacher: InBatchTeacher, config: TrainingConfig
) -> None:
    plain = step(start, toy, config, teacher, 0)
    whole = step(start, toy, config, teacher, N)
    assert_equal_steps(plain, whole)
    assert torch.equal(plain[2], whole[2])


@pytest.mark.parametrize("config", [CONTRASTIVE, DUAL, TWICE])
@pytest.mark.parametrize("chunk", [1, 3])
def test_with_dropout_each_chunk_is_encoded_twice_alike(
    start: Path, toy: Toy, teacher: InBatchTeacher, config: TrainingConfig, chunk: int
) -> None:
    """A plain step over vectors that were made in the same chunks is the same."""
    cached = step(start, toy, config, teacher, chunk)
    plain = in_one_graph(start, toy, config, teacher, chunk)
    assert_equal_steps(plain, cached)
    assert torch.equal(plain[2], cached[2])


def in_one_graph(
    start: Path, toy: Toy, config: TrainingConfig, teacher: InBatchTeacher, chunk: int
) -> Step:
    """Encode chunk by chunk with gradients, all kept, and go back once."""
    (batch,) = batches_of(scored_data(start, toy), config, 1)
    model = load_student(start)
    encoder = BatchEncoder(model)
    columns: list[list[Tensor]] = [[], [], [], []]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        for first in range(0, N, chunk):
            part = batch.rows(slice(first, first + chunk))
            texts = [part.query, part.pos, part.neg]
            if config.encode_query == "twice":
                texts.append(part.query)
            vectors = encoder(regroup(texts, 64)).chunk(len(texts))
            for column, some in zip(columns, vectors, strict=False):
                column.append(some)
        after = torch.get_rng_state()
    whole = Vectors(*(torch.cat(column) for column in columns if column))
    needed = teacher if config.needs_colbert else None
    targets = targets_of(batch, batch, needed, torch.clone, torch.device("cpu"))
    losses = compute_losses(whole, targets, config)
    torch.autograd.backward(losses["loss"])
    gradients = {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    return gradients, [losses], after


def test_encoding_queries_twice_matters_under_dropout_alone(
    start: Path, still: Path, toy: Toy, teacher: InBatchTeacher
) -> None:
    def losses(folder: Path, config: TrainingConfig) -> Losses:
        return step(folder, toy, config, teacher, 3)[1][0]

    torch.testing.assert_close(losses(still, DUAL), losses(still, TWICE))
    once, twice = losses(start, DUAL), losses(start, TWICE)
    assert once["pair_loss"].item() != pytest.approx(twice["pair_loss"].item())


def test_an_in_batch_teacher_gets_no_gradient(
    still: Path, toy: Toy, teacher: InBatchTeacher
) -> None:
    before = {n: t.clone() for n, t in teacher.model.state_dict().items()}
    step(still, toy, DUAL, teacher, 3)
    assert all(parameter.grad is None for parameter in teacher.model.parameters())
    for name, tensor in teacher.model.state_dict().items():
        assert torch.equal(tensor, before[name])
