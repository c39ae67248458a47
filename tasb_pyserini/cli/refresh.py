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
from tasb_pyserini.formats.errors import InputError
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.records import Topics
from tasb_pyserini.formats.score_shards import work_folder
from tasb_pyserini.formats.topics import read_topics
from tasb_pyserini.indexing.encode import encode_collection
from tasb_pyserini.indexing.faiss_index import build_index
from tasb_pyserini.training.mining.config import MiningConfig
from tasb_pyserini.training.mining.mine import queries_to_mine
from tasb_pyserini.training.mining.round import hash_file, open_round
from tasb_pyserini.training.mining.write import write_mined
from tasb_pyserini.training.pairs.store import open_pairs

if TYPE_CHECKING:
    from tasb_pyserini.encoders.cross.encoder import CrossEncoder


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
    queries = read_topics(topics)
    _check(queries, topics, qrels, config)
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
    teacher = None
    if args.teacher is not None:
        from tasb_pyserini.encoders.cross.encoder import CrossEncoder

        teacher = CrossEncoder.load(args.teacher, device=args.device)
    inputs = {
        "encoder": encoder.spec.weights,
        "fp16": args.fp16,
        "topics": hash_file(topics),
        "qrels": hash_file(qrels),
        **dataclasses.asdict(config),
    }
    open_round(args.output, inputs, None if teacher is None else teacher.fingerprint())
    _step("embeddings")
    encode_collection(args.collection, args.output / "embeddings", encoder)
    index, triples = args.output / "index", args.output / "triples.tsv"
    if not index.exists():
        _step("index")
        build_index(args.output / "embeddings", index)
    report = None
    if not triples.exists():
        _step("triples")
        hits = hits_of_dense(
            str(index), lambda: encoder, config.depth, threads=args.threads
        )
        report = write_mined(
            hits,
            qrels,
            triples,
            config,
            source=index,
            topics=queries,
            collection=args.collection,
        )
    scored, pairs = args.output / "scored", None
    if teacher is not None:
        if not scored.exists() or work_folder(scored).exists():
            _score(triples, topics, args.collection, teacher, scored)
        pairs = len(open_pairs(scored))
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
        print(f"{scored}: {pairs:,} scored pairs")
    return 0


def _check(queries: Topics, topics: Path, qrels: Path, config: MiningConfig) -> None:
    """Refuse qrels that the round would be bound to, before hours of encoding."""
    if not queries_to_mine(read_qrels(qrels), config.relevance_level, queries):
        raise InputError(
            qrels,
            None,
            f"no positive for any query of {topics}",
            "qrels and topics of the same queries",
        )


def _score(
    triples: Path,
    topics: Path,
    collection: Path,
    teacher: "CrossEncoder",
    scored: Path,
) -> None:
    from tasb_pyserini.training.scoring.score import score_pairs

    _step("scores")
    score_pairs(triples, topics, collection, teacher, scored, cache=cache_folder())


def _step(name: str) -> None:
    print(f"tasb refresh: {name}", file=sys.stderr)
