"""Arguments that several commands share."""

import argparse
import math
import os
import re

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


def count(text: str) -> int:
    """Parse a whole number of at least 0.

    Examples
    --------
    >>> count("0")
    0
    """
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return number


def finite(text: str) -> float:
    """Parse a finite number.

    Examples
    --------
    >>> finite("0.9")
    0.9
    """
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return number


def share(text: str) -> float:
    """Parse a share above 0, up to 1.

    Examples
    --------
    >>> share("0.3")
    0.3
    """
    number = float(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and up to 1")
    return number


def byte_rate(text: str) -> float:
    """Parse bytes a second; K, M and G are powers of 1024, as for ``curl``.

    Examples
    --------
    >>> byte_rate("10M"), byte_rate("1.5k"), byte_rate("700")
    (10485760.0, 1536.0, 700.0)
    """
    return _of_units(text, "([KMG]?)", "rate such as 500K or 10M")


def memory_size(text: str) -> int:
    """Parse bytes as GNU's tools do: K, M, G and T of 1024, KB, MB, GB and TB of 1000.

    Examples
    --------
    >>> memory_size("8G"), memory_size("1.5k"), memory_size("8GB")
    (8589934592, 1536, 8000000000)
    """
    return int(_of_units(text, "([KMGT]?)(B?)", "size such as 500M, 8G or 8GB"))


def _of_units(text: str, units: str, expected: str) -> float:
    match = re.fullmatch(rf"(\d+(?:\.\d+)?){units}", text.upper())
    if match is None or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no {expected}")
    base = 1000.0 if match[match.lastindex or 0] == "B" else 1024.0
    return float(match[1]) * base ** " KMGT".index(match[2] or " ")


def add_device_argument(parser: argparse._ActionsContainer) -> None:
    """Declare what a model runs on."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")


def add_model_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what runs a cross-encoder or a T5."""
    add_device_argument(parser)
    parser.add_argument(
        "--precision",
        choices=["fp32", "bf16"],
        help="of the computation; without it, bf16 on a GPU, fp32 on a CPU",
    )


def add_encoder_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what runs an encoder, under Pyserini's names."""
    add_device_argument(parser)
    parser.add_argument(
        "--fp16", action="store_true", help="compute in half precision, on a GPU"
    )


def add_threads_argument(parser: argparse._ActionsContainer) -> None:
    """Declare the most threads, all cores by default."""
    parser.add_argument(
        "--threads",
        type=positive_int,
        default=os.cpu_count() or 1,
        help="threads at most; all cores unless told",
    )


def add_json_argument(parser: argparse._ActionsContainer) -> None:
    """Declare machine-readable output."""
    parser.add_argument("--json", action="store_true", help="print JSON")
