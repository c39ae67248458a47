"""``tasb search``: topics against a Faiss index, into a run."""

import argparse

from tasb_pyserini.cli.arguments import add_encoder_arguments
from tasb_pyserini.cli.names import FAISS_INDEX_HELP, located
from tasb_pyserini.cli.searching import add_search_arguments, finish, timed
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoded_queries import read_encoded_queries
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.records import Run
from tasb_pyserini.search.dense import FaissIndex, encoded_run, search_topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb search``."""
    parser.add_argument("--index", required=True, help=FAISS_INDEX_HELP)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--encoder", help="tasb, tasb:FOLDER or hub id")
    source.add_argument(
        "--encoded-queries",
        metavar="PATH",
        help="Pyserini's encoded queries: .tar.gz, folder, or name of prebuilt ones",
    )
    add_encoder_arguments(parser)
    add_search_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Search and write the run."""
    index = FaissIndex(located(args.index, "faiss"))
    topics = load_topics(args.topics)
    if args.encoded_queries:
        encoded = read_encoded_queries(located(args.encoded_queries, "encoded-queries"))

        def search() -> Run:
            return encoded_run(index, encoded, topics, args.hits, args.threads)
    else:
        encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)

        def search() -> Run:
            return search_topics(index, encoder, topics, args.hits, args.threads)

    results, seconds = timed(search)
    return finish(args, results, seconds, tag="tasb")
