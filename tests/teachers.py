"""Tiny pairwise teachers with random weights, and scores the plain way."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    PreTrainedModel,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from tasb_pyserini.encoders.cross.encoder import CrossEncoder
from tasb_pyserini.training.tokens.build import TextForm, token_chunks
from tests.checkpoints import VOCABULARY

QUERIES = {"q1": "what is a tree", "q2": "dense retriever?", "q3": "京東 cafe"}
PASSAGES = {
    "d1": "the tree of the copy",
    "d2": "a dense passage, and a word. " * 9,
    "d3": "Retrieving",
    "d4": "naïve covid-19 copy!",
    "d5": "query word",
}
PAIRS = [(query, passage) for query in QUERIES for passage in PASSAGES]


def make_teacher(
    folder: Path, kind: str = "bert", *, labels: int = 1, form: str = "safetensors"
) -> Path:
    """Write a two-layer model of at most 40 tokens and its tokenizer."""
    torch.manual_seed(0)
    # Weights of the usual size (0.02) would give all pairs nearly one score.
    common: dict[str, Any] = {"initializer_range": 0.3, "num_labels": labels}
    folder.mkdir(parents=True)
    vocabulary = _roberta_tokenizer(folder) if kind == "roberta" else _bert(folder)
    bert: dict[str, Any] = {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
    }
    model: PreTrainedModel
    if kind == "bert":
        config = BertConfig(**bert, **common, max_position_embeddings=40)
        model = BertForSequenceClassification(config)
    elif kind == "roberta":
        positions: dict[str, Any] = {
            "max_position_embeddings": 42,
            "type_vocab_size": 1,
        }
        roberta = RobertaConfig(**bert, **common, **positions, pad_token_id=1)
        model = RobertaForSequenceClassification(roberta)
    else:
        sizes: dict[str, Any] = {
            "dim": 16,
            "n_layers": 2,
            "n_heads": 2,
            "hidden_dim": 32,
        }
        distil = DistilBertConfig(
            vocab_size=vocabulary, **sizes, **common, max_position_embeddings=40
        )
        model = DistilBertForSequenceClassification(distil)
    if form == "safetensors":
        model.save_pretrained(folder)
    else:
        model.config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def plain_scores(folder: Path, pairs: list[tuple[str, str]]) -> list[float]:
    """Score pairs one by one as transformers' documentation shows it."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    scores = []
    for query, passage in pairs:
        inputs = tokenizer(
            query,
            passage,
            truncation="only_second",
            max_length=40,
            return_tensors="pt",
        )
        with torch.no_grad():
            logits = model(**inputs).logits[0].tolist()
        scores.append(logits[0] if len(logits) == 1 else logits[1] - logits[0])
    return scores


def scores_of_ids(
    teacher: CrossEncoder, pairs: list[tuple[str, str]] = PAIRS
) -> list[float]:
    """Score pairs of ids by their token ids, as ``tasb score --teacher`` does."""
    form = TextForm(max_length=teacher.room, special_tokens=False)

    def ids(text: str) -> NDArray[np.integer]:
        return next(token_chunks(teacher.tokenizer, [("", text)], form)).tokens

    queries = [ids(QUERIES[query]) for query, _ in pairs]
    passages = [ids(PASSAGES[passage]) for _, passage in pairs]
    return list(map(float, teacher.score(queries, passages)))


def write_inputs(folder: Path, triples: list[tuple[str, str, str]]) -> list[Path]:
    """Write triples, topics and collection; return their paths."""
    paths = [folder / "triples.tsv", folder / "topics.tsv", folder / "collection.tsv"]
    paths[0].write_text("".join("\t".join(row) + "\n" for row in triples))
    for path, texts in zip(paths[1:], (QUERIES, PASSAGES), strict=True):
        path.write_text("".join(f"{i}\t{text}\n" for i, text in texts.items()))
    return paths


def _bert(folder: Path) -> int:
    shutil.copy(VOCABULARY, folder / "vocab.txt")
    known = {"do_lower_case": True, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(known))
    return len(VOCABULARY.read_text(encoding="utf-8").splitlines())


def _roberta_tokenizer(folder: Path) -> int:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([*QUERIES.values(), *PASSAGES.values()], trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        sep=("</s>", 2), cls_token=("<s>", 0), add_prefix_space=False
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>", "pad": "<pad>"}
    known: dict[str, Any] = {f"{name}_token": token for name, token in names.items()}
    known |= {"tokenizer_class": "PreTrainedTokenizerFast"}
    known |= {"model_input_names": ["input_ids", "attention_mask"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(known))
    return tokenizer.get_vocab_size()
