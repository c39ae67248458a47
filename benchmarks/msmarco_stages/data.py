"""Stages without a model: pairs, tokens, clusters, index."""

import time
from itertools import islice

import numpy as np
from figures import peak_mb
from numpy.typing import NDArray

from msmarco_stages.cost import (
    ALL_QUERIES,
    CLUSTERS,
    PAIRS_A_QUERY,
    PASSAGES,
    QUERIES,
    Cost,
    Setting,
    bytes_under,
)
from msmarco_stages.texts import passages, queries, write_tsv

BLOCK = 65_536


def import_pairs(setting: Setting) -> list[Cost]:
    """Import teacher scores, as ``tasb pairs import``."""
    from fakes import write_scores
    from sampler import in_process

    n = setting.part(QUERIES)
    folder = setting.folder / "scores"
    folder.mkdir()
    write_scores(folder / "scores.tsv", n, max(1, PASSAGES * n // QUERIES))
    figures = in_process("convert", folder, 1)
    return [
        Cost(
            stage="import pairs",
            full=f"{QUERIES * PAIRS_A_QUERY:,} pairs",
            measured=f"{n * PAIRS_A_QUERY:,} pairs",
            fraction=n / QUERIES,
            seconds=figures["conversion_seconds"],
            peak_mb=figures["conversion_mb"],
            scaled_disk_bytes=bytes_under(folder / "pairs") * QUERIES // n,
            note="disk without the file of scores itself",
        )
    ]


def tokenize(setting: Setting) -> list[Cost]:
    """Tokenise the collection and the queries, as ``tasb train`` does at its start."""
    from tasb_pyserini.encoders.tokenizer import load_tokenizer
    from tasb_pyserini.training.tokens import tokenize_collection, tokenize_topics

    n, few = setting.part(PASSAGES), setting.part(ALL_QUERIES)
    collection, topics = setting.folder / "passages.tsv", setting.folder / "topics.tsv"
    write_tsv(collection, islice(passages(1), n))
    write_tsv(topics, islice(queries(2), few))
    tokenizer, spec = load_tokenizer(setting.start), setting.spec
    cache = setting.folder / "tokens"
    begin = time.perf_counter()
    table = tokenize_collection(collection, tokenizer, spec, cache, progress=False)
    asked = tokenize_topics(topics, tokenizer, spec, cache, progress=False)
    seconds = time.perf_counter() - begin
    texts, measured = PASSAGES + ALL_QUERIES, n + few
    return [
        Cost(
            stage="tokenise",
            full=f"{PASSAGES:,} passages, {ALL_QUERIES:,} queries",
            measured=f"{n:,} passages, {few:,} queries",
            fraction=measured / texts,
            seconds=seconds,
            peak_mb=peak_mb(),
            scaled_disk_bytes=round(bytes_under(cache) * texts / measured),
            note=f"{len(table.tokens) / n:.1f} tokens a passage, "
            f"{len(asked.tokens) / few:.1f} a query; memory grows by 8 bytes a passage "
            "and by the text of the queries",
        )
    ]


def cluster(setting: Setting) -> list[Cost]:
    """Put vectors around random centres into clusters, as ``tasb cluster`` does.

    An iteration compares each vector with each centroid, as does the assignment at the
    end: 2 · n · k · dimension FLOP each.
    """
    from tasb_pyserini.bindings.faiss_library import describe_faiss
    from tasb_pyserini.training.clusters.kmeans import ITERATIONS, cluster_vectors

    gpu = setting.device == "cuda" and describe_faiss().gpus > 0
    n, k = setting.part(QUERIES), setting.part(CLUSTERS)
    dimension = setting.size.dimension
    vectors = _around_centres(n, k, dimension)
    begin = time.perf_counter()
    cluster_vectors(vectors, k=k, gpu=gpu)
    seconds = time.perf_counter() - begin
    return [
        Cost(
            stage="k-means",
            full=f"{QUERIES:,} queries, {CLUSTERS:,} clusters",
            measured=f"{n:,} vectors of {dimension}, {k:,} clusters",
            fraction=n * k / (QUERIES * CLUSTERS),
            seconds=seconds,
            gpus=int(gpu),
            peak_mb=peak_mb(),
            flop=2.0 * QUERIES * CLUSTERS * dimension * (ITERATIONS + 1),
            note="vectors included, 4 bytes a number",
        )
    ]


def build(setting: Setting) -> list[Cost]:
    """Build a flat index of random vectors, as ``tasb index``."""
    from tasb_pyserini.indexing.encode import SHARD_SIZE
    from tasb_pyserini.indexing.faiss_index import build_index
    from tasb_pyserini.indexing.shards import Manifest, open_vectors, write_shard

    n, dimension = setting.part(PASSAGES), setting.size.dimension
    folder, index = setting.folder / "random-vectors", setting.folder / "index"
    manifest = Manifest(
        passages=n,
        fingerprint="made up",
        shard_size=SHARD_SIZE,
        passage_max_length=200,
        backend="torch",
    )
    open_vectors(folder, manifest, setting.spec)
    rng = np.random.default_rng(3)
    for number in range(manifest.shards):
        size = manifest.shard_passages(number)
        docids = [f"{number * SHARD_SIZE + i}" for i in range(size)]
        vectors = rng.standard_normal((size, dimension), dtype=np.float32)
        write_shard(folder, number, docids, vectors)
    begin = time.perf_counter()
    build_index(folder, index)
    seconds = time.perf_counter() - begin
    vector = bytes_under(index, "index") / n
    return [
        Cost(
            stage="index",
            full=f"{PASSAGES:,} vectors",
            measured=f"{n:,} vectors of {dimension}",
            fraction=n / PASSAGES,
            seconds=seconds,
            peak_mb=peak_mb(),
            scaled_disk_bytes=round(bytes_under(index) * PASSAGES / n),
            note=f"{vector:,.1f} bytes a vector in the file; one shard of them is in "
            "memory at a time",
        )
    ]


def _around_centres(n: int, k: int, dimension: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(4)
    centres = rng.standard_normal((k, dimension), dtype=np.float32)
    vectors = np.empty((n, dimension), dtype=np.float32)
    for start in range(0, n, BLOCK):
        block = vectors[start : start + BLOCK]
        rng.standard_normal(out=block, dtype=np.float32)
        block += centres[rng.integers(k, size=len(block))]
    return vectors
