"""``tasb doctor``: what is there, and whether the main job can run."""

import argparse
import json
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from tasb_pyserini.bindings.health import Finding, examine
from tasb_pyserini.cli.arguments import add_json_argument
from tasb_pyserini.cli.tables import print_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``tasb doctor``."""
    add_json_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Print the findings; status 0 if the main job can run, else 1."""
    findings = examine()
    ready = all(finding.ok for finding in findings if finding.needed)
    if args.json:
        report = {"ready": ready, "findings": [asdict(one) for one in findings]}
        print(json.dumps(report, indent=2))
    else:
        _print(findings, ready=ready)
    return 0 if ready else 1


def _print(findings: list[Finding], *, ready: bool) -> None:
    table = Table(box=None, show_header=False)
    for finding in findings:
        if finding.ok:
            mark = Text("ok", "green")
        else:
            mark = Text("MISSING", "bold red") if finding.needed else Text("no", "dim")
        table.add_row(mark, finding.name, Text(finding.detail))
    print_table(table)
    verdict = "can" if ready else "can't"
    print(f"The main job {verdict} run here: index, encode, search, measure.")
