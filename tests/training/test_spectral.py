"""Before any training the student ranks as latent semantic analysis does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasb_pyserini.encoders.checkpoint import hash_weights
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.spectral import (
    LARGEST_SCORE,
    count_pieces,
    inverse_document_frequency,
    piece_vectors,
    spectral_student,
)
from tasb_pyserini.training.spread import spread_texts
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
    assert np.abs(scores).max() <= LARGEST_SCORE * 1.001


def test_one_seed_gives_one_student(
    texts: list[str], vocabulary: dict[str, int], tmp_path: Path
) -> None:
    def weights(name: str, seed: int) -> str:
        shape = {"dimension": 16, "layers": 1, "heads": 2}
        return hash_weights(
            spectral_student(tmp_path / name, vocabulary, texts, seed=seed, **shape)
        )

    assert weights("a", 1) == weights("b", 1) != weights("c", 2)


def test_processes_threads_and_hash_seeds_give_one_student(tmp_path: Path) -> None:
    """Also where texts repeat each other, and more directions are asked for."""
    code = (
        "import json, random, sys\n"
        "from pathlib import Path\n"
        "from tasb_pyserini.encoders.checkpoint import hash_weights\n"
        "from tasb_pyserini.training.spectral import spectral_student\n"
        "from tasb_pyserini.training.student import learn_vocabulary\n"
        "draw = random.Random(0)\n"
        "words = [a + b + c for a in 'bdfgkl' for b in 'aeiou' for c in 'mnprst']\n"
        "many = [' '.join(draw.choices(words, k=20)) for _ in range(400)]\n"
        "made = []\n"
        "for number, texts in enumerate((many, many[:8] * 100)):\n"
        "    pieces = learn_vocabulary(texts, 500)\n"
        "    folder = Path(sys.argv[1]) / str(number)\n"
        "    made.append(hash_weights(spectral_student(folder, pieces, texts,\n"
        "        dimension=32, layers=1, heads=2, seed=5)))\n"
        "print(json.dumps(made))\n"
    )
    processes = []
    for number in ("1", "2"):
        seeds = {"PYTHONHASHSEED": number, "OMP_NUM_THREADS": number}
        folder = tmp_path / number
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            env={**os.environ, **seeds, "OPENBLAS_NUM_THREADS": number},
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
    first, second = (json.loads(process.communicate()[0]) for process in processes)
    assert first == second
    assert len({*first}) == 2


@pytest.mark.parametrize(
    "texts", [["one two three"], ["a"] * 3, ["one two", "two three", "three four"]]
)
def test_fewer_passages_than_dimensions_are_enough(
    texts: list[str], tmp_path: Path
) -> None:
    vocabulary = learn_vocabulary(texts, 200)
    folder = spectral_student(
        tmp_path / "s", vocabulary, texts, dimension=64, layers=2, heads=4, seed=1
    )
    encoder = Encoder.load(f"tasb:{folder}")
    passages = encoder.encode_passages(texts)
    assert np.isfinite(passages).all()
    assert (passages @ passages.T).argmax(axis=1)[0] == 0


@pytest.mark.parametrize(
    ("dimension", "heads", "problem"),
    [
        (1, 1, "dimension 1: expected at least 2, one for"),
        (0, 1, "dimension 0: expected at least 2"),
        (30, 4, "dimension 30, 4 heads: expected .* share evenly"),
        (32, 0, "dimension 32, 0 heads: expected at least 1"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(
    texts: list[str],
    vocabulary: dict[str, int],
    tmp_path: Path,
    dimension: int,
    heads: int,
    problem: str,
) -> None:
    with pytest.raises(TasbError, match=problem):
        spectral_student(
            tmp_path / "s",
            vocabulary,
            texts,
            dimension=dimension,
            layers=1,
            heads=heads,
            seed=1,
        )
    assert not (tmp_path / "s").exists()


@given(st.integers(0, 300), st.integers(1, 20))
def test_texts_are_spread_evenly_over_the_collection(number: int, most: int) -> None:
    def read_once() -> Iterator[str]:
        yield from map(str, range(number))

    positions = [int(text) for text in spread_texts(read_once(), most)]
    steps = {second - first for first, second in pairwise(positions)}
    assert len(steps) <= 1
    assert min(number, most / 2) <= len(positions) <= most
    if number <= most:
        assert positions == list(range(number))
    elif steps:
        assert number - positions[-1] <= max(steps)
