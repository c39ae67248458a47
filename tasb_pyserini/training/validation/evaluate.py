"""nDCG@10 of a model in training, over each query's own candidates."""

import math

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from tasb_pyserini.encoders.model import BertDot
from tasb_pyserini.evaluation.measures import evaluate, mean
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.records import Run
from tasb_pyserini.training.config import Precision
from tasb_pyserini.training.validation.make import MEASURE
from tasb_pyserini.training.validation.prepare import ValidationSet
from tasb_pyserini.training.vectors import encode_texts, eval_mode


def validate(
    model: BertDot,
    validation_set: ValidationSet,
    device: torch.device,
    *,
    mixed_precision: Precision = "no",
    progress: bool = False,
) -> float:
    """Return the nDCG@10 of a model as it stands; training goes on as if not asked.

    Modules are in eval mode meanwhile and in their own mode afterwards; no random
    number is drawn. Each distinct passage is encoded once.

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
    progress
        Whether to show a progress bar on stderr.

    Raises
    ------
    TasbError
        If a score is no number.
    """
    n_texts = len(validation_set.queries) + len(validation_set.passages)
    with (
        torch.no_grad(),
        eval_mode(model),
        tqdm(total=n_texts, unit=" texts", disable=not progress, leave=False) as bar,
    ):
        queries, passages = (
            encode_texts(
                model,
                table,
                np.arange(len(table)),
                device,
                bar,
                mixed_precision=mixed_precision,
            )
            for table in (validation_set.queries, validation_set.passages)
        )
        run = _rank(validation_set, queries, passages)
    return mean(evaluate(run, validation_set.qrels, [MEASURE])[MEASURE].values())


def _rank(validation_set: ValidationSet, queries: Tensor, passages: Tensor) -> Run:
    """Return the scores of each query's candidates."""
    docids = validation_set.docids
    run: Run = {}
    for qid, query, numbers in zip(
        validation_set.qids, queries, validation_set.candidates, strict=True
    ):
        own = passages[torch.from_numpy(numbers).to(passages.device)]
        # Not a matrix product, which may be rounded to TF32 on a GPU.
        scores = (own * query).sum(dim=1).tolist()
        if not all(map(math.isfinite, scores)):
            raise TasbError(
                f"validation: a score of query {qid} is no number; look for NaN in the "
                "weights"
            )
        run[qid] = {docids[n]: s for n, s in zip(numbers.tolist(), scores, strict=True)}
    return run
