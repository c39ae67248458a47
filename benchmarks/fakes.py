"""Training data of the size of MS MARCO's, made up."""

import json
from pathlib import Path

import numpy as np

QUERIES, CLUSTERS, PAIRS_A_QUERY, PASSAGES = 400_000, 2_000, 100, 8_841_823


def make_data(folder: Path, scale: float) -> None:
    """Write scores and clusters; queries, clusters and passages scaled alike."""
    folder.mkdir()
    queries, passages = int(QUERIES * scale), int(PASSAGES * scale)
    write_scores(folder / "scores.tsv", queries, passages)
    write_clusters(folder / "clusters.tsv", queries, max(2, int(CLUSTERS * scale)))


def write_scores(path: Path, queries: int, passages: int) -> None:
    """Write teacher scores in the published form, queries shuffled as there."""
    import duckdb

    normal = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"
    connection = duckdb.connect(config={"memory_limit": "2GB", "threads": 1})
    connection.execute("select setseed(0.5)")
    connection.execute(
        f"""copy (
          select round(3 + {normal}, 6) as pos_score,
                 round(-5 + 4 * {normal}, 6) as neg_score,
                 (i * 7919) % {queries} as qid,
                 ((i * 7919) % {queries}) * 20 % {passages} as pos,
                 floor(random() * {passages})::int as neg
          from range({queries * PAIRS_A_QUERY}) t(i)
        ) to '{path}' (delimiter '\t', header false)"""
    )


def write_tokens(folder: Path, texts: int, lengths: tuple[int, int]) -> None:
    """Write a folder of random tokens under the ids 0, 1, 2 and so on."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(*lengths, size=texts))])
    np.save(folder / "offsets.npy", offsets.astype(np.int64))
    size = int(offsets[-1])
    tokens = np.lib.format.open_memmap(
        folder / "tokens.npy", mode="w+", dtype=np.uint16, shape=(size,)
    )
    for start in range(0, size, 1 << 24):
        some = tokens[start : start + (1 << 24)]
        some[:] = rng.integers(1_000, 30_000, size=len(some), dtype=np.uint16)
    tokens.flush()
    (folder / "ids.txt").write_text("".join(f"{i}\n" for i in range(texts)))
    counts = {"n_texts": texts, "n_tokens": size}
    (folder / "tokens.json").write_text(json.dumps(counts))


def write_clusters(path: Path, queries: int, clusters: int) -> None:
    """Write clusters of random queries, of very different sizes."""
    rng = np.random.default_rng(2)
    share = rng.dirichlet(np.full(clusters, 3.0))
    ends = np.sort(rng.permutation(queries))[
        (np.cumsum(share)[:-1] * queries).astype(int)
    ]
    parts = np.split(rng.permutation(queries), ends)
    path.write_text("".join("\t".join(map(str, part)) + "\n" for part in parts))
