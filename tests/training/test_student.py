import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.tokenizer import SPECIAL_TOKENS, wordpiece_tokenizer
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.training.student import (
    learn_vocabulary,
    random_student,
    save_student,
)

TEXTS = [
    "The lowest of the low, lower than the lowest!",
    "Naïve widest wider wide; newest newer new.",
    "一二三 lowest widest newest",
] * 3


def test_special_tokens_come_first_and_ids_have_no_gaps() -> None:
    vocabulary = learn_vocabulary(TEXTS, 120)

    assert list(vocabulary)[:5] == list(SPECIAL_TOKENS)
    assert list(vocabulary.values()) == list(range(len(vocabulary)))
    assert len(vocabulary) <= 120


def test_frequent_words_become_one_piece_lower_cased_without_accents() -> None:
    vocabulary = learn_vocabulary(TEXTS, 200)
    tokenizer = wordpiece_tokenizer(vocabulary)

    encoded = tokenizer.encode("LOWEST naïve 一二 low")

    assert encoded.tokens == [
        *("[CLS]", "lowest", "naive"),
        *("一", "二", "low", "[SEP]"),
    ]


def test_all_characters_of_the_texts_can_be_spelled() -> None:
    vocabulary = learn_vocabulary(TEXTS, 120)
    tokenizer = wordpiece_tokenizer(vocabulary)

    pieces = [piece for text in TEXTS for piece in tokenizer.encode(text).tokens]

    assert "[UNK]" not in pieces


def test_the_vocabulary_is_the_same_in_every_process_and_order() -> None:
    # Many equally frequent pairs, which is where the library's own order shows.
    code = (
        "import json, random, sys\n"
        "from tasb_pyserini.training.student import learn_vocabulary\n"
        "letters = random.Random(0)\n"
        "texts = [' '.join(''.join(letters.choices('abcdefgh', k=5)) for _ in range(9))"
        " for _ in range(60)] * 2\n"
        "random.Random(int(sys.argv[1])).shuffle(texts)\n"
        "print(json.dumps(learn_vocabulary(texts, 400)))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(seed)],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in (1, 2)
    ]
    first, second = (process.communicate()[0] for process in processes)

    assert len(json.loads(first)) == 400
    assert first == second


@pytest.mark.parametrize(
    ("texts", "size", "message"),
    [
        (TEXTS, 99, "vocabulary 99: expected at least 100"),
        (["", "  \n"], 200, "no words to learn a vocabulary from"),
    ],
)
def test_what_gives_no_vocabulary_is_refused(
    texts: list[str], size: int, message: str
) -> None:
    with pytest.raises(TasbError, match=message):
        learn_vocabulary(texts, size)


def test_a_saved_student_loads_as_an_encoder(tmp_path: Path) -> None:
    vocabulary = learn_vocabulary(TEXTS, 150)
    student = random_student(vocabulary, dimension=48, layers=2, heads=3, seed=1)
    folder = save_student(tmp_path / "student", student, vocabulary)

    encoder = Encoder.load(f"tasb:{folder}")

    assert encoder.encode_queries(["lowest"]).shape == (1, 48)
    assert encoder.spec.pooling == "cls"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["dropout"] == 0.1
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "encoder.json",
        "model.safetensors",
        "tokenizer_config.json",
        "vocab.txt",
    ]


def test_the_seed_decides_the_weights(tmp_path: Path) -> None:
    vocabulary = learn_vocabulary(TEXTS, 120)
    shape = {"dimension": 16, "layers": 1, "heads": 2}
    folders = [
        save_student(
            tmp_path / str(number),
            random_student(vocabulary, seed=seed, **shape),
            vocabulary,
        )
        for number, seed in enumerate((1, 1, 2))
    ]
    weights = [(folder / "model.safetensors").read_bytes() for folder in folders]

    assert weights[0] == weights[1]
    assert weights[0] != weights[2]


def test_heads_that_do_not_share_the_dimension_are_refused() -> None:
    vocabulary = learn_vocabulary(TEXTS, 120)
    with pytest.raises(TasbError, match="dimension 10, 4 heads"):
        random_student(vocabulary, dimension=10, layers=1, heads=4, seed=0)
