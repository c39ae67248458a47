"""``tasb search`` on one query, cold: beside Pyserini, and part by part."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from work import STOCK

PARTS = Path(__file__).with_name("startup_parts.py")
HITS = 1000

Seconds = dict[str, list[float]]
"""Name → one figure a round."""


def measure_search(
    index: Path, checkpoint: Path, query: str, rounds: int
) -> tuple[Seconds, Seconds]:
    """Run the commands by turns, each in a fresh process.

    A round without clocks on it comes first: it reads the files into memory and writes
    the byte code.

    Parameters
    ----------
    index
        Faiss index directory.
    checkpoint
        Folder of the encoder.
    query
        Text.
    rounds
        Turns that count.

    Returns
    -------
    tuple
        Seconds of whole commands, and of the parts of ``tasb search``.
    """
    commands: Seconds = defaultdict(list)
    parts: Seconds = defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch:
        topics, output = Path(scratch, "topics.tsv"), Path(scratch, "run.txt")
        topics.write_text(f"1\t{query}\n", encoding="utf-8")
        files = ["--index", str(index), "--topics", str(topics)]
        files += ["--output", str(output), "--hits", str(HITS), "--device", "cpu"]
        tasb = ["search", *files, "--encoder", f"tasb:{checkpoint}"]
        pyserini = ["pyserini.search.faiss", *files]
        turns = {
            "tasb search": ["-m", "tasb_pyserini", *tasb],
            "Pyserini, its own encoder": [
                *(STOCK, *pyserini, "--encoder", str(checkpoint)),
                *("--encoder-class", "auto"),
            ],
            "Pyserini, --encoder tasb": [
                *("-m", *pyserini, "--encoder", f"tasb:{checkpoint}"),
            ],
        }
        for turn in range(rounds + 1):
            for name, words in turns.items():
                seconds = time_command(words)
                if turn:
                    commands[name].append(seconds)
            for part, seconds in time_parts(tasb).items():
                if turn:
                    parts[part].append(seconds)
    return commands, parts


def time_command(words: list[str]) -> float:
    """Return how long ``python WORDS`` takes."""
    begin = time.monotonic()
    run_python(words)
    return time.monotonic() - begin


def time_parts(words: list[str]) -> dict[str, float]:
    """Return how long each part of ``tasb WORDS`` takes."""
    begin = time.monotonic()
    printed = run_python([str(PARTS), repr(begin), *words])
    end = time.monotonic()
    found = json.loads(printed)
    seconds: dict[str, float] = found["seconds"]
    return {**seconds, "end Python": end - found["ended"]}


def run_python(words: list[str]) -> str:
    """Run Python without a network; return what it prints.

    Raises
    ------
    SystemExit
        If it fails.
    """
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(
            f"python {' '.join(words)} ended with {done.returncode}:\n{done.stderr}"
        )
    return done.stdout


def medians(seconds: Seconds) -> dict[str, float]:
    """Return the median of each, the longest first."""
    found = {name: statistics.median(values) for name, values in seconds.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1]))
