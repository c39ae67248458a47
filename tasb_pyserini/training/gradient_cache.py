"""Batches larger than memory: encoded twice, a chunk at a time."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from tasb_pyserini.training.batches.compose import PairBatch, Texts
from tasb_pyserini.training.batches.groups import PASS_COST, regroup
from tasb_pyserini.training.config import TrainingConfig
from tasb_pyserini.training.objective import Losses, Vectors


def learn_cached(
    encoder: nn.Module,
    batch: PairBatch,
    losses_of: Callable[[Vectors], Losses],
    weight: float,
    config: TrainingConfig,
    accelerator: Accelerator,
    *,
    last: bool,
) -> Losses:
    """Add the gradient of a batch's weighted loss to the weights'; return the losses.

    With chunks (Gao et al., RepL4NLP 2021, "Scaling Deep Contrastive Learning Batch
    Size under Memory Limited Setup"): all vectors are computed without a gradient, the
    loss's gradient with respect to them is kept, and each chunk is encoded again, under
    the same dropout, to bring its part to the weights. The sum is the gradient of the
    whole batch; memory is that of a chunk.

    Parameters
    ----------
    encoder
        Takes a :class:`~tasb_pyserini.training.batches.groups.TextBatch`.
    batch
        Of this process.
    losses_of
        The losses of vectors.
    weight
        Of this batch in an update.
    config
        Size of a chunk, and how often queries are encoded.
    accelerator
        Scales gradients under fp16, and puts those of several processes together.
    last
        Whether it is the update's last batch, and they are put together after it.
    """
    size, n = config.cache_chunk, len(batch.query.input_ids)
    if not size or n <= size:
        with _sync(encoder, accelerator, now=last):
            losses = losses_of(_encode(encoder, batch, config, accelerator))
            accelerator.backward(losses["loss"] * weight)
        return losses
    chunks = [batch.rows(slice(i, i + size)) for i in range(0, n, size)]
    states, parts = [], []
    with torch.no_grad():
        for chunk in chunks:
            states.append(_random_state())
            parts.append(_encode(encoder, chunk, config, accelerator))
    after = _random_state()
    vectors = _leaves(parts)
    losses = losses_of(vectors)
    accelerator.backward(losses["loss"] * weight)
    for place, chunk in enumerate(chunks):
        _set_random_state(states[place])
        rows = slice(place * size, (place + 1) * size)
        with _sync(encoder, accelerator, now=last and place == len(chunks) - 1):
            again = _encode(encoder, chunk, config, accelerator)
            torch.autograd.backward(_times_gradient(again, vectors, rows))
    _set_random_state(after)
    return losses


def _encode(
    encoder: nn.Module,
    batch: PairBatch,
    config: TrainingConfig,
    accelerator: Accelerator,
) -> Vectors:
    texts: list[Texts] = [batch.query, batch.pos, batch.neg]
    if config.encode_query == "twice":
        texts.append(batch.query)
    grouped = regroup(texts, PASS_COST[accelerator.device.type])
    return Vectors(*encoder(grouped.to(accelerator.device)).chunk(len(texts)))


def _times_gradient(encoded: Vectors, cached: Vectors, rows: slice) -> Tensor:
    """Return a number whose gradient is the one kept for some rows."""
    products = [
        (part * leaf.grad[rows]).sum()
        for part, leaf in zip(encoded, cached, strict=True)
        if part is not None and leaf is not None and leaf.grad is not None
    ]
    return torch.stack(products).sum()


def _sync(
    encoder: nn.Module, accelerator: Accelerator, *, now: bool
) -> AbstractContextManager[None]:
    if now or accelerator.num_processes == 1:
        return nullcontext()
    context: AbstractContextManager[None] = accelerator.no_sync(encoder)
    return context


def _leaves(parts: Sequence[Vectors]) -> Vectors:
    """Return the vectors of all chunks, to take a gradient each."""
    again = [part.query_again for part in parts if part.query_again is not None]
    return Vectors(
        torch.cat([part.query for part in parts]).requires_grad_(),
        torch.cat([part.pos for part in parts]).requires_grad_(),
        torch.cat([part.neg for part in parts]).requires_grad_(),
        torch.cat(again).requires_grad_() if again else None,
    )


def _random_state() -> list[Tensor]:
    cuda = torch.cuda.is_available()
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if cuda else [])]


def _set_random_state(states: list[Tensor]) -> None:
    torch.set_rng_state(states[0])
    if states[1:]:
        torch.cuda.set_rng_state_all(states[1:])
