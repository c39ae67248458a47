"""A student that starts from latent semantic analysis instead of from chance.

A small student with random weights learns little in the minutes that a laptop has. This
one's vector of a text is, before any training, close to what latent semantic analysis
(Deerwester et al., JASIS 1990) makes of it: the mean of its word pieces' vectors,
weighted by inverse document frequency, scaled to one length. Training goes on from
there.

The same texts and arguments give the same weights to the last bit, in every process and
under any number of threads: a killed training makes its start anew and goes on only
from the same one.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch import Tensor
from transformers import DistilBertModel

from tasb_pyserini.encoders.tokenizer import SPECIAL_TOKENS, wordpiece_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.student import random_student, save_student
from tasb_pyserini.training.tokens import tokenize_table

FREQUENCY_SCALE = 0.3
"""Size of the feature that holds log idf, beside word vectors of length 1."""

GAIN = 30.0
"""How far the weighted mean outweighs [CLS]'s own vector, which all texts share."""

LARGEST_SCORE = 23.04
"""Bound of all scores at the start, so that they spread as softmax needs them to."""

FEED_FORWARD_SCALE = 0.3
"""Keeps what the random feed-forward layers add small beside it."""

LEAST_IDF = 0.05
PASSAGE_TOKENS = 200


def spectral_student(
    folder: Path,
    vocabulary: dict[str, int],
    texts: Sequence[str],
    *,
    dimension: int,
    layers: int,
    heads: int,
    seed: int,
) -> Path:
    """Write the checkpoint of a student that knows how words of `texts` go together.

    Parameters
    ----------
    folder
        Written whole; what was there is replaced.
    vocabulary
        From :func:`~tasb_pyserini.training.student.learn_vocabulary`.
    texts
        Passages, a sample of them where there are many
        (:func:`~tasb_pyserini.training.spread.spread_texts`). Where there are fewer
        than `dimension`, the directions that they leave empty are small and random.
    dimension, layers, heads, seed
        See :func:`~tasb_pyserini.training.student.random_student`.

    Raises
    ------
    TasbError
        If the heads don't share the dimension evenly, or the dimension is below 2.
    """
    if dimension < 2:
        raise TasbError(
            f"dimension {dimension}: expected at least 2, one for how frequent a word "
            "is and the others for what it means"
        )
    student = random_student(
        vocabulary, dimension=dimension, layers=layers, heads=heads, seed=seed
    )
    counts = count_pieces(vocabulary, texts)
    idf = inverse_document_frequency(counts)
    vectors = piece_vectors(counts, idf, dimension - 1, seed)
    # Not torch's, whose last bit can depend on how threads share a long vector.
    log_idf = np.log(idf)
    with torch.no_grad():
        set_embeddings(student, torch.from_numpy(vectors), torch.from_numpy(log_idf))
        set_first_attention(student)
        for layer in range(layers):
            student.get_parameter(f"transformer.layer.{layer}.ffn.lin2.weight").mul_(
                FEED_FORWARD_SCALE
            )
        last = f"transformer.layer.{layers - 1}.output_layer_norm.weight"
        # A vector that left a layer norm has a squared length of its dimension.
        student.get_parameter(last).mul_(math.sqrt(LARGEST_SCORE / dimension))
    return save_student(folder, student, vocabulary)


def count_pieces(vocabulary: dict[str, int], texts: Sequence[str]) -> csr_array:
    """Count word pieces in texts, shape ``(n_texts, n_pieces)``; specials are left out.

    Parameters
    ----------
    vocabulary
        Special tokens first.
    texts
        Read up to 200 tokens each.
    """
    table = tokenize_table(wordpiece_tokenizer(vocabulary), texts, "", PASSAGE_TOKENS)
    rows = np.repeat(np.arange(len(texts)), np.diff(table.offsets))
    words = table.tokens >= len(SPECIAL_TOKENS)
    rows, columns = rows[words], table.tokens[words].astype(np.int32)
    ones = np.ones(len(rows), dtype=np.float32)
    # Pieces that come twice in a text are added up.
    return csr_array((ones, (rows, columns)), shape=(len(texts), len(vocabulary)))


def inverse_document_frequency(counts: csr_array) -> NDArray[np.float32]:
    """Return log((N + 1) / (df + ½)) of each piece, at least 0.05; fp32.

    A piece that no text has says nothing about any of them: 0.05 as well.
    """
    frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((counts.shape[0] + 1) / (frequency + 0.5))
    idf[frequency == 0] = LEAST_IDF
    return np.asarray(np.maximum(idf, LEAST_IDF), dtype=np.float32)


def piece_vectors(
    counts: csr_array, idf: NDArray[np.float32], dimension: int, seed: int
) -> NDArray[np.float32]:
    """Return each piece's direction in the texts' latent space, of length 1.

    Parameters
    ----------
    counts
        Shape ``(n_texts, n_pieces)``.
    idf
        Shape ``(n_pieces,)``.
    dimension
        Singular vectors to keep, each weighted by the root of its singular value. What
        is left of them where texts or pieces are fewer is small and random.
    seed
        Of the solver's start, and of what is random.

    Returns
    -------
    NDArray
        Shape ``(n_pieces, dimension)``; fp32.
    """
    weights = counts.copy()
    weights.sum_duplicates()
    weights.data = 1 + np.log(weights.data)
    weights = weights @ diags_array(idf)
    lengths = np.sqrt(np.asarray(weights.power(2).sum(axis=1)).ravel())
    weights = diags_array(1 / np.maximum(lengths, 1e-9)) @ weights
    rng = np.random.default_rng(seed)
    # One thread: how several share a sum decides its last bits. Not scipy's svds: where
    # texts repeat each other, it goes on from chance that no seed decides.
    with threadpool_limits(1, user_api="blas"):
        _, values, axes = randomized_svd(
            weights.astype(np.float64), dimension, random_state=int(rng.integers(2**32))
        )
    vectors = np.zeros((weights.shape[1], dimension))
    vectors[:, : len(values)] = axes.T * np.sqrt(values)
    # A piece that no text has gets a direction of its own.
    vectors += rng.normal(scale=1e-4, size=vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors, dtype=np.float32)


def set_embeddings(student: DistilBertModel, vectors: Tensor, log_idf: Tensor) -> None:
    """Put log idf into the first feature of each embedding, directions into the rest.

    Special tokens get so low a first feature that attention passes over them.
    """
    embeddings = student.get_parameter("embeddings.word_embeddings.weight")
    embeddings[:, 0] = FREQUENCY_SCALE * log_idf
    embeddings[:, 1:] = vectors
    embeddings[: len(SPECIAL_TOKENS)] = 0
    embeddings[: len(SPECIAL_TOKENS), 0] = -1
    # Word order is left for training to find.
    student.get_parameter("embeddings.position_embeddings.weight").mul_(0.02)


def set_first_attention(student: DistilBertModel) -> None:
    """Let [CLS] take the mean of the tokens' vectors, weighted by their idf.

    Each head's logit is log idf, so that softmax makes it a share of the idf.
    """
    first = "transformer.layer.0.attention"
    query, key, value, out = (
        student.get_submodule(f"{first}.{name}")
        for name in ("q_lin", "k_lin", "v_lin", "out_lin")
    )
    dimension, heads = student.config.dim, student.config.n_heads
    size = dimension // heads
    for part in (query, key, value, out):
        part.get_parameter("weight").mul_(0.1)
        part.get_parameter("bias").zero_()
    # The embeddings' layer norm makes vectors about √dimension long.
    scale = 1 / (math.sqrt(dimension) * FREQUENCY_SCALE)
    for start in range(0, dimension, size):
        query.get_parameter("bias")[start] = math.sqrt(size)
        key.get_parameter("weight")[start] = 0
        key.get_parameter("weight")[start, 0] = scale
    identity = torch.eye(dimension)
    identity[0, 0] = 0
    value.get_parameter("weight").add_(identity)
    out.get_parameter("weight").add_(GAIN * identity)
