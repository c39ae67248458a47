"""Arguments that several commands share."""

import argparse
import os

COLLECTION_HELP = "JSONL (Pyserini, BEIR) or MS MARCO TSV, also .gz; file or folder"


def positive_int(text: str) -> int:
    """Parse a whole number of at least 1.

    Examples
    --------
    >>> positive_int("10")
    10
    """
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def add_encoder_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what runs an encoder, under Pyserini's names."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--fp16", action="store_true", help="compute in half precision, on a GPU"
    )


def add_threads_argument(parser: argparse._ActionsContainer) -> None:
    """Declare the most threads, all cores by default."""
    parser.add_argument(
        "--threads", type=positive_int, default=os.cpu_count() or 1, help="most threads"
    )


def add_json_argument(parser: argparse._ActionsContainer) -> None:
    """Declare machine-readable output."""
    parser.add_argument("--json", action="store_true", help="print JSON")
