"""The encoder that pre-training starts from."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.pretrain.new_encoder import NewEncoder
from tasb_pyserini.training.spectral import spectral_student
from tasb_pyserini.training.spread import spread_texts
from tasb_pyserini.training.student import (
    learn_vocabulary,
    random_student,
    save_student,
)


def make_start(
    folder: Path, new: NewEncoder, collections: Sequence[Path], seed: int
) -> Path:
    """Write the checkpoint of a new encoder, its vocabulary learned from collections.

    Vocabulary and LSA come from the same passages: all, or of more than 100,000 an even
    spread.

    Parameters
    ----------
    folder
        Written whole; what was there is replaced.
    new
        Its size and start.
    collections
        See :func:`~tasb_pyserini.formats.collection.read_collection`.
    seed
        Of the weights.

    Raises
    ------
    TasbError
        If there are no words, or the size is impossible.
    """
    passages = chain.from_iterable(map(read_collection, collections))
    texts = spread_texts(passage.contents for passage in passages)
    vocabulary = learn_vocabulary(texts, new.vocabulary)
    size = {"layers": new.layers, "dimension": new.dimension, "heads": new.heads}
    if new.start == "lsa":
        return spectral_student(folder, vocabulary, texts, **size, seed=seed)
    return save_student(
        folder, random_student(vocabulary, **size, seed=seed), vocabulary
    )
