"""The tables of ``tasb compare``."""

import argparse

from rich import box
from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.evaluation.compare import Comparison
from tasb_pyserini.evaluation.measures import Measure, Values, query_mean

TESTS = {
    "t": "Student's paired t-test, two-sided",
    "randomisation": "Fisher's paired randomisation test, two-sided",
}
"""Name on the command line → name in the literature."""

Results = dict[Measure, list[Comparison]]
"""Measure → comparisons on it, those with one baseline together."""


def print_tables(
    values: dict[str, Values],
    results: Results,
    queries: int,
    args: argparse.Namespace,
) -> None:
    """Print a table for each measure, with runs below their baseline, and a legend."""
    for measure, comparisons in results.items():
        table = _table(measure.at_level(args.relevance_level), args)
        means = {name: f"{query_mean(of[measure]):.4f}" for name, of in values.items()}
        baseline = ""
        for found in comparisons:
            if found.baseline != baseline:
                baseline = found.baseline
                table.add_section()
                table.add_row(escape(baseline), means[baseline])
            table.add_row(escape(found.run), means[found.run], *_cells(found, args))
        print_table(table)
    for line in _legend(len(next(iter(results.values()))), queries, args):
        print(line)


def _table(title: str, args: argparse.Namespace) -> Table:
    table = Table(
        title=title, title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0)
    )
    table.add_column("run", no_wrap=True)
    interval = f"{100 * (1 - args.alpha):.4g}% interval"
    p = "p" if args.correction == "none" else f"p {args.correction}"
    for name in ("mean", "differs", interval, p, "d_z", "+/=/-"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(found: Comparison, args: argparse.Namespace) -> list[str]:
    low, high = found.interval
    star = "*" if found.corrected_p <= args.alpha else " "
    p = "<.0001" if found.corrected_p < 0.0001 else f"{found.corrected_p:.4f}"
    return [
        f"{found.difference:+z.4f}",
        f"{low:+z.4f} {high:+z.4f}",
        p + star,
        f"{found.cohens_d_z:+z.2f}",
        f"{found.wins}/{found.ties}/{found.losses}",
    ]


def _legend(comparisons: int, queries: int, args: argparse.Namespace) -> list[str]:
    lines = [f"{TESTS[args.test]}; {queries:,} judged queries."]
    if args.correction != "none":
        number = f"{comparisons} comparison{'' if comparisons == 1 else 's'}"
        lines.append(f"p {args.correction}: corrected for the {number} on a measure.")
    return [
        *lines,
        f"*: significant at {args.alpha:g}. interval: bootstrap of the difference, not "
        "corrected.",
        "d_z: Cohen's d of paired differences. +/=/-: queries better, equal, worse.",
    ]
