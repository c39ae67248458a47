"""``tasb study``: the papers' experiments in miniature: run, report, compare."""

import argparse
import os
import sys
import time
from pathlib import Path

from tasb_pyserini.cli.arguments import add_json_argument, count, positive_int
from tasb_pyserini.cli.help import add_step
from tasb_pyserini.formats.errors import TasbError
from tasb_pyserini.formats.nearest import unknown
from tasb_pyserini.regressions.data import data_folder
from tasb_pyserini.study.spec import Profile, Study

STUDIES = Path("docs/studies")
RESULTS = Path("docs/studies/results")
FIGURES = Path("docs/studies/figures")
WORK = Path("study-out")
PAGE = Path("docs/study.md")
NAME = "papers"
THREADS = "OMP_NUM_THREADS"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``tasb study run``, ``report`` and ``compare``."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    run = add_step(
        steps,
        "run",
        "run cells that have no record, going on where a killed call stopped",
    )
    report = add_step(
        steps,
        "report",
        "write the pages from the records that hold on the data at hand",
    )
    compare = add_step(
        steps, "compare", "say whether another run lies within the deviations reported"
    )
    _add_run(run)
    _add_report(report)
    _add_compare(compare)
    for step in (run, report, compare):
        step.add_argument(
            "--studies",
            type=Path,
            default=STUDIES,
            metavar="DIR",
            help="folder of NAME.yaml",
        )
        step.add_argument(
            "--results",
            type=Path,
            default=RESULTS,
            metavar="DIR",
            help="folder of the records",
        )


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("name", metavar="NAME", help="study, such as papers")
    run.add_argument(
        "--profile", default="small", help="of the study: small, full or distilbert"
    )
    run.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="CELL",
        help="experiment, experiment/cell or a glob; measured anew if it has records",
    )
    run.add_argument(
        "--seeds",
        nargs="+",
        type=count,
        default=[],
        metavar="N",
        help="only these of the profile's seeds",
    )
    run.add_argument(
        "--work", type=Path, default=WORK, metavar="DIR", help="folder of the stages"
    )
    run.add_argument(
        "--jobs",
        type=positive_int,
        default=1,
        metavar="N",
        help="commands at a time, which share the cores",
    )
    run.add_argument(
        "--dry-run", action="store_true", help="print the commands; run nothing"
    )


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("name", nargs="?", default=NAME, metavar="NAME", help="study")
    report.add_argument(
        "--output",
        type=Path,
        default=PAGE,
        metavar="FILE.md",
        help="page to write, and an .html of its name",
    )
    report.add_argument(
        "--figures",
        type=Path,
        default=FIGURES,
        metavar="DIR",
        help="folder of the pictures",
    )


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument(
        "other", type=Path, metavar="DIR", help="records of the other run"
    )
    compare.add_argument("--name", default=NAME, metavar="NAME", help="study")
    compare.add_argument("--profile", default="small", help="of the records")
    add_json_argument(compare)


def run(args: argparse.Namespace) -> int:
    """Do one of the steps."""
    study = _study(args.studies, args.name)
    if args.step == "compare":
        from tasb_pyserini.cli.study_compare import compare

        return compare(args, study, _profile(study, args.profile))
    return _run(args, study) if args.step == "run" else _report(args, study)


def _study(folder: Path, name: str) -> Study:
    from tasb_pyserini.study.schema import read_study

    if not folder.is_dir():
        raise TasbError(
            f"{folder}: no such folder; studies and their records lie in a clone of "
            "the repository: run 'tasb study' there, or let --studies name a folder of "
            "NAME.yaml"
        )
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        raise TasbError(f"{folder}: {unknown('study', name, known)}")
    return read_study(path)


def _profile(study: Study, name: str) -> Profile:
    if name not in study.profiles:
        raise TasbError(unknown("profile", name, study.profiles))
    return study.profiles[name]


def _run(args: argparse.Namespace, study: Study) -> int:
    from tasb_pyserini.study.plan import make_plan
    from tasb_pyserini.study.run import run_study, runs_due
    from tasb_pyserini.study.script import script

    profile = _profile(study, args.profile)
    plan = make_plan(study, profile, args.only, args.seeds)
    work = args.work / study.name / profile.name
    if args.dry_run:
        print("\n".join(script(study, profile, plan, work)))
        return 0
    # Commands at the same time share the cores, unless the user says otherwise.
    os.environ.setdefault(THREADS, str(max(1, (os.cpu_count() or 1) // args.jobs)))
    anew = bool(args.only)
    data = data_folder().absolute()
    due = runs_due(plan, args.results, profile.name, data, anew=anew)
    start = time.perf_counter()
    failed = run_study(
        study,
        profile,
        plan,
        work=work.absolute(),
        results=args.results,
        data=data,
        jobs=args.jobs,
        anew=anew,
        say=lambda line: print(f"· {line}", file=sys.stderr, flush=True),
    )
    minutes = (time.perf_counter() - start) / 60
    now = [run for run in due if f"{run.name} seed {run.seed}" not in failed]
    there = len(plan.runs) - len(due) + len(now)
    print(
        f"{args.results}: {there} of {len(plan.runs)} records, {len(now)} of them run "
        f"now, {minutes:.1f} min"
    )
    for reason in dict.fromkeys(failed.values()):
        print(f"tasb study: NOT RUN: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _report(args: argparse.Namespace, study: Study) -> int:
    from tasb_pyserini.study.content import make_content
    from tasb_pyserini.study.report_html import write_html
    from tasb_pyserini.study.report_md import verdict_counts, write_markdown

    if args.output.suffix != ".md":
        raise TasbError(f"{args.output}: expected a name that ends in .md")
    content = make_content(
        study, args.results, args.output, args.figures, data_folder()
    )
    write_markdown(content, args.output)
    write_html(content, args.output.with_suffix(".html"))
    for part in content.parts:
        counts = verdict_counts(part.judged).items()
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts)
        print(f"{args.output}: {part.profile.name}: {part.records} records; {verdicts}")
        for path, why in part.left_out.items():
            print(f"tasb study: {path}: {why}; not shown", file=sys.stderr)
    return 0
