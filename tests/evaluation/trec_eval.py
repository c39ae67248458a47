"""The real trec_eval: the program in Anserini's jar, called as Anserini calls it."""

from pathlib import Path
from typing import Any

from tasb_pyserini.bindings.jvm import start_jvm

Printed = dict[tuple[str, str], str]
"""Measure as trec_eval names it, and qid or ``all`` → value as trec_eval prints it."""


def anserini_trec_eval() -> Any:
    """Return Anserini's caller of trec_eval; it unpacks the program once."""
    start_jvm()
    from jnius import autoclass

    return autoclass("io.anserini.eval.TrecEval")()


def trec_eval(caller: Any, qrels: Path, run: Path, *options: str) -> Printed:
    """Return what trec_eval prints with these options."""
    words = [*options, str(qrels), str(run)]
    rows = [[str(word) for word in row] for row in caller.runAndGetOutput(words)]
    return {(measure, qid): value for measure, qid, value in rows}
