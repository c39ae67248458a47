"""Vectors of tokenised texts, from a model in training that goes on as if not asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, equal_length_batches
from tasb_pyserini.encoders.device import autocast
from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.training.config import MixedPrecision
from tasb_pyserini.training.tokens import TokenTable


def encode_texts(
    model: BertDot,
    table: TokenTable,
    rows: NDArray[np.int64],
    device: torch.device,
    bar: "tqdm[Any]",
    *,
    mixed_precision: MixedPrecision = "no",
) -> Tensor:
    """Return one vector a text, fp32, shape ``(n_rows, dimension)``; no gradient.

    Parameters
    ----------
    model
        In eval mode on `device`; see :func:`eval_mode`.
    table, rows
        The texts, in any order.
    device
        Where to compute, and where the vectors stay.
    bar
        Told of each text.
    mixed_precision
        What the transformer computes in.
    """
    vectors = torch.empty(0)
    lengths = (table.offsets[rows + 1] - table.offsets[rows]).tolist()
    with torch.no_grad(), autocast(device, mixed_precision):
        for batch in equal_length_batches(lengths, TOKENS_PER_BATCH[device.type]):
            ids = np.stack([table[rows[place]] for place in batch]).astype(np.int64)
            input_ids = torch.from_numpy(ids).to(device)
            some = model(input_ids, torch.ones_like(input_ids)).float()
            if not len(vectors):
                vectors = some.new_empty((len(rows), some.shape[1]))
            vectors[torch.tensor(batch, device=device)] = some
            bar.update(len(batch))
    return vectors


@contextmanager
def eval_mode(model: nn.Module) -> Iterator[None]:
    """Put all modules into eval mode; afterwards each is as it was."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
