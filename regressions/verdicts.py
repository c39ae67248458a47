"""Whether what was found is what was promised."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tasb_pyserini.evaluation.measures import describe_coverage, evaluate, query_mean
from tasb_pyserini.formats.qrels import read_qrels
from tasb_pyserini.formats.runs import read_run
from tasb_pyserini.regressions.metric import Metric
from tasb_pyserini.regressions.spec import Spec, Target

PASS, FAIL, NOT_RUN = "PASS", "FAIL", "NOT RUN"
PAPER_ONLY = "PAPER ONLY"
"""Needs what nobody published; recorded, and never passed."""
UNMEASURED = "UNMEASURED"
"""Was run, but there is no expected score yet to hold it against."""

DIGITS = 4
"""As trec_eval prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One score, promised and found.

    Parameters
    ----------
    target
        Name of the target that it belongs to.
    metric
        As ir_measures prints it.
    expected
        The promise; None where there is none.
    found
        Mean over the judged queries, unrounded; None where nothing was run.
    tolerance
        Largest difference that passes, both rounded to four digits.
    verdict
        ``PASS``, ``FAIL``, ``NOT RUN``, ``PAPER ONLY`` or ``UNMEASURED``.
    why
        Where it did not pass.
    """

    target: str
    metric: str
    expected: float | None
    found: float | None
    tolerance: float
    verdict: str
    why: str

    @property
    def difference(self) -> float | None:
        """Found less expected, both rounded to four digits."""
        if self.found is None or self.expected is None:
            return None
        return round(round(self.found, DIGITS) - self.expected, DIGITS)


def judge(target: Target, metric: Metric, found: float) -> Verdict:
    """Hold a score that was found against the one expected."""
    expected = target.scores[metric]
    verdict, why = PASS, ""
    if expected is None:
        verdict, why = UNMEASURED, "no expected score yet"
    else:
        difference = round(found, DIGITS) - expected
        if not abs(difference) <= target.tolerance + 1e-9:
            verdict = FAIL
            why = f"differs by {difference:+.4f}, allowed {target.tolerance:g}"
    return Verdict(
        target=target.name,
        metric=str(metric),
        expected=expected,
        found=found,
        tolerance=target.tolerance,
        verdict=verdict,
        why=why,
    )


def judge_run(target: Target, folder: Path) -> list[Verdict]:
    """Measure the run of a target and judge each score.

    Raises
    ------
    TasbError
        If run or qrels are at fault, or belong to other topics.
    """
    run, qrels = read_run(folder / target.run), read_qrels(folder / target.qrels)
    describe_coverage(run, qrels, run_name=target.run, qrels_name=target.qrels)
    verdicts = []
    for metric in target.scores:
        values = evaluate(run, qrels, [metric.measure], relevance_level=metric.level)
        verdicts.append(judge(target, metric, query_mean(values[metric.measure])))
    return verdicts


def judge_spec(spec: Spec, folder: Path) -> list[Verdict]:
    """Judge all targets of a spec whose stages are done."""
    verdicts: list[Verdict] = []
    for target in spec.targets:
        if target.paper_only:
            verdicts += without_run(target, PAPER_ONLY, target.paper_only)
        else:
            verdicts += judge_run(target, folder)
    return verdicts


def all_alike(spec: Spec, verdict: str, why: str) -> list[Verdict]:
    """Return the same verdict on all scores but those that are paper only."""
    verdicts: list[Verdict] = []
    for target in spec.targets:
        if target.paper_only:
            verdicts += without_run(target, PAPER_ONLY, target.paper_only)
        else:
            verdicts += without_run(target, verdict, why)
    return verdicts


def why_of(error: Exception, folders: Mapping[Path, str]) -> str:
    """Return what an error says, with no folder of this machine in it.

    Parameters
    ----------
    error
        Why there is no score.
    folders
        Folder → what stands for it and the slash behind it.

    Examples
    --------
    >>> why_of(OSError("no /home/me/work/bm25/run.txt"), {Path("/home/me/work"): ""})
    'no bm25/run.txt'
    """
    text = str(error)
    for folder, name in folders.items():
        text = text.replace(f"{folder.absolute()}{os.sep}", name)
    return text


def without_run(target: Target, verdict: str, why: str) -> list[Verdict]:
    """Return verdicts on a target of which nothing was found."""
    return [
        Verdict(
            target=target.name,
            metric=str(metric),
            expected=expected,
            found=None,
            tolerance=target.tolerance,
            verdict=verdict,
            why=why,
        )
        for metric, expected in target.scores.items()
    ]
