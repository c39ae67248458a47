"""How a pairwise model's tokenizer puts a query and a passage together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from tasb_pyserini.formats.errors import TasbError

PROBE = ("what is a query", "It is a word, or two.")


@dataclass(frozen=True, slots=True)
class PairTemplate:
    """The special tokens around query and passage, such as [CLS] q [SEP] p [SEP].

    Parameters
    ----------
    before, between, after
        Token ids before the query, between query and passage, after the passage.
    type_ids
        The segment of each: before, query, between, passage, after.
    """

    before: tuple[int, ...]
    between: tuple[int, ...]
    after: tuple[int, ...]
    type_ids: tuple[tuple[int, ...], int, tuple[int, ...], int, tuple[int, ...]]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Self:
        """Read the template off a tokenizer: join two texts, and look.

        Raises
        ------
        TasbError
            If query and passage can't be told apart in what it makes of them.
        """
        joined = tokenizer.encode(*PROBE)
        template = cls._read(joined)
        texts = [tokenizer.encode(text, add_special_tokens=False) for text in PROBE]
        query, passage = (np.array(text.ids, np.int64) for text in texts)
        if template is not None:
            ids, types = template.join([query], [passage])
            if (ids[0].tolist(), types[0].tolist()) == (joined.ids, joined.type_ids):
                return template
        raise TasbError(
            f"tokenizer: joins two texts as {joined.tokens}; expected special tokens, "
            "the query, special tokens, the passage, special tokens"
        )

    @classmethod
    def _read(cls, joined: Encoding) -> Self | None:
        parts, types = joined.sequence_ids, joined.type_ids
        if 0 not in parts or 1 not in parts:
            return None
        query, passage = parts.index(0), parts.index(1)
        query_end, passage_end = query + parts.count(0), passage + parts.count(1)
        slices = slice(0, query), slice(query_end, passage), slice(passage_end, None)
        before, between, after = (tuple(joined.ids[where]) for where in slices)
        around = [tuple(types[where]) for where in slices]
        return cls(
            before,
            between,
            after,
            (around[0], types[query], around[1], types[passage], around[2]),
        )

    def __len__(self) -> int:
        """Return the number of special tokens."""
        return len(self.before) + len(self.between) + len(self.after)

    def join(
        self,
        queries: Sequence[NDArray[np.integer]],
        passages: Sequence[NDArray[np.integer]],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the token ids and segments of pairs that come out equally long.

        Parameters
        ----------
        queries, passages
            Token ids without special tokens, one array a text.

        Returns
        -------
        tuple[NDArray[np.int64], NDArray[np.int64]]
            Both of shape ``(n_pairs, n_tokens)``.
        """
        size = len(self) + len(queries[0]) + len(passages[0])
        ids = np.empty((len(queries), size), np.int64)
        types = np.empty_like(ids)
        before, query_type, between, passage_type, after = self.type_ids
        for row, (query, passage) in enumerate(zip(queries, passages, strict=True)):
            ids[row] = np.concatenate(
                (self.before, query, self.between, passage, self.after)
            )
            kinds = [len(query) * (query_type,), len(passage) * (passage_type,)]
            types[row] = before + kinds[0] + between + kinds[1] + after
        return ids, types
