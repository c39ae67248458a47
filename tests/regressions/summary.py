"""Specs of every verdict, and the HTML summary of them."""

from collections.abc import Iterable
from pathlib import Path

from tasb_pyserini.regressions.html_summary import write_summary
from tasb_pyserini.regressions.rows import report_rows
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.schema import read_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import all_standing
from tests.regressions.tiny import TARGETS, copying_spec, write_data

HOSTILE = "</code><script>alert('1')</script><img src=https://e.test/x onerror=a()>\"&"
PAIRS = ("title: Copies", "name: all", "source: by hand", "reason: four queries")
PAPER = """\
name: paper
title: Paper
targets:
  - name: one
    scores: {RR@10: 0.5}
    source: a table
    paper_only: the model is not published
"""


def specs_of_every_verdict(root: Path) -> list[Spec]:
    """Write and run specs; PASS, FAIL with UNMEASURED, hostile, NOT RUN, PAPER ONLY."""
    data, work = write_data(root / "data"), root / "work"
    copying = copying_spec(data)
    failing = copying_spec(data, "failing").replace("0.6250", "0.5")
    quoted = HOSTILE.replace("'", "''")
    hostile = copying_spec(data, "hostile", f"about: '{quoted}'\n")
    for key in PAIRS:
        name = key.partition(":")[0]
        hostile = hostile.replace(key, f"{name}: '{quoted}'")
    texts = {
        "copying": copying + TARGETS.removeprefix("targets:\n").replace("all", "again"),
        "failing": failing.replace("0.2500", "unmeasured"),
        "hostile": hostile,
        "waiting": copying_spec(data, "waiting", "network: true\n"),
        "paper": PAPER,
    }
    (root / "specs").mkdir()
    specs = []
    for name, text in texts.items():
        path = root / "specs" / f"{name}.yaml"
        path.write_text(text)
        specs.append(read_spec(path))
        if name != "waiting":
            run_spec(specs[-1], work, data=data)
    return specs


def summarise(path: Path, specs: Iterable[Spec], work: Path, pages: Path) -> str:
    """Write the summary as ``tasb regress report`` does; return its text."""
    specs = list(specs)
    standings = all_standing(specs, work)
    results = {name: result for name, (_, result) in standings.items()}
    rows = report_rows(specs, standings)
    write_summary(path, specs, rows, results, work=work, pages=pages)
    return path.read_text(encoding="utf-8")
