"""``tasb refresh``: hard negatives of a student, from its own index."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_encoder_arguments,
    add_json_argument,
    add_threads_argument,
)
from tasb_pyserini.cli.mining.draw import add_draw_arguments, draw_of
from tasb_pyserini.cli.mining.hits import hits_of_dense
from tasb_pyserini.cli.mining.table import print_report
from tasb_pyserini.cli.names import QRELS_HELP, TOPICS_HELP, located
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.cache import cache_folder
from tasb_pyserini.formats.checksum import file_sha256
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.score_shards import work_folder
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.training.mining.mine import queries_to_mine
from tasb_pyserini.training.mining.round import open_round
from tasb_pyserini.training.mining.write import write_mined
from tasb_pyserini.training.pairs.store import open_pairs

if TYPE_CHECKING:
    from tasb_pyserini.encoders.cross.encoder import CrossEncoder

SCORED = "scored"
"""Folder of the round's scored pairs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb refresh``."""
    parser.add_argument(
        "--encoder", required=True, metavar="tasb:DIR", help="the student"
    )
    parser.add_argument("--collection", required=True, type=Path, help=COLLECTION_HELP)
    parser.add_argument(
        "--topics", required=True, help=f"{TOPICS_HELP}: the training queries"
    )
    parser.add_argument("--qrels", required=True, help=f"{QRELS_HELP}: the positives")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="DIR",
        help="folder for embeddings, index, triples.tsv and, with --teacher, scored "
        "pairs; the same command goes on with a killed run",
    )
    parser.add_argument(
        "--teacher",
        metavar="DIR|HUB_ID",
        help="cross-encoder that scores the pairs anew",
    )
    draw = add_draw_arguments(
        parser,
        depth=200,
        depth_help="last rank to take negatives from, as TCT-ColBERT's",
    )
    draw.add_argument(
        "--with-replacement",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let a negative be drawn again for its query, as TCT-ColBERT does; "
        "training takes equal triples once",
    )
    add_encoder_arguments(parser)
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Make what is missing of the round, and say where it is."""
    config = draw_of(args)
    qrels, topics = located(args.qrels, "qrels"), located(args.topics, "topics")
    queries, judged = read_topics(topics), read_qrels(qrels)
    if not queries_to_mine(judged, config.relevance_level, queries):
        problem = f"no positive for any query of {topics}"
        expected = "qrels and topics of the same queries"
        raise InputError(qrels, None, problem, expected)
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
    teacher = _load_teacher(args)
    inputs = {
        "encoder": encoder.spec.weights,
        "fp16": args.fp16,
        "topics": f"sha256:{file_sha256(topics)}",
        "qrels": f"sha256:{file_sha256(qrels)}",
        **dataclasses.asdict(config),
    }
    open_round(args.output, inputs, None if teacher is None else teacher.fingerprint())
    index = _index(args, encoder)
    report, triples = None, args.output / "triples.tsv"
    if not triples.exists():
        _step("triples")
        report = write_mined(
            hits_of_dense(
                str(index), lambda: encoder, config.depth, threads=args.threads
            ),
            judged,
            triples,
            config,
            qrels_file=qrels,
            source=index,
            topics=queries,
            collection=args.collection,
        )
    pairs = None if teacher is None else _score(args, triples, topics, teacher)
    if args.json:
        mined = None if report is None else dataclasses.asdict(report)
        counts = {"output": str(args.output), "mined": mined, "pairs": pairs}
        print(json.dumps(counts, ensure_ascii=False))
        return 0
    if report is None:
        print(f"{triples}: already there")
    else:
        print_report(report, triples, qrels)
    if pairs is not None:
        print(f"{args.output / SCORED}: {pairs:,} scored pairs")
    return 0


def _load_teacher(args: argparse.Namespace) -> "CrossEncoder | None":
    if args.teacher is None:
        return None
    from tasb_pyserini.encoders.cross.encoder import CrossEncoder

    return CrossEncoder.load(args.teacher, device=args.device)


def _index(args: argparse.Namespace, encoder: Encoder) -> Path:
    """Return the index of the collection, made where it is missing."""
    embeddings, index = args.output / "embeddings", args.output / "index"
    _step("embeddings")
    encode_collection(args.collection, embeddings, encoder)
    if not index.exists():
        _step("index")
        build_index(embeddings, index)
    return Path(index)


def _score(
    args: argparse.Namespace, triples: Path, topics: Path, teacher: "CrossEncoder"
) -> int:
    """Score the triples where that is not done; return how many pairs there are."""
    scored = args.output / SCORED
    if not scored.exists() or work_folder(scored).exists():
        from tasb_pyserini.training.scoring.score import score_pairs

        _step("scores")
        score_pairs(
            triples, topics, args.collection, teacher, scored, cache=cache_folder()
        )
    return len(open_pairs(scored))


def _step(name: str) -> None:
    print(f"tasb refresh: {name}", file=sys.stderr)
