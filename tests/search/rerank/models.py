"""Tiny T5s with random weights, and what they answer the plain way."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AutoTokenizer,
    T5Config,
    T5ForConditionalGeneration,
)

TOPICS = {"q1": "what is a tree", "q2": "dense retriever?", "q3": "copy"}
PASSAGES = {
    "d1": "the tree of the copy",
    "d2": "a dense passage, and a word.",
    "d3": "Retrieving",
    "d4": "naive copy of it!",
    "d5": "query word",
}
RUN = {
    "q2": {"d5": 9.0, "d2": 8.5, "d3": 2.0},
    "q1": {"d1": 3.0, "d2": 2.0, "d3": 1.5, "d4": 1.0, "d5": 0.5},
    "q3": {"d4": 1.0},
}
MAX_LENGTH = 120
SPECIAL = ["<pad>", "</s>", "<unk>"]
LETTERS = "abcdefghijklmnopqrstuvwxyzDQR0123456789?!,.:▁"
PIECES = ["▁true", "▁false", "▁Query", "▁Document", "▁Relevant", "▁the", "▁copy"]


def make_t5(
    folder: Path,
    *,
    seed: int = 0,
    form: str = "safetensors",
    pieces: list[str] = PIECES,
    max_length: int = MAX_LENGTH,
) -> Path:
    """Write a two-layer T5 and a tokenizer that cuts as T5's does."""
    torch.manual_seed(seed)
    vocabulary = [*SPECIAL, *pieces, *LETTERS]
    config = T5Config(
        vocab_size=len(vocabulary),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        # Weights of the usual size would give all pairs nearly one score.
        initializer_factor=2.0,
    )
    config.decoder_start_token_id = 0
    model = T5ForConditionalGeneration(config)
    folder.mkdir(parents=True)
    if form == "safetensors":
        model.save_pretrained(folder)
    else:
        config.save_pretrained(folder)
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    write_tokenizer(folder, vocabulary, max_length)
    return folder


def write_tokenizer(folder: Path, vocabulary: list[str], max_length: int) -> None:
    """Write ``tokenizer.json`` and its configuration."""
    scores = [(piece, -1.0 - number / 9) for number, piece in enumerate(vocabulary)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    known = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "model_max_length": max_length,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(known))


def plain_answers(folder: Path, prompts: list[str]) -> list[tuple[float, float]]:
    """Return log-probability and probability of true, one prompt at a time."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = T5ForConditionalGeneration.from_pretrained(folder)
    model.eval()  # type: ignore[no-untyped-call]
    columns = tokenizer.convert_tokens_to_ids(["▁false", "▁true"])
    answers = []
    for prompt in prompts:
        inputs = tokenizer(prompt, return_tensors="pt")
        with torch.no_grad():
            logits = model(**inputs, decoder_input_ids=torch.tensor([[0]])).logits
        both = logits[0, 0, columns]
        answers.append((both.log_softmax(0)[1].item(), both.softmax(0)[1].item()))
    return answers


def write_inputs(folder: Path) -> None:
    """Write run, topics and collection."""
    lines = [
        f"{qid} Q0 {docid} {rank} {score} first\n"
        for qid, hits in RUN.items()
        for rank, (docid, score) in enumerate(hits.items(), start=1)
    ]
    (folder / "run.txt").write_text("".join(lines))
    for name, texts in (("topics.tsv", TOPICS), ("collection.tsv", PASSAGES)):
        rows = "".join(f"{key}\t{text}\n" for key, text in texts.items())
        (folder / name).write_text(rows)
