"""Before any training the student ranks as latent semantic analysis does."""

from pathlib import Path

import numpy as np
import pytest

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.training.spectral import (
    count_pieces,
    inverse_document_frequency,
    piece_vectors,
    spectral_student,
)
from tasb_pyserini.training.student import learn_vocabulary

TOPICS = ["copy file folder disk", "random number seed dice", "socket server client"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Three topics, whose words go together though no two texts are alike."""
    rng = np.random.default_rng(1)
    texts = []
    for number in range(150):
        words = rng.permutation(TOPICS[number % 3].split())[:3]
        texts.append(f"the {' '.join(words)} of thing{number % 10} the the")
    return texts


@pytest.fixture(scope="module")
def vocabulary(texts: list[str]) -> dict[str, int]:
    return learn_vocabulary(texts, 400)


def test_counts_and_idf_are_those_of_the_formula(vocabulary: dict[str, int]) -> None:
    counts = count_pieces(vocabulary, ["the copy the", "copy", "", "disk"])
    row = counts.toarray()
    assert row[0, vocabulary["the"]] == 2
    assert row[1].sum() == 1
    assert row[2].sum() == 0
    assert row[:, : vocabulary["[MASK]"] + 1].sum() == 0
    idf = inverse_document_frequency(counts)
    assert idf[vocabulary["copy"]] == pytest.approx(np.log(5 / 2.5))
    assert idf[vocabulary["disk"]] == pytest.approx(np.log(5 / 1.5))


def test_words_of_one_topic_point_one_way(
    texts: list[str], vocabulary: dict[str, int]
) -> None:
    counts = count_pieces(vocabulary, texts)
    vectors = piece_vectors(counts, inverse_document_frequency(counts), 4, seed=1)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    copy, disk, dice = (vectors[vocabulary[w]] for w in ("copy", "disk", "dice"))
    assert copy @ disk > 0.9
    assert abs(copy @ dice) < 0.5


def test_an_untrained_student_finds_passages_of_its_querys_topic(
    texts: list[str], vocabulary: dict[str, int], tmp_path: Path
) -> None:
    folder = spectral_student(
        tmp_path / "student",
        vocabulary,
        texts,
        dimension=32,
        layers=2,
        heads=4,
        seed=3,
    )
    encoder = Encoder.load(f"tasb:{folder}")
    queries = ["disk of the folder", "the dice", "a server"]
    scores = encoder.encode_queries(queries) @ encoder.encode_passages(texts).T
    for topic, row in enumerate(scores):
        best = np.argsort(-row)[:20]
        assert [position % 3 for position in best] == [topic] * 20


def test_one_seed_gives_one_student(
    texts: list[str], vocabulary: dict[str, int], tmp_path: Path
) -> None:
    def weights(name: str, seed: int) -> str:
        shape = {"dimension": 16, "layers": 1, "heads": 2}
        return hash_weights(
            spectral_student(tmp_path / name, vocabulary, texts, seed=seed, **shape)
        )

    assert weights("a", 1) == weights("b", 1) != weights("c", 2)
