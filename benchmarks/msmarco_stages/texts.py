"""Made-up texts: as long as MS MARCO's, of words that are not one token each.

80,000 words of syllables, the frequent ones shorter; the word of rank r is drawn with a
probability in proportion to 1 / (r + 2.7) (Zipf's law as Mandelbrot has it). Passages
have 56 words on average, queries 6; with a vocabulary learned from them, of BERT's
size, that makes about 75 and 10 tokens.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORDS = 80_000
VOCABULARY = 30_522  # BERT's: the embeddings then have their real size
LEARNED_FROM = 20_000
CONSONANTS, VOWELS = "bcdfghklmnprstvw", "aeiou"
AT_ONCE = 10_000


def passages(seed: int) -> Iterator[str]:
    """Yield passages without end."""
    rng, words = np.random.default_rng(seed), _words()
    while True:
        lengths = rng.lognormal(np.log(51.5), 0.43, AT_ONCE).clip(10, 200)
        yield from _texts(rng, words, lengths.astype(int))


def queries(seed: int) -> Iterator[str]:
    """Yield queries without end."""
    rng, words = np.random.default_rng(seed), _words()
    while True:
        lengths = rng.normal(6.5, 2, AT_ONCE).clip(2, 15)
        yield from _texts(rng, words, lengths.astype(int))


def write_tsv(path: Path, texts: Iterable[str]) -> None:
    """Write texts under the ids 0, 1, 2 and so on."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{number}\t{text}\n" for number, text in enumerate(texts))


def make_vocabulary() -> dict[str, int]:
    """Learn a vocabulary; like BERT's, it is filled up with unused entries."""
    from tasb_pyserini.training.student import learn_vocabulary

    learned = learn_vocabulary(islice(passages(0), LEARNED_FROM), VOCABULARY)
    unused = {f"[unused{i}]": i for i in range(len(learned), VOCABULARY)}
    return learned | unused


def _texts(
    rng: np.random.Generator, words: NDArray[np.str_], lengths: NDArray[np.int64]
) -> Iterator[str]:
    frequency = 1 / (np.arange(len(words)) + 2.7)
    upto = np.cumsum(frequency) / frequency.sum()
    places = np.searchsorted(upto, rng.random(int(lengths.sum())))
    drawn = words[places.clip(max=len(words) - 1)]
    for text in np.split(drawn, np.cumsum(lengths)[:-1]):
        yield " ".join(text.tolist())


def _words() -> NDArray[np.str_]:
    rng = np.random.default_rng(0)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        syllables = 1 + int(rng.poisson(0.24 * np.log1p(len(words) / 3)))
        first = rng.integers(len(CONSONANTS), size=syllables + 1)
        second = rng.integers(len(VOWELS), size=syllables)
        word = "".join(
            CONSONANTS[a] + VOWELS[b] for a, b in zip(first[1:], second, strict=True)
        )
        words[word + CONSONANTS[first[0]] if rng.random() < 0.4 else word] = None
    return np.array(list(words))
