"""Files of scores, in the form in which they were published."""

from collections.abc import Iterable
from pathlib import Path

from tasb_pyserini.formats.lines import write_lines
from tasb_pyserini.formats.records import ScoredTriple


def write_scores(path: Path, triples: Iterable[ScoredTriple]) -> None:
    lines = (
        f"{row.pos_score!r}\t{row.neg_score!r}\t{row.qid}\t{row.pos}\t{row.neg}"
        for row in triples
    )
    write_lines(path, lines)
