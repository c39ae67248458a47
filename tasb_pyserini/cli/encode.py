"""``tasb encode``: a collection into vector shards."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_encoder_arguments,
    add_json_argument,
    positive_int,
)
from tasb_pyserini.encoders.encoder import Encoder
from tasb_pyserini.indexing.encode import SHARD_SIZE, encode_collection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb encode``."""
    parser.add_argument(
        "--corpus",
        required=True,
        type=Path,
        help=COLLECTION_HELP,
    )
    parser.add_argument(
        "--embeddings",
        required=True,
        type=Path,
        help="folder of the vectors; the same command again goes on where it stopped",
    )
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    add_encoder_arguments(parser)
    parser.add_argument(
        "--max-length",
        type=positive_int,
        metavar="TOKENS",
        help="lower the encoder's limit for passages",
    )
    parser.add_argument(
        "--shard-size",
        type=positive_int,
        default=SHARD_SIZE,
        help="passages in a shard",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Encode and say what there is."""
    encoder = Encoder.load(args.encoder, device=args.device, fp16=args.fp16)
    if args.max_length is not None:
        limit = min(args.max_length, encoder.spec.passage_max_length)
        encoder.spec = replace(encoder.spec, passage_max_length=limit)
    manifest = encode_collection(
        args.corpus, args.embeddings, encoder, shard_size=args.shard_size
    )
    report = {
        "embeddings": str(args.embeddings),
        "passages": manifest.passages,
        "shards": manifest.shards,
        "dimension": encoder.spec.dimension,
    }
    if args.json:
        print(json.dumps(report))
    else:
        print(
            f"{args.embeddings}: {manifest.passages:,} passages, "
            f"{encoder.spec.dimension} dimensions, {manifest.shards} shards"
        )
    return 0
