"""``tasb regress``: run regressions, and keep the proof."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from tasb_pyserini.cli.arguments import add_json_argument
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.cli.tables import print_table
from tasb_pyserini.regressions.catalog import choose_specs, load_specs, named_specs
from tasb_pyserini.regressions.data import data_folder
from tasb_pyserini.regressions.dry_run import scripts
from tasb_pyserini.regressions.html_summary import write_summary
from tasb_pyserini.regressions.log import append_line, passed_line
from tasb_pyserini.regressions.machine import git_user
from tasb_pyserini.regressions.page import write_contents, write_page
from tasb_pyserini.regressions.result import Result
from tasb_pyserini.regressions.rows import report_rows
from tasb_pyserini.regressions.run import run_spec
from tasb_pyserini.regressions.spec import Spec
from tasb_pyserini.regressions.standing import all_standing

WORK = Path("regress-out")
PAGES = Path("docs/regressions")
SUMMARY = "index.html"
STYLES = {"PASS": "green", "FAIL": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb regress list``, ``run``, ``report`` and ``log``."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    listed = add_step(steps, "list", "show the specs")
    _add_choice(listed)
    add_json_argument(listed)
    run = add_step(
        steps, "run", "run specs, going on where an interrupted call stopped"
    )
    _add_choice(run)
    _add_work(run)
    run.add_argument(
        "--fast",
        action="store_true",
        help="run our faster commands where a spec has some, not Pyserini's",
    )
    run.add_argument(
        "--dry-run", action="store_true", help="print the commands; run nothing"
    )
    run.add_argument(
        "--fresh", action="store_true", help="throw away what is there, and start over"
    )
    add_json_argument(run)
    report = add_step(
        steps, "report", "write pages and an HTML summary from specs and results"
    )
    _add_choice(report)
    _add_work(report)
    _add_pages(report)
    add_json_argument(report)
    log = add_step(steps, "log", "log a reproduction on its page")
    log.add_argument("names", nargs="+", metavar="SPEC", help="name or glob")
    _add_specs(log)
    _add_work(log)
    _add_pages(log)
    log.add_argument("--who", help="who reproduced it (default: git's user.name)")


def _add_specs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--specs", type=Path, metavar="DIR", help="NAME.yaml files in place of ours"
    )


def _add_choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="SPEC", help="name or glob")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="TAG",
        help="only specs with this tag",
    )
    parser.add_argument(
        "--offline", action="store_true", help="only what runs without a network"
    )
    _add_specs(parser)


def _add_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--work", type=Path, default=WORK, metavar="DIR", help="folder of all runs"
    )


def _add_pages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pages", type=Path, default=PAGES, metavar="DIR", help="folder of the pages"
    )


def run(args: argparse.Namespace) -> int:
    """Do one of the steps."""
    return {"list": _list, "run": _run, "report": _report, "log": _log}[args.step](args)


def _chosen(args: argparse.Namespace) -> list[Spec]:
    specs = load_specs(args.specs)
    return choose_specs(specs, args.names, args.tag, offline=args.offline)


def _list(args: argparse.Namespace) -> int:
    specs = _chosen(args)
    if args.json:
        print(json.dumps([_entry(spec) for spec in specs], indent=2))
        return 0
    table = Table(box=None, padding=(0, 1, 0, 0))
    for heading in ("spec", "title", "needs", "scores"):
        table.add_column(heading, no_wrap=heading != "title")
    for spec in specs:
        scores = str(sum(len(target.scores) for target in spec.targets))
        table.add_row(spec.name, escape(spec.title), _needs(spec), scores)
    print_table(table)
    return 0


def _entry(spec: Spec) -> dict[str, object]:
    return {
        "name": spec.name,
        "title": spec.title,
        "tags": spec.tags,
        "needs": _needs(spec),
        "uses": spec.uses,
        "scores": sum(len(target.scores) for target in spec.targets),
    }


def _needs(spec: Spec) -> str:
    if not spec.runnable:
        return "paper only"
    return "network" if spec.network else "nothing"


def _run(args: argparse.Namespace) -> int:
    specs, data = _chosen(args), data_folder().absolute()
    if args.dry_run:
        for line in scripts(specs, args.work, data, fast=args.fast):
            print(line)
        return 0
    results = []
    for spec in specs:
        results.append(
            run_spec(
                spec,
                args.work.absolute(),
                data=data,
                fast=args.fast,
                fresh=args.fresh,
                say=lambda line, name=spec.name: print(  # type: ignore[misc]
                    f"· {name}: {line}", file=sys.stderr, flush=True
                ),
            )
        )
        if not args.json:
            _print(results[-1])
    if args.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    failed = [r.spec for r, s in zip(results, specs, strict=True) if not _fine(r, s)]
    if failed:
        print(f"tasb regress: did not pass: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _fine(result: Result, spec: Spec) -> bool:
    """Return whether nothing is amiss: all passed, or nobody could run any of it."""
    return result.passed or not spec.runnable


def _print(result: Result) -> None:
    table = Table(title=result.spec, title_justify="left", box=None, padding=(0, 1))
    for heading in ("run", "metric", "expected", "found", "verdict"):
        table.add_column(heading, overflow="fold")
    whys = {verdict.why for verdict in result.verdicts}
    same = whys.pop() if len(whys) == 1 else ""
    for verdict in result.verdicts:
        style = STYLES.get(verdict.verdict, "yellow")
        why = f" ({escape(verdict.why)})" if verdict.why and not same else ""
        table.add_row(
            escape(verdict.target),
            verdict.metric,
            "" if verdict.expected is None else f"{verdict.expected:.4f}",
            "" if verdict.found is None else f"{verdict.found:.4f}",
            f"[{style}]{verdict.verdict}[/]{why}",
        )
    print_table(table)
    if same:
        print(f" all of it: {same}")


def _report(args: argparse.Namespace) -> int:
    """Write the pages of the chosen specs; those of all, which lead there, anew."""
    every, chosen = load_specs(args.specs), _chosen(args)
    specs = choose_specs(every)
    standings = all_standing(specs, args.work.absolute())
    rows = report_rows(specs, standings)
    results = {name: result for name, (_, result) in standings.items()}
    for spec in chosen:
        own = [row for row in rows if row.spec == spec.name]
        write_page(args.pages, spec, own, results[spec.name])
    write_contents(args.pages, rows)
    summary = args.pages / SUMMARY
    write_summary(summary, specs, rows, results, work=args.work, pages=args.pages)
    names = {spec.name for spec in chosen}
    shown = [row for row in rows if row.spec in names]
    if args.json:
        print(json.dumps([asdict(row) for row in shown], indent=2))
    else:
        print(f"{args.pages}: {len(chosen)} pages, {len(shown)} scores")
    return 0


def _log(args: argparse.Namespace) -> int:
    """Log the named specs, once it is sure that each of them passed."""
    who = args.who or git_user()
    lines = {
        args.pages / f"{spec.name}.md": passed_line(args.pages, spec, args.work, who)
        for spec in named_specs(load_specs(args.specs), args.names)
    }
    for path, line in lines.items():
        added = append_line(path, line)
        print(line if added else f"{path}: has this line already: {line}")
    return 0
