"""``tasb export``: a checkpoint as one ONNX file, proven to rank the same."""

import argparse
import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from tasb_pyserini.cli.arguments import COLLECTION_HELP, add_json_argument
from tasb_pyserini.cli.topics import load_topics
from tasb_pyserini.encoders.export.precision import WeightPrecision
from tasb_pyserini.encoders.identity import find_encoder
from tasb_pyserini.encoders.names import parse_name
from tasb_pyserini.formats.collection import collection_files, read_collection
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.outputs import check_files

QUERIES, PASSAGES = 200, 500
"""Most texts of the proof."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb export``."""
    parser.add_argument("--encoder", default="tasb", help="tasb, tasb:FOLDER or hub id")
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        metavar="MODEL.onnx",
        help="file to write; beside it, MODEL.vocab.txt for Anserini",
    )
    parser.add_argument(
        "--precision",
        choices=get_args(WeightPrecision),
        default="fp32",
        help="of the weights; fp16 is for GPUs",
    )
    parser.add_argument(
        "--queries",
        help=f"topics to prove it on, the first {QUERIES}; else what Python's "
        "functions say they do",
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        help=f"passages to prove it on, the first {PASSAGES}; {COLLECTION_HELP}",
    )
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Export, and print how near the file is to the checkpoint, or JSON."""
    name = parse_name(args.encoder)
    if name.backend is not None:
        raise TasbError(
            f"--encoder {args.encoder} names a backend; expected 'tasb:{name.location}'"
        )
    if (args.queries is None) != (args.corpus is None):
        raise TasbError("--queries and --corpus go together; give both or neither")
    queries = passages = None
    if args.queries is not None:
        read = [Path(args.queries), *collection_files(args.corpus)]
        check_files([args.output], read)
        queries = list(islice(load_topics(args.queries).values(), QUERIES))
        collection = islice(read_collection(args.corpus), PASSAGES)
        passages = [passage.contents for passage in collection]
    folder, tokenizer, spec = find_encoder(name.location)
    # PyTorch, which a mistake above need not wait for.
    from tasb_pyserini.encoders.export.export import export_checkpoint
    from tasb_pyserini.encoders.export.parity import BOUNDS
    from tasb_pyserini.encoders.export.vocabulary import write_vocabulary

    parity = export_checkpoint(
        folder, spec, args.output, args.precision, queries=queries, passages=passages
    )
    vocabulary = args.output.with_suffix(".vocab.txt")
    write_vocabulary(tokenizer, vocabulary)
    report = {
        "output": str(args.output),
        "vocabulary": str(vocabulary),
        "bytes": args.output.stat().st_size,
        "precision": args.precision,
        "parity": asdict(parity),
        "bounds": asdict(BOUNDS[args.precision]),
    }
    print(json.dumps(report, indent=2) if args.json else _table(report))
    return 0


def _table(report: dict[str, Any]) -> str:
    found, bounds = report["parity"], report["bounds"]
    return "\n".join(
        [
            f"{report['output']}: {report['precision']}, {report['bytes']:,} bytes",
            f"{report['vocabulary']}: its vocabulary",
            "against PyTorch in fp32    found       kept if",
            f"lowest cosine              {found['cosine']:.7f}   >= {bounds['cosine']}",
            f"largest difference         {found['difference']:.7f}   "
            f"<= {bounds['difference']}",
            f"mean top-10 overlap        {found['overlap']:.7f}   "
            f">= {bounds['overlap']}",
        ]
    )
