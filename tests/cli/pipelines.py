"""``tasb pipeline`` as tests call it."""

from pathlib import Path

from tasb_pyserini.cli.main import main

TUNED = {"method": "interpolation", "alpha": 0.3, "normalisation": "none"}
"""What a file of ``tasb tune`` says of the rule."""


def tasb(file: Path, output: Path, *words: str) -> int:
    where = ["--output", str(output), "--device", "cpu"]
    return main(["pipeline", str(file), *where, *words])
