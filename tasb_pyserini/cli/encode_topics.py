"""``tasb encode-topics``: queries for stock Pyserini's and Anserini's searchers."""

import argparse
import json
from pathlib import Path

from tasb_pyserini.cli.arguments import add_encoder_arguments, add_json_argument
from tasb_pyserini.cli.names import TOPICS_HELP
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.encoded_queries import write_encoded_queries
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.formats.outputs import check_files
from tasb_pyserini.search.lucene_dense_topics import write_vector_topics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb encode-topics``."""
    parser.add_argument("--topics", required=True, help=TOPICS_HELP)
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="FOLDER/embedding.pkl for pyserini.search.faiss --encoded-queries FOLDER; "
        "for Lucene .tsv (Pyserini, Anserini) or .jsonl (Anserini's JsonStringVector)",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Encode the queries and say how many there are."""
    check_files([args.output], [Path(args.topics)])
    topics = load_topics(args.topics)
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
    vectors = encoder.encode_queries([*topics.values()])
    if args.output.suffix == ".pkl":
        write_encoded_queries(args.output, topics, vectors)
    else:
        write_vector_topics(args.output, [*topics], vectors)
    if args.json:
        print(json.dumps({"output": str(args.output), "queries": len(topics)}))
    else:
        print(f"{args.output}: {len(topics):,} queries")
    return 0
