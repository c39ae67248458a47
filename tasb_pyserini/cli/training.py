"""What the training commands share: pairs, their texts, clusters, the result."""

import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

from tasb_pyserini.cli.arguments import (
    COLLECTION_HELP,
    add_device_argument,
    add_json_argument,
    count,
)
from tasb_pyserini.cli.names import TOPICS_HELP, located
from tasb_pyserini.cli.sampling import Clusters
from tasb_pyserini.encoders.spec import EncoderSpec
from tasb_pyserini.formats.cache import cache_folder
from tasb_pyserini.training.data import TrainingData, read_training_data
from tasb_pyserini.training.record import Record, read_result
from tasb_pyserini.training.sampling.numbers import read_numbered_clusters
from tasb_pyserini.training.tokens.table import ids_of


def add_training_arguments(parser: argparse.ArgumentParser, output: str) -> None:
    """Declare pairs, texts, clusters, device, workers and JSON.

    Parameters
    ----------
    parser
        Of the command.
    output
        What is trained.
    """
    parser.add_argument(
        "--triples",
        "--pairs",
        required=True,
        type=Path,
        help="folder of pairs, or TSV file of qid, pos, neg",
    )
    parser.add_argument("--collection", required=True, type=Path, help=COLLECTION_HELP)
    parser.add_argument(
        "--topics", required=True, help=f"{TOPICS_HELP}: the training queries"
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help=f"folder for the {output}; the same command goes on with a killed run",
    )
    parser.add_argument(
        "--clusters", type=Path, help="of 'tasb cluster', where the strategy needs them"
    )
    add_device_argument(parser)
    parser.add_argument(
        "--workers",
        type=count,
        default=0,
        help="processes that compose batches ahead; 0: none",
    )
    add_json_argument(parser)


def read_as_told(
    args: argparse.Namespace, tokenizer: Tokenizer, spec: EncoderSpec
) -> tuple[TrainingData, Clusters | None]:
    """Return the data and the clusters, where there are any, that arguments name."""
    data = read_training_data(
        args.triples,
        located(args.topics, "topics"),
        args.collection,
        tokenizer,
        spec,
        cache_folder(),
        progress=True,
    )
    if args.clusters is None:
        return data, None
    known = set(ids_of(data.queries))
    return data, read_numbered_clusters(args.clusters, data.pairs.qids, known)


def print_trained(args: argparse.Namespace, use: str) -> None:
    """Print how a training went and what its model is for; in one process of several.

    Parameters
    ----------
    args
        Of the command.
    use
        How to use the model, in words.
    """
    from tasb_pyserini.training.ranks import is_first

    if not is_first():
        return
    result = read_result(args.output)
    if args.json:
        print_result(args.output, result)
        return
    best = ""
    if result["best_validation"] is not None:
        best = f", nDCG@10 {result['best_validation']:.4f} at {result['best_step']:,}"
    print(
        f"{args.output}: loss {result['loss']:.4f} after {result['steps']:,} steps "
        f"({result['steps_per_second']:.2f} steps/s){best}; {use}"
    )


def print_result(output: Path, result: Record) -> None:
    """Print what came of a run, as ``training.json`` has it, as JSON."""
    print(json.dumps({"output": str(output), **result}))
