"""The ``tasb`` command: finds the sub-command, runs it, reports its errors."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from tasb_pyserini import __version__
from tasb_pyserini.cli.help import HelpFormatter
from tasb_pyserini.formats.errors import TasbError, in_one_line

COMMANDS = {
    "quickstart": "search a collection from start to finish and print a table",
    "ask": "answer a question from an index built by quickstart",
    "encode": "encode a collection into vector shards",
    "encode-topics": "encode queries for stock Pyserini and Anserini",
    "index": "build a Faiss or a dense Lucene index from vector shards",
    "export": "write a checkpoint as one ONNX file, proven to rank the same",
    "expand": "append predicted queries to passages (docT5query)",
    "documents": "split documents into passages, and passage runs back",
    "search": "search a Faiss or dense Lucene index with a query encoder",
    "bm25": "build and search a Lucene index with Anserini's BM25",
    "hybrid": "fuse dense and sparse search",
    "tune": "find the weight of the sparse side in hybrid search",
    "rerank": "rerank a run with a cross-encoder, monoT5 or duoT5",
    "fuse": "fuse runs into one",
    "pipeline": "retrieve, fuse and rerank as one YAML file says",
    "eval": "measure a run against qrels",
    "compare": "test whether runs differ by more than chance",
    "plot": "draw recall, differences, latency and alpha from run files",
    "mine": "turn hits and qrels, or other triples, into training triples",
    "pairs": "import, average and describe scored training pairs",
    "score": "score training pairs with a teacher",
    "cluster": "group training queries by topic",
    "batches": "show the batches that training would see",
    "make-validation": "choose queries and candidates to validate training by",
    "pretrain": "pre-train a small encoder on passages alone",
    "train-teacher": "train a cross-encoder or a ColBERT to teach",
    "train": "train BERT_DOT by a recipe",
    "refresh": "mine hard negatives from a student's own index",
    "regress": "run regressions and keep their proof",
    "study": "run the papers' experiments in miniature and report them",
    "prebuilt": "fetch indexes, queries, judgements and data by name",
    "doctor": "show what is installed and whether the main job can run",
}
"""Sub-command → one line of help. Each lives in the module of its name, with ``_``."""


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the module of `command` is imported."""
    parser = argparse.ArgumentParser(
        prog="tasb", description="TAS-B dense retrieval for Pyserini."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        added = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            formatter_class=HelpFormatter,
        )
        if name == command:
            _module_of(name).add_arguments(added)
        added.add_argument(
            "--debug", action="store_true", help="show tracebacks of errors"
        )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``tasb`` with `argv`; return the exit status.

    0 done; 1 a mistake that the user can mend; 2 wrong usage; 130 interrupted; 141 the
    output was closed.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    command = next((word for word in words if not word.startswith("-")), None)
    # Anywhere, also after a step such as ``index`` of ``tasb bm25 index``.
    debug = "--debug" in words
    name = "tasb" if command is None else f"tasb {command}"
    try:
        args = build_parser(command).parse_args([w for w in words if w != "--debug"])
        status: int = _module_of(args.command).run(args)
        sys.stdout.flush()  # here, where its errors are caught
    except KeyboardInterrupt:
        if debug:
            raise
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    except (TasbError, OSError) as error:
        if isinstance(error, BrokenPipeError) and _output_is_closed():
            return 141
        if debug:
            raise
        print(f"{name}: {in_one_line(error)}", file=sys.stderr)
        return 1
    return status


def _output_is_closed() -> bool:
    """Return whether what reads the output, such as ``head``, has ended."""
    try:
        print(flush=True)
    except BrokenPipeError:
        # Python would flush once more, and complain, when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _module_of(command: str) -> ModuleType:
    return import_module(f"tasb_pyserini.cli.{command.replace('-', '_')}")
