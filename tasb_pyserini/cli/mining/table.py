"""What ``tasb mine`` prints."""

import dataclasses
import json
from collections.abc import Collection
from pathlib import Path

from rich.table import Table

from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.formats.qrels import numbered_judgments
from tasb_pyserini.training.mining.report import MiningReport, Reason

DROPPED: dict[Reason, str] = {
    "without_positive": "without a positive",
    "not_in_topics": "not in the topics",
    "not_in_run": "without hits",
    "without_negative": "without a negative",
}


def print_report(
    report: MiningReport, output: Path, qrels: Path | None, *, as_json: bool = False
) -> None:
    """Print the counts as a table, or as JSON."""
    if as_json:
        counts = {"output": str(output), **dataclasses.asdict(report)}
        print(json.dumps(counts, ensure_ascii=False))
        return
    print(f"{output}: {report.triples:,} triples from {report.queries:,} queries")
    print_table(table_of(report, qrels))


def table_of(report: MiningReport, qrels: Path | None) -> Table:
    """Return the counts, a row each; of dropped queries also the first."""
    table = Table(show_header=False)
    table.add_column("what")
    table.add_column("count", justify="right")
    table.add_column("first", overflow="fold")
    lines = {}
    if qrels is not None and qrels.is_file():  # a pipe gives its lines once
        lines = _lines_of(qrels, report.first_dropped.values())
    for reason, words in DROPPED.items():
        first = report.first_dropped.get(reason)
        where = f"{qrels}:{lines[first]}" if first in lines else ""
        shown = "" if first is None else f"first: {first} {where}".rstrip()
        table.add_row(f"dropped: {words}", f"{getattr(report, reason):,}", shown)
    table.add_row("distinct positives", f"{report.distinct_positives:,}")
    table.add_row("distinct negatives", f"{report.distinct_negatives:,}")
    table.add_row("left out: judged relevant", f"{report.judged_relevant:,}")
    if report.same_text is None:
        table.add_row(
            "left out: text of a positive", "", "not checked (give --collection)"
        )
    else:
        table.add_row("left out: text of a positive", f"{report.same_text:,}")
    return table


def _lines_of(qrels: Path, qids: Collection[str]) -> dict[str, int]:
    """Return for each query the first line that judges it."""
    lines: dict[str, int] = {}
    for number, qid, _, _ in numbered_judgments(qrels):
        if qid in qids:
            lines.setdefault(qid, number)
    return lines
