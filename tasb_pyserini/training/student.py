"""A student that starts from nothing: its vocabulary, random weights, its folder."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, WhitespaceSplit
from tokenizers.trainers import WordPieceTrainer
from transformers import DistilBertConfig, DistilBertModel

from tasb_pyserini.encoders.model import BertDot, save_model
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.encoders.tokenizer import SPECIAL_TOKENS
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.replace import replace_file, replace_folder

SMALLEST_VOCABULARY = 100
MOST_CHARACTERS = 1_000
"""Rarer characters are left out; BERT's own trainer has the same limit."""

_AT_ONCE = 1_000


def learn_vocabulary(texts: Iterable[str], size: int) -> dict[str, int]:
    """Learn a WordPiece vocabulary, lower-cased as BERT's (Devlin et al., 2019).

    The same texts, in any order, give the same vocabulary in every process. The
    trainer of `tokenizers` alone doesn't: it numbers the pieces ``##a``, ``##b``, … in
    the random order of its hash table of words, and equally frequent pairs are merged
    by number. Here these pieces are numbered beforehand, by spelling.

    Parameters
    ----------
    texts
        What the vocabulary is learned from, read once.
    size
        Most word pieces, special tokens included; few texts give fewer.

    Returns
    -------
    dict[str, int]
        Word piece → token id; special tokens first, [PAD] = 0.

    Raises
    ------
    TasbError
        If `size` is too small, or the texts hold no words.
    """
    if size < SMALLEST_VOCABULARY:
        raise TasbError(f"vocabulary {size}: expected at least {SMALLEST_VOCABULARY}")
    words = _count_words(texts)
    if not words:
        raise TasbError("no words to learn a vocabulary from; expected some text")
    # Each character makes at most two pieces: "a" and "##a".
    most = min(MOST_CHARACTERS, (size - len(SPECIAL_TOKENS)) // 2)
    characters = _frequent_characters(words, most)
    known = set(characters)
    inner = sorted({f"##{c}" for word in words for c in word[1:] if c in known})
    tokenizer = Tokenizer(WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    trainer = WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[*SPECIAL_TOKENS, *inner],
        initial_alphabet=characters,
        limit_alphabet=len(characters),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_repeat(words), trainer)
    vocabulary = tokenizer.get_vocab()
    return dict(sorted(vocabulary.items(), key=lambda piece: piece[1]))


def random_student(
    vocabulary: dict[str, int], *, dimension: int, layers: int, heads: int, seed: int
) -> DistilBertModel:
    """Return a DistilBERT with random weights.

    Parameters
    ----------
    vocabulary
        From :func:`learn_vocabulary`.
    dimension
        Length of the vectors; the feed-forward layers are four times as wide.
    layers, heads
        Transformer layers, and attention heads in each.
    seed
        Of the weights.

    Raises
    ------
    TasbError
        If the heads don't share the dimension evenly.
    """
    if layers < 1 or heads < 1 or dimension < 1 or dimension % heads:
        raise TasbError(
            f"{layers} layers, dimension {dimension}, {heads} heads: expected at least "
            "1 of each and a dimension that the heads share evenly"
        )
    config = DistilBertConfig(
        vocab_size=len(vocabulary),
        dim=dimension,
        n_layers=layers,
        n_heads=heads,
        hidden_dim=4 * dimension,
        dropout=0.1,
        attention_dropout=0.1,
        pad_token_id=vocabulary["[PAD]"],
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return DistilBertModel(config)


def save_student(
    folder: Path, student: DistilBertModel, vocabulary: dict[str, int]
) -> Path:
    """Write a student as a checkpoint folder; what was there is replaced."""
    spec = EncoderSpec(checkpoint=folder.name, dimension=student.config.dim)
    with replace_folder(folder) as temporary:
        save_model(BertDot(student), temporary)
        spec.write(temporary)
        with replace_file(temporary / "vocab.txt") as file:
            file.writelines(f"{piece}\n" for piece in vocabulary)
        with replace_file(temporary / "tokenizer_config.json") as file:
            json.dump({"do_lower_case": True, "tokenizer_class": "BertTokenizer"}, file)
    return folder


def _count_words(texts: Iterable[str]) -> Counter[str]:
    normalizer, splitter = BertNormalizer(), BertPreTokenizer()
    words: Counter[str] = Counter()
    for text in texts:
        split = splitter.pre_tokenize_str(normalizer.normalize_str(text))
        words.update(word for word, _ in split)
    return words


def _frequent_characters(words: Counter[str], most: int) -> list[str]:
    frequency: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            frequency[character] += count
    return sorted(frequency, key=lambda c: (-frequency[c], c))[:most]


def _repeat(words: Counter[str]) -> Iterator[str]:
    """Yield texts in which each word stands as often as it was counted."""
    for word, count in words.items():
        for start in range(0, count, _AT_ONCE):
            yield f"{word} " * min(_AT_ONCE, count - start)
