"""``tasb mine``: training triples from hits and qrels, or from other triples."""

import argparse
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_encoder_arguments,
    add_json_argument,
    add_threads_argument,
)
from tasb_pyserini.cli.bm25 import add_bm25_arguments
from tasb_pyserini.cli.mining.draw import add_draw_arguments, draw_of
from tasb_pyserini.cli.mining.given import (
    CORPUS,
    TOPICS,
    write_given,
    write_with_texts,
)
from tasb_pyserini.cli.mining.hits import hits_of_bm25, hits_of_dense, hits_of_run
from tasb_pyserini.cli.mining.table import print_report
from tasb_pyserini.cli.names import (
    FAISS_INDEX_HELP,
    LUCENE_INDEX_HELP,
    QRELS_HELP,
    TOPICS_HELP,
    located,
)
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.collection import collection_files
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.training.mining.write import FindHits, write_mined

SOURCES = ("run", "bm25", "dense", "triples")

NEEDED = {
    "run": ("qrels",),
    "bm25": ("qrels", "topics"),
    "dense": ("qrels", "topics", "encoder"),
    "triples": (),
}
"""Source → arguments that must be given with it."""

SEARCHED = ("bm25", "dense")
DRAWN = ("run", *SEARCHED)
ALLOWED = {
    "qrels": DRAWN,
    "negatives": DRAWN,
    "depth": DRAWN,
    "skip": DRAWN,
    "with_replacement": DRAWN,
    "seed": DRAWN,
    "relevance_level": DRAWN,
    "threads": SEARCHED,
    "k1": ("bm25",),
    "b": ("bm25",),
    "encoder": ("dense",),
    "device": ("dense",),
    "fp16": ("dense",),
    "texts": ("triples",),
}
"""Argument → sources with which it says something."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb mine``."""
    sources = parser.add_argument_group("source, one of")
    source = sources.add_mutually_exclusive_group(required=True)
    source.add_argument("--run", type=Path, help="TREC run whose hits are negatives")
    source.add_argument(
        "--bm25",
        metavar="INDEX",
        help=LUCENE_INDEX_HELP,
    )
    source.add_argument("--dense", metavar="INDEX", help=FAISS_INDEX_HELP)
    source.add_argument(
        "--triples",
        metavar="SOURCE",
        help="triples by id or by text: TSV, also .gz, or what datasets loads: a "
        "folder, .jsonl, .parquet, .arrow, the hub's NAME[:CONFIG]",
    )
    parser.add_argument("--qrels", help=f"{QRELS_HELP}: the positives")
    parser.add_argument("--topics", help=TOPICS_HELP)
    parser.add_argument(
        "--collection",
        type=Path,
        help="leave out negatives with the text of a positive; " + COLLECTION_HELP,
    )
    parser.add_argument(
        "--texts",
        type=Path,
        metavar="DIR",
        help="make corpus.jsonl and topics.tsv of triples by text in this folder that "
        "has none yet, or those of the same triples",
    )
    parser.add_argument(
        "--output", required=True, type=Path, help="TSV file of qid, pos, neg"
    )
    draw = add_draw_arguments(
        parser,
        depth=100,
        depth_help="last rank to take negatives from; TCT-ColBERT: 200",
    )
    draw.add_argument(
        "--with-replacement",
        action="store_true",
        help="let a negative be drawn again for its query, as TCT-ColBERT does; "
        "training takes equal triples once",
    )
    add_bm25_arguments(parser)
    parser.add_argument("--encoder", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    add_threads_argument(parser)
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Write the triples and print what became of the queries."""
    source = check_arguments(args)
    _check_outputs(args)
    qrels = None if args.qrels is None else located(args.qrels, "qrels")
    topics = None if args.topics is None else load_topics(args.topics)
    if args.texts is not None:
        report = write_with_texts(args.triples, args.output, args.texts)
    elif qrels is None:
        report = write_given(
            args.triples, args.output, topics=topics, collection=args.collection
        )
    else:
        report = write_mined(
            _hits_of(args, source),
            read_qrels(qrels),
            args.output,
            draw_of(args),
            qrels_file=qrels,
            source=Path(getattr(args, source)),
            topics=topics,
            collection=args.collection,
        )
    print_report(report, args.output, qrels, as_json=args.json)
    return 0


def _hits_of(args: argparse.Namespace, source: str) -> FindHits:
    if source == "run":
        return hits_of_run(args.run, args.depth)
    if source == "bm25":
        bm25 = {"k1": args.k1, "b": args.b}
        return hits_of_bm25(args.bm25, args.depth, **bm25, threads=args.threads)

    def load_encoder() -> Encoder:
        return Encoder.load(args.encoder, device=args.device, fp16=args.fp16)

    return hits_of_dense(args.dense, load_encoder, args.depth, threads=args.threads)


def _check_outputs(args: argparse.Namespace) -> None:
    """Refuse, before any work, to write over what is read."""
    made = [] if args.texts is None else [args.texts / CORPUS, args.texts / TOPICS]
    named = [args.run, args.triples, args.qrels, args.topics]
    texts = [] if args.collection is None else collection_files(args.collection)
    check_files([args.output, *made], [*map(Path, filter(None, named)), *texts])


def check_arguments(args: argparse.Namespace) -> str:
    """Return the source; refuse arguments that don't go with it.

    Raises
    ------
    TasbError
        If one is missing, or one that was given would be passed over.
    """
    source = next(name for name in SOURCES if getattr(args, name) is not None)
    for name in NEEDED[source]:
        if getattr(args, name) is None:
            needed = " and ".join(_flag(needed) for needed in NEEDED[source])
            raise TasbError(f"--{source}: {_flag(name)} is missing; expected {needed}")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    for name, sources in ALLOWED.items():
        if source not in sources and getattr(args, name) != parser.get_default(name):
            allowed = " or ".join(f"--{other}" for other in sources)
            raise TasbError(f"{_flag(name)}: goes with {allowed}, not with --{source}")
    if args.texts is not None and (args.collection or args.topics):
        raise TasbError(
            "--texts: makes a collection and topics of its own; give it, or "
            "--collection and --topics"
        )
    return source


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
