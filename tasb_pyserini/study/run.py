"""A study from the data to the records."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from tasb_pyserini.formats.json_record import read_dataclass_or_none
from tasb_pyserini.formats.work import hold
from tasb_pyserini.study.execute import discard, run_stage
from tasb_pyserini.study.measure import measure_cell
from tasb_pyserini.study.origin import checksums, why_stale
from tasb_pyserini.study.plan import CellRun, Plan
from tasb_pyserini.study.prepare import Prepared, prepare
from tasb_pyserini.study.progress import Progress
from tasb_pyserini.study.record import Record, place_of
from tasb_pyserini.study.schedule import run_in_order
from tasb_pyserini.study.spec import Profile, Study

Say = Callable[[str], None]


def run_study(
    study: Study,
    profile: Profile,
    plan: Plan,
    *,
    work: Path,
    results: Path,
    data: Path,
    jobs: int = 1,
    anew: bool = False,
    say: Say = lambda line: None,
) -> dict[str, str]:
    """Run what a plan has and no record tells of; return what failed, and why.

    Parameters
    ----------
    study, profile, plan
        What is run; the plan is one of `make_plan`.
    work
        Folder of the stages, kept for the next call.
    results
        Folder of the records.
    data
        Folder of collections.
    jobs
        Commands at a time.
    anew
        Whether cells that have a record are measured again. Stages that are done stay
        done.
    say
        Takes a line about each step.

    Raises
    ------
    TasbError
        If another process is at work in the folder, a collection is not there, or a
        test query is in a training file.
    """
    with hold(work):
        made = prepare(study, profile, work, data)
        say(
            f"{made.queries:,} training queries, {len(made.dropped)} left out as test "
            "queries"
        )
        due = runs_due(plan, results, profile.name, data, anew=anew)
        runs = {f"{run.name} seed {run.seed}": run for run in due}
        if not runs:
            say("all cells have their records; another --results runs them again")
            return {}
        worker = _Worker(study, profile, plan, runs, work, results, made, jobs, say)
        return run_in_order(worker.before, worker.do, jobs=jobs)


def runs_due(
    plan: Plan, results: Path, profile: str, data: Path, *, anew: bool
) -> list[CellRun]:
    """Return the runs of a plan that no record tells of; all, to measure anew.

    A record tells of a run as it is planned now, on the data at hand; a damaged one
    tells nothing.
    """
    now = checksums(data)

    def is_recorded(run: CellRun) -> bool:
        record = _recorded(results, profile, run)
        return record is not None and not why_stale(record, run, now)

    return [run for run in plan.runs if anew or not is_recorded(run)]


def _recorded(results: Path, profile: str, run: CellRun) -> Record | None:
    place = place_of(results, profile, run.name, run.seed)
    return read_dataclass_or_none(Record, place)


class _Worker:
    """Does the pieces of a study: stages, and the measuring of cells."""

    def __init__(
        self,
        study: Study,
        profile: Profile,
        plan: Plan,
        runs: dict[str, CellRun],
        work: Path,
        results: Path,
        made: Prepared,
        jobs: int,
        say: Say,
    ) -> None:
        self._study, self._profile, self._plan, self._runs = study, profile, plan, runs
        self._work, self._results, self._made, self._say = work, results, made, say
        self.before: dict[str, tuple[str, ...]] = {}
        for name, run in runs.items():
            self.before |= {need: plan.before[need] for need in run.needs}
            self.before[name] = run.needs
        kinds = {n: " ".join(self._words(n)[:2]) for n in self.before}
        self._progress = Progress(kinds, jobs, say)
        self._waiting = {
            made: {piece for piece, needs in self.before.items() if made in needs}
            for made in self.before
        }
        self._lock = Lock()

    def _words(self, piece: str) -> tuple[str, ...]:
        return ("measure",) if piece in self._runs else self._plan.stages[piece].words

    def do(self, piece: str) -> None:
        """Do a piece, and remove what only it was waiting for."""
        if piece in self._runs:
            start = time.perf_counter()
            self._measure(self._runs[piece])
            seconds = time.perf_counter() - start
        else:
            seconds = self._stage(piece)
        self._progress.done(piece, seconds)
        self._tidy(piece)

    def _stage(self, made: str) -> float:
        stage = self._plan.stages[made]
        start = time.perf_counter()
        reads = [*self._plan.before[made], *stage.inputs()]
        record = run_stage(stage, reads, self._work, self._say)
        # A stage that was done before is no guide to how long others take.
        return record.seconds if time.perf_counter() - start >= record.seconds else 0.0

    def _measure(self, run: CellRun) -> None:
        name = self._profile.name
        record = measure_cell(
            self._study, self._profile, self._plan, run, self._work, self._made
        )
        there = _recorded(self._results, name, run)
        path = record.write(self._results)
        self._say(f"{path}: {_told(self._study, record, there)}")

    def _tidy(self, piece: str) -> None:
        with self._lock:
            for made, users in self._waiting.items():
                if piece in users:
                    users.discard(piece)
                    if not users and self._plan.stages[made].temporary:
                        discard(self._plan.stages[made], self._work)


def _told(study: Study, record: Record, there: Record | None) -> str:
    """Return the measures of a record, beside those of the one that it replaces."""
    lines = []
    for test, of in record.tests.items():
        known = there.tests[test].means if there and test in there.tests else {}
        numbers = (
            f"{measure.at_level(study.tests[test].level)} {of.means[str(measure)]:.4f}"
            + (f" (was {known[str(measure)]:.4f})" if str(measure) in known else "")
            for measure in study.measures
        )
        lines.append(f"{test} {', '.join(numbers)}")
    return "; ".join(lines)
