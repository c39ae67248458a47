"""Stages that encode: training queries, validation, the collection.

Where less than a shard is measured, it is whole batches of one shard, evenly spaced
from the longest texts to the shortest, so that batches are as full as in a real run.
Seconds are scaled by tokens. FLOP of the layers' weights alone, without attention
between tokens: 2 · 12 · layers · dimension² a token.
"""

import time
from collections.abc import Iterable
from itertools import islice
from statistics import mean

import numpy as np
import torch
from figures import peak_mb
from numpy.typing import NDArray
from tqdm import tqdm

from msmarco_stages.cost import (
    PASSAGES,
    QUERIES,
    VALIDATION_DEPTH,
    VALIDATION_QUERIES,
    Cost,
    Setting,
    bytes_under,
)
from msmarco_stages.texts import passages, queries
from tasb_pyserini.encoders.batching import TOKENS_PER_BATCH, equal_length_batches
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.encoders.model import load_model
from tasb_pyserini.encoders.tokenizer import load_tokenizer, tokenize
from tasb_pyserini.indexing.encode import SHARD_SIZE, encode_missing
from tasb_pyserini.indexing.shards import Manifest
from tasb_pyserini.training.config import MixedPrecision
from tasb_pyserini.training.recipe import load_recipe
from tasb_pyserini.training.tokens import TokenTable
from tasb_pyserini.training.vectors import encode_texts

WARM_UP = 256
"""Texts encoded before the time counts, on a GPU."""


def encode_queries(setting: Setting) -> list[Cost]:
    """Encode training queries into shards, as ``tasb cluster`` does."""
    return [_encode(setting, "queries", QUERIES, queries(5))]


def encode_passages(setting: Setting) -> list[Cost]:
    """Encode the collection into shards, as ``tasb encode``."""
    return [_encode(setting, "passages", PASSAGES, passages(6))]


def validate(setting: Setting) -> list[Cost]:
    """Encode the passages of a validation set, as ``tasb train`` does now and then.

    All candidates count as distinct, so that there are no more of them. Batches are
    full, and there are as many of long as of short texts.
    """
    full = VALIDATION_QUERIES * VALIDATION_DEPTH
    on_gpu = setting.device == "cuda"
    lengths = _lengths(list(islice(passages(7), SHARD_SIZE)), setting, 200)
    budget = TOKENS_PER_BATCH[setting.device]
    n_batches = max(1, round(setting.part(full) * mean(lengths) / budget))
    places = (np.arange(n_batches) + 0.5) / n_batches
    chosen = np.quantile(lengths, places).astype(int)
    every = np.repeat(chosen, np.maximum(1, budget // chosen))
    every = every[: setting.part(full)]
    tokens = np.random.default_rng(8).integers(1_000, 30_000, int(every.sum()))
    table = TokenTable(tokens, np.concatenate([[0], np.cumsum(every)]))
    model = load_model(setting.start, setting.spec).to(setting.device).eval()
    rows, device = np.arange(len(table)), torch.device(setting.device)
    config = load_recipe("tas-balanced").config()
    precision: MixedPrecision = "fp16" if on_gpu else "no"
    with tqdm(disable=True) as bar:
        few = rows[: WARM_UP if on_gpu else 1]
        encode_texts(model, table, few, device, bar, mixed_precision=precision)
        begin = time.perf_counter()
        made = encode_texts(model, table, rows, device, bar, mixed_precision=precision)
        made[0, 0].item()
        seconds = time.perf_counter() - begin
    times = config.steps // config.validate_every
    return [
        Cost(
            stage="validate once",
            full=f"{full:,} passages",
            measured=f"{len(table):,} passages{', fp16' * on_gpu}",
            fraction=int(every.sum()) / (mean(lengths) * full),
            seconds=seconds,
            gpus=int(on_gpu),
            peak_mb=peak_mb(),
            gpu_peak_mb=_gpu_peak(setting),
            flop=2 * setting.size.weights * mean(lengths) * full,
            note=f"encoding alone; every {config.validate_every:,} steps, at most "
            f"{times} times",
        )
    ]


def _encode(setting: Setting, kind: str, full: int, texts: Iterable[str]) -> Cost:
    on_gpu = setting.device == "cuda"
    n, limit = setting.part(full), 200 if kind == "passages" else 30
    some = list(islice(texts, max(n, SHARD_SIZE)))
    lengths = _lengths(some, setting, limit)
    tokens_full = mean(lengths) * full
    if n < SHARD_SIZE:
        chosen = _whole_batches(lengths, n, TOKENS_PER_BATCH[setting.device])
        some, lengths = [some[i] for i in chosen], [lengths[i] for i in chosen]
    encoder = Encoder.load(f"tasb:{setting.start}", device=setting.device, fp16=on_gpu)
    encode = getattr(encoder, f"encode_{kind}")
    encode(some[: WARM_UP if on_gpu else 1])
    manifest = Manifest(
        passages=len(some),
        fingerprint="made up",
        shard_size=SHARD_SIZE,
        passage_max_length=limit,
        backend=encoder.backend,
    )
    numbered = [(str(number), text) for number, text in enumerate(some)]
    folder = setting.folder / f"{kind}-vectors"
    begin = time.perf_counter()
    encode_missing(
        lambda: numbered,
        folder,
        manifest,
        encoder.spec,
        list,
        encode,
        unit=kind,
        progress=False,
    )
    seconds = time.perf_counter() - begin
    size = bytes_under(folder, "*.npy") + bytes_under(folder, "*.docid")
    return Cost(
        stage=f"encode {kind}",
        full=f"{full:,} {kind}",
        measured=f"{len(some):,} {kind}{', fp16' * on_gpu}",
        fraction=sum(lengths) / tokens_full,
        seconds=seconds,
        gpus=int(on_gpu),
        peak_mb=peak_mb(),
        gpu_peak_mb=_gpu_peak(setting),
        scaled_disk_bytes=round(size * full / len(some)),
        flop=2 * setting.size.weights * tokens_full,
        note=f"{tokens_full / full:.1f} tokens each",
    )


def _lengths(texts: list[str], setting: Setting, limit: int) -> list[int]:
    tokenizer = load_tokenizer(setting.start)
    return [len(ids) for ids in tokenize(tokenizer, texts, limit)]


def _whole_batches(lengths: list[int], n: int, budget: int) -> NDArray[np.int64]:
    """Return the places of about `n` texts: whole batches of the first shard."""
    batches = list(equal_length_batches(lengths[:SHARD_SIZE], budget))
    count = max(1, round(len(batches) * n / SHARD_SIZE))
    spaced = ((np.arange(count) + 0.5) * len(batches) / count).astype(int)
    return np.sort(np.concatenate([batches[place] for place in spaced.tolist()]))


def _gpu_peak(setting: Setting) -> float | None:
    if setting.device != "cuda":
        return None
    return torch.cuda.max_memory_allocated() / 2**20
