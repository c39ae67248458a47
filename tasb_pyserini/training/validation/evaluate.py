"""nDCG@10 of a model in training, over each query's own candidates."""

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.evaluation.measures import evaluate, mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.training.config import MixedPrecision
from tasb_pyserini.training.memory import fits_memory
from tasb_pyserini.training.ranks import gather_values
from tasb_pyserini.training.validation.make import MEASURE
from tasb_pyserini.training.validation.prepare import ValidationSet
from tasb_pyserini.training.vectors import encode_texts, eval_mode

Numbers = NDArray[np.int64]

LESS = (
    "train into another folder with --mixed-precision bf16 or with a --validation of "
    "fewer candidates ('tasb make-validation')"
)
"""What validation can do with less memory."""


def validate(
    model: BertDot,
    validation_set: ValidationSet,
    device: torch.device,
    *,
    mixed_precision: MixedPrecision = "no",
    accelerator: Accelerator | None = None,
    progress: bool = False,
) -> float:
    """Return the nDCG@10 of a model as it stands; training goes on as if not asked.

    Modules are in eval mode meanwhile and in their own mode afterwards; no random
    number is drawn. In a process each distinct passage is encoded once.

    Parameters
    ----------
    model
        On `device`.
    validation_set
        What to rank.
    device
        Where to compute. Vectors of all distinct passages stay there meanwhile: 0.8
        GB for 250,000 of 768 dimensions.
    mixed_precision
        What the transformer computes in; scores are fp32 in any case.
    accelerator
        Knows the other processes, if there are any: all of them make this call, and
        each ranks for its share of the queries.
    progress
        Whether to show a progress bar on stderr.

    Raises
    ------
    TasbError
        If a score is no number or memory is too small, in any of the processes.
    """
    numbers = np.arange(len(validation_set.qids))
    if accelerator is not None:
        numbers = numbers[accelerator.process_index :: accelerator.num_processes]
    measure = partial(
        _measure, model, validation_set, numbers, device, mixed_precision, progress
    )
    values = measure() if accelerator is None else gather_values(accelerator, measure)
    return mean(values.values())


def _measure(
    model: BertDot,
    validation_set: ValidationSet,
    numbers: Numbers,
    device: torch.device,
    mixed_precision: MixedPrecision,
    progress: bool,
) -> Mapping[str, float]:
    """Return the nDCG@10 of some of the queries."""
    own = [validation_set.candidates[number] for number in numbers]
    passages = np.unique(np.concatenate([np.empty(0, np.int64), *own]))
    n_texts = len(numbers) + len(passages)
    with (
        fits_memory(device, f"validation by {n_texts:,} texts", LESS),
        torch.no_grad(),
        eval_mode(model),
        tqdm(total=n_texts, unit=" texts", disable=not progress, leave=False) as bar,
    ):
        queries, vectors = (
            encode_texts(
                model, table, rows, device, bar, mixed_precision=mixed_precision
            )
            for table, rows in (
                (validation_set.queries, numbers),
                (validation_set.passages, passages),
            )
        )
        run = _rank(validation_set, numbers, queries, passages, vectors)
    qrels = {qid: validation_set.qrels[qid] for qid in run}
    return evaluate(run, qrels, [MEASURE])[MEASURE]


def _rank(
    validation_set: ValidationSet,
    numbers: Numbers,
    queries: Tensor,
    passages: Numbers,
    vectors: Tensor,
) -> Run:
    """Return the scores of each query's candidates.

    Parameters
    ----------
    validation_set
        Its candidates and ids.
    numbers, queries
        Some of its queries, ascending, and their vectors.
    passages, vectors
        All their candidates, ascending, and their vectors.
    """
    docids = validation_set.docids
    run: Run = {}
    for number, query in zip(numbers.tolist(), queries, strict=True):
        qid, candidates = validation_set.qids[number], validation_set.candidates[number]
        places = torch.from_numpy(np.searchsorted(passages, candidates))
        own = vectors[places.to(vectors.device)]
        # Not a matrix product, which may be rounded to TF32 on a GPU.
        scores = (own * query).sum(dim=1).tolist()
        if not all(map(math.isfinite, scores)):
            raise TasbError(
                f"validation: a score of query {qid} is no number; look for NaN in the "
                "weights"
            )
        named = zip(candidates.tolist(), scores, strict=True)
        run[qid] = {docids[n]: score for n, score in named}
    return run
