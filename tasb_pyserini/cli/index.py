"""``tasb index``: vector shards into a Faiss index."""

import argparse
import json
from pathlib import Path

from tasb_pyserini.cli.arguments import add_json_argument
from tasb_pyserini.indexing.faiss_index import build_index


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb index``."""
    parser.add_argument(
        "--input", required=True, type=Path, help="folder of 'tasb encode'"
    )
    parser.add_argument(
        "--output", required=True, type=Path, help="index directory, as Pyserini has it"
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Build the index and say how large it is."""
    passages = build_index(args.input, args.output)
    if args.json:
        print(json.dumps({"index": str(args.output), "passages": passages}))
    else:
        print(f"{args.output}: {passages:,} passages")
    return 0
