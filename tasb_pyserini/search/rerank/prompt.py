"""The input of monoT5 and duoT5: query and passages after fixed words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tasb_pyserini.formats.errors import TasbError

MONO = ("Query:", "Document:", "Relevant:")
"""Words of monoT5 (Nogueira et al., Findings of EMNLP 2020)."""

DUO = ("Query:", "Document0:", "Document1:", "Relevant:")
"""Words of duoT5 (Pradeep et al., arXiv 2101.05667)."""

LEAST_PASSAGE = 64
"""Tokens of each passage that the longest query leaves."""

PROBE = ("what is a query", "It is a word, or two.", "Three more words")

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids of the words, and how much fits between them.

    Parameters
    ----------
    words
        Before the query, before each passage, and at the end, with the end of
        sequence.
    max_length
        Most tokens of an input.
    """

    words: tuple[tuple[int, ...], ...]
    max_length: int

    @classmethod
    def of(
        cls, tokenizer: Tokenizer, words: Sequence[str], eos: int, max_length: int
    ) -> Self:
        """Tokenise the words.

        Raises
        ------
        TasbError
            If the tokenizer makes of the parts something else than of the whole, or
            `max_length` leaves nothing beside the words.
        """

        def ids(text: str) -> Ids:
            found = tokenizer.encode(text, add_special_tokens=False).ids
            return np.array(found, np.int64)

        parts = [tuple(ids(word).tolist()) for word in words]
        prompt = cls((*parts[:-1], (*parts[-1], eos)), max_length)
        probe = PROBE[: len(words) - 1]
        inside = [text for pair in zip(words, probe, strict=False) for text in pair]
        whole = [*ids(" ".join([*inside, words[-1]])).tolist(), eos]
        joined = cls(prompt.words, len(whole)).join(*map(ids, probe))
        if joined.tolist() != whole:
            raise TasbError(
                "the tokenizer cuts words in other places when they stand in a "
                "sentence; expected T5's, which cuts at white space"
            )
        if prompt.room < 2 * (len(words) - 1):
            raise TasbError(
                f"inputs of at most {max_length} tokens leave {prompt.room} beside "
                f"{' '.join(words)!r}; expected a tokenizer of T5, with 512"
            )
        return prompt

    @property
    def room(self) -> int:
        """Most tokens of query and passages together."""
        return self.max_length - sum(map(len, self.words))

    def join(self, query: Ids, *passages: Ids) -> Ids:
        """Return the token ids of one input.

        Passages are cut to what the query leaves, of two the longer first; the words
        never. The query is cut where it leaves the passages neither enough, nor
        :data:`LEAST_PASSAGE` tokens each, nor half of the room.

        Parameters
        ----------
        query, passages
            Token ids without special tokens.
        """
        needed = sum(map(len, passages))
        reserved = min(needed, len(passages) * LEAST_PASSAGE, self.room // 2)
        query = query[: self.room - reserved]
        texts = [query, *_cut(passages, self.room - len(query))]
        parts = [part for pair in zip(self.words, texts, strict=False) for part in pair]
        return np.concatenate([*parts, self.words[-1]]).astype(np.int64)


def _cut(passages: Sequence[Ids], room: int) -> list[Ids]:
    """Cut one passage, or two so that each gets half or what the other leaves.

    Examples
    --------
    >>> [len(some) for some in _cut([np.arange(9), np.arange(2)], 8)]
    [6, 2]
    >>> [len(some) for some in _cut([np.arange(9), np.arange(7)], 8)]
    [4, 4]
    """
    if len(passages) == 1:
        return [passages[0][:room]]
    first, second = passages
    half = room // 2
    return [
        first[: max(half, room - len(second))],
        second[: max(half, room - len(first))],
    ]
