"""Query and passage as one input, from the token ids that the student reads."""

from typing import NamedTuple

import torch
from torch import Tensor

from tasb_pyserini.training.batches.compose import Texts

MAX_LENGTH = 512
"""Most tokens that BERT and DistilBERT read."""


class PairTexts(NamedTuple):
    """Inputs of a cross-encoder, padded to the longest pair.

    Parameters
    ----------
    input_ids
        Token ids; int64, shape ``(n_pairs, n_tokens)``.
    attention_mask
        1 for tokens, 0 for padding, same shape.
    token_type_ids
        0 up to the first [SEP], 1 behind it, 0 for padding; same shape.
    """

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor


def join_pair(query: Texts, passage: Texts, max_length: int = MAX_LENGTH) -> PairTexts:
    """Return [CLS] query [SEP] passage [SEP], pair by pair, as BERT's tokenizer would.

    Parameters
    ----------
    query, passage
        [CLS] text [SEP], padded on the right; query i goes with passage i.
    max_length
        Longest pair, in tokens; the passage is cut before its [SEP].

    Examples
    --------
    >>> query = Texts(torch.tensor([[2, 7, 3]]), torch.tensor([[1, 1, 1]]))
    >>> passage = Texts(torch.tensor([[2, 8, 9, 3]]), torch.tensor([[1, 1, 1, 1]]))
    >>> join_pair(query, passage).input_ids.tolist()
    [[2, 7, 3, 8, 9, 3]]
    >>> join_pair(query, passage).token_type_ids.tolist()
    [[0, 0, 0, 1, 1, 1]]
    >>> join_pair(query, passage, max_length=5).input_ids.tolist()
    [[2, 7, 3, 8, 3]]
    """
    first = query.attention_mask.sum(dim=1, keepdim=True)
    second = passage.attention_mask.sum(dim=1, keepdim=True)
    total = (first + second - 1).clamp(max=max_length)  # without the second [CLS]
    columns = torch.arange(int(total.max()), device=first.device)
    from_passage = columns - first + 1
    from_passage = torch.where(columns == total - 1, second - 1, from_passage)
    passage_ids = _take(passage.input_ids, from_passage)
    query_ids = _take(query.input_ids, columns.expand_as(from_passage))
    mask = columns < total
    types = mask & (columns >= first)
    ids = torch.where(types, passage_ids, query_ids) * mask
    return PairTexts(ids, mask.long(), types.long())


def _take(ids: Tensor, places: Tensor) -> Tensor:
    return ids.gather(1, places.clamp(0, ids.shape[1] - 1))
