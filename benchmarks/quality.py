"""What reduced precision costs in ranking: nDCG@10 and the ten best passages.

A whole collection is encoded by each backend, then searched exactly by brute force:
int8 and bf16 queries on exact passages, exact queries on such passages, and both.
Promised: |ΔnDCG@10| at most .002 and a top-10 overlap of at least .95 for int8.
Passages are cut, to have the vectors in minutes; for all alike.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from results_file import Promise, at_least, at_most, print_promises, write_results
from work import DATA, make_model

from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.evaluation.measures import Measure, evaluate, query_mean
from tasb_pyserini.formats.collection import read_collection
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.topics import read_topics

EXACT, REDUCED = "openvino", ("bf16", "int8")
DEPTH = 10

Vectors = NDArray[np.float32]
Positions = NDArray[np.int64]


def encode(model: str, backend: str, data: Path, length: int) -> tuple[Vectors, ...]:
    """Return the vectors of queries and of passages."""
    encoder = Encoder.load(f"tasb:{backend}:{model}")
    encoder.spec = replace(encoder.spec, passage_max_length=length)
    queries = list(read_topics(data / "topics.tsv").values())
    passages = [passage.contents for passage in read_collection(data)]
    return encoder.encode_queries(queries), encoder.encode_passages(passages)


def best(queries: Vectors, passages: Vectors) -> Positions:
    """Return the positions of each query's best passages."""
    return np.argsort(-(queries @ passages.T), axis=1, kind="stable")[:, :DEPTH]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of a checkpoint; else one is made")
    parser.add_argument("--data", type=Path, default=DATA, help="a collection's folder")
    parser.add_argument("--max-length", type=int, default=64, help="of passages")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    qids = list(read_topics(args.data / "topics.tsv"))
    docids = [passage.docid for passage in read_collection(args.data)]
    qrels = read_qrels(args.data / "qrels.txt")
    with tempfile.TemporaryDirectory() as scratch:
        model = args.model or str(make_model(Path(scratch, "model")))
        vectors = {
            backend: encode(model, backend, args.data, args.max_length)
            for backend in (EXACT, *REDUCED)
        }
    exact_queries, exact_passages = vectors[EXACT]
    exact = best(exact_queries, exact_passages)

    def ndcg(found: Positions) -> float:
        run = {
            qid: {docids[p]: float(-rank) for rank, p in enumerate(row)}
            for qid, row in zip(qids, found, strict=True)
        }
        [values] = evaluate(run, qrels, [Measure.parse("nDCG@10")]).values()
        return query_mean(values)

    rows: list[dict[str, Any]] = []
    for backend in REDUCED:
        queries, passages = vectors[backend]
        for where, found in (
            ("queries alone", best(queries, exact_passages)),
            ("passages alone", best(exact_queries, passages)),
            ("queries and passages", best(queries, passages)),
        ):
            overlap = np.mean(
                [len({*a} & {*b}) / DEPTH for a, b in zip(found, exact, strict=True)]
            )
            rows.append(
                {
                    "precision": backend,
                    "of": where,
                    "top-10 overlap": round(float(overlap), 4),
                    "nDCG@10": round(ndcg(found), 4),
                    "exact nDCG@10": round(ndcg(exact), 4),
                }
            )
            print(rows[-1])
    made: list[Promise] = []
    for row in rows:
        if row["precision"] == "int8":
            change = abs(row["nDCG@10"] - row["exact nDCG@10"])
            made += [
                at_least(f"int8 {row['of']}: overlap", 0.95, row["top-10 overlap"], ""),
                at_most(f"int8 {row['of']}: |ΔnDCG@10|", 0.002, round(change, 4)),
            ]
    print_promises(made)
    write_results(
        "quality",
        rows,
        made,
        settings={"collection": args.data.name, "passage_max_length": args.max_length},
        libraries=("openvino",),
        path=args.json,
    )


if __name__ == "__main__":
    main()
