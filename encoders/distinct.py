"""Token ids of texts, each distinct text once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer


def tokenize_distinct(
    tokenizer: Tokenizer, texts: Sequence[str], max_length: int
) -> list[NDArray[np.int64]]:
    """Return the token ids of each text, without special tokens.

    Parameters
    ----------
    tokenizer
        Its truncation is set to `max_length`.
    texts
        Any strings; equal ones share one array.
    max_length
        Most tokens of a text.
    """
    tokenizer.enable_truncation(max_length)
    distinct = list(dict.fromkeys(texts))
    encoded = tokenizer.encode_batch_fast(distinct, add_special_tokens=False)
    ids = {
        text: np.array(one.ids, np.int64)
        for text, one in zip(distinct, encoded, strict=True)
    }
    return [ids[text] for text in texts]
