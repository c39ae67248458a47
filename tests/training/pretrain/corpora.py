"""Two small collections, with and without titles, whose words go together."""

import json
import re
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from tasb_pyserini.encoders.tokenizer import wordpiece_tokenizer
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.training.pretrain.config import PretrainingConfig
from tasb_pyserini.training.pretrain.new_encoder import NewEncoder
from tasb_pyserini.training.student import learn_vocabulary

TOPICS = ("glacier ice cold snow melt", "engine fuel piston spark gear")
FILLERS = re.findall(r"\w+", "the a of and in to is was for on")

TINY = NewEncoder(start="random", layers=1, dimension=16, heads=2, vocabulary=150)
QUICK = PretrainingConfig(
    steps=6,
    contrastive="none",
    batch_size=4,
    warmup_steps=2,
    max_length=24,
    learning_rate=1e-3,
    seed=7,
)


def sentence(rng: np.random.Generator, words: list[str]) -> str:
    chosen = [*rng.choice(words, 3), *rng.choice(FILLERS, 3)]
    return " ".join(rng.permutation(chosen)).capitalize() + "."


def write_corpora(folder: Path, n: int = 20) -> list[Path]:
    """Write BEIR's form with titles, and MS MARCO's without."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    titled, plain = [], []
    for number in range(n):
        words = TOPICS[number % 2].split()
        body = " ".join(sentence(rng, words) for _ in range(3))
        record = {"_id": f"t{number}", "title": f"About {words[0]}", "text": body}
        titled.append(json.dumps(record))
        plain.append(f"p{number}\t{sentence(rng, words)} {sentence(rng, words)}")
    paths = [folder / "corpus.jsonl", folder / "collection.tsv"]
    for path, lines in zip(paths, (titled, plain), strict=True):
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return paths


def tokenizer_of(paths: list[Path]) -> Tokenizer:
    texts = [p.contents for path in paths for p in read_collection(path)]
    return wordpiece_tokenizer(learn_vocabulary(texts, 200))
